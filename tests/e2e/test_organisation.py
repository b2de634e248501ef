"""An organisation of three accounts and two regions, from the schedule to what a person has let through, and days on which
things go wrong in between."""

import contextlib
import json
import os
import signal

import pytest

import machine
import metrics
from cloud import ACCOUNT
from conftest import MEMBERS
from papers import papers_of
from programs import eventually

ACCOUNTS = (ACCOUNT, *MEMBERS)
#: An account in which something goes wrong.
ILL = MEMBERS[1]
#: How many repositories of each registry opted in: a first lot, and as many for the days after.
OPTED_IN = 3


def registries(service):
    return [(account, region) for account in ACCOUNTS for region in service.registries.regions]


def images(service):
    """Every image of every registry that opted in: account, region, repository and digest."""
    return {
        (account, region, name, image["imageDigest"])
        for account, region in registries(service)
        for name in (*lot(service, 0), *lot(service, 1))
        for page in service.registries.client(region, account)
        .get_paginator("describe_images")
        .paginate(repositoryName=name, filter={"imageStatus": "ANY"})
        for image in page["imageDetails"]
    }


def lot(service, number):
    """Names of repositories; every registry has the same."""
    names = service.registries.repository_names(service.registries.regions[0])
    return names[number * OPTED_IN : (number + 1) * OPTED_IN]


def promise(service, number):
    """From now on what is older than a day goes from the repositories of a lot."""
    names = json.dumps(lot(service, number))
    service.put_rules(
        f"[[retention]]\nname = 'old'\nrepositories = {names}\nexpire = [{{ pushed_older_than = '1d' }}]\n"
    )


def planned(service, hash_of_plan):
    """The images that a plan names."""
    description = service.document(f"plans/{hash_of_plan}/plan.json")
    found = set()
    for number in range(len(description["parts"])):
        for action in service.lines(f"plans/{hash_of_plan}/part-{number:05}.jsonl")[1:]:
            assert action["action"] == "expire", action
            place = (action["account"], action["region"], action["repository"], action["digest"])
            assert place not in found, place
            found.add(place)
    return found


def applied(service, hash_of_plan):
    """The execution that applies a plan, when it has ended."""
    arn = service.stack.applying_machine.replace(":stateMachine:", ":execution:") + f":{hash_of_plan}"
    return machine.wait(service.stack, arn)


def pressing(service):
    """A run by hand, whose plan waits: execution, papers, and the hash of the plan."""
    execution = machine.run(service.stack, seconds=180)
    return execution, papers_of(service, execution), papers_of(service, execution).document("planned.json")["hash"]


@pytest.fixture(scope="module")
def running(organisation):
    """What runs in a member: an old image, by its digest, with nothing else that would keep it."""
    region = organisation.registries.regions[0]
    name = lot(organisation, 0)[0]
    described = organisation.registries.client(region, MEMBERS[0]).describe_images(repositoryName=name)
    oldest = min(described["imageDetails"], key=lambda image: (image["imagePushedAt"], image["imageDigest"]))
    digest = oldest["imageDigest"]
    ecs = organisation.members[MEMBERS[0]].client("ecs", region)
    ecs.create_cluster(clusterName="prod")
    ecs.register_task_definition(
        family="old",
        containerDefinitions=[
            {"name": "app", "image": f"{MEMBERS[0]}.dkr.ecr.{region}.amazonaws.com/{name}@{digest}", "memory": 64}
        ],
    )
    ecs.create_service(cluster="prod", serviceName="old", taskDefinition="old", desiredCount=1)
    return digest


@pytest.fixture(scope="module")
def execution(organisation, running):
    """The execution that the schedule started, when it has ended; what is older than a day goes from a lot."""
    for account, region in registries(organisation):
        client = organisation.registries.client(region, account)
        for name in (*lot(organisation, 0), *lot(organisation, 1)):
            arn = f"arn:aws:ecr:{region}:{account}:repository/{name}"
            client.tag_resource(resourceArn=arn, tags=[{"Key": "demurrage", "Value": "enforce"}])
            try:
                # What others may pull, and what they use is not known, is not planned for.
                client.delete_repository_policy(repositoryName=name)
            except client.exceptions.RepositoryPolicyNotFoundException:
                pass
    promise(organisation, 0)
    assert machine.executions(organisation.stack) == [], "the schedule was faster than the accounts were there"
    [arn] = eventually(
        lambda: machine.executions(organisation.stack) or None, "the schedule starts a run", seconds=150
    )
    return machine.wait(organisation.stack, arn, seconds=240)


@pytest.fixture(scope="module")
def papers(organisation, execution):
    return papers_of(organisation, execution)


@pytest.fixture(scope="module")
def plan(papers):
    return papers.document("planned.json")


def test_a_run_reads_every_repository_of_every_account_and_region(organisation, execution, papers):
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause, papers.summary_text)
    read = [(one["registryId"], one["region"]) for one in papers.summary["registries"]]
    assert sorted(read) == sorted(registries(organisation))
    shares = papers.documents("shares").values()
    assert 200 <= sum(len(share["repositories"]) for share in shares)
    for account, region in registries(organisation):
        names = [
            repository["name"]
            for share in shares
            if (share["account"], share["region"]) == (account, region)
            for repository in share["repositories"]
        ]
        assert names == organisation.registries.repository_names(region, account)


def test_each_registry_has_metrics_of_its_own(organisation, execution):
    for account, region in registries(organisation):
        published = metrics.of_registry(organisation.cloud, region, account)
        [(repositories, _)] = published["Repositories"].values()
        [(number, _)] = published["Images"].values()
        names = organisation.registries.repository_names(region, account)
        assert (repositories, number) == (len(names), 12 * len(names))


def test_other_accounts_are_asked_as_their_roles_and_the_own_one_as_the_functions(organisation, execution):
    asked = {(call.account, call.region) for call in organisation.relay.calls()}
    assert asked == set(registries(organisation))


def test_nothing_of_a_plan_is_done_before_somebody_lets_it_through(organisation, execution, plan, running):
    assert (plan["mode"], plan["admitted"], plan["status"]) == ("approve", False, "complete"), plan
    assert plan["refused"] == 0
    chosen = planned(organisation, plan["hash"])
    assert len(chosen) == plan["images"] > 0
    assert {place[:2] for place in chosen} == set(registries(organisation))
    assert {place[2] for place in chosen} <= set(lot(organisation, 0))
    assert running not in {digest for *_, digest in chosen}
    assert chosen <= images(organisation)
    assert machine.executions(organisation.stack, organisation.stack.applying_machine) == []


def test_the_summary_and_the_mail_say_how_the_plan_is_let_through(organisation, papers, plan):
    [(_, text)] = eventually(lambda: organisation.mail_box.summaries(papers.run) or None, "the mail comes")
    for said in (papers.summary_text, text):
        assert f"demurrage approve {plan['hash'][:12]}" in said


@pytest.fixture(scope="module")
def approved(organisation, execution, plan):
    """What is there before and after the plan is applied, and the execution that does it."""
    before = images(organisation)
    started = organisation.desk.approve(organisation.store, plan["hash"])
    assert started["started"] is True
    return before, applied(organisation, plan["hash"]), images(organisation)


def test_what_is_let_through_goes_and_nothing_else_does(organisation, approved, plan):
    before, execution, after = approved
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert before - after == planned(organisation, plan["hash"])
    assert after < before
    report = organisation.document(f"journals/{plan['hash']}/report.json")
    assert report["ended_at"]


def test_a_plan_is_let_through_once(organisation, approved, plan):
    _, _, after = approved
    organisation.desk.approve(organisation.store, plan["hash"], accepted=(1, 5))
    assert len(machine.executions(organisation.stack, organisation.stack.applying_machine)) == 1
    assert images(organisation) == after


def test_a_share_that_is_lost_while_ecr_throttles_is_named_and_nothing_goes_from_it(organisation, approved):
    promise(organisation, 1)
    region, name = organisation.registries.regions[0], lot(organisation, 1)[0]

    def kill(process_id):
        os.kill(process_id, signal.SIGKILL)

    organisation.registries.admin("rates", operation="GetLifecyclePolicy", per_second=30, burst=3)
    organisation.relay.when("DescribeImages", kill, account=ILL, region=region, repository=name)
    execution, papers, plan = pressing(organisation)
    organisation.registries.admin("rates", clear=True)
    organisation.relay.no_moments()
    assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
    [failed] = papers.summary["failedShares"]
    assert (failed["registryId"], failed["region"]) == (ILL, region)
    share = papers.document(f"shares/{failed['share']:05}.json")
    lost = {repository["name"] for repository in share["repositories"]}
    assert name in lost
    chosen = planned(organisation, plan)
    assert not [place for place in chosen if place[:2] == (ILL, region) and place[2] in lost]
    assert {place[:2] for place in chosen} >= set(registries(organisation)) - {(ILL, region)}


def test_where_an_account_refuses_its_role_the_others_are_read_and_nothing_goes_anywhere(organisation, approved):
    promise(organisation, 1)
    before = images(organisation)
    with refused(organisation, ILL):
        execution, papers, plan = pressing(organisation)
        assert (execution.status, execution.error) == ("FAILED", "Demurrage.Partial"), execution
        unread = {(one["registryId"], one["region"]) for one in papers.summary["unreadRegistries"]}
        assert unread == {place for place in registries(organisation) if place[0] == ILL}
        read = {(one["registryId"], one["region"]) for one in papers.summary["registries"]}
        assert read == set(registries(organisation)) - unread
        # What runs there is not known, and could be an image of any registry.
        assert planned(organisation, plan) == set()
    assert images(organisation) == before


@contextlib.contextmanager
def refused(organisation, account):
    """Nobody may take on the role that reads an account. Processes that have taken it on go on with it, and those that were
    refused do not ask again at once: new ones are started."""
    iam = organisation.members[account].client("iam")
    trust = iam.get_role(RoleName="demurrage-read")["Role"]["AssumeRolePolicyDocument"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    nobody = {"Version": "2012-10-17", "Statement": [statement]}
    for policy in (nobody, trust):
        iam.update_assume_role_policy(RoleName="demurrage-read", PolicyDocument=json.dumps(policy))
        organisation.stack.restart()
        if policy is nobody:
            yield


def test_a_stop_in_the_middle_of_a_plan_ends_it_before_its_next_call(organisation, approved):
    promise(organisation, 1)
    execution, papers, plan = pressing(organisation)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause, papers.summary_text)
    chosen, before = planned(organisation, plan), images(organisation)
    moment = organisation.relay.when(
        "BatchDeleteImage", lambda _: organisation.desk.stop(organisation.store), times=1
    )
    organisation.desk.approve(organisation.store, plan)
    ended = applied(organisation, plan)
    gone = before - images(organisation)
    organisation.desk.stop(organisation.store, "--lift")
    organisation.relay.no_moments()
    assert moment.happened == 1
    assert (ended.status, ended.error) == ("FAILED", "Demurrage.Halted"), ended
    assert set() < gone < chosen
    assert len({place[:3] for place in gone}) == 1, "one call is about one repository"


@pytest.mark.parametrize(
    ("mode", "admitted", "started"),
    [("enforce", True, 1), ("enforce", False, 0), ("approve", True, 0), ("observe", False, 0)],
)
def test_a_run_starts_what_applies_its_plan_only_where_a_machine_may_and_once(
    organisation, approved, mode, admitted, started
):
    """From the end of the report on: a plan of mode enforce is admitted only where an older one has chosen the same."""
    client = organisation.cloud.client("stepfunctions")
    deployed = client.describe_state_machine(stateMachineArn=organisation.stack.machine)
    definition = json.loads(deployed["definition"])
    definition["StartAt"] = "IsAdmitted"
    # There is no such plan: whoever applies it refuses.
    plan = (f"{mode}-{admitted}".encode().hex() + 64 * "0")[:64]
    arn = client.create_state_machine(
        name=f"end-of-a-run-{mode}-{admitted}", definition=json.dumps(definition), roleArn=deployed["roleArn"]
    )["stateMachineArn"]
    end = json.dumps({"planned": {"hash": plan, "mode": mode, "admitted": admitted}})
    for _ in range(2):
        ended = machine.wait(
            organisation.stack, client.start_execution(stateMachineArn=arn, input=end)["executionArn"]
        )
        assert ended.status == "SUCCEEDED", ended
        if started:
            assert applied(organisation, plan).error == "Demurrage.BadInput"
    executions = machine.executions(organisation.stack, organisation.stack.applying_machine)
    assert [arn.rpartition(":")[2] for arn in executions].count(plan) == started
