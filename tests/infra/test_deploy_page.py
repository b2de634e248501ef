"""The page about deploying against what is deployed: what each permission is for, and the alarms."""

import re

import places
from dashboard import alarms
from permissions import actions, roles
from test_members import OF_THE_HUB

ROW = re.compile(r"^\| (`[a-z0-9]+:\w+`[^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def section(title):
    """A section of the page."""
    page = places.DEPLOY_PAGE.read_text(encoding="utf-8")
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def explained(contract):
    """What the table says that each function does: {function: actions}."""
    found = {name: [] for name in contract["functions"]}
    for listed, functions, reason in ROW.findall(section("What each permission is for")):
        assert len(reason.split()) > 1
        named = re.findall(r"`([a-z-]+)`", functions)
        if functions.startswith("all"):
            named = [name for name in found if name not in named]
        for name in named:
            found[name] += re.findall(r"`([a-z0-9]+:\w+)`", listed)
    return found


def test_it_says_of_each_action_of_each_function_what_it_is_for(contract):
    found = explained(contract)
    assert {name: sorted(listed) for name, listed in found.items()} == {
        name: sorted(function["actions"]) for name, function in contract["functions"].items()
    }


def test_it_explains_every_action_of_the_roles_of_other_accounts(member_account, contract):
    told = {action for listed in explained(contract).values() for action in listed}
    for role in roles(member_account).values():
        assert actions(role) <= told
        assert {action.split(":")[0] for action in actions(role)} & OF_THE_HUB == set()


def test_it_counts_the_alarms(template):
    assert f"There are {len(alarms(template))}, " in section("Alarms")
    cents = 10 * len(alarms(template))
    assert f"| alarms | {cents // 100}.{cents % 100:02} |" in section("What it costs")


def test_its_small_case_comes_before_the_organisation():
    page = places.DEPLOY_PAGE.read_text(encoding="utf-8")
    assert 0 < page.index("\n## From nothing to the first metrics") < page.index("\n## An organisation")


def test_the_commands_of_the_organisation_give_the_templates_their_parameters(member_account, member_region):
    given = re.findall(r"\$\(of_hub ([\w ]+)\)", section("An organisation"))
    for names, template in zip(given, (member_account, member_region), strict=True):
        needed = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
        assert needed == set(names.split())
