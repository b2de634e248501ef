"""Facts about a generated registry: too large to be pushed, and like any other to a client."""

import json
import time

import pytest

from pushing import ALL_TYPES, DOCKER_LIST, OCI_INDEX, describe, digest_of, push_image, rows
from running import Registry, Server

ACCOUNT = "345678901234"
REGION = "eu-central-1"
SIZE = ("--repositories", "300", "--images-per-repository", "40", "--seed", "11")


@pytest.fixture(scope="module")
def server():
    running = Server(*SIZE, "--account", ACCOUNT, "--region", REGION)
    yield running
    running.stop()


@pytest.fixture
def registry(server):
    return Registry(server, ACCOUNT, REGION)


@pytest.fixture
def names(ecr):
    pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000})
    return [one["repositoryName"] for page in pages for one in page["repositories"]]


def test_all_repositories_are_listed_in_pages_of_any_size(ecr, names):
    assert len(names) == len(set(names)) == 300
    pages = list(ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 70}))
    assert [len(page["repositories"]) for page in pages] == [70, 70, 70, 70, 20]
    assert {one["repositoryName"] for page in pages for one in page["repositories"]} == set(names)


def test_repositories_are_in_the_account_and_region_that_were_asked_for(ecr):
    [found] = ecr.describe_repositories(maxResults=1)["repositories"]
    assert found["registryId"] == ACCOUNT
    assert found["repositoryArn"].startswith(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/")


def test_lists_and_descriptions_agree(ecr, names):
    for name in names[:20]:
        found = describe(ecr, name, PaginationConfig={"PageSize": 7})
        expected = sorted(
            (digest, tag) for digest, detail in found.items() for tag in detail.get("imageTags", [""])
        )
        assert rows(ecr, name) == expected


def test_two_readings_are_the_same(ecr, names):
    for name in names[:10]:
        assert describe(ecr, name) == describe(ecr, name, PaginationConfig={"PageSize": 9})


def test_the_order_is_neither_of_digests_nor_of_times(ecr, names):
    busy = max(names[:20], key=lambda name: len(describe(ecr, name)))
    details = ecr.describe_images(repositoryName=busy, filter={"imageStatus": "ANY"})["imageDetails"]
    assert len(details) > 10
    for key in ("imageDigest", "imagePushedAt"):
        values = [detail[key] for detail in details]
        assert values != sorted(values) and values != sorted(values, reverse=True)


def test_manifests_have_their_digests_and_indexes_name_what_is_there(ecr, names):
    indexes = 0
    for name in names[:30]:
        found = describe(ecr, name)
        active = [digest for digest, detail in found.items() if detail["imageStatus"] == "ACTIVE"]
        if not active:
            continue
        answer = ecr.batch_get_image(
            repositoryName=name,
            imageIds=[{"imageDigest": digest} for digest in active[:100]],
            acceptedMediaTypes=ALL_TYPES,
        )
        for failure in answer["failures"]:
            assert found[failure["imageId"]["imageDigest"]]["imageManifestMediaType"] not in ALL_TYPES
        for image in answer["images"]:
            digest = image["imageId"]["imageDigest"]
            detail = found[digest]
            manifest = json.loads(image["imageManifest"])
            assert digest_of(image["imageManifest"]) == digest
            assert image["imageManifestMediaType"] == detail["imageManifestMediaType"]
            if detail["imageManifestMediaType"] in (OCI_INDEX, DOCKER_LIST):
                indexes += 1
                children = [
                    found[child["digest"]] for child in manifest["manifests"] if child["digest"] in found
                ]
                if len(children) == len(manifest["manifests"]):
                    assert detail["imageSizeInBytes"] == max(child["imageSizeInBytes"] for child in children)
            else:
                layers = [manifest.get("config", {"size": 0}), *manifest.get("layers", [])]
                assert detail["imageSizeInBytes"] == sum(layer["size"] for layer in layers)
    assert indexes > 0


def test_subjects_are_digests_and_referrers_are_listed_by_them(ecr, names):
    seen = 0
    for name in names:
        for digest, detail in describe(ecr, name).items():
            subject = detail.get("subjectManifestDigest")
            if not subject:
                continue
            seen += 1
            answer = ecr.list_image_referrers(
                repositoryName=name, subjectId={"imageDigest": subject}, filter={"artifactStatus": "ANY"}
            )
            assert digest in {one["digest"] for one in answer["referrers"]}
        if seen > 5:
            return
    assert seen > 0, "a generated registry has referrers"


def test_a_generated_repository_can_be_changed_like_any_other(ecr, names):
    name = names[50]
    before = describe(ecr, name)
    tagged = [digest for digest, detail in before.items() if detail.get("imageTags")]
    tag = before[tagged[0]]["imageTags"][0]
    ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": tagged[0], "imageTag": tag}])
    pushed = push_image(ecr, name, "one more", "one-more")
    after = describe(ecr, name)
    assert pushed.digest in after
    assert tag not in after.get(tagged[0], {}).get("imageTags", [])
    assert set(before) - {tagged[0]} <= set(after)
    ecr.delete_repository(repositoryName=names[51], force=True)
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_images(repositoryName=names[51])


def test_the_same_seed_makes_the_same_registry(ecr, names):
    other = Server(*SIZE, "--account", ACCOUNT, "--region", REGION)
    try:
        twin = Registry(other, ACCOUNT, REGION).ecr
        for name in names[100:105]:
            one, two = describe(ecr, name), describe(twin, name)
            assert set(one) == set(two)
            assert all(one[digest].get("imageTags") == two[digest].get("imageTags") for digest in one)
    finally:
        other.stop()


def test_each_region_of_each_account_has_a_registry_of_its_own():
    accounts, regions = ("456789012345", "567890123456"), ("eu-central-1", "us-east-2")
    running = Server(
        "--repositories", "3", "--images-per-repository", "5", "--seed", "11",
        *(word for account in accounts for word in ("--account", account)),
        *(word for region in regions for word in ("--region", region)),
    )
    try:
        found = {}
        for account in accounts:
            for region in regions:
                ecr = Registry(running, account, region).ecr
                repositories = ecr.describe_repositories()["repositories"]
                assert {one["registryId"] for one in repositories} == {account}
                names = [one["repositoryName"] for one in repositories]
                found[account, region] = {digest for name in names for digest in describe(ecr, name)}
                assert len(names) == 3 and found[account, region]
        assert sum(map(len, found.values())) == len(set().union(*found.values()))
        # Keys that nobody set are of the first account.
        unknown = Registry(running, "AKIAEXAMPLE", regions[0]).client("sts")
        assert unknown.get_caller_identity()["Account"] == accounts[0]
    finally:
        running.stop()


def test_pages_of_a_large_repository_stay_cheap():
    running = Server(
        "--repositories", "1", "--images-per-repository", "20000", "--account", ACCOUNT, "--region", REGION
    )
    try:
        ecr = Registry(running, ACCOUNT, REGION).ecr
        [repository] = ecr.describe_repositories()["repositories"]
        begun = time.monotonic()
        found = describe(ecr, repository["repositoryName"], PaginationConfig={"PageSize": 1000})
        assert time.monotonic() - begun < 10
        assert len(found) > 1000
    finally:
        running.stop()
