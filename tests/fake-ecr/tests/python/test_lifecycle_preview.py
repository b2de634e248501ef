"""Facts about previews: asynchronous, one slot a repository, in pages, and changing nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import WaiterError

from policies import rule, started, text_of
from pushing import describe, push_image, push_index, push_many, rows
from running import eventually

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEEP_ONE = text_of(rule(1, "any", 1))


@pytest.fixture
def app(registry, server):
    server.set_clock(NOW)
    server.settings(preview_seconds=0, preview_expiry_seconds=86400)
    return registry.create("app")


def test_a_result_has_the_documented_fields(registry, ecr, app, server):
    server.set_clock(NOW - timedelta(days=3))
    old = push_image(ecr, app, "old", "a", "b")
    server.set_clock(NOW)
    push_image(ecr, app, "new", "c")
    answer = started(ecr, app, KEEP_ONE)
    assert (answer["registryId"], answer["repositoryName"]) == (registry.account, app)
    assert json.loads(answer["lifecyclePolicyText"]) == json.loads(KEEP_ONE)
    [result] = answer["previewResults"]
    result["imageTags"].sort()
    assert result == {
        "imageTags": ["a", "b"],
        "imageDigest": old.digest,
        "imagePushedAt": NOW - timedelta(days=3),
        "action": {"type": "EXPIRE"},
        "appliedRulePriority": 1,
        "storageClass": "STANDARD",
    }
    assert answer["summary"] == {"expiringImageTotalCount": 1}
    assert "nextToken" not in answer


def test_a_transition_names_its_class_in_upper_case(ecr, app, server):
    server.set_clock(NOW - timedelta(days=31))
    old = push_image(ecr, app, "old")
    server.set_clock(NOW)
    push_image(ecr, app, "new", "v1")
    answer = started(ecr, app, text_of(rule(4, "any", 30, kind="sinceImagePushed", action="transition")))
    [result] = answer["previewResults"]
    assert result["imageDigest"] == old.digest
    assert result["action"] == {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"}
    assert result["appliedRulePriority"] == 4
    assert result.get("imageTags", []) == []
    assert answer["summary"]["transitioningImageTotalCounts"] == [
        {"targetStorageClass": "ARCHIVE", "imageTotalCount": 1}
    ]
    assert answer["summary"].get("expiringImageTotalCount", 0) == 0


def test_an_archived_image_that_expires_is_of_the_archive_class(ecr, app, server):
    server.set_clock(NOW - timedelta(days=100))
    old = push_image(ecr, app, "old", "v1")
    ecr.update_image_storage_class(
        repositoryName=app, imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    server.set_clock(NOW)
    text = text_of(rule(1, "any", 90, kind="sinceImageTransitioned", storageClass="archive"))
    [result] = started(ecr, app, text)["previewResults"]
    assert (result["imageDigest"], result["storageClass"]) == (old.digest, "ARCHIVE")
    assert result["action"] == {"type": "EXPIRE"}


def test_a_preview_of_nothing_has_no_results_and_counts_nothing(ecr, app):
    push_image(ecr, app, "one", "v1")
    answer = started(ecr, app, KEEP_ONE)
    assert answer["previewResults"] == []
    assert answer["summary"] == {"expiringImageTotalCount": 0}


def test_a_preview_deletes_nothing_and_attaches_no_policy(ecr, app, refused):
    push_many(ecr, app, 5)
    started(ecr, app, KEEP_ONE)
    assert len(rows(ecr, app)) == 5
    assert all("lastRecordedPullTime" not in detail for detail in describe(ecr, app).values())
    with refused("LifecyclePolicyNotFoundException"):
        ecr.get_lifecycle_policy(repositoryName=app)


def test_a_preview_without_a_text_takes_the_attached_policy(ecr, app, refused):
    push_many(ecr, app, 3)
    with refused("LifecyclePolicyNotFoundException"):
        ecr.start_lifecycle_policy_preview(repositoryName=app)
    ecr.put_lifecycle_policy(repositoryName=app, lifecyclePolicyText=KEEP_ONE)
    answer = started(ecr, app)
    assert json.loads(answer["lifecyclePolicyText"]) == json.loads(KEEP_ONE)
    assert len(answer["previewResults"]) == 2


def test_there_is_no_preview_before_one_was_started(ecr, app, refused):
    with refused("LifecyclePolicyPreviewNotFoundException", text=app):
        ecr.get_lifecycle_policy_preview(repositoryName=app)


def test_a_preview_is_in_progress_for_a_while_and_holds_the_slot(registry, ecr, app, server, refused):
    push_many(ecr, app, 3)
    server.settings(preview_seconds=30)
    begun = ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=KEEP_ONE)
    del begun["ResponseMetadata"]
    text = begun.pop("lifecyclePolicyText")
    assert begun == {"registryId": registry.account, "repositoryName": app, "status": "IN_PROGRESS"}
    assert json.loads(text) == json.loads(KEEP_ONE)
    server.advance(29)
    running = ecr.get_lifecycle_policy_preview(repositoryName=app)
    assert running["status"] == "IN_PROGRESS"
    assert running.get("previewResults", []) == []
    with refused("LifecyclePolicyPreviewInProgressException", text=app):
        ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=KEEP_ONE)
    other = registry.create("other")
    ecr.start_lifecycle_policy_preview(repositoryName=other, lifecyclePolicyText=KEEP_ONE)
    server.advance(2)
    done = ecr.get_lifecycle_policy_preview(repositoryName=app)
    assert done["status"] == "COMPLETE"
    assert len(done["previewResults"]) == 2
    ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=KEEP_ONE)


def test_the_waiter_of_boto3_ends_when_the_preview_is_complete(registry, ecr, app, server):
    push_many(ecr, app, 3)
    waiter = ecr.get_waiter("lifecycle_policy_preview_complete")
    ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=KEEP_ONE)
    waiter.wait(repositoryName=app, WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    server.settings(preview_seconds=3600)
    slow = registry.create("slow")
    ecr.start_lifecycle_policy_preview(repositoryName=slow, lifecyclePolicyText=KEEP_ONE)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiter.wait(repositoryName=slow, WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_images_and_the_time_are_taken_when_the_preview_starts(ecr, app, server):
    push_many(ecr, app, 2)
    server.settings(preview_seconds=5, preview_expiry_seconds=10 * 86400)
    age = text_of(rule(1, "any", 1, kind="sinceImagePushed"))
    ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=age)
    push_image(ecr, app, "later", "later")
    server.advance(3 * 86400)
    answer = ecr.get_lifecycle_policy_preview(repositoryName=app)
    assert answer["status"] == "COMPLETE"
    assert answer["previewResults"] == []
    ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=KEEP_ONE)
    server.set_clock(NOW)


def test_a_later_preview_takes_the_place_of_the_former(ecr, app):
    push_many(ecr, app, 4)
    assert len(started(ecr, app, KEEP_ONE)["previewResults"]) == 3
    other = text_of(rule(9, "any", 2))
    answer = started(ecr, app, other)
    assert len(answer["previewResults"]) == 2
    assert json.loads(answer["lifecyclePolicyText"]) == json.loads(other)


def test_a_complete_preview_expires_after_a_while(ecr, app, server):
    push_many(ecr, app, 2)
    server.settings(preview_expiry_seconds=100)
    started(ecr, app, KEEP_ONE)
    server.advance(99)
    assert ecr.get_lifecycle_policy_preview(repositoryName=app)["status"] == "COMPLETE"
    server.advance(2)
    assert ecr.get_lifecycle_policy_preview(repositoryName=app)["status"] == "EXPIRED"
    server.set_clock(NOW)


def pages(ecr, app, **config):
    paginator = ecr.get_paginator("get_lifecycle_policy_preview")
    return list(paginator.paginate(repositoryName=app, PaginationConfig=config))


@pytest.fixture
def wide(ecr, app):
    """A preview with 110 results."""
    images = push_many(ecr, app, 111)
    started(ecr, app, KEEP_ONE)
    return {image.digest for image in images}


@pytest.mark.parametrize("size, lengths", [(100, [100, 10]), (25, [25, 25, 25, 25, 10]), (None, [100, 10])])
def test_results_come_in_full_pages_and_each_once(ecr, app, wide, size, lengths):
    found = pages(ecr, app, **({"PageSize": size} if size else {}))
    assert [len(page["previewResults"]) for page in found] == lengths
    digests = [result["imageDigest"] for page in found for result in page["previewResults"]]
    assert len(set(digests)) == 110
    assert set(digests) < wide
    assert all(page["summary"] == {"expiringImageTotalCount": 110} for page in found)
    assert all(page["status"] == "COMPLETE" for page in found)
    assert "nextToken" not in found[-1]


def test_results_come_one_by_one_too(ecr, app):
    push_many(ecr, app, 4)
    started(ecr, app, KEEP_ONE)
    assert [len(page["previewResults"]) for page in pages(ecr, app, PageSize=1)] == [1, 1, 1]


def test_page_sizes_tokens_and_ids_have_limits(ecr, app, refused):
    push_many(ecr, app, 3)
    started(ecr, app, KEEP_ONE)
    for size in (0, 101):
        with refused("InvalidParameterException", text="maxResults"):
            ecr.get_lifecycle_policy_preview(repositoryName=app, maxResults=size)
    with refused("InvalidParameterException"):
        ecr.get_lifecycle_policy_preview(repositoryName=app, nextToken="nonsense")
    ids = [{"imageTag": "build-0"}]
    with refused("InvalidParameterException"):
        ecr.get_lifecycle_policy_preview(repositoryName=app, imageIds=ids, maxResults=10)
    with refused("InvalidParameterException", text="imageIds"):
        ecr.get_lifecycle_policy_preview(
            repositoryName=app, imageIds=[{"imageTag": f"build-{n}"} for n in range(101)]
        )


def test_results_are_asked_for_by_id(ecr, app, server):
    images = []
    for number in range(4):
        server.set_clock(NOW - timedelta(days=10 - number))
        images.append(push_image(ecr, app, f"image {number}", f"v{number}"))
    server.set_clock(NOW)
    started(ecr, app, KEEP_ONE)
    asked = [{"imageTag": "v0"}, {"imageDigest": images[2].digest}, {"imageTag": "v3"}]
    answer = ecr.get_lifecycle_policy_preview(repositoryName=app, imageIds=asked)
    found = {result["imageDigest"] for result in answer["previewResults"]}
    assert found == {images[0].digest, images[2].digest}


@pytest.mark.parametrize(
    "status, shown", [("TAGGED", ["tagged"]), ("UNTAGGED", ["untagged"]), ("ANY", ["tagged", "untagged"])]
)
def test_results_are_filtered_by_tags(ecr, app, server, status, shown):
    server.set_clock(NOW - timedelta(days=9))
    images = {"tagged": push_image(ecr, app, "tagged", "v1"), "untagged": push_image(ecr, app, "untagged")}
    server.set_clock(NOW)
    push_image(ecr, app, "new", "v2")
    started(ecr, app, KEEP_ONE)
    answer = ecr.get_lifecycle_policy_preview(repositoryName=app, filter={"tagStatus": status})
    found = sorted(result["imageDigest"] for result in answer["previewResults"])
    assert found == sorted(images[name].digest for name in shown)


def test_children_of_an_index_are_neither_listed_nor_counted(ecr, app, server):
    server.set_clock(NOW - timedelta(days=20))
    children = [push_image(ecr, app, name) for name in ("amd64", "arm64")]
    push_index(ecr, app, children, "v-old", name="old")
    server.set_clock(NOW - timedelta(days=10))
    kept = push_image(ecr, app, "kept", "v-kept")
    server.set_clock(NOW)
    answer = started(
        ecr,
        app,
        text_of(
            rule(1, "untagged", 1, kind="sinceImagePushed"),
            rule(2, "any", 2),
        ),
    )
    assert answer["previewResults"] == []
    answer = started(ecr, app, text_of(rule(1, "any", 1)))
    assert [result["imageTags"] for result in answer["previewResults"]] == [["v-old"]]
    assert kept.digest in describe(ecr, app)


def test_a_preview_of_an_empty_repository_is_complete(ecr, app):
    assert started(ecr, app, KEEP_ONE)["previewResults"] == []


def test_previews_of_two_repositories_do_not_mix(registry, ecr, app):
    other = registry.create("other")
    push_many(ecr, app, 3)
    push_many(ecr, other, 5)
    for name in (app, other):
        ecr.start_lifecycle_policy_preview(repositoryName=name, lifecyclePolicyText=KEEP_ONE)
    for name, count in ((app, 2), (other, 4)):
        answer = eventually(lambda n=name: ecr.get_lifecycle_policy_preview(repositoryName=n))
        assert answer["summary"]["expiringImageTotalCount"] == count
