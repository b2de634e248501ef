"""Facts about several accounts and regions at once, and about who is asking."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from pushing import describe, push_image, push_index, rows
from running import PLAIN


def test_regions_of_an_account_are_apart(registry, ecr):
    registry.create("app")
    push_image(ecr, "app", "one", "v1")
    far = registry.client(region="us-east-2")
    assert far.describe_repositories()["repositories"] == []
    made = far.create_repository(repositoryName="app")["repository"]
    assert made["repositoryArn"] == f"arn:aws:ecr:us-east-2:{registry.account}:repository/app"
    assert rows(far, "app") == []
    assert len(rows(ecr, "app")) == 1


def test_accounts_are_apart_and_reached_by_their_registry_id(registry, ecr, server):
    other = server.registry()
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    assert other.ecr.describe_repositories()["repositories"] == []
    [found] = other.ecr.describe_repositories(registryId=registry.account)["repositories"]
    assert found["registryId"] == registry.account
    [detail] = other.ecr.describe_images(registryId=registry.account, repositoryName="app")["imageDetails"]
    assert (detail["registryId"], detail["imageDigest"]) == (registry.account, one.digest)
    with pytest.raises(other.ecr.exceptions.RepositoryNotFoundException):
        other.ecr.describe_images(repositoryName="app")


def test_the_caller_is_the_account_of_the_key(registry):
    identity = registry.client("sts").get_caller_identity()
    assert identity["Account"] == registry.account
    assert identity["Arn"] == f"arn:aws:iam::{registry.account}:root"
    assert identity["UserId"]


def test_an_unknown_key_is_a_user_of_the_default_account(registry):
    identity = registry.client("sts", key="AKIAEXAMPLE").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:iam::123456789012:user/")


def assume(registry, arn, session="session-1"):
    answer = registry.client("sts").assume_role(RoleArn=arn, RoleSessionName=session)
    keys = answer["Credentials"]
    return answer, {
        "key": keys["AccessKeyId"],
        "secret": keys["SecretAccessKey"],
        "token": keys["SessionToken"],
    }


def test_a_session_loses_the_path_of_its_role(registry):
    arn = f"arn:aws:iam::{registry.account}:role/teams/red/reader"
    answer, keys = assume(registry, arn)
    session = f"arn:aws:sts::{registry.account}:assumed-role/reader/session-1"
    assert answer["AssumedRoleUser"]["Arn"] == session
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":session-1")
    assert answer["Credentials"]["Expiration"].year >= 2000
    identity = registry.client("sts", **keys).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (registry.account, session)


def test_a_session_in_another_account_reads_that_registry(registry, ecr, server):
    other = server.registry()
    other.create("app")
    push_image(other.ecr, "app", "one", "v1")
    _, keys = assume(registry, f"arn:aws:iam::{other.account}:role/reader")
    [found] = registry.client(**keys).describe_repositories()["repositories"]
    assert found["registryId"] == other.account


def pulled(ecr, repository, digest):
    return describe(ecr, repository)[digest].get("lastRecordedPullTime")


def test_reading_a_manifest_counts_as_a_pull(registry, ecr):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    two = push_image(ecr, "app", "two", "v2")
    ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    assert pulled(ecr, "app", one.digest) is not None
    assert pulled(ecr, "app", one.digest) >= describe(ecr, "app")[one.digest]["imagePushedAt"]
    assert pulled(ecr, "app", two.digest) is None


@pytest.mark.parametrize("operation", ["describe", "list", "check"])
def test_looking_without_a_manifest_is_no_pull(registry, ecr, operation):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    if operation == "describe":
        ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    elif operation == "list":
        ecr.list_images(repositoryName="app")
    else:
        ecr.batch_check_layer_availability(repositoryName="app", layerDigests=[one.digest])
    assert pulled(ecr, "app", one.digest) is None


def test_a_session_of_an_excluded_role_leaves_the_pull_time(registry, ecr):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    arn = f"arn:aws:iam::{registry.account}:role/teams/red/reader"
    ecr.register_pull_time_update_exclusion(principalArn=arn)
    _, excluded = assume(registry, arn)
    _, other = assume(registry, f"arn:aws:iam::{registry.account}:role/teams/red/reader-2")
    asked = {"repositoryName": "app", "imageIds": [{"imageTag": "v1"}]}
    assert registry.client(**excluded).batch_get_image(**asked)["images"]
    assert pulled(ecr, "app", one.digest) is None
    registry.client(**other).batch_get_image(**asked)
    assert pulled(ecr, "app", one.digest) is not None


def test_an_exclusion_that_was_removed_no_longer_counts(registry, ecr):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    arn = f"arn:aws:iam::{registry.account}:role/reader"
    ecr.register_pull_time_update_exclusion(principalArn=arn)
    _, keys = assume(registry, arn)
    ecr.deregister_pull_time_update_exclusion(principalArn=arn)
    registry.client(**keys).batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    assert pulled(ecr, "app", one.digest) is not None


def test_an_exclusion_of_another_account_does_not_count(registry, ecr, server):
    other = server.registry()
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    other.ecr.register_pull_time_update_exclusion(principalArn=f"arn:aws:iam::{other.account}:role/reader")
    _, keys = assume(registry, f"arn:aws:iam::{registry.account}:role/reader")
    registry.client(**keys).batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    assert pulled(ecr, "app", one.digest) is not None


def test_an_ordinary_client_needs_nothing_special(registry):
    """With the checks of parameters and the retries that a client has by default."""
    client = registry.client(config=PLAIN.merge(type(PLAIN)(parameter_validation=True)))
    client.create_repository(repositoryName="app")
    assert [one["repositoryName"] for one in client.describe_repositories()["repositories"]] == ["app"]


def test_only_the_manifest_that_was_read_has_a_pull_time(registry, ecr):
    registry.create("app")
    child = push_image(ecr, "app", "child")
    index = push_index(ecr, "app", [child], "v1")
    ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    assert pulled(ecr, "app", index.digest) is not None
    assert pulled(ecr, "app", child.digest) is None


def test_reading_again_moves_the_pull_time(registry, ecr, server):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    asked = {"repositoryName": "app", "imageIds": [{"imageDigest": one.digest}]}
    try:
        for day in (1, 2):
            server.set_clock(datetime(2027, 1, day, tzinfo=UTC))
            ecr.batch_get_image(**asked)
            assert pulled(ecr, "app", one.digest) == datetime(2027, 1, day, tzinfo=UTC)
    finally:
        server.post("/_fake/clock", {"real": True})


def test_a_pull_through_another_account_counts_for_the_owner(registry, ecr, server):
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    server.registry().ecr.batch_get_image(
        registryId=registry.account, repositoryName="app", imageIds=[{"imageTag": "v1"}]
    )
    assert pulled(ecr, "app", one.digest) is not None


def test_an_excluded_user_leaves_the_pull_time(registry, ecr, server):
    arn = f"arn:aws:iam::{registry.account}:user/audit/reader"
    key = f"AKIA{registry.account}"
    server.post("/_fake/principals", {"access_key": key, "account": registry.account, "principal": arn})
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    ecr.register_pull_time_update_exclusion(principalArn=arn)
    reader = registry.client(key=key)
    assert reader.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])["images"]
    assert pulled(ecr, "app", one.digest) is None


def test_what_sts_does_not_know_is_refused_in_its_own_form(registry):
    sts = registry.client("sts")
    with pytest.raises(ClientError) as refusal:
        sts.get_session_token()
    assert refusal.value.response["Error"]["Code"] == "InvalidAction"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError):
        sts.assume_role(RoleArn="not the arn of any role", RoleSessionName="session")
