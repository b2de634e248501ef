"""What other accounts and regions get: two roles, each with what its callers need and no more, and a rule."""

import json

import pytest

import places
from permissions import actions, as_list, is_everything, resource_formats, resources, roles, statements, text
from permissions import NEWER_THAN_THE_REFERENCE, NOT_NARROWED
from test_permissions import OPTED_IN, READS, WRITES

# What is about the hub and not about the account that is read.
OF_THE_HUB = {"cloudwatch", "dynamodb", "kms", "logs", "organizations", "s3", "sns", "sqs", "states", "sts"}
READERS = ["DiscoverRepositories", "CollectInventory", "CollectWorkloads", "OnImagePush"]


def about_the_account(contract, variable):
    """What the functions with a variable of the environment do in the account that they are about."""
    return {
        action
        for function in contract["functions"].values()
        if variable in function["environment"]
        for action in function["actions"]
        if action.split(":")[0] not in OF_THE_HUB
    }


def test_the_reading_role_may_do_what_the_functions_read_and_nothing_else(member_account, contract):
    wanted = about_the_account(contract, "DEMURRAGE_READ_ROLE") - WRITES
    assert len(wanted) > 30
    assert actions(roles(member_account)["ReadRole"]) == wanted


def test_the_applying_role_may_do_what_apply_plan_does_with_a_registry_and_nothing_else(
    member_account, contract
):
    wanted = about_the_account(contract, "DEMURRAGE_APPLY_ROLE")
    of_ecr = {action for action in wanted if action.startswith("ecr:")}
    assert of_ecr >= WRITES
    assert actions(roles(member_account)["ApplyRole"]) == of_ecr


def test_in_another_account_only_repositories_that_opted_in_are_changed(member_account):
    writing = [
        (name, statement)
        for name, role in roles(member_account).items()
        for statement in statements(role)
        if any(not a.startswith(READS) for a in as_list(statement["Action"]) if a.startswith("ecr:"))
    ]
    ((name, statement),) = writing
    assert name == "ApplyRole"
    assert (set(as_list(statement["Action"])), statement["Condition"]) == (WRITES, OPTED_IN)
    assert resources(statement) == ["arn:${AWS::Partition}:ecr:*:${AWS::AccountId}:repository/*"]


def trust(template, role):
    """Who may take on a role, and under which condition."""
    (statement,) = roles(template)[role]["AssumeRolePolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
    return statement["Principal"], statement.get("Condition")


WITH_EXTERNAL_ID = {
    "Fn::If": [
        "ExternalIdGiven",
        {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
        {"Ref": "AWS::NoValue"},
    ]
}


def test_the_reading_role_trusts_the_functions_that_read(member_account):
    applying = {"Fn::If": ["PlansAreApplied", {"Ref": "ApplyPlanRoleArn"}, {"Ref": "AWS::NoValue"}]}
    principals = [{"Ref": f"{name}RoleArn"} for name in READERS]
    assert trust(member_account, "ReadRole") == ({"AWS": [*principals, applying]}, WITH_EXTERNAL_ID)


def test_the_applying_role_trusts_apply_plan_alone_and_is_not_there_unless_somebody_wants_it(member_account):
    assert trust(member_account, "ApplyRole") == ({"AWS": {"Ref": "ApplyPlanRoleArn"}}, WITH_EXTERNAL_ID)
    assert member_account["Resources"]["ApplyRole"]["Condition"] == "PlansAreApplied"
    assert member_account["Conditions"]["PlansAreApplied"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "ApplyPlanRoleArn"}, ""]}]
    }
    assert member_account["Parameters"]["ApplyPlanRoleArn"]["Default"] == ""


def test_the_functions_that_take_on_the_reading_role_are_those_that_it_trusts(contract):
    taking = {
        name for name, one in contract["functions"].items() if "DEMURRAGE_READ_ROLE" in one["environment"]
    }
    trusted = {"discover-repositories", "collect-inventory", "collect-workloads", "on-image-push", "apply-plan"}
    assert taking == trusted


def test_the_boundary_is_on_the_reading_role_and_takes_nothing_that_it_needs(member_account):
    bounded = {name: role.get("PermissionsBoundary") for name, role in roles(member_account).items()}
    assert bounded == {"ReadRole": {"Ref": "ReadingBoundary"}, "ApplyRole": None}
    allowed = member_account["Resources"]["ReadingBoundary"]["Properties"]["PolicyDocument"]["Statement"][0]
    patterns = [pattern.rstrip("*") for pattern in allowed["Action"]]
    assert [a for a in actions(roles(member_account)["ReadRole"]) if not a.startswith(tuple(patterns))] == []


@pytest.mark.parametrize("which", ["member_account", "member_region"])
def test_a_member_narrows_every_resource_where_iam_has_one_and_no_action_has_a_wildcard(request, which):
    for role in roles(request.getfixturevalue(which)).values():
        for statement in statements(role):
            assert statement["Effect"] == "Allow"
            for action in as_list(statement["Action"]):
                assert "*" not in action
                if any(is_everything(resource) for resource in resources(statement)):
                    known = action in NEWER_THAN_THE_REFERENCE or action in NOT_NARROWED
                    assert known or resource_formats(action) == [], action


def test_the_names_of_the_roles_are_those_that_the_hub_takes_on(template, member_account, member_region):
    for name in ("ReadRoleName", "ApplyRoleName", "ExternalId"):
        for other in (member_account, member_region):
            if name in other["Parameters"]:
                assert other["Parameters"][name]["Default"] == template["Parameters"][name]["Default"]
                assert (
                    other["Parameters"][name]["AllowedPattern"] == template["Parameters"][name]["AllowedPattern"]
                )
    assert roles(member_account)["ReadRole"]["RoleName"] == {"Ref": "ReadRoleName"}
    assert roles(member_account)["ApplyRole"]["RoleName"] == {"Ref": "ApplyRoleName"}


def test_a_region_sends_events_to_the_bus_of_the_hub_by_a_role_that_can_do_nothing_else(member_region):
    (target,) = member_region["Resources"]["EcrEventsRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "EventBusArn"}
    assert target["RoleArn"] == {"Fn::GetAtt": ["ForwardingRole", "Arn"]}
    role = roles(member_region)["ForwardingRole"]
    (statement,) = statements(role)
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", {"Ref": "EventBusArn"})
    assert [s["Principal"] for s in role["AssumeRolePolicyDocument"]["Statement"]] == [
        {"Service": "events.amazonaws.com"}
    ]


@pytest.mark.parametrize(
    "name, condition, in_the_hub, elsewhere",
    [
        ("ReadingPullTimeExclusion", "ExclusionsAreWanted", "CollectInventoryRoleArn", "ReadRoleName"),
        ("ApplyingPullTimeExclusion", "ApplyingIsExcluded", "ApplyPlanRoleArn", "ApplyRoleName"),
        ("EventPullTimeExclusion", "EventsAreExcluded", "OnImagePushRoleArn", None),
    ],
)
def test_who_reads_manifests_in_a_region_is_excluded_there(member_region, name, condition, in_the_hub, elsewhere):
    exclusion = member_region["Resources"][name]
    assert (exclusion["Type"], exclusion["Condition"]) == ("AWS::ECR::PullTimeUpdateExclusion", condition)
    principal = exclusion["Properties"]["PrincipalArn"]
    if elsewhere is None:
        assert principal == {"Ref": in_the_hub}
    else:
        is_hub, hub, member = principal["Fn::If"]
        assert (is_hub, hub) == ("IsTheHub", {"Ref": in_the_hub})
        assert text(member) == f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/${{{elsewhere}}}"


@pytest.mark.parametrize("which", ["member_account", "member_region"])
def test_what_a_stack_set_needs_is_there(request, which):
    """No transform, no export, nothing of the account written down, and every parameter says what it is."""
    template = request.getfixturevalue(which)
    assert "Transform" not in template
    assert [output for output in template["Outputs"].values() if "Export" in output] == []
    assert all(parameter["Description"] for parameter in template["Parameters"].values())
    path = places.MEMBER_ACCOUNT if which == "member_account" else places.MEMBER_REGION
    # Far below the 51,200 bytes that CloudFormation takes without a bucket.
    assert len(path.read_bytes()) < 40_000
    assert "123456789012" not in json.dumps(template)
