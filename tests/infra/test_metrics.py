"""The dashboard and the alarms against the metrics that the functions put."""

import os
import re

import pytest

import places
from dashboard import (
    DASHBOARDS,
    alarm_metrics,
    alarms,
    body,
    dashboard_metrics,
    metric_rows,
    widgets,
    with_dashboards,
)

# AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm, `Period`, read on 24 November 2026.
HOUR_SECONDS = 3600
LONGEST_OF_SHORT_PERIODS_SECONDS = 86_400
LONGEST_SECONDS = 604_800
RUN_METRICS = "AWS/States"
# A custom metric a month, each of the first 10,000 of an account: price list of us-east-1, September 2026.
METRIC_CENTS = 30


@pytest.fixture(scope="session")
def catalogue(contract):
    """The metrics of the contract, as {name: metric}."""
    return {metric["name"]: metric for metric in contract["metrics"]["metrics"]}


def ours(rows, contract):
    """The rows of our own namespace."""
    return [row for row in rows if row[0] == contract["metrics"]["namespace"]]


def test_the_dashboard_and_alarms_look_at_metrics_that_exist_in_the_way_that_they_are_meant(
    template, contract, catalogue
):
    rows = ours(dashboard_metrics(template) + alarm_metrics(template), contract)
    for _, name, dimensions, statistic in rows:
        assert name in catalogue
        assert (name, dimensions) == (name, set(catalogue[name]["dimensions"]))
        assert (name, statistic) == (name, catalogue[name]["statistic"])


def test_the_template_has_the_dashboards_as_their_files_have_them():
    """Where it has not, `UPDATE_DASHBOARDS=1` beside the command of the tests writes them into it."""
    written = places.TEMPLATE.read_text(encoding="utf-8")
    if "UPDATE_DASHBOARDS" in os.environ:
        written = with_dashboards(written)
        places.TEMPLATE.write_text(written, encoding="utf-8")
    assert with_dashboards(written) == written


def test_a_dashboard_that_was_changed_in_the_template_alone_is_found():
    written = places.TEMPLATE.read_text(encoding="utf-8")
    changed = written.replace('"title": "Runs"', '"title": "All runs"')
    assert changed != written
    assert with_dashboards(changed) == written


def test_there_are_the_dashboards_that_there_are_files_for(template):
    there = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::CloudWatch::Dashboard"]
    assert sorted(there) == sorted(DASHBOARDS)
    files = (places.CHECKOUT / "infra" / "dashboards").glob("*")
    assert sorted(path.stem for path in files) == sorted(DASHBOARDS.values())


def test_every_metric_is_on_a_dashboard_once(template, contract, catalogue):
    assert sorted(name for _, name, _, _ in ours(dashboard_metrics(template), contract)) == sorted(catalogue)


def test_the_dashboard_and_alarms_use_no_namespace_but_ours_and_those_of_aws(template, contract):
    namespaces = {row[0] for row in dashboard_metrics(template) + alarm_metrics(template)}
    assert namespaces == {contract["metrics"]["namespace"], RUN_METRICS, "AWS/Events", "AWS/SQS"}


def test_every_metric_has_the_statistic_that_a_retry_does_not_change(contract):
    assert {metric["statistic"] for metric in contract["metrics"]["metrics"]} == {"Maximum"}


def test_a_widget_has_figures_of_one_unit_and_dollars_are_called_so(template, contract, catalogue):
    dollars = []
    for widget in widgets(template):
        names = [name for _, name, _, _ in ours(metric_rows(widget), contract)]
        units = {catalogue[name]["unit"] for name in names}
        assert len(units) <= 1, widget["properties"]["title"]
        # CloudWatch has no unit for money, so the axis has to say it.
        label = widget["properties"].get("yAxis", {}).get("left", {}).get("label")
        assert (label == "USD a month") == (units == {"None"}), names
        dollars += names if units == {"None"} else []
    assert sorted(dollars) == ["ReclaimableCost", "ReplicationCost", "StorageCost"]


def test_the_page_about_deploying_reckons_with_the_metrics_that_there_are(contract):
    page = (places.CHECKOUT / "docs" / "DEPLOY.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| metrics \| (\S+) and (\S+) for each", page, re.MULTILINE)
    dimensions = [metric["dimensions"] for metric in contract["metrics"]["metrics"]]
    cents = [dimensions.count(of) * METRIC_CENTS for of in (["Deployment"], ["Account", "Region"])]
    assert list(row) == [f"{c // 100}.{c % 100:02}" for c in cents]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_widgets_fit_the_page_and_do_not_lie_on_each_other(template, name):
    taken = set()
    for widget in body(template, name)["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_ids_of_expressions_are_their_own(template, name):
    rows = [
        row[0]["id"]
        for w in body(template, name)["widgets"]
        for row in w["properties"].get("metrics", [])
        if len(row) == 1
    ]
    assert len(rows) == len(set(rows)) > 0


def test_every_alarm_is_on_the_dashboard(template):
    shown = [
        arn for w in widgets(template) if w["type"] == "alarm" for arn in w["properties"]["alarms"]
    ]
    assert sorted(shown) == sorted(f"${{{name}.Arn}}" for name in alarms(template))


def test_every_alarm_tells_the_topic_and_says_what_is_wrong(template):
    for name, alarm in alarms(template).items():
        assert alarm["AlarmActions"] == [{"Ref": "ReportTopic"}], name
        assert alarm["AlarmDescription"], name


def test_no_alarm_looks_back_farther_than_cloudwatch_does(template):
    for name, alarm in alarms(template).items():
        periods = alarm["EvaluationPeriods"]
        if isinstance(periods, dict):
            periods = template["Parameters"][periods["Ref"]]["MaxValue"]
        longest = LONGEST_SECONDS if alarm["Period"] >= HOUR_SECONDS else LONGEST_OF_SHORT_PERIODS_SECONDS
        assert alarm["Period"] % 60 == 0, name
        assert alarm["Period"] * periods <= longest, name


@pytest.mark.parametrize("machine", ["GovernanceStateMachine", "ApplyStateMachine"])
def test_every_bad_end_of_a_state_machine_raises_an_alarm(template, machine):
    ends = ["ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut"]
    watched = [
        alarm
        for alarm in alarms(template).values()
        if alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
    ]
    assert sorted(alarm["MetricName"] for alarm in watched) == ends
    for alarm in watched:
        assert alarm["Namespace"] == RUN_METRICS
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert (alarm["Statistic"], alarm["Threshold"], alarm["TreatMissingData"]) == (
            "Sum",
            0,
            "notBreaching",
        )


def test_runs_of_every_hour_that_fail_are_one_alarm_that_stays_raised(template):
    alarm = alarms(template)["RunFailedAlarm"]
    assert template["Parameters"]["SettingsScheduleExpression"]["Default"] == "rate(1 hour)"
    # Two hours, whatever minute the run starts in: the hour before has a failure until this one has its own.
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (HOUR_SECONDS, 2, 1)


def test_hours_in_which_the_schedule_starts_nothing_raise_an_alarm_and_missing_data_is_such_an_hour(template):
    alarm = alarms(template)["NoRunAlarm"]
    # Not the starts of the state machine: runs that look at settings alone are among these.
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": "ScheduleRule"}}]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == ("Invocations", "Sum", HOUR_SECONDS)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    # Without a number of its own, every one of the periods has to be breaching.
    assert "DatapointsToAlarm" not in alarm
    assert template["Parameters"]["NoRunAlarmHours"]["Default"] == 26
    assert alarm["ActionsEnabled"] == {"Fn::If": ["ScheduleIsOn", True, False]}


def test_alarms_on_our_metrics_find_a_value_that_comes_as_late_as_a_run_can_take(template, contract):
    longest_run = template["Parameters"]["RunTimeoutSeconds"]["Default"]
    found = [a for a in alarms(template).values() if a["Namespace"] == contract["metrics"]["namespace"]]
    assert sorted(alarm["MetricName"] for alarm in found) == [
        "AllImagesInUseExpiring",
        "AllPromisesBroken",
        "AllQuotasNear",
        "AllTagsMoved",
        "Failures",
        "PlanGuardsTripped",
        "PlansWaiting",
        "RunCallsThrottled",
        "SharesFailed",
    ]
    for alarm in found:
        assert alarm["Period"] * alarm["EvaluationPeriods"] > longest_run
        assert (alarm["DatapointsToAlarm"], alarm["TreatMissingData"]) == (1, "notBreaching")


@pytest.mark.parametrize(
    "name, queue",
    [
        ("ScheduleDeadLetterAlarm", "ScheduleDeadLetterQueue"),
        ("EventsFailingAlarm", "EventDeadLetterQueue"),
    ],
)
def test_a_message_in_a_dead_letter_queue_raises_an_alarm(template, name, queue):
    alarm = alarms(template)[name]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": [queue, "QueueName"]}
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
