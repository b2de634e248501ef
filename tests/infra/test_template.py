"""What the template says of functions, bucket, topic, queue and schedule."""

import json
import os
import re
import tomllib

import pytest

import places
from permissions import text
from translate import translate

FUNCTIONS = {
    "discover-repositories": "DiscoverRepositoriesFunction",
    "collect-workloads": "CollectWorkloadsFunction",
    "collect-inventory": "CollectInventoryFunction",
    "evaluate-lifecycle": "EvaluateLifecycleFunction",
    "compute-costs": "ComputeCostsFunction",
    "audit-immutability": "AuditImmutabilityFunction",
    "report-metrics": "ReportMetricsFunction",
    "on-image-push": "OnImagePushFunction",
    "build-plan": "BuildPlanFunction",
    "apply-plan": "ApplyPlanFunction",
}
SETTINGS = places.CHECKOUT / "infra" / "samconfig.toml"


def properties(template, name):
    """The properties of a resource."""
    return template["Resources"][name]["Properties"]


def test_the_translation_leaves_nothing_of_sam(template):
    assert [n for n, r in template["Resources"].items() if r["Type"].startswith("AWS::Serverless::")] == []
    assert "Transform" not in template and "Globals" not in template


def test_the_translation_is_the_same_each_time():
    assert json.dumps(translate(places.TEMPLATE)) == json.dumps(translate(places.TEMPLATE))


def test_uploaded_code_is_used_where_the_caller_says_and_a_wrong_name_is_refused():
    place = {"Bucket": "code", "Key": "collect.zip"}
    template = translate(places.TEMPLATE, {"CollectInventoryFunction": place})
    assert properties(template, "CollectInventoryFunction")["Code"] == {
        "S3Bucket": "code",
        "S3Key": "collect.zip",
    }
    with pytest.raises(ValueError, match="CollectFunction"):
        translate(places.TEMPLATE, {"CollectFunction": place})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_environment_of_a_function_is_that_of_the_contract(template, contract, function):
    environment = properties(template, FUNCTIONS[function])["Environment"]["Variables"]
    assert sorted(environment) == sorted(contract["functions"][function]["environment"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_built_from_its_folder_for_the_architecture_that_it_runs_on(
    sam_template, template, function
):
    written = sam_template["Resources"][FUNCTIONS[function]]
    assert written["Metadata"]["BuildMethod"] == "rust-cargolambda"
    assert written["Metadata"]["BuildProperties"] == {"Binary": function}
    folder = (places.TEMPLATE.parent / written["Properties"]["CodeUri"]).resolve()
    assert folder == places.CHECKOUT / "functions" / function
    deployed = properties(template, FUNCTIONS[function])
    assert (deployed["Runtime"], deployed["Handler"]) == ("provided.al2023", "bootstrap")
    assert deployed["Architectures"] == ["arm64"]


def test_the_functions_are_those_of_the_contract(template, contract):
    deployed = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::Lambda::Function"]
    assert sorted(deployed) == sorted(FUNCTIONS.values())
    assert sorted(contract["functions"]) == sorted(FUNCTIONS)


def test_every_function_and_both_state_machines_have_a_log_that_ends(template):
    logs = {
        n: r["Properties"] for n, r in template["Resources"].items() if r["Type"] == "AWS::Logs::LogGroup"
    }
    assert len(logs) == len(FUNCTIONS) + 2
    assert all(log["RetentionInDays"] == {"Ref": "LogRetentionDays"} for log in logs.values())
    for function in FUNCTIONS.values():
        name = text(properties(template, function)["FunctionName"])
        log = properties(template, function)["LoggingConfig"]["LogGroup"]["Ref"]
        # The name that Lambda would choose, for people who look there.
        assert text(logs[log]["LogGroupName"]) == f"/aws/lambda/{name}"


def test_there_is_no_parameter_that_leads_calls_elsewhere(sam_template):
    assert [
        name for name in sam_template["Parameters"] if re.search("endpoint|url", name, re.IGNORECASE)
    ] == []


def test_every_parameter_has_a_default_and_a_description(sam_template):
    for name, parameter in sam_template["Parameters"].items():
        assert parameter.keys() >= {"Default", "Description"}, name


def parameters_for_the_command(sam_template):
    """What `demurrage config check` knows of the parameters: what each is by default, and may be."""
    names = {
        "AllowedPattern": "pattern",
        "AllowedValues": "values",
        "MinValue": "min",
        "MaxValue": "max",
        "MaxLength": "max_length",
    }
    known = {}
    for name, parameter in sam_template["Parameters"].items():
        known[name] = {"default": str(parameter["Default"])}
        known[name] |= {to: parameter[of] for of, to in names.items() if of in parameter}
        if "values" in known[name]:
            known[name]["values"] = [str(value) for value in known[name]["values"]]
        assert parameter.keys() <= {"Type", "Default", "Description", *names}, name
    return json.dumps(known, indent=2) + "\n"


def test_the_command_knows_the_parameters_that_there_are(sam_template):
    """Where it differs, `UPDATE_PARAMETERS=1` beside the command of the tests writes it anew."""
    text = parameters_for_the_command(sam_template)
    if "UPDATE_PARAMETERS" in os.environ:
        places.PARAMETERS.write_text(text, encoding="utf-8")
    assert places.PARAMETERS.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "parameter, good, bad",
    [
        (
            "Regions",
            ["", "eu-central-1", "ap-northeast-2,us-gov-west-1,eusc-de-east-1"],
            ["eu-central-1, us-east-1", "eu"],
        ),
        (
            "Accounts",
            ["", "organization", "123456789012,210987654321"],
            ["all", "12345", "123456789012, 210987654321"],
        ),
        ("OrganizationalUnits", ["", "ou-ab12-11111111,r-ab12"], ["ou-ab12", "root"]),
        ("ExcludedAccounts", ["", "123456789012"], ["organization"]),
        ("OrganizationId", ["", "o-a1b2c3d4e5"], ["a1b2c3d4e5", "o-1"]),
        ("ReadRoleName", ["demurrage-read"], ["", "path/role", "*"]),
        ("ApplyRoleName", ["demurrage-apply"], ["", "path/role", "*"]),
        ("ExternalId", ["", "a-secret:1"], ["a", "a b"]),
        ("Runbook", ["docs/RUNBOOK.md", "https://wiki.example/registry"], ["", "a b"]),
        ("SettingsScheduleExpression", ["rate(1 hour)"], ["1 hour"]),
        ("AlarmEmail", ["", "a@b.example"], ["a.example", "a@b c.example"]),
        ("StorePrefix", ["demurrage", "teams/registry"], ["/demurrage", "demurrage/", ""]),
        ("ScheduleExpression", ["rate(1 day)", "cron(0 3 * * ? *)"], ["1 day", ""]),
        ("DatabaseName", ["demurrage", "a_1"], ["De", "a-b"]),
        ("FirstDay", ["2026-11-01"], ["20261101"]),
        ("EventSource", ["aws.ecr", "team.registry"], ["", "a b", "*"]),
    ],
)
def test_the_pattern_of_a_parameter_takes_and_refuses(sam_template, parameter, good, bad):
    pattern = re.compile(sam_template["Parameters"][parameter]["AllowedPattern"])
    assert [value for value in good if not pattern.fullmatch(value)] == []
    assert [value for value in bad if pattern.fullmatch(value)] == []


def test_the_bucket_is_versioned_encrypted_with_the_key_and_closed(template):
    bucket = properties(template, "StoreBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": {"Fn::GetAtt": ["StoreKey", "Arn"]},
    }
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4


@pytest.mark.parametrize(
    "policy, actions",
    [
        ("StoreBucketPolicy", "s3:*"),
        ("ReportTopicPolicy", "sns:Publish"),
        ("ScheduleDeadLetterQueuePolicy", "sqs:*"),
        ("EventDeadLetterQueuePolicy", "sqs:*"),
    ],
)
def test_nothing_comes_in_without_tls(template, policy, actions):
    denied = [s for s in properties(template, policy)["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert [(s["Principal"], s["Action"]) for s in denied] == [("*", actions)]
    assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def lifecycle(template):
    """The lifecycle rules by name, with those behind a condition too."""
    rules = properties(template, "StoreBucket")["LifecycleConfiguration"]["Rules"]
    found = [rule["Fn::If"][1] if "Fn::If" in rule else rule for rule in rules]
    return {rule["Id"]: rule for rule in found}


def test_what_a_run_leaves_expires_and_inventories_as_long_as_somebody_wants(template):
    rules = lifecycle(template)
    expiring = {text(r["Prefix"]): r["ExpirationInDays"] for r in rules.values() if "ExpirationInDays" in r}
    prefix = properties(template, "GovernanceStateMachine")["DefinitionSubstitutions"]["ResultsPrefix"]
    assert expiring == {
        "${StorePrefix}/runs/": {"Ref": "RunRetentionDays"},
        f"{prefix}/": 3,
        "${StorePrefix}/inventories/": {"Ref": "InventoryRetentionDays"},
        "${StorePrefix}/athena/": {"Ref": "InventoryRetentionDays"},
    }
    rules = properties(template, "StoreBucket")["LifecycleConfiguration"]["Rules"]
    conditional = [rule["Fn::If"] for rule in rules if "Fn::If" in rule]
    assert [(c[0], c[1]["Id"]) for c in conditional] == [
        ("InventoriesExpire", "inventories"),
        ("InventoriesExpire", "lists-for-athena"),
    ]


def test_unfinished_uploads_and_replaced_objects_go(template):
    rules = lifecycle(template)
    assert any("AbortIncompleteMultipartUpload" in rule and "Prefix" not in rule for rule in rules.values())
    assert any("NoncurrentVersionExpiration" in rule and "Prefix" not in rule for rule in rules.values())


def test_what_is_stored_and_its_key_stay_when_the_stack_goes(sam_template):
    for name in ("StoreBucket", "StoreKey", "LedgerTable"):
        resource = sam_template["Resources"][name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (
            "RetainExceptOnCreate",
            "Retain",
        )


def test_the_topic_and_the_queues_are_encrypted_with_the_key_and_their_senders_may_use_it(template):
    for name in ("ReportTopic", "ScheduleDeadLetterQueue", "EventDeadLetterQueue"):
        assert properties(template, name)["KmsMasterKeyId"] == {"Fn::GetAtt": ["StoreKey", "Arn"]}
    key = properties(template, "StoreKey")["KeyPolicy"]["Statement"]
    services = {s["Principal"]["Service"]: s for s in key if "Service" in s["Principal"]}
    assert services.keys() == {"cloudwatch.amazonaws.com", "events.amazonaws.com"}
    assert all(s["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"] for s in services.values())
    # EventBridge does not say for whom it asks: a condition would be false for every message.
    assert "Condition" not in services["events.amazonaws.com"]


def test_alarms_may_publish_to_the_topic(template):
    allowed = [
        s
        for s in properties(template, "ReportTopicPolicy")["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow"
    ]
    assert [s["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
    assert allowed[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_schedule_is_a_rule_whose_failures_reach_the_queue(template):
    rule = properties(template, "ScheduleRule")
    assert template["Parameters"]["ScheduleExpression"]["Default"] == "rate(1 day)"
    assert rule["ScheduleExpression"] == {"Ref": "ScheduleExpression"}
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["GovernanceStateMachine", "Arn"]}
    assert json.loads(target["Input"]) == {}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["ScheduleDeadLetterQueue", "Arn"]}}
    allowed = [
        s
        for s in properties(template, "ScheduleDeadLetterQueuePolicy")["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow"
    ]
    assert [s["Principal"] for s in allowed] == [{"Service": "events.amazonaws.com"}]
    assert allowed[0]["Condition"] == {
        "ArnEquals": {
            "aws:SourceArn": [{"Fn::GetAtt": [name, "Arn"]} for name in ("ScheduleRule", "SettingsScheduleRule")]
        }
    }


def test_between_the_runs_settings_alone_are_looked_at(template):
    rule = properties(template, "SettingsScheduleRule")
    assert template["Parameters"]["SettingsScheduleExpression"]["Default"] == "rate(1 hour)"
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["GovernanceStateMachine", "Arn"]}
    assert json.loads(target["Input"]) == {"settings_only": True}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["ScheduleDeadLetterQueue", "Arn"]}}


def test_the_outputs_are_what_the_templates_of_members_take_by_the_same_names(
    template, member_account, member_region
):
    names = {
        name
        for member in (member_account, member_region)
        for name in member["Parameters"]
        if name.endswith("Arn")
    }
    assert len(names) == 6
    for name in names:
        resource = "MemberEventBus" if name == "EventBusArn" else name.removesuffix("Arn")
        assert template["Outputs"][name]["Value"] == {"Fn::GetAtt": [resource, "Arn"]}


def test_who_reads_nothing_elsewhere_is_told_of_no_role_there(template, contract):
    for function, described in contract["functions"].items():
        environment = properties(template, FUNCTIONS[function])["Environment"]["Variables"]
        for variable, role in (("DEMURRAGE_READ_ROLE", "ReadRoleName"), ("DEMURRAGE_APPLY_ROLE", "ApplyRoleName")):
            if variable in environment:
                assert environment[variable] == {"Fn::If": ["OtherAccountsAreRead", {"Ref": role}, ""]}


@pytest.mark.parametrize("function", ["audit-immutability", "report-metrics"])
def test_the_readers_are_the_role_here_and_the_one_of_the_members_where_these_are_read(template, function):
    readers = properties(template, FUNCTIONS[function])["Environment"]["Variables"]["DEMURRAGE_READERS"]
    condition, everywhere, here = readers["Fn::If"]
    assert (condition, here) == ("OtherAccountsAreRead", {"Fn::GetAtt": ["CollectInventoryRole", "Arn"]})
    elsewhere = "arn:${AWS::Partition}:iam::*:role/${ReadRoleName}"
    assert everywhere == {"Fn::Sub": f"${{CollectInventoryRole.Arn}},{elsewhere}"}


@pytest.mark.parametrize(
    "name, role",
    [("PullTimeExclusion", "CollectInventoryRole"), ("EventPullTimeExclusion", "OnImagePushRole"), ("ApplyPullTimeExclusion", "ApplyPlanRole")],
)
def test_an_exclusion_is_that_of_a_role_that_reads_manifests_and_can_be_left_out(template, name, role):
    exclusion = template["Resources"][name]
    assert exclusion["Type"] == "AWS::ECR::PullTimeUpdateExclusion"
    assert exclusion["Properties"] == {"PrincipalArn": {"Fn::GetAtt": [role, "Arn"]}}
    assert exclusion["Condition"] == "PullTimeExclusionWanted"
    assert template["Conditions"]["PullTimeExclusionWanted"] == {
        "Fn::Equals": [{"Ref": "RegisterPullTimeExclusion"}, "true"]
    }


def test_a_mail_is_sent_where_somebody_is_named(template):
    subscription = template["Resources"]["ReportSubscription"]
    assert (subscription["Condition"], subscription["Properties"]["Protocol"]) == ("AlarmEmailGiven", "email")


def test_the_page_about_deploying_names_every_parameter_with_its_default(sam_template):
    page = (places.CHECKOUT / "docs" / "DEPLOY.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)?[^|]*\|", page, re.MULTILINE))
    defaults = {name: str(parameter["Default"]) for name, parameter in sam_template["Parameters"].items()}
    assert rows == defaults


def test_the_page_about_deploying_names_every_function(sam_template):
    page = (places.CHECKOUT / "docs" / "DEPLOY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \|", page, re.MULTILINE)
    assert sorted(set(rows)) == sorted(FUNCTIONS)


def test_the_settings_of_sam_name_the_stack_and_allow_what_it_needs():
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["default"]
    assert settings["global"]["parameters"]["stack_name"] == "demurrage"
    assert settings["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"
    assert settings["deploy"]["parameters"]["resolve_s3"] is True
