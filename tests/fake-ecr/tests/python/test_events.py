"""Facts about the events that ECR sends to EventBridge, as the server writes them to a file."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from policies import rule, text_of
from pushing import OCI_CONFIG, OCI_MANIFEST, push_image, push_index
from running import Server, eventually

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return tmp_path_factory.mktemp("events") / "events.jsonl"


@pytest.fixture(scope="module")
def server(written):
    running = Server("--clock", NOW.isoformat().replace("+00:00", "Z"), "--events", str(written))
    yield running
    running.stop()


@pytest.fixture
def app(registry, server):
    server.set_clock(NOW)
    server.settings(activating_seconds=60)
    return registry.create("team/app")


@pytest.fixture
def events(registry, written):
    """The events of this test's account, once there are as many as are expected."""

    def read(count):
        def look():
            if not written.exists():
                return None
            found = [json.loads(line) for line in written.read_text().splitlines()]
            mine = [one for one in found if one["account"] == registry.account]
            return mine if len(mine) >= count else None

        found = eventually(look, 5)
        assert len(found) == count
        return found

    return read


def test_a_push_of_a_tag_has_the_documented_envelope_and_detail(registry, ecr, app, events):
    one = push_image(ecr, app, "one", "v1")
    [event] = events(1)
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": registry.account,
        "time": "2026-05-06T07:08:09Z",
        "region": registry.region,
        "resources": [],
        "detail": {
            "result": "SUCCESS",
            "repository-name": app,
            "image-digest": one.digest,
            "action-type": "PUSH",
            "image-tag": "v1",
        },
    }


def test_there_is_an_event_for_each_tag_and_one_without_a_tag(ecr, app, events):
    push_image(ecr, app, "one", "v1", "v2")
    push_image(ecr, app, "two")
    found = events(3)
    tags = [event["detail"].get("image-tag") for event in found]
    assert tags[:2] == ["v1", "v2"]
    assert not tags[2]
    assert len({event["id"] for event in found}) == 3


def test_an_index_is_pushed_after_its_children(ecr, app, events):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    assert [event["detail"]["image-digest"] for event in events(2)] == [child.digest, index.digest]


def test_a_deletion_has_the_fields_of_a_push(ecr, app, events):
    one = push_image(ecr, app, "one", "v1")
    ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])
    [_, event] = events(2)
    assert event["detail-type"] == "ECR Image Action"
    assert event["detail"] == {
        "result": "SUCCESS",
        "repository-name": app,
        "image-digest": one.digest,
        "action-type": "DELETE",
        "image-tag": "v1",
    }


def test_archiving_has_the_class_and_the_media_types_and_no_tag(ecr, app, events):
    one = push_image(ecr, app, "one", "v1")
    ecr.update_image_storage_class(
        repositoryName=app, imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    [_, event] = events(2)
    assert event["detail-type"] == "ECR Image Action"
    assert event["detail"] == {
        "action-type": "UPDATE_STORAGE_CLASS",
        "target-storage-class": "ARCHIVE",
        "image-digest": one.digest,
        "repository-name": app,
        "result": "SUCCESS",
        "manifest-media-type": OCI_MANIFEST,
        "artifact-media-type": OCI_CONFIG,
    }


def test_restoring_has_the_time_of_activation(registry, ecr, app, events, server):
    push_image(ecr, app, "one", "v1")
    for to in ("ARCHIVE", "STANDARD"):
        ecr.update_image_storage_class(repositoryName=app, imageId={"imageTag": "v1"}, targetStorageClass=to)
    server.set_clock(NOW + timedelta(seconds=61))
    ecr.describe_images(repositoryName=app)
    event = events(3)[2]
    assert event["detail"]["action-type"] == "UPDATE_STORAGE_CLASS"
    assert event["detail"]["target-storage-class"] == "STANDARD"
    assert event["detail"]["last-activated-at"].startswith("2026-05-06T07:09")


def test_a_referrer_that_is_archived_is_a_referrer_action(ecr, app, events):
    subject = push_image(ecr, app, "subject", "v1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type="text/sbom+json")
    ecr.update_image_storage_class(
        repositoryName=app, imageId={"imageDigest": sbom.digest}, targetStorageClass="ARCHIVE"
    )
    event = events(3)[2]
    assert event["detail-type"] == "ECR Referrer Action"
    assert event["detail"]["action-type"] == "UPDATE_STORAGE_CLASS"
    assert event["detail"]["artifact-media-type"] == "text/sbom+json"


def test_replication_is_an_event_of_the_destination(registry, ecr, app, events):
    ecr.put_replication_configuration(
        replicationConfiguration={
            "rules": [{"destinations": [{"region": "us-west-2", "registryId": registry.account}]}]
        }
    )
    one = push_image(ecr, app, "one", "v1")
    found = {event["detail-type"]: event for event in events(2)}
    event = found["ECR Replication Action"]
    assert event["region"] == "us-west-2"
    assert event["resources"] == [f"arn:aws:ecr:us-west-2:{registry.account}:repository/{app}"]
    assert event["detail"] == {
        "result": "SUCCESS",
        "repository-name": app,
        "image-digest": one.digest,
        "source-account": registry.account,
        "action-type": "REPLICATE",
        "source-region": registry.region,
        "image-tag": "v1",
    }


def test_looking_pulling_and_refusals_are_no_events(registry, ecr, app, events):
    push_image(ecr, app, "one", "v1")
    ecr.describe_images(repositoryName=app)
    ecr.batch_get_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])
    with pytest.raises(ecr.exceptions.ImageAlreadyExistsException):
        push_image(ecr, app, "one", "v1")
    ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageTag": "none"}])
    ecr.put_lifecycle_policy(repositoryName=app, lifecyclePolicyText=text_of(rule(1, "any", 1)))
    events(1)


def test_the_admin_interface_tells_the_same_events(registry, ecr, app, events, server):
    push_image(ecr, app, "one", "v1")
    told = [one for one in server.get("/_fake/events")["events"] if one["account"] == registry.account]
    assert told == events(1)
