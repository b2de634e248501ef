"""Facts about the archive class: what leaves the lists, what cannot be read, and how an image comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from pushing import NOWHERE, describe, push_image, push_index, put, rows

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def app(registry, server):
    server.set_clock(START)
    server.settings(activating_seconds=600)
    return registry.create("app")


def move(ecr, repository, to, **image_id):
    return ecr.update_image_storage_class(repositoryName=repository, imageId=image_id, targetStorageClass=to)


def listed(ecr, repository, status=None):
    asked = {"filter": {"imageStatus": status}} if status else {}
    described = ecr.describe_images(repositoryName=repository, **asked)["imageDetails"]
    ids = ecr.list_images(repositoryName=repository, **asked)["imageIds"]
    digests = sorted(detail["imageDigest"] for detail in described)
    assert sorted({row["imageDigest"] for row in ids}) == digests
    return digests


def test_archiving_is_immediate_and_answers_with_the_status(registry, ecr, app):
    one = push_image(ecr, app, "one", "v1")
    answer = move(ecr, app, "ARCHIVE", imageDigest=one.digest)
    assert (answer["registryId"], answer["repositoryName"]) == (registry.account, app)
    assert answer["imageId"]["imageDigest"] == one.digest
    assert answer["imageStatus"] == "ARCHIVED"


def test_an_archived_image_keeps_its_tags_and_has_the_time(ecr, app, server):
    one = push_image(ecr, app, "one", "v1", "v2")
    server.set_clock(START + timedelta(hours=1))
    move(ecr, app, "ARCHIVE", imageTag="v1")
    detail = describe(ecr, app)[one.digest]
    assert detail["imageStatus"] == "ARCHIVED"
    assert sorted(detail["imageTags"]) == ["v1", "v2"]
    assert detail["lastArchivedAt"] == START + timedelta(hours=1)
    assert detail["imagePushedAt"] == START
    assert detail["imageSizeInBytes"] == one.size_bytes
    assert "lastActivatedAt" not in detail


def test_lists_without_a_filter_have_only_active_images(ecr, app):
    active = push_image(ecr, app, "active", "v1")
    archived = push_image(ecr, app, "archived", "v2")
    coming = push_image(ecr, app, "coming", "v3")
    for image in (archived, coming):
        move(ecr, app, "ARCHIVE", imageDigest=image.digest)
    move(ecr, app, "STANDARD", imageDigest=coming.digest)
    assert listed(ecr, app) == [active.digest]
    assert listed(ecr, app, "ACTIVE") == [active.digest]
    assert listed(ecr, app, "ARCHIVED") == [archived.digest]
    assert listed(ecr, app, "ACTIVATING") == [coming.digest]
    assert listed(ecr, app, "ANY") == sorted([active.digest, archived.digest, coming.digest])


def test_the_filters_on_tags_and_status_hold_together(ecr, app):
    push_image(ecr, app, "tagged", "v1")
    archived = push_image(ecr, app, "archived")
    tagged = push_image(ecr, app, "archived and tagged", "v2")
    for image in (archived, tagged):
        move(ecr, app, "ARCHIVE", imageDigest=image.digest)
    both = {"tagStatus": "TAGGED", "imageStatus": "ARCHIVED"}
    [detail] = ecr.describe_images(repositoryName=app, filter=both)["imageDetails"]
    assert detail["imageDigest"] == tagged.digest
    assert ecr.list_images(repositoryName=app, filter=both)["imageIds"] == [
        {"imageDigest": tagged.digest, "imageTag": "v2"}
    ]


@pytest.mark.parametrize("id_of", [lambda one: {"imageTag": "v1"}, lambda one: {"imageDigest": one.digest}])
def test_an_archived_image_cannot_be_read(ecr, app, id_of):
    one = push_image(ecr, app, "one", "v1")
    move(ecr, app, "ARCHIVE", imageDigest=one.digest)
    answer = ecr.batch_get_image(repositoryName=app, imageIds=[id_of(one)])
    assert answer["images"] == []
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageInaccessible"]
    assert "lastRecordedPullTime" not in describe(ecr, app)[one.digest]


def test_an_archived_image_can_be_deleted(ecr, app):
    one = push_image(ecr, app, "one", "v1")
    move(ecr, app, "ARCHIVE", imageDigest=one.digest)
    answer = ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])
    assert answer["failures"] == []
    assert rows(ecr, app) == []


def test_restoring_takes_a_while_and_sets_the_time_of_activation(ecr, app, server):
    one = push_image(ecr, app, "one", "v1")
    move(ecr, app, "ARCHIVE", imageDigest=one.digest)
    server.set_clock(START + timedelta(days=1))
    assert move(ecr, app, "STANDARD", imageDigest=one.digest)["imageStatus"] == "ACTIVATING"
    assert describe(ecr, app)[one.digest]["imageStatus"] == "ACTIVATING"
    failures = ecr.batch_get_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])["failures"]
    assert len(failures) == 1
    server.set_clock(START + timedelta(days=1, seconds=599))
    assert describe(ecr, app)[one.digest]["imageStatus"] == "ACTIVATING"
    server.set_clock(START + timedelta(days=1, seconds=601))
    detail = describe(ecr, app)[one.digest]
    assert detail["imageStatus"] == "ACTIVE"
    assert START + timedelta(days=1) < detail["lastActivatedAt"] <= START + timedelta(days=1, seconds=601)
    assert detail["lastArchivedAt"] == START
    assert detail["imagePushedAt"] == START
    assert len(ecr.batch_get_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])["images"]) == 1


def test_pushing_an_archived_image_again_restores_it_at_once(ecr, app, server):
    one = push_image(ecr, app, "one", "v1")
    move(ecr, app, "ARCHIVE", imageDigest=one.digest)
    server.set_clock(START + timedelta(days=2))
    put(ecr, app, one, "v1")
    detail = describe(ecr, app)[one.digest]
    assert detail["imageStatus"] == "ACTIVE"
    assert detail["lastActivatedAt"] == START + timedelta(days=2)


def test_an_index_is_archived_before_its_children(ecr, app, refused):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    with refused("ImageStorageClassUpdateNotSupportedException"):
        move(ecr, app, "ARCHIVE", imageDigest=child.digest)
    assert move(ecr, app, "ARCHIVE", imageDigest=index.digest)["imageStatus"] == "ARCHIVED"
    assert move(ecr, app, "ARCHIVE", imageDigest=child.digest)["imageStatus"] == "ARCHIVED"


@pytest.mark.parametrize("image_id", [{"imageTag": "none"}, {"imageDigest": NOWHERE}])
def test_an_image_that_is_not_there_is_not_moved(ecr, app, refused, image_id):
    with refused("ImageNotFoundException"):
        move(ecr, app, "ARCHIVE", **image_id)


def test_a_class_outside_its_values_is_refused(ecr, app):
    push_image(ecr, app, "one", "v1")
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        move(ecr, app, "GLACIER", imageTag="v1")


def referrers(ecr, repository, subject, status=None):
    asked = {"filter": {"artifactStatus": status}} if status else {}
    answer = ecr.list_image_referrers(
        repositoryName=repository, subjectId={"imageDigest": subject.digest}, **asked
    )
    return {one["digest"]: one["artifactStatus"] for one in answer["referrers"]}


def test_archived_referrers_are_listed_only_by_their_status(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    kept = push_image(ecr, app, "kept", subject=subject, artifact_type="application/a")
    archived = push_image(ecr, app, "archived", subject=subject, artifact_type="application/b")
    move(ecr, app, "ARCHIVE", imageDigest=archived.digest)
    assert referrers(ecr, app, subject) == {kept.digest: "ACTIVE"}
    assert referrers(ecr, app, subject, "ARCHIVED") == {archived.digest: "ARCHIVED"}
    assert referrers(ecr, app, subject, "ANY") == {kept.digest: "ACTIVE", archived.digest: "ARCHIVED"}


def test_pages_hold_archived_images_too(ecr, app):
    digests = []
    for number in range(6):
        image = push_image(ecr, app, f"image {number}", f"v{number}")
        digests.append(image.digest)
        if number % 2:
            move(ecr, app, "ARCHIVE", imageDigest=image.digest)
    config = {"PageSize": 2}
    assert sorted(describe(ecr, app, PaginationConfig=config)) == sorted(digests)
    only = describe(ecr, app, filter={"imageStatus": "ACTIVE"}, PaginationConfig=config)
    assert sorted(only) == sorted(digests[::2])
