"""Facts about images: what a push makes, and how it is listed, described and read."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pushing import (
    ALL_TYPES,
    DOCKER_CONFIG,
    DOCKER_MANIFEST,
    NOWHERE,
    OCI_CONFIG,
    OCI_MANIFEST,
    Pushed,
    describe,
    digest_of,
    make_image,
    make_index,
    push_image,
    push_many,
    put,
    rows,
    upload,
)


@pytest.fixture
def app(registry):
    return registry.create("team/app")


def test_a_push_answers_with_the_image(registry, ecr, app):
    pushed = push_image(ecr, app, "one")
    answer = put(ecr, app, pushed, "v1")
    assert answer == {
        "registryId": registry.account,
        "repositoryName": app,
        "imageId": {"imageDigest": pushed.digest, "imageTag": "v1"},
        "imageManifest": pushed.manifest,
        "imageManifestMediaType": OCI_MANIFEST,
    }


def test_a_pushed_image_is_described_field_by_field(registry, ecr, app):
    before = datetime.now(UTC) - timedelta(minutes=1)
    pushed = push_image(ecr, app, "one", "v1", "latest", layers=[b"a" * 1000, b"b" * 500])
    [detail] = ecr.describe_images(repositoryName=app)["imageDetails"]
    pushed_at = detail.pop("imagePushedAt")
    assert before < pushed_at < datetime.now(UTC) + timedelta(minutes=1)
    detail["imageTags"].sort()
    assert detail == {
        "registryId": registry.account,
        "repositoryName": app,
        "imageDigest": pushed.digest,
        "imageTags": ["latest", "v1"],
        "imageSizeInBytes": pushed.size_bytes,
        "imageManifestMediaType": OCI_MANIFEST,
        "artifactMediaType": OCI_CONFIG,
        "imageStatus": "ACTIVE",
    }


def test_a_docker_image_keeps_its_media_types(ecr, app):
    push_image(ecr, app, "one", "v1", docker=True)
    [detail] = ecr.describe_images(repositoryName=app)["imageDetails"]
    assert detail["imageManifestMediaType"] == DOCKER_MANIFEST
    assert detail["artifactMediaType"] == DOCKER_CONFIG


def test_the_digest_is_of_the_text_as_it_was_sent(ecr, app):
    pushed = push_image(ecr, app, "one", "spaced")
    compact = json.dumps(json.loads(pushed.manifest), separators=(",", ":"))
    again = ecr.put_image(repositoryName=app, imageManifest=compact, imageTag="compact")["image"]
    assert again["imageId"]["imageDigest"] == digest_of(compact) != pushed.digest


def test_the_media_type_is_read_from_the_manifest_where_it_is_not_given(ecr, app):
    pushed = push_image(ecr, app, "one", "v1", docker=True)
    image, blobs = make_image("two", docker=True)
    for blob in blobs:
        upload(ecr, app, blob)
    answer = ecr.put_image(repositoryName=app, imageManifest=image.manifest, imageTag="v2")["image"]
    assert answer["imageManifestMediaType"] == pushed.media_type


def test_an_untagged_image_has_no_tags_at_all(ecr, app):
    pushed = push_image(ecr, app, "one")
    assert "imageTags" not in describe(ecr, app)[pushed.digest]
    assert ecr.list_images(repositoryName=app)["imageIds"] == [{"imageDigest": pushed.digest}]


def test_an_image_that_was_never_pulled_has_no_pull_time(ecr, app):
    pushed = push_image(ecr, app, "one", "v1")
    assert "lastRecordedPullTime" not in describe(ecr, app)[pushed.digest]


def test_list_images_has_a_row_for_each_tag(ecr, app):
    one = push_image(ecr, app, "one", "a", "b", "c")
    two = push_image(ecr, app, "two")
    assert rows(ecr, app) == sorted([(one.digest, tag) for tag in "abc"] + [(two.digest, "")])
    assert len(describe(ecr, app)) == 2


@pytest.mark.parametrize(
    "status, shown", [("TAGGED", ["one"]), ("UNTAGGED", ["two"]), ("ANY", ["one", "two"])]
)
def test_the_filter_on_tags_selects_images(ecr, app, status, shown):
    images = {"one": push_image(ecr, app, "one", "a", "b"), "two": push_image(ecr, app, "two")}
    expected = sorted(images[name].digest for name in shown)
    described = ecr.describe_images(repositoryName=app, filter={"tagStatus": status})["imageDetails"]
    assert sorted(detail["imageDigest"] for detail in described) == expected
    listed = ecr.list_images(repositoryName=app, filter={"tagStatus": status})["imageIds"]
    assert sorted({row["imageDigest"] for row in listed}) == expected


@pytest.mark.parametrize("operation", ["describe_images", "list_images"])
def test_an_unknown_filter_value_is_refused(ecr, app, refused, operation):
    with refused("InvalidParameterException"):
        getattr(ecr, operation)(repositoryName=app, filter={"tagStatus": "SOME"})
    with refused("InvalidParameterException"):
        getattr(ecr, operation)(repositoryName=app, filter={"imageStatus": "any"})


def test_images_are_described_by_tag_and_by_digest(ecr, app):
    one = push_image(ecr, app, "one", "v1")
    two = push_image(ecr, app, "two")
    push_image(ecr, app, "three", "v3")
    asked = [{"imageTag": "v1"}, {"imageDigest": two.digest}]
    found = ecr.describe_images(repositoryName=app, imageIds=asked)["imageDetails"]
    assert sorted(detail["imageDigest"] for detail in found) == sorted([one.digest, two.digest])


@pytest.mark.parametrize("image_id", [{"imageTag": "none"}, {"imageDigest": NOWHERE}])
def test_an_image_that_is_not_there_refuses_the_description(ecr, app, refused, image_id):
    push_image(ecr, app, "one", "v1")
    with refused("ImageNotFoundException"):
        ecr.describe_images(repositoryName=app, imageIds=[{"imageTag": "v1"}, image_id])


def test_a_manifest_is_read_byte_by_byte_as_it_was_pushed(registry, ecr, app):
    pushed = push_image(ecr, app, "one", "v1")
    answer = ecr.batch_get_image(
        repositoryName=app, imageIds=[{"imageTag": "v1"}], acceptedMediaTypes=ALL_TYPES
    )
    assert answer["failures"] == []
    assert answer["images"] == [
        {
            "registryId": registry.account,
            "repositoryName": app,
            "imageId": {"imageDigest": pushed.digest, "imageTag": "v1"},
            "imageManifest": pushed.manifest,
            "imageManifestMediaType": OCI_MANIFEST,
        }
    ]
    by_digest = ecr.batch_get_image(repositoryName=app, imageIds=[{"imageDigest": pushed.digest}])
    assert [image["imageManifest"] for image in by_digest["images"]] == [pushed.manifest]


def test_reading_a_hundred_manifests_is_one_call(ecr, app):
    pushed = push_many(ecr, app, 100)
    ids = [{"imageDigest": image.digest} for image in pushed]
    answer = ecr.batch_get_image(repositoryName=app, imageIds=ids, acceptedMediaTypes=ALL_TYPES)
    found = {image["imageId"]["imageDigest"]: image["imageManifest"] for image in answer["images"]}
    assert found == {image.digest: image.manifest for image in pushed}


WRONG_IDS = [
    ({"imageTag": "none"}, "ImageNotFound"),
    ({"imageDigest": NOWHERE}, "ImageNotFound"),
    ({"imageDigest": "sha256:short"}, "InvalidImageDigest"),
    ({"imageTag": "not a tag"}, "InvalidImageTag"),
    ({}, "MissingDigestAndTag"),
]


@pytest.mark.parametrize("operation", ["batch_get_image", "batch_delete_image"])
def test_a_wrong_id_fails_alone_and_says_why(ecr, app, operation):
    push_image(ecr, app, "one", "v1")
    for image_id, code in WRONG_IDS:
        answer = getattr(ecr, operation)(repositoryName=app, imageIds=[image_id])
        [failure] = answer["failures"]
        assert failure["failureCode"] == code
        assert failure["failureReason"]
        assert failure["imageId"] == image_id
        assert answer["images" if operation == "batch_get_image" else "imageIds"] == []


@pytest.mark.parametrize(
    "operation, key", [("batch_get_image", "images"), ("batch_delete_image", "imageIds")]
)
def test_what_can_be_done_is_done_beside_failures(ecr, app, operation, key):
    push_image(ecr, app, "one", "v1")
    push_image(ecr, app, "two", "v2")
    ids = [{"imageTag": "v1"}, {"imageTag": "none"}, {"imageTag": "v2"}]
    answer = getattr(ecr, operation)(repositoryName=app, imageIds=ids)
    assert len(answer[key]) == 2
    assert [failure["imageId"] for failure in answer["failures"]] == [{"imageTag": "none"}]


@pytest.mark.parametrize("operation", ["batch_get_image", "batch_delete_image"])
def test_a_digest_and_a_tag_that_disagree_are_refused_together(ecr, app, operation):
    one = push_image(ecr, app, "one", "v1")
    two = push_image(ecr, app, "two", "v2")
    pair = {"imageDigest": one.digest, "imageTag": "v2"}
    answer = getattr(ecr, operation)(repositoryName=app, imageIds=[pair])
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageTagDoesNotMatchDigest"]
    assert rows(ecr, app) == sorted([(one.digest, "v1"), (two.digest, "v2")])


def test_a_push_without_its_layers_is_refused(ecr, app, refused):
    image, _blobs = make_image("one")
    with refused("LayersNotFoundException"):
        put(ecr, app, image, "v1")
    assert rows(ecr, app) == []


def test_layers_of_another_repository_do_not_count(registry, ecr, app, refused):
    other = registry.create("other")
    image = push_image(ecr, other, "one", "v1")
    with refused("LayersNotFoundException"):
        put(ecr, app, image, "v1")


def test_an_index_without_its_children_is_refused(ecr, app, refused):
    child, _blobs = make_image("child")
    with refused("ReferencedImagesNotFoundException"):
        put(ecr, app, make_index([child]), "v1")
    assert rows(ecr, app) == []


def test_a_digest_that_is_not_of_the_manifest_is_refused(ecr, app, refused):
    pushed = push_image(ecr, app, "one")
    with refused("ImageDigestDoesNotMatchException"):
        ecr.put_image(
            repositoryName=app,
            imageManifest=pushed.manifest,
            imageTag="v1",
            imageManifestMediaType=pushed.media_type,
            imageDigest=NOWHERE,
        )
    good = ecr.put_image(
        repositoryName=app,
        imageManifest=pushed.manifest,
        imageTag="v1",
        imageManifestMediaType=pushed.media_type,
        imageDigest=pushed.digest,
    )
    assert good["image"]["imageId"] == {"imageDigest": pushed.digest, "imageTag": "v1"}


@pytest.mark.parametrize("text", ["not json", "[]", '{"schemaVersion": 2}'])
def test_a_text_that_is_no_manifest_is_refused(ecr, app, refused, text):
    with refused("InvalidParameterException"):
        ecr.put_image(repositoryName=app, imageManifest=text, imageTag="v1")


@pytest.mark.parametrize("tag", ["", "x" * 301, "a b", "-a", "a/b"])
def test_a_tag_outside_the_pattern_is_refused(ecr, app, refused, tag):
    pushed = push_image(ecr, app, "one")
    with refused("InvalidParameterException"):
        put(ecr, app, pushed, tag)


def test_an_image_has_at_most_a_thousand_tags(ecr, app, refused):
    pushed = push_image(ecr, app, "one")
    for number in range(1000):
        put(ecr, app, pushed, f"tag-{number}")
    with refused("LimitExceededException"):
        put(ecr, app, pushed, "one-more")
    assert len(describe(ecr, app)[pushed.digest]["imageTags"]) == 1000


def test_a_manifest_of_four_mebibytes_is_the_largest(ecr, app, refused):
    pushed = push_image(ecr, app, "one")
    room = 4 * 1024 * 1024 - len(pushed.manifest)
    largest = pushed.manifest + " " * room
    assert put(ecr, app, Pushed(digest_of(largest), largest, pushed.media_type, 0), "largest")
    with refused("InvalidParameterException"):
        put(ecr, app, Pushed("", largest + " ", pushed.media_type, 0), "larger")


def test_an_index_whose_children_are_elsewhere_is_refused(registry, ecr, app, refused):
    other = registry.create("other")
    child = push_image(ecr, other, "child")
    index = make_index([child])
    with refused("ReferencedImagesNotFoundException"):
        put(ecr, app, index, "v1")
    assert put(ecr, other, index, "v1")["imageId"]["imageDigest"] == index.digest


def test_an_index_with_one_child_missing_is_refused(ecr, app, refused):
    there = push_image(ecr, app, "there")
    missing, _blobs = make_image("missing")
    with refused("ReferencedImagesNotFoundException", text=missing.digest):
        put(ecr, app, make_index([there, missing]), "v1")


def test_a_push_that_is_refused_takes_no_tag_away(ecr, app, refused):
    one = push_image(ecr, app, "one", "v1")
    two, _blobs = make_image("two")
    with refused("LayersNotFoundException"):
        put(ecr, app, two, "v1")
    assert rows(ecr, app) == [(one.digest, "v1")]


def test_a_pair_that_disagrees_is_not_described(ecr, app, refused):
    one = push_image(ecr, app, "one", "v1")
    push_image(ecr, app, "two", "v2")
    agrees = {"imageDigest": one.digest, "imageTag": "v1"}
    [detail] = ecr.describe_images(repositoryName=app, imageIds=[agrees])["imageDetails"]
    assert detail["imageDigest"] == one.digest
    with refused("ImageNotFoundException"):
        ecr.describe_images(repositoryName=app, imageIds=[{"imageDigest": one.digest, "imageTag": "v2"}])


def test_a_repository_that_is_made_again_remembers_nothing(registry, ecr, refused):
    registry.create("again", imageTagMutability="IMMUTABLE", tags=[{"Key": "a", "Value": "b"}])
    one = push_image(ecr, "again", "one", "v1")
    text = json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "action": {"type": "expire"},
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
                }
            ]
        }
    )
    ecr.put_lifecycle_policy(repositoryName="again", lifecyclePolicyText=text)
    ecr.start_lifecycle_policy_preview(repositoryName="again")
    ecr.delete_repository(repositoryName="again", force=True)
    made = ecr.create_repository(repositoryName="again")["repository"]
    assert made["imageTagMutability"] == "MUTABLE"
    assert ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"] == []
    for operation, name in (
        ("get_lifecycle_policy", "LifecyclePolicyNotFoundException"),
        ("get_lifecycle_policy_preview", "LifecyclePolicyPreviewNotFoundException"),
    ):
        with refused(name):
            getattr(ecr, operation)(repositoryName="again")
    with refused("ImageNotFoundException"):
        ecr.describe_images(repositoryName="again", imageIds=[{"imageDigest": one.digest}])
    with refused("LayersNotFoundException"):
        put(ecr, "again", one, "v1")
