"""Cloud Custodian lists the registry by its own code; it must see what boto3 and the AWS CLI see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from populating import populate
from pushing import describe

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(scope="module")
def custodian():
    program = os.environ.get("FAKE_ECR_CUSTODIAN")
    assert program, "FAKE_ECR_CUSTODIAN names the program of Cloud Custodian"
    return program


@pytest.fixture(scope="module")
def registry(server):
    made = server.registry()
    made.populated = populate(made, many=120)
    return made


@pytest.fixture(scope="module", params=["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECR"])
def listed(request, registry, custodian, tmp_path_factory):
    """What custodian wrote: the resources of each policy, by its name."""
    folder = tmp_path_factory.mktemp("custodian")
    policies = {
        "policies": [
            {"name": "repositories", "resource": "aws.ecr"},
            {"name": "images", "resource": "aws.ecr-image"},
            {
                "name": "all-images",
                "resource": "aws.ecr-image",
                "query": [{"filter": {"imageStatus": "ANY"}}],
            },
            {
                "name": "ungoverned",
                "resource": "aws.ecr",
                "filters": [{"type": "lifecycle-rule", "state": False}],
            },
        ]
    }
    (folder / "policies.json").write_text(json.dumps(policies))
    environment = registry.environment()
    del environment["AWS_ENDPOINT_URL"]
    environment[request.param] = registry.server.url
    environment["AWS_ENDPOINT_URL_STS"] = registry.server.url
    done = subprocess.run(
        [
            custodian,
            "run",
            "--output-dir",
            str(folder / "out"),
            "--cache-period",
            "0",
            "--region",
            registry.region,
            str(folder / "policies.json"),
        ],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    return {
        one["name"]: json.loads((folder / "out" / one["name"] / "resources.json").read_text())
        for one in policies["policies"]
    }


def cli(registry, *words):
    done = subprocess.run(
        [AWS, "ecr", *words, "--output", "json"],
        env=registry.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_all_three_list_the_same_repositories(registry, listed):
    repositories = listed["repositories"]
    by_custodian = sorted(one["repositoryArn"] for one in repositories)
    pages = registry.ecr.get_paginator("describe_repositories").paginate()
    by_boto3 = sorted(one["repositoryArn"] for page in pages for one in page["repositories"])
    by_cli = sorted(one["repositoryArn"] for one in cli(registry, "describe-repositories")["repositories"])
    assert by_custodian == by_boto3 == by_cli
    assert sorted(one["repositoryName"] for one in repositories) == registry.populated.repositories


def test_custodian_reads_the_tags_of_repositories(listed):
    repositories = listed["repositories"]
    tags = {one["repositoryName"]: one["Tags"] for one in repositories}
    assert tags.pop("team/app") == [{"Key": "team", "Value": "red"}]
    assert all(not more for more in tags.values())


def test_custodian_sees_every_image_but_the_archived_one(registry, listed):
    """It asks without imageStatus=ANY, so archived images are missing, and only those."""
    images = listed["images"]
    seen = sorted((one["repositoryName"], one["imageDigest"]) for one in images)
    names = registry.populated.repositories
    by_boto3 = sorted((name, digest) for name in names for digest in describe(registry.ecr, name))
    by_cli = sorted(
        (name, one["imageDigest"])
        for name in names
        for one in cli(registry, "describe-images", "--repository-name", name, "--filter", "imageStatus=ANY")[
            "imageDetails"
        ]
    )
    assert by_boto3 == by_cli
    assert sorted(set(by_boto3) - set(seen)) == [("team/app", registry.populated.archived.digest)]
    assert set(seen) <= set(by_boto3) and len(seen) == len(by_boto3) - 1


def test_custodian_sees_the_same_sizes_and_tags(registry, listed):
    images = listed["images"]
    for one in images:
        if one["repositoryName"] == "many":
            continue
        detail = describe(registry.ecr, one["repositoryName"])[one["imageDigest"]]
        assert one["imageSizeInBytes"] == detail["imageSizeInBytes"]
        assert sorted(one.get("imageTags", [])) == sorted(detail.get("imageTags", []))


def test_custodian_sees_archived_images_where_its_query_asks_for_them(registry, listed):
    seen = sorted((one["repositoryName"], one["imageDigest"]) for one in listed["all-images"])
    names = registry.populated.repositories
    assert seen == sorted((name, digest) for name in names for digest in describe(registry.ecr, name))


def test_custodian_finds_the_repositories_without_a_lifecycle_policy(registry, listed):
    without = []
    for name in registry.populated.repositories:
        try:
            registry.ecr.get_lifecycle_policy(repositoryName=name)
        except registry.ecr.exceptions.LifecyclePolicyNotFoundException:
            without.append(name)
    assert sorted(one["repositoryName"] for one in listed["ungoverned"]) == sorted(without)
    assert without == ["empty", "governed", "many"]
