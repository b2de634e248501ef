"""One run over two regions, started by the schedule: what it leaves is what one machine would have found."""

import datetime
import json

import pytest

import machine
import metrics
from cloud import ACCOUNT
from papers import canonical, papers_of
from programs import CHECKOUT, eventually
from tables import TABLES, count, fetch, naive_bytes, rows
from zips import OF_A_RUN

#: Findings by which a rule can do nothing (docs/METRICS.md).
IDLE_RULES = {"and-list", "never-acts", "shadowed"}

CONTRACT = json.loads((CHECKOUT / "infra" / "contract.json").read_text())


@pytest.fixture(scope="module")
def execution(whole):
    """The execution that the schedule started, when it has ended."""
    [arn] = eventually(
        lambda: machine.executions(whole.stack) or None, "the schedule starts a run", seconds=100
    )
    return machine.wait(whole.stack, arn, seconds=180)


@pytest.fixture(scope="module")
def calls(whole, execution):
    """The calls of ECR that the functions made in that run."""
    return whole.relay.calls()


@pytest.fixture(scope="module")
def papers(whole, execution):
    return papers_of(whole, execution)


@pytest.fixture(scope="module")
def collected(whole, execution):
    """The store of somebody who collects the same registries by hand."""
    return whole.desk.collect()


@pytest.fixture(scope="module")
def parts(whole, papers, folder):
    """The Parquet files that Athena is told of, by table and region, as files here."""
    bucket = whole.stack.bucket
    return {
        (table, region): fetch(whole.cloud, bucket, papers.athena_list(table, region), folder / "parts")
        for table in TABLES
        for region in whole.registries.regions
    }


def by_hand(collected, table, region):
    """The Parquet files of the inventory that was collected by hand."""
    [path] = [
        description.with_name(f"{table}.parquet")
        for description in collected.glob("inventories/*/inventory.json")
        if json.loads(description.read_text())["region"] == region
    ]
    return [path]


def test_the_schedule_starts_one_run_and_it_succeeds(whole, execution):
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.input == {}
    assert machine.executions(whole.stack) == [execution.arn]


def test_each_repository_of_both_regions_is_in_one_share(whole, papers):
    for region in whole.registries.regions:
        names = [name for its, names in papers.shares.values() if its == region for name in names]
        assert names == whole.registries.repository_names(region)
    assert 200 <= sum(len(names) for _, names in papers.shares.values())


def test_each_line_and_each_part_is_one_execution_that_ends_in_an_empty_output(whole, execution, papers):
    children = machine.all_children(whole.stack, execution.arn)
    assert canonical(line for line, _ in children) == canonical(papers.work + papers.parts)
    assert {(child["status"], child["output"]) for _, child in children} == {("SUCCEEDED", "{}")}
    for lines in (papers.work_of("inventory"), papers.parts):
        assert sorted(line["share"] for line in lines) == sorted(papers.shares)
    read = sorted(line["region"] for line in papers.work_of("workloads"))
    assert read == sorted(whole.registries.regions)
    assert 2 * len(whole.registries.regions) <= len(papers.parts)


def test_nothing_is_judged_before_everything_was_read_and_what_is_in_use_is_known(whole, execution):
    read = [
        child["stopDate"]
        for step in ("inventory", "workloads")
        for _, child in machine.children(whole.stack, execution.arn, step)
    ]
    judged = [child["startDate"] for _, child in machine.children(whole.stack, execution.arn)]
    assert max(read) <= min(judged)


@pytest.mark.parametrize("table", TABLES)
def test_the_parts_hold_what_one_machine_collects(whole, collected, parts, table):
    for region in whole.registries.regions:
        expected = rows(by_hand(collected, table, region))
        assert expected
        assert canonical(map(str, rows(parts[table, region]))) == canonical(map(str, expected)), region


def test_manifests_are_read_and_reading_leaves_no_trace(whole, execution, collected, parts):
    for region in whole.registries.regions:
        read = rows(
            parts["images", region], "SELECT count(manifest_read), max(last_recorded_pull_time) FROM {files}"
        )
        [(manifests, pulled)] = read
        assert 0 < manifests
        assert pulled is None or pulled < execution.started_at


def test_previews_of_the_service_of_its_bucket_and_of_one_machine_are_the_same(whole, papers, collected):
    at_the_desk = whole.desk.preview(collected, papers.now)
    assert any(preview["previewResults"] for preview in at_the_desk)
    assert whole.desk.preview(whole.store, papers.now) == at_the_desk
    by_the_service = [preview for region in whole.registries.regions for preview in papers.previews[region]]
    assert canonical(by_the_service) == canonical(at_the_desk)


def test_inventories_in_the_bucket_say_that_they_are_whole(whole, papers, parts):
    for region in whole.registries.regions:
        description = whole.document(f"inventories/{papers.inventory(region)}/inventory.json")
        assert (description["registry_id"], description["region"]) == (ACCOUNT, region)
        assert description["repositories_listing"] == "complete"
        assert description["repositories"] == len(whole.registries.repository_names(region))
        assert description["images"] == count(parts["images", region])
        listed = {key for table in TABLES for key in papers.athena_list(table, region)}
        stored = {key for key in whole.cloud.objects(whole.stack.bucket) if key.endswith(".parquet")}
        assert listed == {key for key in stored if f"/{papers.inventory(region)}/" in key}


def test_lint_previews_and_costs_of_one_machine_give_the_metrics_of_each_registry(
    whole, papers, collected, calls, parts
):
    for region in whole.registries.regions:
        previews = whole.desk.preview(collected, papers.now, region)
        lint = whole.desk.lint(collected, papers.now, region)
        expected = {
            "Repositories": (len(whole.registries.repository_names(region)), "Count"),
            "Images": (count(by_hand(collected, "images", region)), "Count"),
            "NaiveStoredBytes": (naive_bytes(by_hand(collected, "images", region)), "Bytes"),
            "RepositoriesWithEffectivePolicy": (effective(lint, previews), "Count"),
            "ImagesExpiringNext": (acted_on(previews, "EXPIRE"), "Count"),
            "ImagesArchivingNext": (acted_on(previews, "TRANSITION"), "Count"),
            "CallsMade": (sum(call.region == region for call in calls), "Count"),
            "CallsThrottled": (0, "Count"),
            "RepositoriesUnread": (0, "Count"),
            **metrics.of_costs(whole.desk.cost(collected, papers.now, region)),
            **metrics.of_audits(papers.audited(region), papers.findings(region)),
        }
        published = metrics.of_registry(whole.cloud, region)
        assert published == {name: {minute(papers.now): value} for name, value in expected.items()}
        assert 0 < expected["ImagesExpiringNext"][0] and 0 < expected["ImagesArchivingNext"][0]
        for name in ("StoredBytes", "ArchivedBytes", "StorageCost", "ReclaimableBytes", "ReclaimableCost"):
            [(value, _)] = published[name].values()
            assert 0 < value, name


def test_what_is_not_known_of_a_registry_has_no_metric(whole, papers):
    of_a_registry = {
        metric["name"]
        for metric in CONTRACT["metrics"]["metrics"]
        # A budget is broken by a push, and by no run.
        if metric["dimensions"] == ["Account", "Region"] and metric["name"] != "BudgetsBroken"
    }
    priced, unpriced = whole.registries.regions
    published = metrics.of_registry(whole.cloud, priced)
    of_uses = {"ImagesInUse", "ImagesInUseExpiring"}
    known = set(metrics.of_audits(papers.audited(priced), papers.findings(priced)))
    assert set(published) == of_a_registry - (of_uses - known)
    [(replication, _)] = published["ReplicationCost"].values()
    assert 0 < replication
    # It replicates to where there are no prices.
    known = set(metrics.of_audits(papers.audited(unpriced), papers.findings(unpriced)))
    of_the_unpriced = set(metrics.of_registry(whole.cloud, unpriced))
    assert of_the_unpriced == of_a_registry - {"ReplicationCost"} - (of_uses - known)
    assert papers.costs(unpriced)["replicationHighUsdPerMonth"] is None


def test_costs_of_the_service_of_its_bucket_and_of_one_machine_are_the_same(whole, papers, collected):
    for region in whole.registries.regions:
        at_the_desk = whole.desk.cost(collected, papers.now, region)
        assert whole.desk.cost(whole.store, papers.now, region) == at_the_desk
        assert [of_the_service(one) for one in papers.costed[region].values()] == [
            of_the_command(one) for one in at_the_desk["repositories"]
        ]
        said, total = papers.costs(region), at_the_desk["total"]
        assert (said["storedBytes"], said["archivedBytes"], said["storageUsdPerMonth"]) == (
            total["stored_bytes"],
            total["archived_bytes"],
            total["storage_usd_per_month"],
        )
        replicated = [one["name"] for one in at_the_desk["repositories"] if one["replication"]]
        assert replicated == [name for name in papers.costed[region] if name.startswith("team-000/")]
        assert 0 < len(replicated) < len(at_the_desk["repositories"])


def test_audits_are_of_every_repository_and_the_ledger_has_every_tag(whole, papers):
    for region in whole.registries.regions:
        names = whole.registries.repository_names(region)
        audited = papers.audited(region)
        assert list(audited) == names
        lines = papers.findings(region)
        of_repositories = [line for line in lines if line["repository"] is not None]
        assert {line["repository"] for line in of_repositories} <= set(names)
        found = sum(len(one["findings"]) + len(one["unevaluated"]) for one in audited.values())
        assert len(of_repositories) == found > 0
        assert any(line["repository"] is None for line in lines), "the registry itself is audited"
        tags = {
            (image["name"], tag): image["digest"]
            for image in whole.registries.images(region)
            for tag in image["tags"]
        }
        assert tags and whole.ledger.heads(region) == tags


def of_the_service(repository):
    """What a repository stores and what its policy frees, from a document of the run."""
    now = repository["now"]
    freed = [
        after and total(now) - total(after)
        for after in (repository["after_next_run"], repository["after_settled"])
    ]
    replicas = [(one["region"], one["registry"], one["low"], one["high"]) for one in repository["replication"]]
    inexact = repository["images_without_manifest"]
    return repository["name"], now["standard_bytes"], now["archived_bytes"], inexact, freed, replicas


def of_the_command(repository):
    """The same as the command says it."""
    lifecycle = repository["lifecycle"]
    freed = [
        lifecycle and lifecycle[name] for name in ("next_run_freed_bytes", "settled_freed_bytes")
    ]
    replicas = [
        (one["region"], one["registry"], one["low_usd_per_month"], one["high_usd_per_month"])
        for one in repository["replication"]
    ]
    stored, archived = repository["stored_bytes"], repository["archived_bytes"]
    return repository["name"], stored, archived, repository["images_without_manifest"], freed, replicas


def total(stored):
    return stored["standard_bytes"] + stored["archived_bytes"]


def test_the_price_list_of_the_run_is_in_the_bucket_and_is_that_of_the_command(whole, papers, collected):
    said = whole.desk.cost(collected, papers.now, whole.registries.regions[0])["prices"]
    kept = papers.document("prices.json")
    assert {name: kept[name] for name in said} == said


def acted_on(previews, action):
    """Images that the next run of the policies does this to."""
    return sum(
        result["action"]["type"] == action for preview in previews for result in preview["previewResults"]
    )


def effective(lint, previews):
    """Repositories with a policy that ECR accepts and of which a rule can act."""
    rules = {one["repositoryName"]: len(json.loads(one["lifecyclePolicyText"])["rules"]) for one in previews}
    number = 0
    for policy in lint:
        idle = {one["pointer"] for one in policy["findings"] if one["id"] in IDLE_RULES}
        [count_of_rules] = {rules[name] for name in policy["repositories"]}
        if policy["accepted"] and len(idle) < count_of_rules:
            number += len(policy["repositories"])
    return number


def minute(time):
    """The minute that a time is in: the times of CloudWatch's points."""
    return datetime.datetime.fromisoformat(time).replace(second=0, microsecond=0)


def test_metrics_of_the_deployment_say_how_the_run_went(whole, execution, papers):
    published = metrics.of_deployment(whole.cloud, whole.stack.name)
    [(seconds, unit)] = published.pop("RunDuration").values()
    assert unit == "Seconds"
    assert 0 < seconds <= 180
    # Everything else counts what went wrong.
    at = minute(papers.now)
    counted = {
        metric["name"]
        for metric in CONTRACT["metrics"]["metrics"]
        if metric["dimensions"] == ["Deployment"] and metric["unit"] == "Count"
    }
    assert {"SharesFailed", "Failures", "AllTagsMoved"} <= counted
    # No rule says what goes, so there is no plan that could have figures.
    counted -= {"PlanImages", "PlanGuardsTripped", "PlansWaiting"}
    [(broken, _)] = published.pop("AllPromisesBroken").values()
    counted.remove("AllPromisesBroken")
    assert broken == sum(
        one["breaks_promise"] for region in whole.registries.regions for one in papers.audited(region).values()
    )
    going = [
        one["images_in_use_going"]
        for region in whole.registries.regions
        for one in papers.audited(region).values()
    ]
    # That none goes is said where everything that uses images was read.
    if None in going:
        counted.remove("AllImagesInUseExpiring")
    assert published == {name: {at: (0, "Count")} for name in counted}


def test_what_is_in_use_is_read_for_each_registry_before_its_shares(whole, papers):
    for region in whole.registries.regions:
        read = papers.document(f"workloads/{ACCOUNT}-{region}.json")
        assert {"ecs", "lambda"} <= {source["source"] for source in read["sources"]}
        record = whole.document(read["record"].removeprefix(f"{whole.store}/"))
        assert (record["account"], record["region"]) == (ACCOUNT, region)
        assert len(record["uses"]) == read["uses"]
        failed = [source["source"] for source in read["sources"] if source["failure"]]
        [unread] = [one["unreadUses"] for one in papers.summary["registries"] if one["region"] == region]
        assert len(unread) == len(failed)


def test_the_summary_is_in_the_bucket_and_comes_by_mail(whole, execution, papers):
    assert execution.output["report"]["status"] == "complete"
    # No rule says what goes.
    assert execution.output["planned"] == {"hash": None, "mode": "observe", "admitted": False, "more": False}
    assert papers.summary_text.strip()
    assert {registry["region"] for registry in papers.summary["registries"]} == set(whole.registries.regions)
    [(subject, text)] = eventually(lambda: whole.mail_box.summaries(papers.run) or None, "the mail comes")
    assert subject.isascii() and len(subject) <= 100
    for region in whole.registries.regions:
        assert region in text
    assert not {name for namespace, name in whole.mail_box.alarms() if namespace == metrics.NAMESPACE}


def test_each_function_makes_the_calls_that_its_contract_names_and_no_others(whole, calls):
    for function in OF_A_RUN:
        allowed = {
            one.removeprefix("ecr:") for one in CONTRACT["functions"][function]["actions"] if "ecr:" in one
        }
        made = {call.operation for call in calls if call.function == whole.stack.function(function)}
        assert made == allowed, function


def test_the_schedule_is_the_only_trigger_and_nothing_lies_in_its_dead_letter_queue(whole, execution):
    queue = whole.stack.physical("ScheduleDeadLetterQueue")
    attributes = whole.cloud.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_the_next_run_reads_no_manifest_again(whole, execution, collected):
    whole.relay.forget_calls()
    again = machine.run(whole.stack)
    assert again.status == "SUCCEEDED", (again.error, again.cause)
    operations = [call.operation for call in whole.relay.calls()]
    assert operations.count("BatchGetImage") == 0
    assert operations.count("DescribeImages") == sum(
        len(names) for _, names in papers_of(whole, again).shares.values()
    )
    papers = papers_of(whole, again)
    assert whole.desk.preview(whole.store, papers.now) == whole.desk.preview(collected, papers.now)


def test_two_runs_at_the_same_time_do_not_disturb_each_other(whole, execution, collected):
    arns = [machine.start(whole.stack, name=name) for name in ("by-hand-1", "by-hand-2")]
    runs = [machine.wait(whole.stack, arn) for arn in arns]
    assert [run.status for run in runs] == ["SUCCEEDED", "SUCCEEDED"]
    for papers in (papers_of(whole, run) for run in runs):
        found = [preview for region in whole.registries.regions for preview in papers.previews[region]]
        assert canonical(found) == canonical(whole.desk.preview(collected, papers.now))


def test_a_run_about_settings_alone_looks_at_no_image_and_judges_every_repository(whole, execution):
    whole.relay.forget_calls()
    before = set(whole.objects("inventories/"))
    run = machine.run(whole.stack, {"settings_only": True})
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    asked = {call.operation for call in whole.relay.calls()}
    assert "DescribeRepositories" in asked
    assert not asked & {"DescribeImages", "ListImages", "BatchGetImage", "ListTagsForResource"}
    papers = papers_of(whole, run)
    children = machine.all_children(whole.stack, run.arn)
    assert sorted(line["region"] for line, _ in children) == sorted(whole.registries.regions)
    assert {line["step"] for line, _ in children} == {"settings"}
    for region in whole.registries.regions:
        judged = papers.document(f"settings/{ACCOUNT}-{region}.json")["repositories"]
        assert [one["name"] for one in judged] == whole.registries.repository_names(region)
        assert any(one["findings"] for one in judged)
    assert papers.summary["settingsOnly"] is True
    assert set(whole.objects("inventories/")) == before
