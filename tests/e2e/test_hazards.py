"""Nothing that runs, and no part of it, goes; what nobody keeps does. ECS, Lambda and EventBridge are asked on the
emulator, ECR is the server that behaves as it does, and the command does what a person at a desk would do."""

import json
import subprocess
from pathlib import Path

import pytest

import hazards
import peers
from cloud import ACCOUNT, REGION, Cloud
from programs import CHECKOUT, PROGRAMS, bare_environment
from registry import Registries

#: One rule for any image: what is older than 30 days goes.
POLICY = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "what is older than a month",
            "selection": {
                "tagStatus": "any",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 30,
            },
            "action": {"type": "expire"},
        }
    ]
}
#: What a team says beside it.
SETTINGS = """
[plan]
protected_tags = ["latest", "keep-*"]

[in_use]
clusters = ["prod"]
"""
#: The same as retention rules.
RETENTION = """
[[retention]]
name = "old"
repositories = ["hazards/*"]
expire = [{ pushed_older_than = "30d" }]
"""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/platform/somebody"


class Nothing:
    """Workloads that are there already: the same registry once more has the same digests."""

    def __getattr__(self, name):
        return lambda *_, **__: None


class Desk:
    """The command, a store in a folder, and a registry of hazards."""

    def __init__(self, cloud, folder, workloads):
        folder.mkdir()
        self.cloud = cloud
        self.folder = folder
        self.registries = Registries(folder / "ecr", regions=[REGION], repositories=0, images_per_repository=0)
        self.registry = hazards.Registry(self.registries)
        self.hazards = hazards.build(self.registry, workloads)
        # The emulator lets this key do everything; to ECR it is a role whose pulls are not recorded.
        self.registries.principal("test", SESSION)
        self.registries.exclude(ROLE)
        self.file("policy.json", json.dumps(POLICY))
        self.file("cluster.json", json.dumps(hazards.CLUSTER))
        self.file("references.txt", hazards.REFERENCES)

    def file(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def run(self, *words, accepted=(0,), **environment):
        """A command with the store; its output."""
        done = subprocess.run(
            [str(word) for word in (PROGRAMS / "demurrage", *words, "--store", self.folder / "store")],
            env=bare_environment(
                self.folder,
                **{
                    "AWS_REGION": REGION,
                    "AWS_ACCESS_KEY_ID": "test",
                    "AWS_SECRET_ACCESS_KEY": "test",
                    "AWS_EC2_METADATA_DISABLED": "true",
                    "AWS_ENDPOINT_URL": self.cloud.url,
                    "AWS_ENDPOINT_URL_ECR": self.registries.url,
                    "AWS_ENDPOINT_URL_STS": self.registries.url,
                    **environment,
                },
            ),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode in accepted, f"{words}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def look(self, *, use=(0,), **environment):
        """An inventory, a hold, and what is in use."""
        self.run("collect", "--region", REGION)
        self.run("hold", hazards.HOLD, "--until", "2099-01-01", "--reason", "incident 7")
        cluster = f"prod={self.folder / 'cluster.json'}"
        self.run("use", "--region", REGION, "--kubernetes", cluster, accepted=use, **environment)

    def plan(self, configuration, *more, accepted=(0, 1)):
        """A plan by a configuration; what it says, as JSON."""
        path = self.file("demurrage.toml", configuration)
        references = ("--in-use", self.folder / "references.txt")
        words = ("plan", "--config", path, *references, "--format", "json", *more)
        return json.loads(self.run(*words, accepted=accepted))

    def apply(self, plan):
        words = ("apply", plan["path"], "--hash", plan["hash"], "--yes", "--config", self.folder / "demurrage.toml")
        return self.run(*words, "--in-use", self.folder / "references.txt")

    def stop(self):
        self.registries.stop()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """An AWS of its own, in which nothing of ours is deployed."""
    running = Cloud(tmp_path_factory.mktemp("hazards") / "cloud")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def workloads(cloud):
    return hazards.Workloads(cloud)


@pytest.fixture
def desk(cloud, tmp_path, workloads, request):
    """A registry of its own for each test; what runs is laid out once."""
    laid = getattr(request.module, "_LAID", False)
    request.module._LAID = True
    desk = Desk(cloud, tmp_path / "desk", Nothing() if laid else workloads)
    yield desk
    desk.stop()


def chosen(plan):
    """What a plan would remove of each hazard."""
    found = {}
    for part in sorted(Path(plan["path"]).parent.glob("part-*.jsonl")):
        for line in part.read_text().splitlines()[1:]:
            action = json.loads(line)
            found.setdefault(action["repository"].rpartition("/")[2], []).append(action["digest"])
    return {name: sorted(digests) for name, digests in found.items()}


def what_came_of(desk):
    """Of each hazard what is gone that had to stay, and what is left that had to go."""
    wrong = {}
    for hazard in desk.hazards:
        left = set(desk.registry.left(hazard["repository"]))
        gone, there = hazard["stays"] - left, hazard["goes"] & left
        if gone or there:
            wrong[hazard["name"]] = {"gone": sorted(gone), "still there": sorted(there)}
    return wrong


@pytest.mark.parametrize("rules", ["policy", "retention"])
def test_nothing_that_runs_goes_and_what_nobody_keeps_does(desk, rules):
    tags = {hazard["name"]: desk.registry.left(hazard["repository"]) for hazard in desk.hazards}
    desk.look()
    if rules == "policy":
        plan = desk.plan(SETTINGS, "--policy", desk.folder / "policy.json")
    else:
        plan = desk.plan(SETTINGS + RETENTION)
    assert plan["refused"] == []
    assert chosen(plan) == {
        hazard["name"]: sorted(hazard["goes"]) for hazard in desk.hazards if hazard["goes"]
    }
    desk.apply(plan)
    assert what_came_of(desk) == {}
    for hazard in desk.hazards:
        left = desk.registry.left(hazard["repository"])
        assert left == {digest: tags[hazard["name"]][digest] for digest in left}, hazard["name"]


def test_where_functions_could_not_be_read_nothing_goes_at_all(desk):
    # Somebody who knows nothing of functions answers for them.
    desk.look(use=(4,), AWS_ENDPOINT_URL_LAMBDA=desk.registries.url)
    plan = desk.plan(SETTINGS, "--policy", desk.folder / "policy.json", accepted=(4, 5))
    assert plan["actions"] == 0
    assert {one["repository"].rpartition("/")[2] for one in plan["refused"]} >= {
        hazard["name"] for hazard in desk.hazards
    }
    assert all("ambda" in one["reason"] for one in plan["refused"])


def test_where_a_cluster_has_not_said_what_it_runs_nothing_goes_at_all(desk):
    desk.run("collect", "--region", REGION)
    desk.run("use", "--region", REGION)
    plan = desk.plan(SETTINGS, "--policy", desk.folder / "policy.json", accepted=(4, 5))
    assert plan["actions"] == 0
    assert all("prod" in one["reason"] for one in plan["refused"])


def test_what_was_deployed_after_the_plan_stays(desk, workloads):
    """Between the plan and its application a service starts what the plan would remove."""
    desk.look()
    plan = desk.plan(SETTINGS, "--policy", desk.folder / "policy.json")
    [hazard] = [one for one in desk.hazards if one["name"] == "task-by-tag"]
    [victim] = hazard["goes"]
    workloads.service("late", f"{hazards.STANDARD}/{hazard['repository']}@{victim}", 1)
    desk.run("use", "--region", REGION, "--kubernetes", f"prod={desk.folder / 'cluster.json'}")
    words = ("apply", plan["path"], "--hash", plan["hash"], "--yes", "--config", desk.folder / "demurrage.toml")
    desk.run(*words, "--in-use", desk.folder / "references.txt", accepted=(0, 1, 4))
    assert what_came_of(desk) == {"task-by-tag": {"gone": [], "still there": [victim]}}


def test_others_rules_would_have_deleted_what_runs(desk):
    """The table of `docs/HAZARDS.md`: what the rules of others choose in the same registry."""
    rows = []
    for hazard in desk.hazards:
        seen = as_others_see(desk, hazard["repository"])
        cells = []
        for rule in peers.RULES.values():
            chosen = {image["digest"] for image in rule(seen, hazards.STANDARD)}
            cells.append("deletes" if chosen & hazard["stays"] else "keeps")
        rows.append(f"| `{hazard['name']}` | " + " | ".join([*cells, "keeps"]) + " |")
    table = "\n".join(
        [
            "| hazard | " + " | ".join([*peers.RULES, "Demurrage"]) + " |",
            "|---" * (len(peers.RULES) + 2) + "|",
            *rows,
        ]
    )
    said = (CHECKOUT / "docs" / "HAZARDS.md").read_text()
    assert table in said, f"docs/HAZARDS.md should have this table:\n{table}"


def as_others_see(desk, repository):
    """A repository, and what runs, in the words in which other cleaners ask."""
    now = desk.registry.now
    pages = desk.registry.client.get_paginator("describe_images").paginate(repositoryName=repository)
    images = [image for page in pages for image in page["imageDetails"]]
    seen = [
        {
            "digest": image["imageDigest"],
            "tags": image.get("imageTags", []),
            "days": round((now - image["imagePushedAt"]).total_seconds() / 86400),
            "subject": image.get("subjectManifestDigest"),
            "children": children(desk, repository, image),
        }
        for image in images
    ]
    seen.sort(key=lambda image: (image["days"], image["digest"]))
    ecs = desk.cloud.client("ecs")
    tasks = ecs.list_tasks(cluster="prod")["taskArns"]
    described = ecs.describe_tasks(cluster="prod", tasks=tasks)["tasks"] if tasks else []
    in_tasks = [container["image"] for task in described for container in task["containers"]]
    functions = desk.cloud.client("lambda").list_functions()["Functions"]
    uris = [
        desk.cloud.client("lambda").get_function(FunctionName=one["FunctionName"])["Code"]["ImageUri"]
        for one in functions
        if one["PackageType"] == "Image"
    ]
    return peers.Seen(repository, seen, in_tasks, newest_definitions(ecs), uris)


def children(desk, repository, image):
    if image["imageManifestMediaType"] != hazards.INDEX:
        return []
    answer = desk.registry.client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": image["imageDigest"]}]
    )
    manifest = json.loads(answer["images"][0]["imageManifest"])
    return [child["digest"] for child in manifest["manifests"]]


def newest_definitions(ecs):
    """The images of the newest revision of each family."""
    newest = {}
    for arn in ecs.list_task_definitions(sort="ASC")["taskDefinitionArns"]:
        newest[arn.rpartition(":")[0]] = arn
    return [
        container["image"]
        for arn in newest.values()
        for container in ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
    ]
