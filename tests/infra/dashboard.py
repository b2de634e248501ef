"""The metrics that the dashboard and the alarms look at, read from the translated template."""

import json
import re

import places

SEARCH = re.compile(
    r"""SEARCH\('\{(?P<namespace>[^,}]+),(?P<dimensions>[^}]+)\} MetricName="(?P<name>\w+)"', """
    r"""'(?P<statistic>\w+)', (?P<period>\d+)\)"""
)


# The dashboards, each with the file below infra/dashboards that it is written from.
DASHBOARDS = {"GovernanceDashboard": "overview", "CostDashboard": "cost", "SafetyDashboard": "safety"}
INDENT = " " * 8


def file(name):
    """Where the body of a dashboard is written."""
    return places.CHECKOUT / "infra" / "dashboards" / f"{DASHBOARDS[name]}.json"


def with_dashboards(written):
    """The text of the template with the bodies of the dashboards as their files have them.

    CloudFormation takes the body of a dashboard from no file, so it stands in the template as well.
    """
    for name in DASHBOARDS:
        lines = file(name).read_text(encoding="utf-8").splitlines()
        body = "".join(f"{INDENT}{line}\n" for line in lines)
        block = re.compile(rf"(^  {name}:\n(?: {{4}}.*\n)*? +DashboardBody: !Sub \|\n)(?: {{8}}.*\n)+", re.MULTILINE)
        written, times = block.subn(lambda found, body=body: found[1] + body, written)
        if times != 1:
            raise ValueError(f"{times} places for {name}")
    return written


def text(template, name):
    """The text of a dashboard, with references left as they are written."""
    return template["Resources"][name]["Properties"]["DashboardBody"]["Fn::Sub"]


def body(template, name):
    """The same as a value."""
    return json.loads(text(template, name))


def widgets(template):
    """The widgets of all dashboards."""
    return [widget for name in DASHBOARDS for widget in body(template, name)["widgets"]]


def metric_rows(widget):
    """The rows of a widget as (namespace, name, dimensions, statistic)."""
    for row in widget["properties"].get("metrics", []):
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            found = SEARCH.fullmatch(options["expression"])
            if not found:
                raise ValueError(f"not an expression that this understands: {options['expression']}")
            yield found["namespace"], found["name"], set(found["dimensions"].split(",")), found["statistic"]
        else:
            words = [word for word in row if isinstance(word, str)]
            statistic = options.get("stat", widget["properties"].get("stat"))
            yield words[0], words[1], set(words[2::2]), statistic


def dashboard_metrics(template):
    """All rows of the dashboards."""
    return [
        row
        for widget in widgets(template)
        if widget["type"] == "metric"
        for row in metric_rows(widget)
    ]


def alarms(template):
    """The alarms, as {logical id: properties}."""
    return {
        n: r["Properties"] for n, r in template["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"
    }


def alarm_metrics(template):
    """What each alarm looks at, as (namespace, name, dimensions, statistic)."""
    return [
        (
            alarm["Namespace"],
            alarm["MetricName"],
            {d["Name"] for d in alarm["Dimensions"]},
            alarm["Statistic"],
        )
        for alarm in alarms(template).values()
    ]
