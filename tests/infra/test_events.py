"""The events of ECR: which are learnt from, what is done with those that cannot be, and what is kept of them."""

import json

import pytest

import places

RULES = {
    "ImageActionRule": "ECR Image Action",
    "ReferrerActionRule": "ECR Referrer Action",
    "ReplicationActionRule": "ECR Replication Action",
    "PullThroughCacheActionRule": "ECR Pull Through Cache Action",
}
SAMPLES = places.CHECKOUT / "tests" / "vectors" / "events"


def properties(template, name):
    """The properties of a resource."""
    return template["Resources"][name]["Properties"]


def test_there_is_a_rule_for_each_kind_of_event_and_the_schedule(template):
    rules = [name for name, r in template["Resources"].items() if r["Type"] == "AWS::Events::Rule"]
    assert sorted(rules) == sorted([*RULES, "MemberEventsRule", "ScheduleRule", "SettingsScheduleRule"])


@pytest.mark.parametrize("name", [*RULES, "MemberEventsRule"])
def test_a_rule_takes_events_of_the_source_and_hands_them_to_the_function(template, name):
    rule = properties(template, name)
    assert rule["EventPattern"]["source"] == [{"Ref": "EventSource"}]
    if name in RULES:
        assert rule["EventPattern"]["detail-type"] == [RULES[name]]
    assert rule["State"] == {"Ref": "EventRulesState"}
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["OnImagePushFunction", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["EventDeadLetterQueue", "Arn"]}}
    # As it came: the function reads the envelope.
    assert target.keys() & {"Input", "InputPath", "InputTransformer"} == set()
    permission = properties(template, name.replace("Rule", "Permission"))
    assert permission["SourceArn"] == {"Fn::GetAtt": [name, "Arn"]}
    assert permission["FunctionName"] == {"Ref": "OnImagePushFunction"}


def test_the_source_is_that_of_ecr_unless_somebody_says_otherwise(sam_template):
    assert sam_template["Parameters"]["EventSource"]["Default"] == "aws.ecr"


def samples():
    """The sample events, by the names of their files."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))}


def matches(pattern, value):
    """Whether an event is what a pattern asks for that has plain values and `$or` alone."""
    if isinstance(pattern, list):
        return value in pattern
    others = [{k: v for k, v in pattern.items() if k != "$or"} | way for way in pattern.get("$or", [])]
    if others:
        return any(matches(other, value) for other in others)
    return all(name in value and matches(wanted, value[name]) for name, wanted in pattern.items())


@pytest.mark.parametrize("name", samples())
def test_each_sample_is_taken_by_one_rule_unless_its_kind_or_action_is_unknown(template, name):
    event = samples()[name]
    taken = []
    for rule in RULES:
        pattern = {**properties(template, rule)["EventPattern"], "source": ["aws.ecr"]}
        if matches(pattern, event):
            taken.append(rule)
    assert len(taken) == (0 if name.startswith("unknown-") else 1), taken


@pytest.mark.parametrize("name", samples())
def test_elsewhere_one_rule_takes_what_the_four_take_here_and_so_does_the_bus(template, member_region, name):
    here = [{**properties(template, rule)["EventPattern"], "source": ["aws.ecr"]} for rule in RULES]
    wanted = any(matches(pattern, samples()[name]) for pattern in here)
    for rule in (properties(member_region, "EcrEventsRule"), properties(template, "MemberEventsRule")):
        pattern = {**rule["EventPattern"], "source": ["aws.ecr"]}
        assert matches(pattern, samples()[name]) == wanted


def test_what_comes_from_elsewhere_comes_to_a_bus_of_its_own_by_which_nothing_else_is_reached(template):
    on_the_bus = [
        name
        for name, r in template["Resources"].items()
        if r["Type"] == "AWS::Events::Rule" and r["Properties"].get("EventBusName") == {"Ref": "MemberEventBus"}
    ]
    assert on_the_bus == ["MemberEventsRule"]


def test_only_accounts_of_the_organisation_send_and_only_events_of_ecr(template):
    policy = template["Resources"]["MemberEventBusPolicy"]
    assert policy["Condition"] == "OrganizationGiven"
    assert template["Conditions"]["OrganizationGiven"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "OrganizationId"}, ""]}]
    }
    assert template["Parameters"]["OrganizationId"]["Default"] == ""
    statement = policy["Properties"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ("*", "events:PutEvents")
    assert statement["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}},
        "ForAllValues:StringEquals": {"events:source": {"Ref": "EventSource"}},
    }
    policies = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::Events::EventBusPolicy"]
    assert policies == ["MemberEventBusPolicy"]


def test_what_the_function_cannot_act_on_goes_to_the_queue_with_the_reason(template):
    (config,) = [
        r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::EventInvokeConfig"
    ]
    failing = config["DestinationConfig"]["OnFailure"]["Destination"]
    assert failing == {"Fn::GetAtt": ["EventDeadLetterQueue", "Arn"]}
    assert config["MaximumRetryAttempts"] == 2
    function = properties(template, "OnImagePushFunction")
    # Its own queue would get the event alone, without the reason.
    assert "DeadLetterConfig" not in function
    bounded = {"Fn::If": ["EventsAreBounded", {"Ref": "EventConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert function["ReservedConcurrentExecutions"] == bounded


def test_the_rules_and_no_one_else_may_put_into_the_queue(template):
    allowed = [
        s
        for s in properties(template, "EventDeadLetterQueuePolicy")["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow"
    ]
    assert [s["Principal"] for s in allowed] == [{"Service": "events.amazonaws.com"}]
    assert allowed[0]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": [{"Fn::GetAtt": [name, "Arn"]} for name in [*RULES, "MemberEventsRule"]]}
    }


def test_the_ledger_is_billed_by_use_encrypted_and_can_be_restored(template):
    table = properties(template, "LedgerTable")
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
        ("repository", "HASH"),
        ("item", "RANGE"),
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["StoreKey", "Arn"]}


def test_the_functions_that_use_the_ledger_are_told_of_it(template):
    named = {
        name
        for name, r in template["Resources"].items()
        if r["Type"] == "AWS::Lambda::Function"
        and r["Properties"]["Environment"]["Variables"].get("DEMURRAGE_LEDGER_TABLE") == {"Ref": "LedgerTable"}
    }
    assert named == {"AuditImmutabilityFunction", "OnImagePushFunction", "ApplyPlanFunction"}
