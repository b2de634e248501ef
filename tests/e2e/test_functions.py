"""Single functions: each as its process, invoked with events as the state machine sends them."""

import datetime
import os
import signal
import uuid

import pytest

from cloud import ACCOUNT
from conftest import IMAGES_OF_SMALL
from papers import Papers
from zips import FUNCTIONS


def discover_event(regions=None):
    """What the state machine sends at the start of an execution that nobody has seen yet."""
    return {
        "execution": str(uuid.uuid4()),
        "started_at": datetime.datetime.now(datetime.UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "request": {"regions": regions} if regions else {},
    }


def discovered(service, regions=None):
    """A new run, as far as discovering goes: its papers."""
    answer = service.stack.invoke("discover-repositories", discover_event(regions))
    assert answer.error is None, answer
    return Papers(service, answer.output["run"])


def run_name(event):
    """The end of the name of the run that a discovering event is about."""
    return event["execution"].replace("-", "")[-8:]


def collect(service, line, deployed_name=None):
    answer = service.stack.invoke("collect-inventory", line, deployed_name)
    assert answer.error is None, answer
    return answer.output


@pytest.fixture(autouse=True)
def a_good_day(small):
    """Nothing goes wrong but what a test wants, and nothing of that stays."""
    yield
    small.registries.admin("faults", clear=True)
    small.registries.admin("rates", clear=True)
    small.relay.no_moments()


def test_discovering_plans_each_registry_in_shares(small):
    answer = small.stack.invoke("discover-repositories", discover_event())
    assert answer.error is None, answer
    papers = Papers(small, answer.output["run"])
    assert answer.output == {
        "run": papers.run,
        "bucket": small.stack.bucket,
        "work": f"{small.prefix}/runs/{papers.run}/work.jsonl",
        "lines": len(papers.work),
        "parts": f"{small.prefix}/runs/{papers.run}/parts.jsonl",
        "shares": len(papers.parts),
        "settings_only": False,
        "more": False,
    }
    assert [registry["region"] for registry in papers.plan["registries"]] == sorted(small.registries.regions)
    for region in small.registries.regions:
        names = [name for its, names in papers.shares.values() if its == region for name in names]
        assert names == small.registries.repository_names(region)


def test_a_request_for_one_region_plans_that_one_alone(small):
    region = small.registries.regions[1]
    papers = discovered(small, [region])
    assert {its for its, _ in papers.shares.values()} == {region}


def test_collecting_a_share_reads_all_its_images_and_manifests(small):
    papers = discovered(small)
    line = papers.work_of("inventory")[0]
    output = collect(small, line)
    assert (output["status"], output["more"]) == ("complete", False)
    segment = {"run": papers.run, "share": line["share"], "segment": 0, "from": 0}
    assert (output["evaluate"], output["compute"], output["audit"]) == (segment, segment, segment)
    document = papers.document("collected/00000-000.json")
    assert document["problems"] == []
    _, names = papers.shares[0]
    assert document["part"]["repositories"] == len(names)
    assert document["part"]["images"] == IMAGES_OF_SMALL * len(names)


def test_workloads_are_read_in_each_account_and_region_and_ecr_is_asked_nothing(small):
    papers = discovered(small)
    ecs = small.cloud.client("ecs")
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team-000/app:1.0.0"
    family = f"web-{uuid.uuid4().hex[:8]}"
    ecs.register_task_definition(
        family=family, containerDefinitions=[{"name": "app", "image": image, "memory": 64}]
    )
    small.relay.forget_calls()
    lines = papers.work_of("workloads")
    for line in lines:
        answer = small.stack.invoke("collect-workloads", line)
        assert answer.error is None, answer
        assert answer.output["known"] + answer.output["unknown"] == 1
    regions = sorted(line["region"] for line in lines)
    assert regions == sorted(small.registries.regions)
    assert small.relay.calls() == []
    used = {}
    for region in regions:
        read = papers.document(f"workloads/{ACCOUNT}-{region}.json")
        record = small.document(read["record"].removeprefix(f"{small.store}/"))
        used[region] = {one["reference"] for one in record["uses"]}
    here = small.cloud.client("ecs").meta.region_name
    if here in used:
        assert any(reference.endswith("team-000/app:1.0.0") for reference in used[here])
    # A call that comes again gets the same answer, and adds nothing.
    before = set(small.objects("use/"))
    assert small.stack.invoke("collect-workloads", lines[0]).error is None
    assert set(small.objects("use/")) == before


def test_a_plan_is_made_and_looked_at_and_nothing_of_a_registry_changes(small):
    papers = discovered(small)
    for line in papers.work_of("inventory"):
        output = collect(small, line)
        small.stack.invoke("evaluate-lifecycle", output["evaluate"])
        small.stack.invoke("compute-costs", output["compute"])
        small.stack.invoke("audit-immutability", output["audit"])
    assert small.stack.invoke("report-metrics", {"run": papers.run}).error is None
    rules = "[[retention]]\nname = 'old'\nrepositories = ['*']\nexpire = [{ pushed_older_than = '1d' }]\n"
    small.put_rules(rules)
    small.relay.forget_calls()
    planned = small.stack.invoke("build-plan", {})
    assert planned.error is None, planned
    # No repository here opted in.
    assert (planned.output["mode"], planned.output["actions"]) == ("observe", 0)
    assert planned.output["refused"] > 0
    looked_at = small.stack.invoke("apply-plan", {"hash": planned.output["hash"]})
    assert looked_at.error is None, looked_at
    assert (looked_at.output["halt"], looked_at.output["expired"]) == ("not_applicable", 0)
    refused = small.stack.invoke("apply-plan", {"hash": planned.output["hash"], "mode": "approve"})
    assert refused.error == "Demurrage.BadInput"
    assert small.relay.calls() == []
    small.put_rules("")


def test_evaluating_asks_ecr_nothing(small):
    papers = discovered(small)
    output = collect(small, papers.work_of("inventory")[0])
    small.relay.forget_calls()
    answer = small.stack.invoke("evaluate-lifecycle", output["evaluate"])
    assert answer.error is None, answer
    assert (answer.output["status"], answer.output["more"]) == ("complete", False)
    assert small.relay.calls() == []
    _, names = papers.shares[0]
    assert {preview["repositoryName"] for preview in papers.previews[papers.shares[0][0]]} <= set(names)


def test_computing_asks_ecr_nothing_and_has_a_figure_for_each_repository(small):
    papers = discovered(small)
    output = collect(small, papers.work_of("inventory")[0])
    before = set(small.objects())
    small.relay.forget_calls()
    # It needs no evaluation.
    answer = small.stack.invoke("compute-costs", output["compute"])
    assert answer.error is None, answer
    assert answer.output == {
        **{key: output[key] for key in ("run", "share", "segment")},
        "status": "complete",
        "more": False,
        "next": output["compute"],
    }
    assert small.relay.calls() == []
    written = {place.removeprefix(f"runs/{papers.run}/") for place in set(small.objects()) - before}
    # The blobs by their digests, for what is stored once in several repositories.
    [blobs] = [place for place in written if place.startswith("blobs/00000-000-00000")]
    assert written == {"costed/00000-000-00000.json", blobs}
    region, names = papers.shares[0]
    costed = papers.costed[region]
    assert list(costed) == names
    assert all(one["now"]["standard_bytes"] + one["now"]["archived_bytes"] for one in costed.values())


def test_auditing_asks_ecr_nothing_and_teaches_the_ledger_every_tag(small):
    papers = discovered(small)
    output = collect(small, papers.work_of("inventory")[0])
    small.relay.forget_calls()
    answer = small.stack.invoke("audit-immutability", output["audit"])
    assert answer.error is None, answer
    assert answer.output == {
        "run": papers.run,
        "status": "complete",
        "more": False,
        "next": output["audit"],
    }
    assert small.relay.calls() == []
    region, names = papers.shares[0]
    audited = papers.audited(region)
    assert list(audited) == names
    assert all(one["is_reconciled"] and one["clean"] for one in audited.values())
    tags = {(image["name"], tag): image["digest"] for image in small.registries.images(region) for tag in image["tags"]}
    assert tags and small.ledger.heads(region) == tags


def test_a_repository_that_ecr_refuses_makes_the_share_partial_and_hides_no_other(small):
    papers = discovered(small)
    line = papers.work_of("inventory")[0]
    small.registries.admin(
        "faults", operation="DescribeImages", region=line["region"], kind="access_denied", count=1
    )
    output = collect(small, line)
    assert (output["status"], output["more"]) == ("partial", False)
    document = papers.document("collected/00000-000.json")
    assert document["repositories_unread"] == 1
    assert len(document["problems"]) == 1
    _, names = papers.shares[0]
    assert document["part"]["images"] == IMAGES_OF_SMALL * (len(names) - 1)
    evaluated = small.stack.invoke("evaluate-lifecycle", output["evaluate"])
    assert evaluated.output["status"] == "partial"
    computed = small.stack.invoke("compute-costs", output["compute"])
    assert computed.output["status"] == "partial"
    unknown = [one for one in papers.costed[line["region"]].values() if one["now"] is None]
    assert len(unknown) == 1


def test_a_region_that_may_not_be_listed_is_named_and_hides_no_other(small):
    healthy, ill = small.registries.regions
    small.registries.admin(
        "faults", operation="DescribeRepositories", region=ill, kind="access_denied", probability=1.0
    )
    papers = discovered(small)
    assert [registry["region"] for registry in papers.plan["registries"]] == [healthy]
    [unread] = papers.plan["unread"]
    assert unread["region"] == ill
    assert "DescribeRepositories" in unread["problem"]


def test_a_share_that_takes_too_long_is_handed_over_and_read_to_its_end(small):
    papers = discovered(small)
    # Ninety repositories, and half of six seconds to begin them in.
    line = {**papers.work_of("inventory")[0], "calls_per_second": 20}
    function = small.stack.variant("collect-inventory", timeout_seconds=6)
    output = collect(small, line, function)
    assert output["more"], "the time was enough for the whole share"
    segments = [output]
    while segments[-1]["more"]:
        segments.append(collect(small, segments[-1]["next"], function))
    assert [segment["segment"] for segment in segments] == list(range(len(segments)))
    parts = []
    for segment in segments:
        evaluated = small.stack.invoke("evaluate-lifecycle", segment["evaluate"])
        # Whoever judges goes on in the next segment, until there is none.
        assert (evaluated.error, evaluated.output["more"]) == (None, segment["more"])
        assert evaluated.output["next"]["segment"] == segment["segment"] + segment["more"]
        document = papers.document(f"collected/00000-{segment['segment']:03}.json")
        # Manifests may be left to the next run, repositories may not.
        assert document["repositories_unread"] == 0
        parts.append(document["part"])
    _, names = papers.shares[0]
    assert sum(part["repositories"] for part in parts) == len(names)
    assert sum(part["images"] for part in parts) == IMAGES_OF_SMALL * len(names)


def test_where_no_region_may_be_listed_the_error_is_refused_and_left_in_the_store(small):
    small.registries.admin("faults", operation="DescribeRepositories", kind="access_denied", probability=1.0)
    event = discover_event()
    answer = small.stack.invoke("discover-repositories", event)
    assert answer.error == "Demurrage.Refused"
    assert "DescribeRepositories" in answer.message
    [failed] = [
        place for place in small.objects("runs/") if place.endswith(f"{run_name(event)}/failed/discover.json")
    ]
    assert small.document(failed)["failure"] == {"kind": "Refused", "message": answer.message}


def test_where_aws_throttles_until_the_time_is_up_the_error_is_throttled(small):
    small.registries.admin("faults", operation="DescribeRepositories", kind="throttled", probability=1.0)
    function = small.stack.variant("discover-repositories", timeout_seconds=4)
    one_region = small.registries.regions[:1]
    answer = small.stack.invoke("discover-repositories", discover_event(one_region), function)
    assert answer.error == "Demurrage.Throttled"


def test_a_document_that_somebody_has_changed_is_refused_as_damaged(small):
    papers = discovered(small)
    key = f"{small.prefix}/runs/{papers.run}/shares/00000.json"
    small.cloud.client("s3").put_object(Bucket=small.stack.bucket, Key=key, Body=b'{"account": 1}')
    assert small.stack.invoke("collect-inventory", papers.work_of("inventory")[0]).error == "Demurrage.Damaged"


def test_a_part_that_somebody_has_changed_is_refused_as_damaged(small):
    papers = discovered(small)
    line = papers.work_of("inventory")[0]
    output = collect(small, line)
    folder = f"inventories/{papers.inventory(line['region'])}/"
    [place] = [place for place in small.objects(folder) if place.endswith("images.parquet")]
    key = f"{small.prefix}/{place}"
    s3 = small.cloud.client("s3")
    whole = s3.get_object(Bucket=small.stack.bucket, Key=key)["Body"].read()
    middle = len(whole) // 2
    s3.put_object(
        Bucket=small.stack.bucket,
        Key=key,
        Body=whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
    )
    for function, event in {
        "evaluate-lifecycle": "evaluate",
        "compute-costs": "compute",
        "audit-immutability": "audit",
    }.items():
        assert small.stack.invoke(function, output[event]).error == "Demurrage.Damaged"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("event", [{}, {"run": "../../elsewhere"}, {"unknown": 1}, [], "text"], ids=repr)
def test_an_input_that_cannot_be_right_is_refused_by_name(small, function, event):
    answer = small.stack.invoke(function, event)
    assert answer.error == "Demurrage.BadInput"
    assert answer.message


def test_a_run_that_nobody_planned_is_refused_by_name(small):
    run = "20260101T000000Z-nowhere1"
    for function, event in {
        "collect-inventory": {
            "step": "inventory",
            "run": run,
            "share": 0,
            "account": "123456789012",
            "region": "eu-west-1",
            "calls_per_second": 5,
            "segment": 0,
            "from": 0,
        },
        "collect-workloads": {"run": run, "settle": True},
        "build-plan": {"run": run},
        "report-metrics": {"run": run},
    }.items():
        answer = small.stack.invoke(function, event)
        assert answer.error in ("Demurrage.BadInput", "Demurrage.Damaged"), (function, answer)


def test_a_share_that_was_not_read_is_judged_as_one_that_is_missing_and_nothing_is_written(small):
    papers = discovered(small)
    before = small.versions()
    part = {**papers.parts[0], "segment": 0, "from": 0}
    for function in ("evaluate-lifecycle", "compute-costs", "audit-immutability"):
        answer = small.stack.invoke(function, part)
        assert answer.error is None, (function, answer)
        assert (answer.output["status"], answer.output["more"]) == ("partial", False), function
    assert small.versions() == before


def test_where_nobody_came_back_the_barrier_puts_down_that_use_is_not_known(small):
    papers = discovered(small)
    known = papers.work_of("workloads")[0]
    assert small.stack.invoke("collect-workloads", known).error is None
    for _ in range(2):
        answer = small.stack.invoke("collect-workloads", {"run": papers.run, "settle": True})
        assert answer.error is None, answer
        assert answer.output["known"] + answer.output["unknown"] == len(small.registries.regions)
        assert answer.output["unknown"] >= len(small.registries.regions) - 1
    [other] = set(small.registries.regions) - {known["region"]}
    settled = papers.document(f"workloads/{ACCOUNT}-{other}.json")
    assert settled["sources"] and all(source["failure"] for source in settled["sources"])


def test_a_process_that_does_not_come_back_is_killed_at_its_time_limit_and_the_next_call_starts_anew(small):
    papers = discovered(small)
    line = papers.work_of("inventory")[0]
    function = small.stack.variant("collect-inventory", timeout_seconds=5)
    stopped = []

    def freeze(process_id):
        os.kill(process_id, signal.SIGSTOP)
        stopped.append(process_id)

    small.relay.when("DescribeImages", freeze, times=1)
    answer = small.stack.invoke("collect-inventory", line, function)
    assert answer.error == "Sandbox.Timedout"
    assert len(stopped) == 1
    assert not os.path.exists(f"/proc/{stopped[0]}")
    output = collect(small, line, function)
    assert (output["status"], output["more"]) == ("complete", False)


def test_a_killed_process_is_an_error_of_its_own_and_the_next_call_makes_the_share_whole(small):
    papers = discovered(small)
    line = papers.work_of("inventory")[0]
    small.relay.when("GetLifecyclePolicy", lambda process_id: os.kill(process_id, signal.SIGKILL), times=1)
    answer = small.stack.invoke("collect-inventory", line)
    assert answer.error == "Runtime.ExitError"
    output = collect(small, line)
    assert (output["status"], output["more"]) == ("complete", False)
    _, names = papers.shares[0]
    assert papers.document("collected/00000-000.json")["part"]["images"] == IMAGES_OF_SMALL * len(names)
