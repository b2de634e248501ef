"""A day on which things go wrong, and the day after."""

import json
import os
import signal

import pytest

import machine
import metrics
from papers import canonical, papers_of
from programs import eventually
from tables import fetch, rows

#: The region in which things go wrong.
ILL = "us-east-1"


@pytest.fixture(scope="module")
def bad_day(stormy):
    """A run in which the process that reads one repository is killed each time, and ECR throttles all day:
    the execution, its papers, the repository, and how often a process was killed."""
    repository = stormy.registries.repository_names(ILL)[0]
    stormy.registries.admin("rates", operation="GetLifecyclePolicy", per_second=30, burst=3)

    def kill(process_id):
        os.kill(process_id, signal.SIGKILL)

    killing = stormy.relay.when("DescribeImages", kill, region=ILL, repository=repository)
    execution = machine.run(stormy.stack, seconds=180)
    stormy.registries.admin("rates", clear=True)
    stormy.relay.no_moments()
    return execution, papers_of(stormy, execution), repository, killing.happened


@pytest.fixture(scope="module")
def day_after(stormy, bad_day):
    """The next run, on a good day: the execution, its papers, and the calls of ECR in it."""
    stormy.relay.forget_calls()
    execution = machine.run(stormy.stack, seconds=120)
    return execution, papers_of(stormy, execution), stormy.relay.calls()


def test_the_execution_ends_as_partial_and_says_where_the_summary_is(bad_day):
    execution, papers, *_ = bad_day
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
    assert f"runs/{papers.run}/summary.md" in execution.cause


def test_a_process_that_dies_is_tried_again_twice_and_only_its_share_fails(stormy, bad_day):
    execution, papers, repository, killed = bad_day
    assert killed == 3
    failed = papers.share_with(ILL, repository)
    children = {
        work["share"]: child for work, child in machine.children(stormy.stack, execution.arn, "inventory")
    }
    assert children[failed]["error"] == "Runtime.ExitError"
    assert [share for share, child in children.items() if child["status"] != "SUCCEEDED"] == [failed]
    assert set(children) == set(papers.shares)


def test_the_summary_and_the_mail_name_the_share_and_its_repositories(stormy, bad_day):
    _, papers, repository, _ = bad_day
    number = papers.share_with(ILL, repository)
    _, names = papers.shares[number]
    [failed] = papers.summary["failedShares"]
    assert (failed["share"], failed["region"], failed["repositories"]) == (number, ILL, len(names))
    assert (failed["firstRepositoryName"], failed["lastRepositoryName"]) == (names[0], names[-1])
    [(_, text)] = eventually(lambda: stormy.mail_box.summaries(papers.run) or None, "the mail comes")
    for said in (papers.summary_text, text):
        assert names[0] in said and names[-1] in said and ILL in said


def test_everything_else_was_read_although_ecr_throttled(stormy, bad_day, folder):
    _, papers, repository, *_ = bad_day
    failed = papers.share_with(ILL, repository)
    assert 0 < stormy.registries.calls()[ILL, "GetLifecyclePolicy"]["throttled"]
    for region in stormy.registries.regions:
        expected = [
            (name, "complete", "absent" if policy is None else "present")
            for number, (its, names) in papers.shares.items()
            if its == region and number != failed
            for name in names
            for policy in [stormy.registries.policy(region, name)]
        ]
        paths = fetch(
            stormy.cloud, stormy.stack.bucket, papers.athena_list("repositories", region), folder / "bad"
        )
        read = rows(paths, "SELECT repository_name, listing, lifecycle_policy_state FROM {files} ORDER BY 1")
        assert [row for row in read if row[1] == "complete"] == expected


def test_figures_of_the_bad_day_say_what_is_missing(stormy, bad_day):
    _, papers, repository, *_ = bad_day
    _, names = papers.shares[papers.share_with(ILL, repository)]
    [shares_failed] = metrics.of_deployment(stormy.cloud, stormy.stack.name)["SharesFailed"].values()
    assert shares_failed == (1, "Count")
    [(unread, _)] = metrics.of_registry(stormy.cloud, ILL)["RepositoriesUnread"].values()
    assert unread == len(names)
    [(throttled, _)] = metrics.of_registry(stormy.cloud, ILL)["CallsThrottled"].values()
    assert 0 < throttled


def test_costs_of_a_registry_that_lost_a_share_are_a_gap_and_hide_no_other(stormy, bad_day):
    _, papers, repository, *_ = bad_day
    _, lost = papers.shares[papers.share_with(ILL, repository)]
    for region in stormy.registries.regions:
        names = stormy.registries.repository_names(region)
        read = [name for name in names if region != ILL or name not in lost]
        assert list(papers.costed[region]) == read
        said = stormy.desk.cost(stormy.store, papers.now, region)
        assert [one["name"] for one in said["repositories"]] == read
        published = metrics.of_registry(stormy.cloud, region)
        for name, figure in metrics.of_costs(said).items():
            # What was read is less than what is stored: a figure of it would look as if images were gone.
            expected = [] if region == ILL else [figure]
            assert list(published.get(name, {}).values()) == expected, (region, name)


def test_alarms_come_to_the_same_box(stormy, bad_day):
    expected = {(metrics.NAMESPACE, "SharesFailed"), (metrics.NAMESPACE, "Failures")}
    eventually(lambda: expected <= stormy.mail_box.alarms(), "the alarms come")


def test_the_run_of_the_day_after_is_whole_again(stormy, day_after):
    execution, papers, _ = day_after
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert papers.summary["failedShares"] == []
    expected = stormy.desk.preview(stormy.desk.collect(), papers.now)
    assert stormy.desk.preview(stormy.store, papers.now) == expected
    assert canonical(one for region in papers.previews.values() for one in region) == canonical(expected)


def test_the_day_after_reads_only_the_manifests_that_the_bad_day_did_not(stormy, bad_day, day_after):
    _, bad, repository, *_ = bad_day
    *_, calls = day_after
    _, lost = bad.shares[bad.share_with(ILL, repository)]
    read = {(call.region, call.repository) for call in calls if call.operation == "BatchGetImage"}
    assert read == {(ILL, name) for name in lost}


@pytest.fixture(scope="module")
def half_done(stormy, day_after):
    """A run in which one share may not be evaluated, the next one not be priced and the third not be audited: the
    execution, its papers, and what was not done of each share."""
    iam = stormy.cloud.client("iam")
    denied = []
    for share, (function, folder) in enumerate(
        [
            ("evaluate-lifecycle", "evaluated"),
            ("compute-costs", "costed"),
            ("audit-immutability", "audited"),
        ]
    ):
        role = stormy.cloud.role_of(stormy.stack.function(function)).rpartition("/")[2]
        arn = f"arn:aws:s3:::{stormy.stack.bucket}/{stormy.prefix}/runs/*/{folder}/{share:05}-*"
        statement = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="not-this-share", PolicyDocument=policy)
        denied.append(role)
    execution = machine.run(stormy.stack)
    for role in denied:
        iam.delete_role_policy(RoleName=role, PolicyName="not-this-share")
    return execution, papers_of(stormy, execution), {0: "evaluated", 1: "priced", 2: "audited"}


def test_shares_of_which_a_step_cannot_be_done_are_named_each_with_its_cause(stormy, half_done):
    execution, papers, undone = half_done
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
    failed = {one["share"]: one for one in papers.summary["failedShares"]}
    assert set(failed) == set(undone)
    for share, what in undone.items():
        region, names = papers.shares[share]
        assert (failed[share]["region"], failed[share]["repositories"]) == (region, len(names))
        cause = failed[share]["cause"]
        assert f"not {what}" in cause and "Demurrage.Refused" in cause, cause
        assert names[0] in papers.summary_text and names[-1] in papers.summary_text


def test_what_one_step_cannot_do_with_a_share_the_others_do(stormy, half_done):
    execution, papers, _ = half_done
    # The child executions go on to their ends.
    children = machine.all_children(stormy.stack, execution.arn)
    assert {(child["status"], child["output"]) for _, child in children} == {("SUCCEEDED", "{}")}
    assert {one["repositoriesUnread"] for one in papers.summary["registries"]} == {0}
    for missing, folder in enumerate(("evaluated", "costed", "audited")):
        found = {int(name.split("-")[0]) for name in papers.documents(folder)}
        assert found == set(papers.shares) - {missing}, folder


def test_a_region_that_may_not_be_listed_makes_the_run_partial_and_hides_no_other(stormy, day_after):
    stormy.registries.admin(
        "faults", operation="DescribeRepositories", region=ILL, kind="access_denied", probability=1.0
    )
    execution = machine.run(stormy.stack)
    stormy.registries.admin("faults", clear=True)
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
    papers = papers_of(stormy, execution)
    [unread] = papers.summary["unreadRegistries"]
    assert unread["region"] == ILL
    assert [(one["region"], one["repositoriesUnread"]) for one in papers.summary["registries"]] == [
        (region, 0) for region in stormy.registries.regions if region != ILL
    ]
    assert {region for region, _ in papers.shares.values()} == set(stormy.registries.regions) - {ILL}


@pytest.mark.parametrize("failing", ["Collect", "Judge"])
def test_a_map_that_fails_as_a_whole_is_reported_share_by_share(stormy, day_after, failing):
    client = stormy.cloud.client("stepfunctions")
    deployed = client.describe_state_machine(stateMachineArn=stormy.stack.machine)
    definition = json.loads(deployed["definition"])
    # A file that is not there: what the Map cannot read, it cannot begin.
    definition["States"][failing]["ItemReader"]["Parameters"]["Key.$"] = "$.discovered.run"
    arn = client.create_state_machine(
        name=f"{failing}-fails", definition=json.dumps(definition), roleArn=deployed["roleArn"]
    )["stateMachineArn"]
    started = client.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    execution = machine.wait(stormy.stack, started)
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial")
    papers = papers_of(stormy, execution)
    assert sorted(failed["share"] for failed in papers.summary["failedShares"]) == sorted(papers.shares)
