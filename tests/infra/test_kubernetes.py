"""The job that lists what a cluster runs: it may ask for what the reader reads, asks for that, and puts it only whole."""

import json
import os
import re
import subprocess

import pytest
import yaml

import places

FOLDER = places.CHECKOUT / "infra" / "kubernetes"
READER = places.CHECKOUT / "shared" / "core" / "src" / "in_use" / "kubernetes" / "mod.rs"
DOCUMENT = places.CHECKOUT / "docs" / "IN_USE.md"


@pytest.fixture(scope="module")
def objects():
    text = (FOLDER / "list-workloads.yaml").read_text(encoding="utf-8")
    return {thing["kind"]: thing for thing in yaml.safe_load_all(text)}


@pytest.fixture(scope="module")
def container(objects):
    [container] = objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return container


def known_kinds():
    """The plurals of the kinds that the reader knows."""
    text = READER.read_text(encoding="utf-8")
    table = re.search(r"KUBERNETES_KINDS[^=]*= \[(.*?)\];", text, re.DOTALL).group(1)
    return set(re.findall(r'\("\w+", "(\w+)"\)', table))


def allowed(objects):
    """Group and resource of what the role may do."""
    return {
        (group, resource)
        for rule in objects["ClusterRole"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def asked(container):
    """Group and resource of what the script asks for."""
    [script] = container["args"]
    core = re.findall(r"^\s*/api/v1/(\w+)", script, re.MULTILINE)
    groups = re.findall(r"^\s*/apis/(\w+)/v1/(\w+)", script, re.MULTILINE)
    return {("", resource) for resource in core} | set(groups)


def test_it_may_list_what_the_reader_knows_and_nothing_else(objects):
    assert len(known_kinds()) == 7
    assert {resource for _, resource in allowed(objects)} == known_kinds()
    for rule in objects["ClusterRole"]["rules"]:
        assert set(rule) == {"apiGroups", "resources", "verbs"}
        assert rule["verbs"] == ["list"]


def test_it_asks_for_all_that_it_may_list(objects, container):
    assert asked(container) == allowed(objects)


def test_the_document_asks_for_the_same_kinds():
    commands = re.findall(r"kubectl get ([a-z,]+) -A -o json", DOCUMENT.read_text(encoding="utf-8"))
    assert commands
    for command in commands:
        assert set(command.split(",")) == known_kinds()


def test_role_and_service_account_are_those_of_the_job(objects):
    account = objects["ServiceAccount"]["metadata"]
    job = objects["CronJob"]
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == account["name"]
    assert job["metadata"]["namespace"] == account["namespace"] == objects["Namespace"]["metadata"]["name"]
    binding = objects["ClusterRoleBinding"]
    assert binding["roleRef"]["name"] == objects["ClusterRole"]["metadata"]["name"]
    [subject] = binding["subjects"]
    assert (subject["name"], subject["namespace"]) == (account["name"], account["namespace"])


def test_only_the_service_account_may_take_the_role_and_only_put_one_object(objects):
    account = objects["ServiceAccount"]["metadata"]
    [trust] = json.loads((FOLDER / "trust.json").read_text(encoding="utf-8"))["Statement"]
    conditions = trust["Condition"]["StringEquals"]
    [subject] = [value for name, value in conditions.items() if name.endswith(":sub")]
    assert subject == f"system:serviceaccount:{account['namespace']}:{account['name']}"
    [audience] = [value for name, value in conditions.items() if name.endswith(":aud")]
    assert audience == "sts.amazonaws.com"
    [grant] = json.loads((FOLDER / "bucket-grant.json").read_text(encoding="utf-8"))["Statement"]
    assert grant["Action"] == "s3:PutObject"
    assert grant["Resource"].endswith("/PREFIX/clusters/NAME.json")


def test_the_image_is_pinned_and_the_pod_can_write_nothing_but_its_own_folders(objects, container):
    assert re.fullmatch(r"\S+:\d+\.\d+\.\d+", container["image"])
    pod = objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert {volume["name"] for volume in pod["volumes"] if "emptyDir" not in volume} == set()


CURL = """#!/bin/bash
url="${@: -1}"
cat > /dev/null
echo "$url" >> "$SAID"
[[ "$url" == */"$FAILS" ]] && { echo "curl: (22) 403" >&2; exit 22; }
printf '{"kind": "List", "items": [], "from": "%s"}' "${url##*/}"
"""
AWS = """#!/bin/bash
echo "aws $*" >> "$SAID"
cp "$4" "$SAID.put"
"""


def run(container, tmp_path, fails=""):
    """Runs the script of the job with a `curl` and an `aws` that write down what they are asked."""
    for name, text in {"curl": CURL, "aws": AWS}.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "token").write_text("a-token", encoding="utf-8")
    (tmp_path / "work").mkdir()
    [script] = container["args"]
    assert "/var/run/secrets/kubernetes.io/serviceaccount" in script
    script = script.replace("/var/run/secrets/kubernetes.io/serviceaccount", str(tmp_path / "account"))
    script = script.replace("cd /work", f"cd {tmp_path / 'work'}")
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SAID": str(tmp_path / "said"),
        "FAILS": fails or "nothing",
        "STORE": "s3://a-bucket/a/prefix/",
        "CLUSTER": "prod",
    }
    done = subprocess.run([*container["command"], script], env=environment, capture_output=True, text=True, check=False)
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    return done, said


def test_it_puts_the_lists_of_all_kinds_where_the_command_looks(container, tmp_path):
    done, said = run(container, tmp_path)
    assert done.returncode == 0, done.stderr
    assert said[-1] == "aws s3 cp --only-show-errors list.json s3://a-bucket/a/prefix/clusters/prod.json"
    put = (tmp_path / "said.put").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["from"] for line in put} == known_kinds()


@pytest.mark.parametrize("kind", sorted(known_kinds()))
def test_where_one_kind_is_refused_nothing_is_put(container, tmp_path, kind):
    done, said = run(container, tmp_path, fails=kind)
    assert done.returncode != 0
    assert not any(line.startswith("aws") for line in said)


def test_the_token_is_no_argument_of_any_program(container):
    [script] = container["args"]
    assert "--config -" in script
    assert not re.search(r"(-H|--header|--oauth2-bearer)", script)
