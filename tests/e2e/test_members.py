"""Other accounts: who may take on the roles there, what these may do, and events that come from there."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from cloud import ONCE, REGION
from members import Member
from processes import children_of, environment_of
from programs import eventually
from zips import FUNCTIONS

MEMBER = "210987654321"
#: An account in which plans are not applied.
READ_ALONE = "321098765432"
EXTERNAL_ID = "a-word"
#: A region of the member in which nothing else is.
ELSEWHERE = "ap-southeast-2"
READING = {"discover-repositories", "collect-inventory", "collect-workloads", "on-image-push", "apply-plan"}


@pytest.fixture(scope="module")
def member(cloud, organised):
    one = Member(cloud, organised.stack, MEMBER)
    applying = organised.stack.outputs["ApplyPlanRoleArn"]
    one.outputs = one.deploy_account(ExternalId=EXTERNAL_ID, ApplyPlanRoleArn=applying)
    one.deploy_region(ELSEWHERE, EventSource="team.registry", ApplyPlanRoleArn=applying)
    return one


@pytest.fixture(scope="module")
def keys(organised):
    """The keys that each function was given, for clients that sign with them."""
    found = {}
    for function in FUNCTIONS:
        # An input that no function takes: it starts, and refuses.
        assert organised.stack.invoke(function, {"no such": "field"}).error == "Demurrage.BadInput"
        for environment in map(environment_of, children_of(organised.cloud.process_id)):
            if environment.get("AWS_LAMBDA_FUNCTION_NAME") == organised.stack.function(function):
                found[function] = {
                    "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
                    "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
                    "aws_session_token": environment["AWS_SESSION_TOKEN"],
                }
    return found


def client(cloud, service, keys, region=REGION):
    return boto3.client(service, region_name=region, endpoint_url=cloud.url, config=ONCE, **keys)


def taken_on(cloud, keys, role, **more):
    """The keys of a role, or nothing where it is refused."""
    try:
        answer = client(cloud, "sts", keys).assume_role(RoleArn=role, RoleSessionName="tests", **more)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
        return None
    given = answer["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def test_the_functions_that_read_take_on_the_role_that_reads_and_no_other_function_does(cloud, member, keys):
    role = member.outputs["ReadRoleArn"]
    assert role == f"arn:aws:iam::{MEMBER}:role/demurrage-read"
    taking = {name for name in FUNCTIONS if taken_on(cloud, keys[name], role, ExternalId=EXTERNAL_ID)}
    assert taking == READING


def test_the_function_that_applies_takes_on_the_role_that_applies_and_no_other_does(cloud, member, keys):
    role = member.outputs["ApplyRoleArn"]
    taking = {name for name in FUNCTIONS if taken_on(cloud, keys[name], role, ExternalId=EXTERNAL_ID)}
    assert taking == {"apply-plan"}


@pytest.mark.parametrize("named", [{}, {"ExternalId": "another"}])
def test_who_does_not_name_the_external_id_is_refused(cloud, member, keys, named):
    for role, function in (("ReadRoleArn", "collect-inventory"), ("ApplyRoleArn", "apply-plan")):
        assert taken_on(cloud, keys[function], member.outputs[role], **named) is None


def test_an_account_in_which_nothing_is_to_be_changed_has_no_role_for_it(cloud, organised, keys):
    outputs = Member(cloud, organised.stack, READ_ALONE).deploy_account(ExternalId=EXTERNAL_ID)
    assert outputs.keys() == {"ReadRoleArn"}
    # Nor does the function that applies read there.
    assert taken_on(cloud, keys["apply-plan"], outputs["ReadRoleArn"], ExternalId=EXTERNAL_ID) is None
    assert taken_on(cloud, keys["collect-inventory"], outputs["ReadRoleArn"], ExternalId=EXTERNAL_ID)


def repository(member, name, value):
    """A repository of the account, by its tag, with one image in it."""
    ecr = member.client("ecr")
    ecr.create_repository(repositoryName=name, tags=[{"Key": "demurrage", "Value": value}])
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}
    put = ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="1")
    return put["image"]["imageId"]["imageDigest"]


def test_of_the_roles_one_reads_and_the_other_changes_what_opted_in(cloud, member, keys):
    digests = {name: repository(member, name, value) for name, value in (("in", "enforce"), ("out", "observe"))}
    reading = taken_on(cloud, keys["collect-inventory"], member.outputs["ReadRoleArn"], ExternalId=EXTERNAL_ID)
    applying = taken_on(cloud, keys["apply-plan"], member.outputs["ApplyRoleArn"], ExternalId=EXTERNAL_ID)
    reader, applier = client(cloud, "ecr", reading), client(cloud, "ecr", applying)
    for name, digest in digests.items():
        [image] = reader.describe_images(repositoryName=name)["imageDetails"]
        assert image["imageDigest"] == digest
    images = {name: [{"imageDigest": digest}] for name, digest in digests.items()}
    for who, name in ((reader, "in"), (reader, "out"), (applier, "out")):
        with pytest.raises(ClientError, match="AccessDenied"):
            who.batch_delete_image(repositoryName=name, imageIds=images[name])
    deleted = applier.batch_delete_image(repositoryName="in", imageIds=images["in"])
    assert [one["imageDigest"] for one in deleted["imageIds"]] == [digests["in"]]


def test_a_push_that_an_event_of_another_account_and_region_tells_of_is_in_the_ledger_of_the_hub(organised, member):
    digest = f"sha256:{'5' * 64}"
    detail = {
        "result": "SUCCESS",
        "repository-name": "far/app",
        "image-digest": digest,
        "action-type": "PUSH",
        "image-tag": "1.0",
    }
    entry = {"Source": "team.registry", "DetailType": "ECR Image Action", "Detail": json.dumps(detail)}
    answer = member.client("events", ELSEWHERE).put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0, answer
    partition = f"arn:aws:ecr:{ELSEWHERE}:{MEMBER}:repository/far/app"

    def learnt():
        items = organised.ledger.items()
        return [item for item in items if item["repository"] == partition and item["item"] == "1.0"] or None

    [head] = eventually(learnt, "the tag is in the ledger")
    assert head["held"] == digest
