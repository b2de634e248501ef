"""Facts about the registry itself: its policy, scanning, settings, exclusions and authorisation."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from pushing import push_image

POLICY = '{"Version":"2012-10-17","Statement":[]}'


def plain(answer):
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def test_a_new_registry_replicates_nothing(registry, ecr):
    assert plain(ecr.describe_registry()) == {
        "registryId": registry.account,
        "replicationConfiguration": {"rules": []},
    }


def test_a_registry_policy_is_put_read_and_deleted(registry, ecr, refused):
    with refused("RegistryPolicyNotFoundException", text=registry.account):
        ecr.get_registry_policy()
    with refused("RegistryPolicyNotFoundException"):
        ecr.delete_registry_policy()
    expected = {"registryId": registry.account, "policyText": POLICY}
    assert plain(ecr.put_registry_policy(policyText=POLICY)) == expected
    assert plain(ecr.get_registry_policy()) == expected
    assert plain(ecr.delete_registry_policy()) == expected
    with refused("RegistryPolicyNotFoundException"):
        ecr.get_registry_policy()


@pytest.mark.parametrize("text", ["not json", '{"a":"' + "x" * 10240 + '"}'])
def test_a_registry_policy_is_json_of_at_most_10240_characters(ecr, refused, text):
    with refused("InvalidParameterException"):
        ecr.put_registry_policy(policyText=text)


def test_scanning_is_basic_until_it_is_set(registry, ecr):
    assert plain(ecr.get_registry_scanning_configuration()) == {
        "registryId": registry.account,
        "scanningConfiguration": {"scanType": "BASIC", "rules": []},
    }
    rules = [
        {
            "scanFrequency": "CONTINUOUS_SCAN",
            "repositoryFilters": [{"filter": "prod*", "filterType": "WILDCARD"}],
        },
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]},
    ]
    answer = ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=rules)
    assert answer["registryScanningConfiguration"] == {"scanType": "ENHANCED", "rules": rules}
    assert ecr.get_registry_scanning_configuration()["scanningConfiguration"] == {
        "scanType": "ENHANCED",
        "rules": rules,
    }


@pytest.mark.parametrize(
    "scan_type, rules",
    [
        ("DEEP", []),
        ("ENHANCED", [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": []}] * 3),
        ("ENHANCED", [{"scanFrequency": "OFTEN", "repositoryFilters": []}]),
    ],
)
def test_scanning_outside_its_values_is_refused(ecr, scan_type, rules):
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        ecr.put_registry_scanning_configuration(scanType=scan_type, rules=rules)


def test_the_scanning_of_repositories_follows_the_rules_of_the_registry(registry, ecr):
    for name in ("production", "other"):
        registry.create(name)
    applied = [{"filter": "prod", "filterType": "WILDCARD"}]
    ecr.put_registry_scanning_configuration(
        scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": applied}]
    )
    answer = ecr.batch_get_repository_scanning_configuration(repositoryNames=["production", "other", "none"])
    found = {one["repositoryName"]: one for one in answer["scanningConfigurations"]}
    assert found["production"] == {
        "repositoryArn": f"arn:aws:ecr:{registry.region}:{registry.account}:repository/production",
        "repositoryName": "production",
        "scanOnPush": True,
        "scanFrequency": "SCAN_ON_PUSH",
        "appliedScanFilters": applied,
    }
    assert found["other"]["scanFrequency"] == "MANUAL"
    assert found["other"].get("appliedScanFilters", []) == []
    assert [(one["repositoryName"], one["failureCode"]) for one in answer["failures"]] == [
        ("none", "REPOSITORY_NOT_FOUND")
    ]


def test_scanning_is_asked_for_25_repositories_at_most(registry, ecr, refused):
    names = [registry.create(f"app-{number}") for number in range(26)]
    answer = ecr.batch_get_repository_scanning_configuration(repositoryNames=names[:25])
    assert len(answer["scanningConfigurations"]) == 25
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        ecr.batch_get_repository_scanning_configuration(repositoryNames=names)


def test_account_settings_are_put_and_read(ecr):
    answer = ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    assert plain(answer) == {"name": "BLOB_MOUNTING", "value": "ENABLED"}
    assert plain(ecr.get_account_setting(name="BLOB_MOUNTING")) == {
        "name": "BLOB_MOUNTING",
        "value": "ENABLED",
    }
    ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"


def test_blob_mounting_is_off_until_it_is_put(ecr):
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"


@pytest.mark.parametrize("name, value", [("NO_SUCH_SETTING", "ENABLED"), ("BLOB_MOUNTING", "SOMETIMES")])
def test_account_settings_outside_their_values_are_refused(ecr, name, value):
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        ecr.put_account_setting(name=name, value=value)


def role(registry, name):
    return f"arn:aws:iam::{registry.account}:role/{name}"


def test_pull_time_exclusions_are_registered_listed_and_removed(registry, ecr, refused):
    arn = role(registry, "path/to/reader")
    before = datetime.now(UTC) - timedelta(minutes=1)
    answer = ecr.register_pull_time_update_exclusion(principalArn=arn)
    assert answer["principalArn"] == arn
    assert before < answer["createdAt"] < datetime.now(UTC) + timedelta(minutes=1)
    assert ecr.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"] == [arn]
    with refused("ExclusionAlreadyExistsException"):
        ecr.register_pull_time_update_exclusion(principalArn=arn)
    assert ecr.deregister_pull_time_update_exclusion(principalArn=arn)["principalArn"] == arn
    assert ecr.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"] == []
    with refused("ExclusionNotFoundException"):
        ecr.deregister_pull_time_update_exclusion(principalArn=arn)


def test_an_account_has_at_most_a_hundred_exclusions(registry, ecr, refused):
    arns = [role(registry, f"reader-{number:03}") for number in range(101)]
    for arn in arns[:100]:
        ecr.register_pull_time_update_exclusion(principalArn=arn)
    with refused("LimitExceededException"):
        ecr.register_pull_time_update_exclusion(principalArn=arns[100])
    first = ecr.list_pull_time_update_exclusions(maxResults=60)
    second = ecr.list_pull_time_update_exclusions(maxResults=60, nextToken=first["nextToken"])
    assert (len(first["pullTimeUpdateExclusions"]), len(second["pullTimeUpdateExclusions"])) == (60, 40)
    assert "nextToken" not in second
    found = first["pullTimeUpdateExclusions"] + second["pullTimeUpdateExclusions"]
    assert sorted(found) == arns[:100]


@pytest.mark.parametrize(
    "arn",
    [
        "reader",
        "arn:aws:iam::123456789012:group/readers",
        "arn:aws:sts::123456789012:assumed-role/reader/session",
        "arn:aws:iam::123456789012:role/" + "x" * 200,
    ],
)
def test_an_exclusion_names_a_role_or_a_user(ecr, arn):
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        ecr.register_pull_time_update_exclusion(principalArn=arn)


def test_an_authorisation_token_is_for_aws_and_lasts_twelve_hours(registry, ecr):
    [data] = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    assert user == "AWS"
    assert password
    left = data["expiresAt"] - datetime.now(UTC)
    assert timedelta(hours=11, minutes=55) < left < timedelta(hours=12, minutes=5)
    assert data["proxyEndpoint"].startswith("http")


def test_one_token_for_each_registry_that_is_asked_for(registry, ecr, refused):
    asked = [registry.account, "999999999999"]
    data = ecr.get_authorization_token(registryIds=asked)["authorizationData"]
    assert len(data) == 2
    with refused("InvalidParameterException"):
        ecr.get_authorization_token(registryIds=[f"{number:012}" for number in range(11)])


def test_templates_and_rules_of_caches_come_in_pages(ecr):
    for prefix in ["c", "ROOT", "b/"]:
        ecr.create_repository_creation_template(prefix=prefix, appliedFor=["PULL_THROUGH_CACHE"])
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate(PaginationConfig={"PageSize": 2})
    found = [one["prefix"] for page in pages for one in page["repositoryCreationTemplates"]]
    assert found == ["ROOT", "b/", "c"]
    for prefix in ["quay", "k8s"]:
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix, upstreamRegistryUrl="quay.io", upstreamRegistry="quay"
        )
    pages = ecr.get_paginator("describe_pull_through_cache_rules").paginate(PaginationConfig={"PageSize": 1})
    rules = [one for page in pages for one in page["pullThroughCacheRules"]]
    assert [one["ecrRepositoryPrefix"] for one in rules] == ["k8s", "quay"]
    assert rules[0]["upstreamRegistry"] == "quay"


def test_a_scan_that_the_server_was_told_of_is_told_on(server, registry, ecr, refused):
    registry.create("app")
    image = push_image(ecr, "app", "one", "v1")
    with refused("ScanNotFoundException"):
        ecr.describe_image_scan_findings(repositoryName="app", imageId={"imageTag": "v1"})
    body = {"region": registry.region, "account": registry.account, "repository": "app"}
    body |= {"digest": image.digest, "completed_at": "2026-11-23T10:00:00Z", "severity_counts": {"HIGH": 3}}
    server.post("/_fake/scans", body)
    found = ecr.describe_image_scan_findings(repositoryName="app", imageId={"imageTag": "v1"}, maxResults=1)
    assert found["imageScanStatus"] == {"status": "COMPLETE"}
    assert found["imageScanFindings"]["findingSeverityCounts"] == {"HIGH": 3}
    [listed] = ecr.describe_images(repositoryName="app")["imageDetails"]
    assert "imageScanStatus" not in listed
    ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[])
    [listed] = ecr.describe_images(repositoryName="app")["imageDetails"]
    assert listed["imageScanFindingsSummary"]["findingSeverityCounts"] == {"HIGH": 3}
