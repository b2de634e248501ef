"""Events of ECR: what they teach the ledger, what is raised at once, and what becomes of those that cannot be read."""

import datetime
import hashlib
import json

import pytest

import machine
import metrics
from cloud import ACCOUNT, REGION
from papers import papers_of
from programs import CHECKOUT, eventually

SOURCE = "team.registry"
VECTORS = CHECKOUT / "tests" / "vectors"
CONTRACT = json.loads((CHECKOUT / "infra" / "contract.json").read_text())
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Registry:
    """One repository that somebody pushes to, with an event for each push unless it is lost."""

    def __init__(self, service, name):
        self.service = service
        self.name = name
        self.client = service.registries.client(REGION)
        self.client.create_repository(repositoryName=name)
        self.began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
        self.minutes = 0

    def push(self, tag, text, *, is_told=True):
        """Pushes an image that this text makes, and says so: its digest."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": blob("application/vnd.oci.image.config.v1+json", self.layer(f"config of {text}")),
            "layers": [blob("application/vnd.oci.image.layer.v1.tar", self.layer(text))],
        }
        digest = self.put(manifest, IMAGE, tag)
        if is_told:
            self.tell("PUSH", digest, tag)
        return digest

    def put(self, manifest, media_type, tag=None):
        named = {"imageTag": tag} if tag else {}
        answer = self.client.put_image(
            repositoryName=self.name,
            imageManifest=json.dumps(manifest),
            imageManifestMediaType=media_type,
            **named,
        )
        return answer["image"]["imageId"]["imageDigest"]

    def layer(self, text):
        """Uploads a layer, unless it is there: its bytes."""
        body = text.encode()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        [found] = self.client.batch_check_layer_availability(
            repositoryName=self.name, layerDigests=[digest]
        )["layers"]
        if found["layerAvailability"] != "AVAILABLE":
            upload = self.client.initiate_layer_upload(repositoryName=self.name)["uploadId"]
            self.client.upload_layer_part(
                repositoryName=self.name,
                uploadId=upload,
                partFirstByte=0,
                partLastByte=len(body) - 1,
                layerPartBlob=body,
            )
            self.client.complete_layer_upload(
                repositoryName=self.name, uploadId=upload, layerDigests=[digest]
            )
        return body

    def tell(self, action, digest, tag=None, **more):
        """Sends the event of it through EventBridge; each is of a minute of its own."""
        self.minutes += 1
        detail = {
            "result": "SUCCESS",
            "repository-name": self.name,
            "image-digest": digest,
            "action-type": action,
            **({"image-tag": tag} if tag else {}),
            **more,
        }
        return send(self.service, detail, time=self.began + datetime.timedelta(minutes=self.minutes))


def blob(media_type, body):
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(body)}


def send(service, detail, *, kind="ECR Image Action", time=None):
    """Sends an event as ECR does, but for its source."""
    entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail)}
    if time is not None:
        entry["Time"] = time
    answer = service.cloud.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0, answer
    return entry


@pytest.fixture(scope="module")
def app(eventful):
    return Registry(eventful, "team/app")


def head(service, registry, tag):
    return service.ledger.heads(REGION).get((registry.name, tag))


def samples(folder):
    return {path.stem: json.loads(path.read_text()) for path in sorted((VECTORS / folder).glob("*.json"))}


@pytest.mark.parametrize("name", samples("events"))
def test_each_sample_of_an_event_is_acknowledged(eventful, name):
    answer = eventful.stack.invoke("on-image-push", samples("events")[name])
    assert answer.error is None, answer


@pytest.mark.parametrize("name", samples("malformed_events"))
def test_an_event_that_cannot_be_read_is_refused_by_name_and_place(eventful, name):
    vector = samples("malformed_events")[name]
    # That source is the one of this deployment.
    event = {**vector["event"], **({"source": "elsewhere"} if name == "another-source" else {})}
    answer = eventful.stack.invoke("on-image-push", event)
    assert answer.error == "Demurrage.BadInput"
    assert vector["why"] in answer.message


def test_a_push_that_an_event_tells_of_is_in_the_ledger(eventful, app):
    digest = app.push("1.0", "first")
    eventually(lambda: head(eventful, app, "1.0") == digest, "the tag is in the ledger")
    assert eventful.mail_box.notices(app.name) == []


def test_a_tag_that_moves_is_told_at_once_by_notice_metric_alarm_and_log(eventful, app):
    before, after = head(eventful, app, "1.0"), app.push("1.0", "second")
    [(subject, text)] = eventually(lambda: eventful.mail_box.notices(app.name) or None, "the notice comes")
    assert subject == f"Demurrage: tag 1.0 of {app.name} moved"
    for said in (ACCOUNT, REGION, app.name, "1.0", before, after, "MUTABLE: it lets this tag move"):
        assert said in text, text
    assert head(eventful, app, "1.0") == after
    moved = metrics.of_registry(eventful.cloud, REGION)["TagsMoved"]
    assert (1, "Count") in moved.values()
    assert list(metrics.of_deployment(eventful.cloud, eventful.stack.name)["AllTagsMoved"].values()) == [
        (1, "Count")
    ]
    eventually(
        lambda: (metrics.NAMESPACE, "AllTagsMoved") in eventful.mail_box.alarms(), "the alarm comes", seconds=90
    )
    lines = eventful.cloud.function_log(eventful.stack.function("on-image-push"), 500).splitlines()
    [found] = [json.loads(line) for line in lines if '"finding":"tag-moved"' in line]
    assert (found["repository"], found["tag"], found["span"]["region"]) == (app.name, "1.0", REGION)


def test_the_same_event_once_more_changes_nothing_and_tells_nobody(eventful, app):
    digest = head(eventful, app, "1.0")
    app.minutes -= 1
    items = {
        (item["repository"], item["item"]) for item in eventful.ledger.items() if item["item"] != "#inventory"
    }
    app.tell("PUSH", digest, "1.0")
    # What is told after it has come after it.
    app.push("1.1", "third")
    eventually(lambda: head(eventful, app, "1.1"), "the next event was learnt")
    assert len(eventful.mail_box.notices("tag         1.0\n")) == 1
    now = {(item["repository"], item["item"]) for item in eventful.ledger.items()}
    about = {key for key in now - items if "1.0" in key[1] and key[0].startswith("arn:")}
    assert about == set()


def test_a_tag_that_may_move_moves_and_nobody_is_told(eventful, app):
    app.push("latest", "first")
    digest = app.push("latest", "second")
    eventually(lambda: head(eventful, app, "latest") == digest, "the last push was learnt")
    assert eventful.mail_box.notices("tag         latest") == []


def test_an_index_that_lacks_a_platform_breaks_its_budget_and_is_read_without_a_trace(eventful):
    eventful.put_rules(
        '[[audit.budget]]\nrepositories = "built/*"\nplatforms = ["linux/amd64", "linux/arm64"]\n'
    )
    built = Registry(eventful, "built/app")
    # The rules are kept for some minutes by a process: another one reads them.
    eventful.stack.configure("on-image-push", timeout_seconds=60, environment={"RUST_LOG": "info,lambda_runtime::layers=off"})
    layer = {
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": blob("application/vnd.oci.image.config.v1+json", built.layer("config")),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar", built.layer("layer"))],
    }
    child = built.put(layer, IMAGE)
    platform = {"os": "linux", "architecture": "amd64"}
    entry = {"mediaType": IMAGE, "digest": child, "size": len(json.dumps(layer)), "platform": platform}
    index = built.put({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX, "1.0")
    built.tell("PUSH", child)
    built.tell("PUSH", index, "1.0")
    [(_, text)] = eventually(lambda: eventful.mail_box.notices(built.name) or None, "the notice comes")
    assert "it is not there for linux/arm64" in text
    assert (1, "Count") in metrics.of_registry(eventful.cloud, REGION)["BudgetsBroken"].values()
    images = built.client.describe_images(repositoryName=built.name)["imageDetails"]
    assert [image.get("lastRecordedPullTime") for image in images] == [None, None]


def test_the_function_makes_the_calls_that_its_contract_names_and_no_others(eventful, app):
    allowed = {
        one.removeprefix("ecr:")
        for one in CONTRACT["functions"]["on-image-push"]["actions"]
        if one.startswith("ecr:")
    }
    function = eventful.stack.function("on-image-push")
    assert {call.operation for call in eventful.relay.calls() if call.function == function} == allowed


def test_an_event_that_cannot_be_read_ends_in_the_queue_with_the_reason(eventful):
    sqs, queue = eventful.cloud.client("sqs"), eventful.stack.physical("EventDeadLetterQueue")
    detail = {
        "result": "SUCCESS",
        "repository-name": "team/app",
        "image-digest": "sha256:7f5b",
        "action-type": "PUSH",
        "image-tag": "2.0",
    }
    send(eventful, detail)

    def failed():
        messages = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=1).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages] or None

    [record] = eventually(failed, "the event is in the queue")
    assert record["responsePayload"]["errorType"] == "Demurrage.BadInput"
    assert "/detail/image-digest" in record["responsePayload"]["errorMessage"]
    assert record["requestPayload"]["detail"] == detail
    # Tried again before it was given up.
    lines = eventful.cloud.function_log(eventful.stack.function("on-image-push"), 500).splitlines()
    errors = [line for line in lines if "7f5b" in line and "Demurrage.BadInput" in line]
    assert 2 < len(errors)


def test_a_run_finds_what_lost_events_would_have_said(eventful, app):
    eventful.put_rules("")
    was = head(eventful, app, "1.1")
    now = app.push("1.1", "fourth", is_told=False)
    lost = app.push("3.0", "fifth", is_told=False)
    app.client.batch_delete_image(repositoryName=app.name, imageIds=[{"imageTag": "latest"}])
    execution = machine.run(eventful.stack)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    papers = papers_of(eventful, execution)
    # Heads are what the registry has.
    tags = {
        (image["name"], tag): image["digest"]
        for image in eventful.registries.images(REGION)
        for tag in image["tags"]
    }
    assert eventful.ledger.heads(REGION) == tags
    assert (head(eventful, app, "1.1"), head(eventful, app, "3.0")) == (now, lost)
    assert head(eventful, app, "latest") is None
    # And the move that nobody told of is found, with both images, beside the one that an event told of.
    audited = papers.audited(REGION)[app.name]
    assert audited["breaks_promise"] and audited["tags_moved"] == 2
    found = [one for one in audited["findings"] if one["audit"] == "tag-moved"]
    assert any(was in str(one) and now in str(one) for one in found), found
    [moved] = [
        line
        for line in papers.findings(REGION)
        if line["repository"] == app.name and line["audit"] == "tag-moved" and now in str(line)
    ]
    assert moved["counts"]


def test_rules_that_cannot_be_read_fail_the_audits_and_are_named(eventful):
    eventful.put_rules("[audit]\nowner_tag = 1\n")
    execution = machine.run(eventful.stack)
    eventful.put_rules("")
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
    papers = papers_of(eventful, execution)
    assert papers.documents("audited") == {}
    [failed] = papers.summary["failedShares"]
    assert "not audited" in failed["cause"] and "owner_tag" in failed["cause"]
    # Everything else was done.
    assert papers.documents("costed") != {}
