"""Fixtures: one emulated AWS for the whole run, and deployments in it that several tests share.

Tests run in the order of `ORDER`: the schedule of the deployment that is looked at first fires within a
minute, and others need not wait for it.
"""

import datetime

import pytest

from cloud import ACCOUNT, Cloud
from members import Member
from service import Service
from stack import upload_code

ORDER = (
    "test_deployment",
    "test_functions",
    "test_twice",
    "test_hand_over",
    "test_whole_run",
    "test_bad_day",
    "test_events",
    "test_members",
    "test_organisation",
    "test_hazards",
)

#: Images of each repository of `small`.
IMAGES_OF_SMALL = 4

#: A region without prices in dollars.
UNPRICED = "cn-north-1"

#: The accounts beside the hub's of `organisation`.
MEMBERS = ("432109876543", "543210987654")

#: What is running, for the logs of a test that fails.
_RUNNING = []


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: ORDER.index(item.module.__name__))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for one in _RUNNING:
            for name, text in one.said():
                report.sections.append((f"log of {name}", text))
    return report


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("e2e")


@pytest.fixture(scope="session")
def cloud(folder):
    running = Cloud(folder / "cloud")
    _RUNNING.append(running)
    try:
        upload_code(running, folder)
        yield running
    finally:
        running.stop()


def deployed(cloud, folder, name, **settings):
    """A deployment that lasts as long as the fixture that yields from this.

    Each has regions of its own, because metrics of registries have no deployment among their dimensions."""
    service = Service(cloud, folder / name, name, **settings)
    _RUNNING.append(service)
    try:
        yield service
    finally:
        _RUNNING.remove(service)
        service.stop()


@pytest.fixture(scope="session")
def whole(cloud, folder):
    """A registry of some size in each region, and a schedule that fires once, at the next full minute."""
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1, seconds=5)
    yield from deployed(
        cloud,
        folder,
        "whole",
        regions=("eu-west-1", "us-east-2"),
        repositories=105,
        images_per_repository=20,
        # China has no prices in dollars: what it takes to replicate there is not known.
        replicates=(("eu-west-1", "ap-northeast-2", "team-000/"), ("us-east-2", UNPRICED, "team-000/")),
        ScheduleExpression=f"cron({soon.minute} {soon.hour} {soon.day} {soon.month} ? {soon.year})",
        CallsPerSecond=400,
        MaxConcurrency=3,
        ShareImages=1500,
        # Nobody has set generated repositories to immutable.
        PromisesBrokenAlarm=100_000,
    )


@pytest.fixture(scope="session")
def small(cloud, folder):
    """One share for each region, with more repositories than are read at a time, for single functions."""
    yield from deployed(
        cloud,
        folder,
        "small",
        regions=("eu-north-1", "us-west-2"),
        repositories=90,
        images_per_repository=IMAGES_OF_SMALL,
        ScheduleState="DISABLED",
        CallsPerSecond=400,
        MaxConcurrency=2,
        ShareImages=20000,
    )


@pytest.fixture(scope="session")
def eventful(cloud, folder):
    """A registry in the region of the stack, as events are of the region that they come from."""
    yield from deployed(
        cloud,
        folder,
        "eventful",
        regions=("eu-west-1",),
        repositories=8,
        images_per_repository=4,
        ScheduleState="DISABLED",
        CallsPerSecond=400,
        MaxConcurrency=2,
        ShareImages=20000,
        # Nobody but ECR may send events as ECR.
        EventSource="team.registry",
        PromisesBrokenAlarm=100_000,
    )


@pytest.fixture(scope="session")
def organised(cloud, folder):
    """A hub that reads another account, too; what is deployed there is the test's."""
    yield from deployed(
        cloud,
        folder,
        "organised",
        regions=("eu-west-1",),
        repositories=2,
        images_per_repository=2,
        Accounts="123456789012,210987654321",
        ExternalId="a-word",
        ScheduleState="DISABLED",
        SettingsScheduleState="DISABLED",
        CallsPerSecond=400,
        MaxConcurrency=2,
        # Nobody but ECR may send events as ECR.
        EventSource="team.registry",
        PromisesBrokenAlarm=100_000,
    )


@pytest.fixture(scope="session")
def organisation(cloud, folder):
    """A hub with two members: 210 repositories in six registries, plans that wait for a person, and a schedule that fires once."""
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1, seconds=30)
    for service in deployed(
        cloud,
        folder,
        "organisation",
        regions=("eu-west-3", "ap-south-1"),
        members=MEMBERS,
        repositories=35,
        images_per_repository=12,
        Accounts=",".join((ACCOUNT, *MEMBERS)),
        ExternalId="a-word",
        Mode="approve",
        ScheduleExpression=f"cron({soon.minute} {soon.hour} {soon.day} {soon.month} ? {soon.year})",
        SettingsScheduleState="DISABLED",
        CallsPerSecond=400,
        MaxConcurrency=3,
        ShareImages=250,
        PromisesBrokenAlarm=100_000,
    ):
        service.members = {account: Member(cloud, service.stack, account) for account in MEMBERS}
        applying = service.stack.outputs["ApplyPlanRoleArn"]
        for member in service.members.values():
            outputs = member.deploy_account(ExternalId="a-word", ApplyPlanRoleArn=applying)
            for role in outputs.values():
                service.registries.exclude(role)
        yield service


@pytest.fixture(scope="session")
def stormy(cloud, folder):
    """Registries in several shares, for days on which things go wrong."""
    yield from deployed(
        cloud,
        folder,
        "stormy",
        regions=("eu-central-1", "us-east-1"),
        repositories=15,
        images_per_repository=20,
        ScheduleState="DISABLED",
        CallsPerSecond=400,
        MaxConcurrency=4,
        ShareImages=750,
    )
