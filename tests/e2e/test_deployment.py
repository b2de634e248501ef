"""The stack: what the template becomes, with IAM enforced."""

import boto3
import pytest
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from cloud import ONCE, REGION
from processes import children_of, environment_of
from stack import CODE_BUCKET, TEMPLATE
from zips import FUNCTIONS, OF_A_RUN


@pytest.fixture(scope="module")
def as_function(whole):
    """Clients that sign with the keys that a function was given."""
    keys = {}
    for function in FUNCTIONS:
        # An input that no function takes: it starts, and refuses.
        assert whole.stack.invoke(function, {"no such": "field"}).error == "Demurrage.BadInput"
        environments = map(environment_of, children_of(whole.cloud.process_id))
        [keys[function]] = [
            {
                "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
                "aws_session_token": environment["AWS_SESSION_TOKEN"],
            }
            for environment in environments
            if environment.get("AWS_LAMBDA_FUNCTION_NAME") == whole.stack.function(function)
        ]

    def client(function, service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=whole.cloud.url, config=ONCE, **keys[function]
        )

    return client


@pytest.fixture
def denied():
    """`with denied():` a call that IAM refuses."""

    class Denied:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert isinstance(error, ClientError), f"the call was not refused: {error!r}"
            assert error.response["Error"]["Code"] in (
                "AccessDenied",
                "AccessDeniedException",
                "AuthorizationError",
            )
            return True

    return Denied


def test_every_resource_of_the_template_whose_condition_holds_is_created(whole):
    resources = yaml_parse(TEMPLATE.read_text())["Resources"]
    unconditional = {name for name, resource in resources.items() if "Condition" not in resource}
    assert unconditional <= whole.stack.logical_ids


@pytest.mark.parametrize("function", OF_A_RUN)
def test_a_function_may_put_and_get_objects_of_the_store_and_delete_none(
    whole, as_function, denied, function
):
    s3, bucket = as_function(function, "s3"), whole.stack.bucket
    key = f"{whole.prefix}/tests/{function}"
    s3.put_object(Bucket=bucket, Key=key, Body=b"put")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"put"
    with denied():
        s3.delete_object(Bucket=bucket, Key=key)
    with denied():
        s3.put_object(Bucket=bucket, Key="beside-the-store", Body=b"put")
    with denied():
        s3.get_object(Bucket=CODE_BUCKET, Key=f"{function}.zip")


def test_what_events_call_reads_the_rules_of_the_store_and_writes_nothing_there(whole, as_function, denied):
    s3, bucket = as_function("on-image-push", "s3"), whole.stack.bucket
    with denied():
        s3.put_object(Bucket=bucket, Key=f"{whole.prefix}/demurrage.toml", Body=b"")
    with denied():
        s3.get_object(Bucket=bucket, Key=f"{whole.prefix}/runs/any")
    with pytest.raises(ClientError) as not_there:
        s3.get_object(Bucket=bucket, Key=f"{whole.prefix}/demurrage.toml")
    assert not_there.value.response["Error"]["Code"] == "NoSuchKey"


def test_the_ledger_is_reached_by_two_functions_and_nothing_of_it_is_deleted(whole, as_function, denied):
    table = whole.stack.physical("LedgerTable")
    key = {"repository": {"S": "tests"}, "item": {"S": "#tests"}}
    for function in ("audit-immutability", "on-image-push"):
        dynamodb = as_function(function, "dynamodb")
        dynamodb.put_item(TableName=table, Item=key)
        asked = dynamodb.query(
            TableName=table,
            KeyConditionExpression="repository = :r",
            ExpressionAttributeValues={":r": {"S": "tests"}},
        )
        assert asked["Items"] == [key]
        with denied():
            dynamodb.delete_item(TableName=table, Key=key)
        with denied():
            dynamodb.scan(TableName=table)
    for function in set(FUNCTIONS) - {"audit-immutability", "on-image-push", "apply-plan"}:
        with denied():
            as_function(function, "dynamodb").get_item(TableName=table, Key=key)
    with denied():
        as_function("apply-plan", "dynamodb").delete_item(TableName=table, Key=key)
    whole.cloud.client("dynamodb").delete_item(TableName=table, Key=key)


PUBLISHERS = {"report-metrics", "on-image-push"}


def test_only_publishers_publish_metrics_and_only_in_their_namespace(as_function, denied):
    data = [{"MetricName": "Tests", "Value": 1}]
    for function in PUBLISHERS:
        as_function(function, "cloudwatch").put_metric_data(Namespace="Demurrage", MetricData=data)
        with denied():
            as_function(function, "cloudwatch").put_metric_data(Namespace="Another", MetricData=data)
    for function in set(FUNCTIONS) - PUBLISHERS:
        with denied():
            as_function(function, "cloudwatch").put_metric_data(Namespace="Demurrage", MetricData=data)


def test_no_function_may_start_the_state_machine_or_invoke_another(whole, as_function, denied):
    for function in FUNCTIONS:
        with denied():
            as_function(function, "stepfunctions").start_execution(stateMachineArn=whole.stack.machine)
        with denied():
            as_function(function, "lambda").invoke(
                FunctionName=whole.stack.function("report-metrics"), Payload=b"{}"
            )


def test_the_tables_of_athena_lie_where_the_service_puts_their_lists(whole):
    database = whole.stack.outputs["AthenaDatabase"]
    tables = whole.cloud.client("glue").get_tables(DatabaseName=database)["TableList"]
    places = {table["Name"]: table["StorageDescriptor"]["Location"].rstrip("/") for table in tables}
    assert places == {
        name: f"{whole.store}/athena/{name}" for name in ("repositories", "images", "descriptors")
    }
