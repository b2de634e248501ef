"""Facts about the bytes on the wire: what every client of ECR relies on."""

import json
import re

import pytest

from running import raw

TARGET = "AmazonEC2ContainerRegistry_V20150921."


def header(headers, name):
    return {key.lower(): value for key, value in headers.items()}.get(name.lower())


def test_an_answer_is_json_1_1_with_a_request_id(registry):
    status, headers, body = raw(registry, TARGET + "DescribeRepositories", {})
    assert status == 200
    assert header(headers, "content-type") == "application/x-amz-json-1.1"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", header(headers, "x-amzn-requestid"))
    assert header(headers, "date")
    assert json.loads(body) == {"repositories": []}


def test_each_answer_has_a_request_id_of_its_own(registry):
    ids = {header(raw(registry, TARGET + "DescribeRegistry", {})[1], "x-amzn-requestid") for _ in range(5)}
    assert len(ids) == 5


def test_times_are_numbers_of_seconds(registry):
    _, _, body = raw(registry, TARGET + "CreateRepository", {"repositoryName": "app"})
    created_at = json.loads(body)["repository"]["createdAt"]
    assert isinstance(created_at, (int, float)) and not isinstance(created_at, bool)
    assert 1_700_000_000 < created_at < 3_000_000_000


def test_what_is_absent_has_no_key(registry, ecr):
    registry.create("app")
    _, _, body = raw(registry, TARGET + "DescribeRepositories", {})
    assert b"null" not in body
    assert b"nextToken" not in body


def test_a_refusal_names_its_kind_in_the_body_and_a_header(registry):
    status, headers, body = raw(registry, TARGET + "DescribeImages", {"repositoryName": "none"})
    assert status == 400
    error = json.loads(body)
    assert error["__type"] == "RepositoryNotFoundException"
    assert error["message"]
    assert header(headers, "x-amzn-errortype") == "RepositoryNotFoundException"
    assert header(headers, "x-amzn-requestid")


def test_an_unknown_operation_is_named_so(registry):
    status, _, body = raw(registry, TARGET + "PaintRepository", {})
    assert status == 400
    assert json.loads(body)["__type"] == "UnknownOperationException"


def test_a_call_without_authorisation_is_refused(registry):
    status, _, body = raw(registry, TARGET + "DescribeRepositories", {}, signed=False)
    assert 400 <= status < 500
    assert json.loads(body)["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("body", ["", "not json", "[]", '"text"', '{"repositoryName":'])
def test_a_body_that_is_no_object_is_refused(registry, body):
    status, _, answer = raw(registry, TARGET + "DescribeImages", body)
    assert status == 400
    assert json.loads(answer)["__type"] in ("SerializationException", "InvalidParameterException")


@pytest.mark.parametrize(
    "body",
    [
        {"repositoryName": 7},
        {"repositoryName": "app", "maxResults": "ten"},
        {"repositoryName": "app", "imageIds": {"imageTag": "a"}},
        {"repositoryName": "app", "filter": "ANY"},
    ],
)
def test_a_member_of_another_type_is_refused(registry, ecr, body):
    registry.create("app")
    status, _, answer = raw(registry, TARGET + "DescribeImages", body)
    assert status == 400
    assert json.loads(answer)["__type"] in ("SerializationException", "InvalidParameterException")


@pytest.mark.parametrize(
    "operation, body, name",
    [
        ("DescribeImages", {}, "repositoryName"),
        ("BatchGetImage", {"repositoryName": "app"}, "imageIds"),
        ("BatchDeleteImage", {"repositoryName": "app"}, "imageIds"),
        ("PutImage", {"repositoryName": "app"}, "imageManifest"),
        ("PutLifecyclePolicy", {"repositoryName": "app"}, "lifecyclePolicyText"),
        ("PutImageTagMutability", {"repositoryName": "app"}, "imageTagMutability"),
        ("UpdateImageStorageClass", {"repositoryName": "app", "imageId": {}}, "targetStorageClass"),
        ("ListImageReferrers", {"repositoryName": "app"}, "subjectId"),
        ("PutReplicationConfiguration", {}, "replicationConfiguration"),
        ("GetAccountSetting", {}, "name"),
    ],
)
def test_a_required_member_that_is_missing_is_named(registry, ecr, operation, body, name):
    registry.create("app")
    status, _, answer = raw(registry, TARGET + operation, body)
    error = json.loads(answer)
    assert status == 400
    assert error["__type"] in ("InvalidParameterException", "ValidationException")
    assert name.lower() in error["message"].lower()


def test_unknown_members_of_a_request_are_ignored(registry):
    status, _, body = raw(registry, TARGET + "DescribeRepositories", {"someFutureMember": 1})
    assert (status, json.loads(body)) == (200, {"repositories": []})


@pytest.mark.parametrize("registry_id", ["12345", "abcdefghijkl", "1234567890123"])
def test_a_registry_id_has_twelve_digits(ecr, refused, registry_id):
    with refused("InvalidParameterException"):
        ecr.describe_repositories(registryId=registry_id)
