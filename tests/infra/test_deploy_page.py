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


def commands(title, command):
    """The commands of a kind in a section, each on one line."""
    text = section(title).replace("\\\n", " ")
    return re.findall(rf"^ *aws cloudformation {command} (.*)$", text, re.MULTILINE)


def words(command, function):
    """The arguments of a function of the shell in a command: the names of parameters."""
    return {name for names in re.findall(rf"\$\({function} ([\w ]+)\)", command) for name in names.split()}


def test_the_commands_of_the_organisation_give_the_templates_their_parameters(member_account, member_region):
    made = commands("An organisation", "create-stack-set")
    for command, template, name in zip(made, (member_account, member_region), ("account", "region"), strict=True):
        assert f"--stack-set-name demurrage-{name} --template-body file://member-{name}.yaml " in command
        needed = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
        assert words(command, "of_hub") == needed


def test_the_commands_that_let_plans_be_applied_change_that_and_keep_the_rest(member_account, member_region):
    made = commands("An organisation", "create-stack-set")
    changed = commands("An organisation", "update-stack-set")
    for before, command, template in zip(made, changed, (member_account, member_region), strict=True):
        given = words(before, "of_hub") | set(re.findall(r"\$\(parameter (\w+) ", before))
        assert words(command, "of_hub") == {"ApplyPlanRoleArn"}
        assert words(command, "same") == given
        assert given | {"ApplyPlanRoleArn"} <= template["Parameters"].keys()


def test_what_is_deployed_to_the_organisation_is_removed_with_it():
    sets = re.findall(r"--stack-set-name (\S+)", " ".join(commands("An organisation", "create-stack-set")))
    assert len(sets) == 2
    for command in ("delete-stack-instances", "delete-stack-set"):
        removed = re.findall(r"--stack-set-name (\S+)", " ".join(commands("Removing", command)))
        assert removed == sets[::-1], "in the other order"


def test_it_says_what_stays_when_the_stack_goes(template):
    kept = {
        resource["Type"] for resource in template["Resources"].values() if resource.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert kept == {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"}
    assert "**What remains** are the bucket, the ledger's table and the key of both" in section("Removing")
