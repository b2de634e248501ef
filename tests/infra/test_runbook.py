"""The runbook against the alarms: a section for each, with what to do, and no section without an alarm."""

import re

import pytest

import places
from dashboard import alarms
from translate import read_template

NAMES = sorted(
    name
    for name, resource in read_template(places.TEMPLATE)["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
)


def sections():
    """The sections of the runbook, by their headings."""
    page = places.RUNBOOK.read_text(encoding="utf-8")
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))


def test_there_is_a_section_for_each_alarm_and_an_alarm_for_each_section():
    assert sorted(sections()) == NAMES
    assert len(NAMES) > 15


@pytest.mark.parametrize("name", NAMES)
def test_a_section_says_what_it_means_what_to_look_at_how_to_mend_and_how_to_silence(name):
    section = sections()[name]
    for step in ("**It means**", "**Look at**", "**Mend", "**Silence"):
        assert section.count(step) == 1, step


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_says_where_its_section_is(template, name):
    description = alarms(template)[name]["AlarmDescription"]["Fn::Sub"]
    assert description.endswith(f". Runbook: ${{Runbook}}#{name.lower()}")


def test_the_outputs_that_the_commands_ask_for_are_there(template):
    page = places.RUNBOOK.read_text(encoding="utf-8") + places.DEPLOY_PAGE.read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\(output (\w+)\)", page))
    assert len(asked) > 5
    assert asked - template["Outputs"].keys() == set()


def test_the_parameters_that_it_names_are_there(sam_template, template):
    page = places.RUNBOOK.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]\w+)(?:=\w+)?`", page))
    known = sam_template["Parameters"].keys() | template["Outputs"].keys()
    # What else is written so: calls of AWS, metrics, attributes of messages.
    others = {"StopExecution", "CallsThrottled", "SharesFailed", "DescribeImages", "BatchGetImage"}
    assert named - known - others - {"IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "DISABLED"} - {
        "ERROR_CODE",
        "ERROR_MESSAGE",
    } == set()


def test_links_within_it_lead_to_sections():
    page = places.RUNBOOK.read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(#(\w+)\)", page))
    assert links and links <= {name.lower() for name in NAMES}
