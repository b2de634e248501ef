"""The worked examples of the user guide, and what follows from its sentences, through a preview.

Each image is pushed, pulled, archived and restored by ordinary calls while the server's clock stands at the
time that the example gives it.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies import rule, started, text_of
from pushing import describe, push_image, rows

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ACTIVATING_SECONDS = 60
EXAMPLES = {
    one["name"]: one for one in json.loads(Path(__file__).with_name("worked_examples.json").read_text())
}


@pytest.fixture
def app(registry, server):
    server.settings(activating_seconds=ACTIVATING_SECONDS, preview_seconds=0)
    return registry.create("app")


def life(ecr, app, image):
    """What happens to an image, as pairs of a time and an action."""

    def at(days_ago, seconds=0):
        return NOW - timedelta(days=days_ago) + timedelta(seconds=seconds)

    def of(action, **asked):
        return lambda digests: action(repositoryName=app, **asked, **asked_of(digests, action))

    def asked_of(digests, action):
        image_id = {"imageDigest": digests[image["id"]]}
        return {"imageIds": [image_id]} if action == ecr.batch_get_image else {"imageId": image_id}

    def push(digests):
        digests[image["id"]] = push_image(ecr, app, image["id"], *image["tags"]).digest

    yield at(image["pushedDaysAgo"]), push
    if "pulledDaysAgo" in image:
        yield at(image["pulledDaysAgo"]), of(ecr.batch_get_image)
    if "archivedDaysAgo" in image:
        yield at(image["archivedDaysAgo"]), of(ecr.update_image_storage_class, targetStorageClass="ARCHIVE")
    if "activatedDaysAgo" in image:
        back = image["activatedDaysAgo"]
        yield (
            at(back, -2 * ACTIVATING_SECONDS),
            of(ecr.update_image_storage_class, targetStorageClass="ARCHIVE"),
        )
        yield at(back, -ACTIVATING_SECONDS), of(ecr.update_image_storage_class, targetStorageClass="STANDARD")


def load(server, ecr, app, images):
    """Lives through the images' times; returns each image's digest by its name."""
    digests = {}
    moments = [moment for image in images for moment in life(ecr, app, image)]
    for when, act in sorted(moments, key=lambda moment: moment[0]):
        server.set_clock(when)
        act(digests)
    server.set_clock(NOW)
    return digests


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_preview_of_a_worked_example_is_as_documented(server, ecr, app, example):
    digests = load(server, ecr, app, example["images"])
    found = describe(ecr, app)
    for image in example["images"]:
        detail = found[digests[image["id"]]]
        pushed_at = NOW - timedelta(days=image["pushedDaysAgo"])
        assert abs(detail["imagePushedAt"] - pushed_at) < timedelta(seconds=1)
        for key, field in (
            ("pulledDaysAgo", "lastRecordedPullTime"),
            ("activatedDaysAgo", "lastActivatedAt"),
        ):
            if key in image:
                assert abs(detail[field] - (NOW - timedelta(days=image[key]))) <= timedelta(seconds=1)
    answer = started(ecr, app, json.dumps({"rules": example["rules"]}))
    names = {digest: name for name, digest in digests.items()}
    acted = {
        names[result["imageDigest"]]: [result["action"]["type"], result["appliedRulePriority"]]
        for result in answer["previewResults"]
    }
    assert acted == example["expect"]
    expiring = sum(1 for kind, _ in example["expect"].values() if kind == "EXPIRE")
    moving = len(example["expect"]) - expiring
    assert answer["summary"]["expiringImageTotalCount"] == expiring
    counts = answer["summary"].get("transitioningImageTotalCounts")
    assert counts == ([{"targetStorageClass": "ARCHIVE", "imageTotalCount": moving}] if moving else None)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_daily_run_does_what_the_preview_says(server, registry, ecr, app, example):
    digests = load(server, ecr, app, example["images"])
    before = describe(ecr, app)
    ecr.put_lifecycle_policy(repositoryName=app, lifecyclePolicyText=json.dumps({"rules": example["rules"]}))
    assert describe(ecr, app) == before
    server.run_lifecycle(registry, app)
    after = describe(ecr, app)
    gone = {digests[name] for name, (kind, _) in example["expect"].items() if kind == "EXPIRE"}
    moved = {digests[name] for name, (kind, _) in example["expect"].items() if kind == "TRANSITION"}
    assert set(before) - set(after) == gone
    archived = {digest for digest, detail in after.items() if detail["imageStatus"] == "ARCHIVED"}
    were = {digest for digest, detail in before.items() if detail["imageStatus"] == "ARCHIVED"}
    assert archived - were == moved
    assert all(after[digest]["lastArchivedAt"] == NOW for digest in moved)
    assert ecr.get_lifecycle_policy(repositoryName=app)["lastEvaluatedAt"] == NOW


def test_an_image_restored_and_not_pulled_since_counts_from_its_activation(server, ecr, app):
    images = [
        {"id": "pushed long ago", "tags": ["a"], "pushedDaysAgo": 100},
        {"id": "restored lately", "tags": ["b"], "pushedDaysAgo": 200, "activatedDaysAgo": 5},
    ]
    digests = load(server, ecr, app, images)
    answer = started(ecr, app, text_of(rule(1, "any", 1)))
    assert [one["imageDigest"] for one in answer["previewResults"]] == [digests["pushed long ago"]]


def test_an_activating_image_is_untouched(server, ecr, app):
    digests = load(
        server,
        ecr,
        app,
        [
            {"id": "coming", "tags": ["a"], "pushedDaysAgo": 100, "archivedDaysAgo": 50},
            {"id": "other", "tags": ["b"], "pushedDaysAgo": 100},
        ],
    )
    ecr.update_image_storage_class(
        repositoryName=app, imageId={"imageTag": "a"}, targetStorageClass="STANDARD"
    )
    answer = started(ecr, app, text_of(rule(1, "any", 30, kind="sinceImagePushed")))
    assert [one["imageDigest"] for one in answer["previewResults"]] == [digests["other"]]


def test_a_referrer_stays_while_its_subject_stays(server, ecr, app):
    server.set_clock(NOW - timedelta(days=50))
    subject = push_image(ecr, app, "subject", "keep-me")
    push_image(ecr, app, "sbom", subject=subject, artifact_type="application/spdx+json")
    lone = push_image(ecr, app, "untagged")
    server.set_clock(NOW)
    answer = started(ecr, app, text_of(rule(1, "untagged", 1, kind="sinceImagePushed")))
    assert [one["imageDigest"] for one in answer["previewResults"]] == [lone.digest]
    assert len(rows(ecr, app)) == 3
