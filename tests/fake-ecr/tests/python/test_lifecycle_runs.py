"""Facts about the daily run: indexes, referrers, and what a policy without matches leaves alone."""

from datetime import UTC, datetime, timedelta

import pytest

from policies import rule, text_of
from pushing import describe, push_image, push_index, rows

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def app(registry, server):
    server.set_clock(START)
    return registry.create("app")


@pytest.fixture
def run_on(registry, ecr, app, server):
    """The run of a day: what it expired, and what it archived."""

    def run(day):
        server.set_clock(START + timedelta(days=day))
        answer = server.run_lifecycle(registry, app)
        return sorted(answer["expired"]), sorted(answer["transitioned"])

    return run


def attach(ecr, app, *rules):
    ecr.put_lifecycle_policy(repositoryName=app, lifecyclePolicyText=text_of(*rules))


UNTAGGED = rule(1, "untagged", 1, kind="sinceImagePushed")


def test_children_go_on_a_later_run_than_their_index(ecr, app, run_on):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "old")
    attach(ecr, app, UNTAGGED, rule(2, "tagged", 1, kind="sinceImagePushed", tagPrefixList=["old"]))
    assert run_on(5) == ([index.digest], [])
    assert rows(ecr, app) == [(child.digest, "")]
    assert run_on(6) == ([child.digest], [])
    assert rows(ecr, app) == []


def test_children_of_a_live_index_survive_an_untagged_rule(ecr, app, run_on):
    children = [push_image(ecr, app, name) for name in ("amd64", "arm64")]
    push_index(ecr, app, children, "v1")
    attach(ecr, app, UNTAGGED)
    assert run_on(30) == ([], [])
    assert len(describe(ecr, app)) == 3


def test_an_index_is_archived_on_an_earlier_run_than_its_children(ecr, app, run_on):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    attach(ecr, app, rule(1, "any", 1, kind="sinceImagePushed", action="transition"))
    assert run_on(5) == ([], [index.digest])
    assert run_on(6) == ([], [child.digest])
    assert {detail["imageStatus"] for detail in describe(ecr, app).values()} == {"ARCHIVED"}


def test_a_referrer_follows_its_subject_although_no_rule_selects_it(ecr, app, run_on):
    subject = push_image(ecr, app, "subject", "old-1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type="application/spdx+json")
    attach(ecr, app, rule(1, "tagged", 1, kind="sinceImagePushed", tagPrefixList=["old"]))
    assert run_on(5)[0][:1] and subject.digest not in describe(ecr, app)
    run_on(6)
    run_on(7)
    assert sbom.digest not in describe(ecr, app)


def test_a_referrer_is_archived_after_its_subject(ecr, app, run_on):
    subject = push_image(ecr, app, "subject", "old-1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type="application/spdx+json")
    attach(
        ecr, app, rule(1, "tagged", 1, kind="sinceImagePushed", action="transition", tagPrefixList=["old"])
    )
    run_on(5)
    assert describe(ecr, app)[subject.digest]["imageStatus"] == "ARCHIVED"
    run_on(6)
    run_on(7)
    assert describe(ecr, app)[sbom.digest]["imageStatus"] == "ARCHIVED"


def test_an_archived_image_expires_by_the_time_of_its_archiving(ecr, app, run_on):
    one = push_image(ecr, app, "one", "v1")
    attach(
        ecr,
        app,
        rule(1, "any", 30, kind="sinceImagePushed", action="transition"),
        rule(2, "any", 90, kind="sinceImageTransitioned", storageClass="archive"),
    )
    assert run_on(30) == ([], [])
    assert run_on(31) == ([], [one.digest])
    assert run_on(31 + 90) == ([], [])
    assert run_on(31 + 91) == ([one.digest], [])


def test_a_run_sets_the_time_of_evaluation_even_when_nothing_goes(ecr, app, run_on):
    push_image(ecr, app, "one", "v1")
    attach(ecr, app, rule(1, "any", 1000))
    assert run_on(3) == ([], [])
    assert ecr.get_lifecycle_policy(repositoryName=app)["lastEvaluatedAt"] == START + timedelta(days=3)
    gone = ecr.delete_lifecycle_policy(repositoryName=app)
    assert gone["lastEvaluatedAt"] == START + timedelta(days=3)


def test_immutable_tags_expire_too(registry, ecr, app, run_on):
    ecr.put_image_tag_mutability(repositoryName=app, imageTagMutability="IMMUTABLE")
    one = push_image(ecr, app, "one", "v1")
    attach(ecr, app, rule(1, "any", 1, kind="sinceImagePushed"))
    assert run_on(2) == ([one.digest], [])
    assert rows(ecr, app) == []
