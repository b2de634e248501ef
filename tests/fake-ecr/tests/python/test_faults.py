"""Facts about failing calls: throttling and injected faults, and what the SDK's own retries make of them."""

import json
import time
from datetime import UTC, datetime
from http.client import IncompleteRead

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from pushing import push_many
from running import PLAIN, raw

OPERATION = "DescribeRepositories"


@pytest.fixture(autouse=True)
def cleared(server):
    yield
    server.post("/_fake/faults", {"clear": True})
    server.post("/_fake/rates", {"clear": True})


def retrying(registry, mode="standard", attempts=3, **more):
    return registry.client(config=Config(retries={"total_max_attempts": attempts, "mode": mode}, **more))


@pytest.mark.parametrize(
    "kind, code, status",
    [
        ("http500", "ServerException", 500),
        ("throttled", "ThrottlingException", 400),
        ("expired_token", "ExpiredTokenException", 400),
        ("access_denied", "AccessDeniedException", 400),
    ],
)
def test_a_fault_is_the_refusal_of_its_kind_and_then_gone(registry, ecr, server, kind, code, status):
    server.fault(OPERATION, kind, count=1)
    with pytest.raises(ClientError) as refusal:
        ecr.describe_repositories()
    response = refusal.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["ResponseMetadata"]["RequestId"]
    assert ecr.describe_repositories()["repositories"] == []


def test_a_server_fault_has_the_class_of_the_service(registry, ecr, server):
    server.fault(OPERATION, "http500")
    with pytest.raises(ecr.exceptions.ServerException):
        ecr.describe_repositories()


def test_throttling_says_rate_exceeded(ecr, server):
    server.fault(OPERATION, "throttled")
    with pytest.raises(ClientError) as refusal:
        ecr.describe_repositories()
    assert refusal.value.response["Error"]["Message"] == "Rate exceeded"


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("kind", ["http500", "throttled"])
def test_the_sdk_retries_what_may_pass(registry, server, kind, mode):
    client = retrying(registry, mode)
    server.fault(OPERATION, kind, count=1, account=registry.account)
    answer = client.describe_repositories()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    calls, throttled, failed = server.calls(registry)[OPERATION]
    assert calls == 2
    assert (throttled, failed) == ((1, 0) if kind == "throttled" else (0, 1))


def test_the_sdk_gives_up_after_its_attempts(registry, server):
    client = retrying(registry, attempts=2)
    server.fault(OPERATION, "http500", count=5, account=registry.account)
    with pytest.raises(ClientError, match="reached max retries: 1"):
        client.describe_repositories()
    assert server.calls(registry)[OPERATION][0] == 2


@pytest.mark.parametrize("kind", ["expired_token", "access_denied"])
def test_the_sdk_does_not_retry_what_cannot_pass(registry, server, kind):
    client = retrying(registry)
    server.fault(OPERATION, kind, count=3, account=registry.account)
    with pytest.raises(ClientError):
        client.describe_repositories()
    assert server.calls(registry)[OPERATION][0] == 1


def test_a_connection_that_breaks_is_seen_and_retried(registry, ecr, server):
    registry.create("app")
    server.fault(OPERATION, "reset", count=1, account=registry.account)
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        ecr.describe_repositories()
    server.fault(OPERATION, "reset", count=1, account=registry.account)
    answer = retrying(registry).describe_repositories()
    assert len(answer["repositories"]) == 1
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_truncated_body_ends_before_the_length_that_was_promised(registry, ecr, server):
    registry.create("app")
    server.fault(OPERATION, "truncated", count=1, account=registry.account)
    with pytest.raises((IncompleteRead, ConnectionResetError)):
        raw(registry, f"AmazonEC2ContainerRegistry_V20150921.{OPERATION}", {})
    status, _, body = raw(registry, f"AmazonEC2ContainerRegistry_V20150921.{OPERATION}", {})
    assert (status, len(json.loads(body)["repositories"])) == (200, 1)


def test_boto3_takes_a_truncated_body_for_an_answer_without_members(registry, ecr, server):
    """It checks no length, and what is no JSON is an empty answer to it: never a part of a list."""
    for number in range(20):
        registry.create(f"app-{number}")
    server.fault(OPERATION, "truncated", count=1, account=registry.account)
    try:
        assert "repositories" not in ecr.describe_repositories()
    except HTTPClientError:
        pass  # The connection may break before the half of the body was read.
    assert len(ecr.describe_repositories()["repositories"]) == 20


def test_a_call_that_hangs_ends_by_the_timeout_of_the_client(registry, server):
    client = registry.client(config=PLAIN.merge(Config(read_timeout=1)))
    server.fault(OPERATION, "timeout", count=1, account=registry.account)
    with pytest.raises(ReadTimeoutError):
        client.describe_repositories()
    assert client.describe_repositories()["repositories"] == []


def test_a_slow_call_answers_late_and_right(registry, ecr, server):
    registry.create("app")
    server.fault(OPERATION, "slow", count=1, delay_ms=800, account=registry.account)
    begun = time.monotonic()
    assert len(ecr.describe_repositories()["repositories"]) == 1
    assert time.monotonic() - begun >= 0.8
    begun = time.monotonic()
    ecr.describe_repositories()
    assert time.monotonic() - begun < 0.8


def test_a_fault_concerns_only_its_operation_account_and_region(registry, ecr, server):
    other = server.registry()
    server.fault(OPERATION, "http500", count=10, account=registry.account, region=registry.region)
    other.ecr.describe_repositories()
    registry.client(region="us-east-2").describe_repositories()
    ecr.describe_registry()
    with pytest.raises(ecr.exceptions.ServerException):
        ecr.describe_repositories()


def outcomes(ecr, times):
    found = []
    for _ in range(times):
        try:
            ecr.describe_repositories()
            found.append("good")
        except ecr.exceptions.ServerException:
            found.append("bad")
    return found


def test_every_third_call_can_fail(registry, ecr, server):
    server.fault(OPERATION, "http500", every=3, account=registry.account)
    assert outcomes(ecr, 9) == ["good", "good", "bad"] * 3


def test_a_probability_with_a_seed_fails_the_same_calls_again(registry, ecr, server):
    runs = []
    for _ in range(2):
        server.fault(OPERATION, "http500", probability=0.5, seed=7, account=registry.account)
        runs.append(outcomes(ecr, 30))
        server.post("/_fake/faults", {"clear": True})
    assert runs[0] == runs[1]
    assert {"good", "bad"} == set(runs[0])


def test_an_injected_fault_executes_nothing(registry, ecr, server):
    for kind in ("http500", "throttled", "access_denied"):
        server.fault("CreateRepository", kind, count=1, account=registry.account)
        with pytest.raises(ClientError):
            ecr.create_repository(repositoryName="app")
    assert ecr.describe_repositories()["repositories"] == []


def test_a_page_that_fails_in_the_middle_is_retried_by_the_paginator(registry, ecr, server):
    registry.create("app")
    images = push_many(ecr, "app", 30)
    client = retrying(registry, attempts=5)
    server.fault("DescribeImages", "throttled", every=2, account=registry.account)
    pages = client.get_paginator("describe_images").paginate(
        repositoryName="app", PaginationConfig={"PageSize": 10}
    )
    found = sorted(detail["imageDigest"] for page in pages for detail in page["imageDetails"])
    assert found == sorted(image.digest for image in images)
    assert server.calls(registry)["DescribeImages"] == (5, 2, 0)


def test_an_empty_bucket_throttles_and_fills_again(registry, ecr, server):
    server.post("/_fake/rates", {"operation": OPERATION, "per_second": 2, "burst": 3})
    for _ in range(3):
        ecr.describe_repositories()
    with pytest.raises(ClientError) as refusal:
        for _ in range(30):
            ecr.describe_repositories()
    assert refusal.value.response["Error"]["Code"] == "ThrottlingException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    time.sleep(0.8)
    ecr.describe_repositories()


def test_buckets_of_accounts_regions_and_operations_are_apart(registry, ecr, server):
    server.post("/_fake/rates", {"operation": OPERATION, "per_second": 0.001, "burst": 1})
    ecr.describe_repositories()
    with pytest.raises(ClientError):
        ecr.describe_repositories()
    server.registry().ecr.describe_repositories()
    registry.client(region="us-east-2").describe_repositories()
    ecr.describe_registry()


def test_the_sdk_comes_through_a_small_bucket_by_its_retries(registry, server):
    server.post("/_fake/rates", {"operation": OPERATION, "per_second": 10, "burst": 1})
    client = retrying(registry, attempts=8)
    for _ in range(6):
        client.describe_repositories()
    calls, throttled, failed = server.calls(registry)[OPERATION]
    assert throttled > 0
    assert calls - throttled == 6
    assert failed == 0


def test_the_published_rate_of_put_image_is_ten_a_second(registry, ecr, server):
    registry.create("app")
    server.post("/_fake/rates", {"published": True})
    with pytest.raises(ClientError, match="Rate exceeded"):
        push_many(ecr, "app", 200)
    for _ in range(50):
        ecr.describe_repositories()


def test_calls_are_counted_by_operation(registry, ecr, server):
    registry.create("app")
    for _ in range(3):
        ecr.describe_repositories()
    with pytest.raises(ClientError):
        ecr.describe_images(repositoryName="none")
    counted = server.calls(registry)
    assert counted["CreateRepository"] == (1, 0, 0)
    assert counted[OPERATION] == (3, 0, 0)
    assert counted["DescribeImages"][0] == 1
    server.post("/_fake/reset-calls")
    assert server.calls(registry) == {}


def test_the_date_of_an_answer_is_the_server_s_clock(registry, ecr, server):
    server.set_clock(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    headers = ecr.describe_registry()["ResponseMetadata"]["HTTPHeaders"]
    assert headers["date"] == "Wed, 04 Mar 2026 05:06:07 GMT"
    server.post("/_fake/clock", {"real": True})


def test_a_principal_that_was_set_is_the_caller(registry, server):
    arn = f"arn:aws:sts::{registry.account}:assumed-role/reader/session"
    server.post(
        "/_fake/principals", {"access_key": "AKIAREADER", "account": registry.account, "principal": arn}
    )
    identity = registry.client("sts", key="AKIAREADER").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (registry.account, arn)
