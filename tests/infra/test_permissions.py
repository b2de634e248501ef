"""Each role may do what its owner needs, and nothing else."""

import copy
import json

import pytest

from fnmatch import fnmatchcase

from policy_sentry.querying.actions import get_actions_with_access_level

from permissions import (
    LOGGING,
    NEWER_THAN_THE_REFERENCE,
    NOT_NARROWED,
    actions,
    as_list,
    conditional_statements,
    is_everything,
    resource_formats,
    resources,
    role_of_function,
    roles,
    statements,
    text,
)

FUNCTIONS = [
    "discover-repositories",
    "collect-workloads",
    "collect-inventory",
    "evaluate-lifecycle",
    "compute-costs",
    "audit-immutability",
    "report-metrics",
    "on-image-push",
    "build-plan",
    "apply-plan",
]
# What Lambda does with the role of a function that events call: it puts what failed into the queue, which is encrypted as
# the topic is.
DESTINATION = {"on-image-push": {"kms:GenerateDataKey", "sqs:SendMessage"}}


def all_statements(template):
    """The statements of all roles, each as (logical id of the role, statement)."""
    return [(name, statement) for name, role in roles(template).items() for statement in statements(role)]


def test_the_functions_here_are_those_of_the_contract(contract):
    assert sorted(FUNCTIONS) == sorted(contract["functions"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_the_contract_lists_and_write_its_log(template, contract, function):
    assert (
        actions(role_of_function(template, function))
        == set(contract["functions"][function]["actions"]) | LOGGING | DESTINATION.get(function, set())
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reaches_the_objects_of_the_store_and_no_others(template, contract, function):
    writes = contract["functions"][function]["trigger"] in ("run", "hand")
    reached = "${StoreBucket.Arn}/${StorePrefix}/" + ("*" if writes else "demurrage.toml")
    for statement in statements(role_of_function(template, function)):
        of_objects = {action for action in as_list(statement["Action"]) if action.startswith("s3:")} - {
            "s3:ListBucket"
        }
        if of_objects:
            assert resources(statement) == [reached]
            assert "s3:DeleteObject" not in of_objects
        elif "s3:ListBucket" in as_list(statement["Action"]):
            # A condition on the prefix would turn "not found" into "forbidden".
            assert (resources(statement), statement.get("Condition")) == (["${StoreBucket.Arn}"], None)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_the_log_that_it_is_configured_with(template, function):
    found = next(
        r["Properties"]
        for r in template["Resources"].values()
        if r["Type"] == "AWS::Lambda::Function" and text(r["Properties"]["FunctionName"]).endswith(function)
    )
    log = text(found["LoggingConfig"]["LogGroup"]).removesuffix("}")
    role = role_of_function(template, function)
    written = [s for s in statements(role) if set(as_list(s["Action"])) == LOGGING]
    assert [resources(statement) for statement in written] == [[f"{log}.Arn}}"]]


READS = ("ecr:Describe", "ecr:BatchGetImage", "ecr:Get", "ecr:List")
# What the one function may do to a repository that opted in.
WRITES = {
    "ecr:BatchDeleteImage",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:UpdateImageStorageClass",
}
OPTED_IN = {"StringEquals": {"aws:ResourceTag/demurrage": "enforce"}}


def writes_of_ecr(template):
    """The statements that let something change a registry, as (logical id of the role, statement, actions)."""
    found = []
    for name, statement in all_statements(template):
        of_ecr = {action for action in as_list(statement["Action"]) if action.startswith("ecr:")}
        writing = {action for action in of_ecr if not action.startswith(READS)}
        if writing:
            found.append((name, statement, writing))
    return found


def test_one_role_changes_registries_and_only_repositories_that_opted_in(template):
    ((name, statement, writing),) = writes_of_ecr(template)
    assert (name, writing) == ("ApplyPlanRole", WRITES)
    assert statement["Condition"] == OPTED_IN
    # A condition is of the whole statement: nothing else may hide in it.
    assert set(as_list(statement["Action"])) == WRITES
    assert resources(statement) == ["arn:${AWS::Partition}:ecr:*:${AWS::AccountId}:repository/*"]


def test_a_role_that_may_write_as_well_is_found(template):
    changed = copy.deepcopy(template)
    for statement in statements(role_of_function(changed, "collect-inventory")):
        if "ecr:BatchGetImage" in as_list(statement["Action"]):
            statement["Action"].append("ecr:BatchDeleteImage")
    assert [name for name, _, _ in writes_of_ecr(changed)] != ["ApplyPlanRole"]


def callers(template, name):
    """The logical ids of roles that may do something to a resource, by name."""
    return sorted(logical for logical, role in roles(template).items() if f'"{name}"' in json.dumps(role))


def test_what_may_write_is_called_by_the_machine_that_applies_and_by_nothing_else(template, definition_text):
    assert "ApplyPlan" not in definition_text
    assert callers(template, "ApplyPlanFunction") == ["ApplyMachineRole"]
    named = [
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] != "AWS::IAM::Role"
        and name != "ApplyPlanFunction"
        and '"ApplyPlanFunction"' in json.dumps(resource)
    ]
    # No rule, schedule or permission beside the machine.
    assert named == ["ApplyStateMachine"]


def test_runs_start_that_machine_in_mode_enforce_alone_and_approvers_in_any(template):
    starting = [
        (name, condition)
        for name, role in roles(template).items()
        for condition, statement in conditional_statements(role)
        if "states:StartExecution" in as_list(statement["Action"])
        and resources(statement) == ["${ApplyStateMachine}"]
    ]
    assert starting == [("GovernanceRole", "GovernanceMayApply")]
    assert template["Conditions"]["GovernanceMayApply"] == {"Fn::Equals": [{"Ref": "Mode"}, "enforce"]}
    assert template["Parameters"]["Mode"]["Default"] == "observe"
    targets = [r for r in template["Resources"].values() if r["Type"] == "AWS::Events::Rule"]
    assert "ApplyStateMachine" not in json.dumps(targets)


def test_approvers_start_the_machine_that_applies_read_plans_and_stop_everything(template):
    policy = template["Resources"]["ApproversPolicy"]["Properties"]
    assert policy.keys() & {"Roles", "Users", "Groups"} == set()
    allowed = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow" and statement["Resource"] != "*"
        for action in as_list(statement["Action"]):
            assert "*" not in action
            allowed.setdefault(action, set()).update(resources(statement))
    store = "${StoreBucket.Arn}/${StorePrefix}"
    assert allowed.pop("states:StartExecution") == {"${ApplyStateMachine}"}
    assert allowed.pop("s3:PutObject") == {f"{store}/stops/*"}
    assert allowed.pop("s3:GetObject") == {
        f"{store}/{what}" for what in ("deployment.json", "journals/*", "plans/*", "stops/*")
    }
    assert sorted(allowed) == ["kms:Decrypt", "kms:GenerateDataKey", "s3:ListBucket", "states:DescribeExecution"]


def test_only_the_functions_that_read_or_change_registries_may_ask_ecr(template):
    asking = {
        function
        for function in FUNCTIONS
        if any(action.startswith("ecr:") for action in actions(role_of_function(template, function)))
    }
    assert asking == {"discover-repositories", "collect-inventory", "on-image-push", "apply-plan"}


def test_the_ledger_is_reached_by_those_that_teach_it_and_nothing_of_it_can_be_deleted(template):
    reached = {}
    for name, statement in all_statements(template):
        if any(action.startswith("dynamodb:") for action in as_list(statement["Action"])):
            reached.setdefault(name, set()).update(as_list(statement["Action"]))
    assert reached.keys() == {"AuditImmutabilityRole", "OnImagePushRole", "ApplyPlanRole"}
    for name, statement in all_statements(template):
        if any(action.startswith("dynamodb:") for action in as_list(statement["Action"])):
            assert resources(statement) == ["${LedgerTable.Arn}"], name
    for done in reached.values():
        assert done & {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:Scan"} == set()


def test_who_applies_a_plan_writes_nothing_into_the_ledger_but_its_lease(template):
    lease = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["demurrage/leases"]}}
    conditions = {
        action: statement.get("Condition")
        for statement in statements(role_of_function(template, "apply-plan"))
        for action in as_list(statement["Action"])
        if action.startswith("dynamodb:")
    }
    assert conditions == {"dynamodb:Query": None, "dynamodb:GetItem": lease, "dynamodb:PutItem": lease}


def test_what_an_event_calls_sends_to_its_queue_and_to_no_other(template):
    sends = [
        (name, resources(statement))
        for name, statement in all_statements(template)
        if "sqs:SendMessage" in as_list(statement["Action"])
    ]
    assert sends == [("OnImagePushRole", ["${EventDeadLetterQueue.Arn}"])]


def test_no_role_has_an_action_with_a_wildcard_or_an_exception(template):
    for name, statement in all_statements(template):
        assert statement["Effect"] == "Allow", name
        assert statement.keys() & {"NotAction", "NotResource"} == set(), name
        assert [action for action in as_list(statement["Action"]) if "*" in action] == [], name


def wide_open(template):
    """Actions that are allowed on everything although IAM could narrow them, or that nobody knows."""
    found = []
    for name, statement in all_statements(template):
        if not any(is_everything(resource) for resource in resources(statement)):
            continue
        for action in as_list(statement["Action"]):
            is_known = action in NEWER_THAN_THE_REFERENCE or action in NOT_NARROWED
            if not is_known and resource_formats(action) != []:
                found.append((name, action))
    return found


def test_every_resource_is_narrowed_where_iam_has_one(template):
    assert wide_open(template) == []


def test_an_open_resource_is_found(template):
    changed = copy.deepcopy(template)
    for statement in statements(role_of_function(changed, "collect-inventory")):
        if "ecr:BatchGetImage" in as_list(statement["Action"]):
            statement["Resource"] = "*"
    assert ("CollectInventoryRole", "ecr:BatchGetImage") in wide_open(changed)


def test_every_action_is_one_that_iam_knows(template):
    unknown = {
        action
        for role in roles(template).values()
        for action in actions(role)
        if resource_formats(action) is None
    }
    # Once the reference knows one of these, it has to be taken off the list.
    assert unknown == NEWER_THAN_THE_REFERENCE.keys()


def test_metrics_are_put_into_the_namespace_of_the_service_only(template, contract):
    puts = [s for _, s in all_statements(template) if "cloudwatch:PutMetricData" in as_list(s["Action"])]
    namespace = contract["metrics"]["namespace"]
    wanted = {"StringEquals": {"cloudwatch:namespace": namespace}}
    assert [s["Condition"] for s in puts] == [wanted, wanted]


@pytest.mark.parametrize(
    "role, machine, labels, called",
    [
        ("GovernanceRole", "GovernanceStateMachine", ["Collect", "Judge"], None),
        ("ApplyMachineRole", "ApplyStateMachine", ["Parts"], ["ApplyPlanFunction"]),
    ],
)
def test_a_state_machine_calls_its_functions_and_itself(template, role, machine, labels, called):
    allowed = {}
    for condition, statement in conditional_statements(roles(template)[role]):
        if condition is None:
            for action in as_list(statement["Action"]):
                allowed[action] = allowed.get(action, []) + resources(statement)
    if called is None:
        functions = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::Lambda::Function"]
        called = [name for name in functions if name not in ("OnImagePushFunction", "ApplyPlanFunction")]
    assert sorted(allowed["lambda:InvokeFunction"]) == sorted(f"${{{name}.Arn}}" for name in called)
    name = template["Resources"][machine]["Properties"]["StateMachineName"]["Fn::Sub"]
    here = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
    assert allowed["states:StartExecution"] == [f"{here}:stateMachine:{name}"]
    children = [f"{here}:execution:{name}:*", *(f"{here}:execution:{name}/{label}:*" for label in labels)]
    assert allowed["states:DescribeExecution"] == allowed["states:StopExecution"] == children


def test_the_state_machine_reads_work_and_writes_results_that_no_function_can_read(template, definition):
    prefix = template["Resources"]["GovernanceStateMachine"]["Properties"]["DefinitionSubstitutions"][
        "ResultsPrefix"
    ]
    objects = {}
    for statement in statements(roles(template)["GovernanceRole"]):
        for action in as_list(statement["Action"]):
            if action.startswith("s3:"):
                objects.setdefault(action, set()).update(resources(statement))
    work, results = "${StoreBucket.Arn}/${StorePrefix}/runs/*", f"${{StoreBucket.Arn}}/{prefix}/*"
    assert objects["s3:GetObject"] == {work, results}
    assert objects["s3:PutObject"] == {results}
    for function in FUNCTIONS:
        readable = [r for s in statements(role_of_function(template, function)) for r in resources(s)]
        assert results not in readable and "${StoreBucket.Arn}/*" not in readable
    maps = [state for state in definition["States"].values() if state["Type"] == "Map"]
    assert maps and all(state["ResultWriter"]["Parameters"]["Prefix"] == "the-ResultsPrefix" for state in maps)


@pytest.mark.parametrize("role", ["GovernanceRole", "ApplyMachineRole"])
def test_traces_are_allowed_only_where_they_are_wanted(template, role):
    tracing = {
        condition
        for condition, statement in conditional_statements(roles(template)[role])
        for action in as_list(statement["Action"])
        if action.startswith("xray:")
    }
    assert tracing == {"TracingIsOn"}


ELSEWHERE = {
    "discover-repositories": ["ReadRoleName"],
    "collect-inventory": ["ReadRoleName"],
    "collect-workloads": ["ReadRoleName"],
    "on-image-push": ["ReadRoleName"],
    "apply-plan": ["ReadRoleName", "ApplyRoleName"],
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_other_accounts_are_reached_by_named_roles_and_only_where_they_are_wanted(template, function):
    taken = [
        (condition, resources(statement))
        for condition, statement in conditional_statements(role_of_function(template, function))
        if "sts:AssumeRole" in as_list(statement["Action"])
    ]
    names = ELSEWHERE.get(function)
    arns = [f"arn:${{AWS::Partition}}:iam::*:role/${{{name}}}" for name in names or []]
    assert taken == ([("OtherAccountsAreRead", arns)] if names else [])
    assert template["Parameters"]["Accounts"]["Default"] == ""


def test_the_accounts_of_the_organisation_are_listed_only_where_they_are_wanted(template):
    listing = [
        (name, condition)
        for name, role in roles(template).items()
        for condition, statement in conditional_statements(role)
        if any(action.startswith("organizations:") for action in as_list(statement["Action"]))
    ]
    assert listing == [("DiscoverRepositoriesRole", "AccountsAreThoseOfTheOrganization")]


def boundary_statements(template, effect):
    """The statements of the boundary, by what they do."""
    document = template["Resources"]["ReadingBoundary"]["Properties"]["PolicyDocument"]
    return [statement for statement in document["Statement"] if statement["Effect"] == effect]


def covers(statement, action):
    """Whether a statement is about an action."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in as_list(statement["Action"]))


def writes_that_iam_knows():
    """Every action of ECR that changes something."""
    levels = ("Write", "Tagging", "Permissions management")
    known = {action for level in levels for action in get_actions_with_access_level("ecr", level)}
    return known | WRITES | {"ecr:RegisterPullTimeUpdateExclusion", "ecr:DeregisterPullTimeUpdateExclusion"}


@pytest.mark.parametrize("which", ["template", "member_account"])
def test_the_boundary_denies_every_action_that_changes_a_registry(request, which):
    bounded = request.getfixturevalue(which)
    writes = writes_that_iam_knows()
    assert len(writes) > 25
    denied = [s for s in boundary_statements(bounded, "Deny") if as_list(s["Resource"]) == ["*"]]
    assert [action for action in writes if not any(covers(s, action) for s in denied)] == []
    allowed = boundary_statements(bounded, "Allow")
    assert [action for action in writes if any(covers(s, action) for s in allowed)] == []


def test_the_boundary_is_on_every_role_but_that_of_apply_plan_and_takes_nothing_that_a_role_needs(template):
    unbounded = [
        name for name, role in roles(template).items() if role.get("PermissionsBoundary") != {"Ref": "ReadingBoundary"}
    ]
    assert unbounded == ["ApplyPlanRole"]
    everywhere = [s for s in boundary_statements(template, "Deny") if as_list(s["Resource"]) == ["*"]]
    for name, role in roles(template).items():
        for action in actions(role) if name != "ApplyPlanRole" else ():
            assert any(covers(s, action) for s in boundary_statements(template, "Allow")), (name, action)
            assert not any(covers(s, action) for s in everywhere), (name, action)


def test_the_boundary_lets_no_other_role_take_on_the_one_that_applies_elsewhere(template):
    denied = [s for s in boundary_statements(template, "Deny") if covers(s, "sts:AssumeRole")]
    assert [resources(s) for s in denied] == [["arn:${AWS::Partition}:iam::*:role/${ApplyRoleName}"]]


def test_the_schedule_starts_the_state_machine_and_nothing_else(template):
    role = roles(template)["ScheduleRole"]
    assert [(as_list(s["Action"]), resources(s)) for s in statements(role)] == [
        (["states:StartExecution"], ["${GovernanceStateMachine}"])
    ]


@pytest.mark.parametrize(
    "role, service",
    [
        (f"{name}Role", "lambda.amazonaws.com")
        for name in (
            "DiscoverRepositories",
            "CollectWorkloads",
            "CollectInventory",
            "EvaluateLifecycle",
            "ComputeCosts",
            "AuditImmutability",
            "ReportMetrics",
            "OnImagePush",
            "BuildPlan",
            "ApplyPlan",
        )
    ]
    + [("GovernanceRole", "states.amazonaws.com"), ("ApplyMachineRole", "states.amazonaws.com")]
    + [("ScheduleRole", "events.amazonaws.com")],
)
def test_a_role_is_taken_on_by_its_service_alone(template, role, service):
    trust = roles(template)[role]["AssumeRolePolicyDocument"]["Statement"]
    assert [(s["Principal"], s["Action"]) for s in trust] == [({"Service": service}, "sts:AssumeRole")]
    assert len(roles(template)) == 13
