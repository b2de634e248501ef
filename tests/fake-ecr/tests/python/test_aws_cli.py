"""Facts as the AWS CLI sees them: a process with AWS_ENDPOINT_URL and nothing else."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from policies import rule, text_of
from populating import POLICY, populate
from pushing import ALL_TYPES, describe, push_many, rows

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(scope="module")
def registry(server):
    """One registry for the module: a process takes a second to start."""
    made = server.registry()
    made.populated = populate(made)
    return made


def run(registry, *words):
    return subprocess.run(
        [AWS, *words], env=registry.environment(), capture_output=True, text=True, timeout=60, check=False
    )


def aws(registry, *words):
    """The answer of one command of `aws ecr`."""
    done = run(registry, "ecr", *words, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_describe_repositories_lists_all(registry):
    found = aws(registry, "describe-repositories", "--page-size", "3")["repositories"]
    assert sorted(one["repositoryName"] for one in found) == registry.populated.repositories
    [governed] = [one for one in found if one["repositoryName"] == "governed"]
    assert governed["imageTagMutability"] == "IMMUTABLE"


def test_describe_images_takes_all_pages_and_archived_images_by_the_filter(registry):
    found = aws(registry, "describe-images", "--repository-name", "many", "--filter", "imageStatus=ANY")[
        "imageDetails"
    ]
    assert sorted(one["imageDigest"] for one in found) == sorted(describe(registry.ecr, "many"))
    assert len(found) == 130
    found = aws(registry, "describe-images", "--repository-name", "team/app", "--filter", "imageStatus=ANY")[
        "imageDetails"
    ]
    by_digest = {one["imageDigest"]: one for one in found}
    assert sorted(by_digest) == sorted(describe(registry.ecr, "team/app"))
    populated = registry.populated
    assert by_digest[populated.archived.digest]["imageStatus"] == "ARCHIVED"
    assert by_digest[populated.referrer.digest]["subjectManifestDigest"] == populated.index.digest
    assert by_digest[populated.index.digest]["imageSizeInBytes"] == max(
        by_digest[child]["imageSizeInBytes"]
        for child in by_digest
        if child in json.dumps(json.loads(populated.index.manifest)["manifests"])
    )


def test_describe_images_without_a_filter_leaves_archived_images_out(registry):
    found = aws(registry, "describe-images", "--repository-name", "team/app")["imageDetails"]
    missing = set(describe(registry.ecr, "team/app")) - {one["imageDigest"] for one in found}
    assert missing == {registry.populated.archived.digest}


def test_list_images_has_a_row_for_each_tag(registry):
    found = aws(registry, "list-images", "--repository-name", "team/app", "--filter", "imageStatus=ANY")
    listed = sorted((one["imageDigest"], one.get("imageTag", "")) for one in found["imageIds"])
    assert listed == rows(registry.ecr, "team/app")
    assert (
        len(aws(registry, "list-images", "--repository-name", "many", "--page-size", "50")["imageIds"]) == 130
    )


def test_batch_get_image_gives_the_manifest(registry):
    found = aws(
        registry,
        "batch-get-image",
        "--repository-name",
        "team/app",
        "--image-ids",
        "imageTag=v1",
        "imageTag=none",
        "--accepted-media-types",
        *ALL_TYPES,
    )
    [image] = found["images"]
    assert image["imageManifest"] == registry.populated.index.manifest
    assert [one["failureCode"] for one in found["failures"]] == ["ImageNotFound"]


def test_get_lifecycle_policy_gives_the_text_or_the_name_of_the_refusal(registry):
    found = aws(registry, "get-lifecycle-policy", "--repository-name", "team/app")
    assert json.loads(found["lifecyclePolicyText"]) == json.loads(POLICY)
    done = run(registry, "ecr", "get-lifecycle-policy", "--repository-name", "empty")
    assert done.returncode == 254 or done.returncode == 255
    assert "(LifecyclePolicyNotFoundException)" in done.stderr


def test_a_preview_is_started_waited_for_and_read_in_all_its_pages(registry):
    name = registry.create("previewed")
    push_many(registry.ecr, name, 120)
    text = text_of(rule(1, "any", 10))
    begun = aws(
        registry, "start-lifecycle-policy-preview", "--repository-name", name, "--lifecycle-policy-text", text
    )
    assert begun["status"] in ("IN_PROGRESS", "COMPLETE")
    done = run(registry, "ecr", "wait", "lifecycle-policy-preview-complete", "--repository-name", name)
    assert done.returncode == 0, done.stderr
    found = aws(registry, "get-lifecycle-policy-preview", "--repository-name", name)
    assert found["status"] == "COMPLETE"
    assert len({one["imageDigest"] for one in found["previewResults"]}) == 110
    assert found["summary"]["expiringImageTotalCount"] == 110


def test_get_login_password_is_the_password_of_the_token(registry):
    done = run(registry, "ecr", "get-login-password")
    assert done.returncode == 0, done.stderr
    [data] = registry.ecr.get_authorization_token()["authorizationData"]
    token = base64.b64decode(data["authorizationToken"]).decode()
    assert token.startswith("AWS:")
    assert len(done.stdout.strip()) == len(token) - len("AWS:")


def test_the_caller_is_known(registry):
    done = run(registry, "sts", "get-caller-identity", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Account"] == registry.account


def test_this_version_of_the_cli_leaves_delete_replication_out(server):
    """Its model is older than the member: an export by it cannot tell whether deletes are replicated."""
    other = server.registry()
    rules = [
        {
            "destinations": [{"region": "us-west-2", "registryId": other.account}],
            "deleteReplication": {"enabled": True},
        }
    ]
    other.ecr.put_replication_configuration(replicationConfiguration={"rules": rules})
    found = aws(other, "describe-registry")["replicationConfiguration"]["rules"]
    assert found == [{"destinations": rules[0]["destinations"]}]
    assert other.ecr.describe_registry()["replicationConfiguration"]["rules"] == rules


def test_public_repositories_are_listed(registry):
    public = registry.client("ecr-public", region="us-east-1")
    public.create_repository(repositoryName="shown")
    done = run(registry, "ecr-public", "describe-repositories", "--region", "us-east-1", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert [one["repositoryName"] for one in json.loads(done.stdout)["repositories"]] == ["shown"]


@pytest.mark.parametrize("kind", ["truncated", "reset", "http500", "throttled"])
def test_a_page_that_breaks_is_asked_for_again(registry, server, kind):
    server.post("/_fake/reset-calls")
    server.fault("DescribeImages", kind, count=1, account=registry.account)
    found = aws(registry, "describe-images", "--repository-name", "many", "--filter", "imageStatus=ANY")
    assert len(found["imageDetails"]) == 130
    assert server.calls(registry)["DescribeImages"][0] == 3
