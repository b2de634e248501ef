"""The AWS emulator as a program: ministack, and ten things that it leaves out, which policies of ours ask
for or tests would wait for.

Run as `python emulator.py`; everything else is set by ministack's own environment variables.
"""

import json
import re
from urllib.parse import parse_qs

import cbor2
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import eventbridge, lambda_svc, stepfunctions, sts, tagging

#: Seconds between two looks at the schedules. Ministack looks every ten.
SCHEDULES_LOOKED_AT_SECONDS = 1

#: Below it a test asks whose an access key is.
SESSIONS = "/_sessions/"

_serve = app.app
_context_of_tags = iam_actions.request_tag_context
_put_events = eventbridge._put_events
_get_function = lambda_svc._get_function
_invoke_target = eventbridge._invoke_target
_start_nested = stepfunctions._invoke_nested_start_execution
_BUS = re.compile(r"arn:aws:events:(?P<region>[^:]+):(?P<account>\d{12}):event-bus/(?P<name>.+)")


async def serve_as_if_over_tls(scope, receive, send):
    """Requests arrive as if something before this server had ended their TLS: a bucket policy that refuses
    plain HTTP (`aws:SecureTransport`) would refuse everything on the loopback address."""
    if scope["type"] == "http" and scope["path"].startswith(SESSIONS):
        await _tell_whose(scope["path"].removeprefix(SESSIONS), send)
        return
    if scope["type"] == "http":
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
    await _serve(scope, receive, send)


async def _tell_whose(access_key, send):
    """The session of a role that an access key was issued for: STS says the account of it alone. ECR stands elsewhere, and has
    to know who asks."""
    session = sts._sessions.get(access_key)
    await send({"type": "http.response.start", "status": 200 if session else 404, "headers": []})
    await send({"type": "http.response.body", "body": (session or {}).get("Arn", "").encode()})


def context_with_namespace(service, iam_action, body, params):
    """The condition key `cloudwatch:namespace`, which ministack does not know: a statement that is narrowed
    by it would allow nothing."""
    context = _context_of_tags(service, iam_action, body, params)
    if iam_action == "cloudwatch:PutMetricData":
        context["cloudwatch:namespace"] = _namespace(body, params)
    return context


def _namespace(body, params):
    """Of a request in CBOR, as the SDKs for Rust send it, in JSON, or as a form."""
    try:
        return cbor2.loads(body)["Namespace"]
    except (cbor2.CBORDecodeError, KeyError, TypeError):
        pass
    try:
        return json.loads(body)["Namespace"]
    except (ValueError, KeyError, TypeError):
        pass
    form = parse_qs(body.decode("utf-8", "replace"))
    return (form.get("Namespace") or params.get("Namespace") or [""])[0]


def put_events_of_their_time(data, allow_aws_source=False):
    """An event that is put with a time has that time, and not the one at which it came. Of one event alone, because
    that is all that tests put."""
    entries = data.get("Entries", [])
    if len(entries) != 1 or "Time" not in entries[0]:
        return _put_events(data, allow_aws_source)
    now = eventbridge._now_ts
    eventbridge._now_ts = lambda: entries[0]["Time"]
    try:
        return _put_events(data, allow_aws_source)
    finally:
        eventbridge._now_ts = now


def dispatch_to_lambda_as_lambda_does(arn, payload):
    """An event that a function fails on is tried again and goes to its destination on failure: EventBridge invokes
    functions asynchronously, and ministack calls them once."""
    function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
    record = lambda_svc._execution_record_for_config(function, configuration)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def function_of_the_digest_that_it_was_deployed_with(name, qualifier=None):
    """AWS says to which digest it has resolved the image of a function; ministack repeats the reference. A test says the
    digest by a tag of the function, `resolved-image-uri`, and the one of `$LATEST`, once it differs, by another."""
    status, headers, body = _get_function(name, qualifier)
    answer = json.loads(body)
    code, tags = answer.get("Code", {}), answer.get("Tags", {})
    is_latest = qualifier in (None, "$LATEST")
    resolved = tags.get("resolved-image-uri-latest" if is_latest else "resolved-image-uri")
    resolved = resolved or tags.get("resolved-image-uri")
    if resolved and "ResolvedImageUri" in code:
        code["ResolvedImageUri"] = resolved
        body = json.dumps(answer).encode()
    return status, headers, body


def invoke_target_wherever_it_is(target, event, rule, view=None):
    """A bus of another account or region gets the event, with the account and region that it came from, where the role of the
    target may put events there; ministack delivers within one account and region."""
    bus = _BUS.fullmatch(target.get("Arn", ""))
    here = (responses.get_account_id(), responses.get_region())
    if not bus or (bus["account"], bus["region"]) == here:
        return _invoke_target(target, event, rule, view)
    if not _may_put_events(target["RoleArn"], target["Arn"]):
        return None
    came_from = {"Account": event.get("Account", here[0]), "Region": event.get("Region", here[1])}
    with responses.request_scope(bus["account"], bus["region"]):
        return eventbridge._dispatch_event({**event, **came_from, "EventBusName": bus["name"]})


def _may_put_events(role, bus):
    """Whether the policies of a role let it."""
    account, name = role.split(":")[4], role.rsplit("/", 1)[1]
    context = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action="events:PutEvents",
        resource_arn=bus,
        region=responses.get_region(),
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    return iam_evaluator.evaluate(context, policies).decision == "Allow"


def start_nested_with_the_names_of_errors(resource, input_data):
    """An error of a service that a state machine calls itself has the name of the service before it, and ends in `Exception`;
    ministack gives it the name that it has in the API."""
    try:
        return _start_nested(resource, input_data)
    except stepfunctions._ExecutionError as error:
        name = error.error.removesuffix("Exception")
        raise stepfunctions._ExecutionError(f"StepFunctions.{name}Exception", error.cause) from None


def main():
    app.app = serve_as_if_over_tls
    iam_actions.request_tag_context = context_with_namespace
    eventbridge._dispatch_to_lambda = dispatch_to_lambda_as_lambda_does
    eventbridge._put_events = put_events_of_their_time
    eventbridge._invoke_target = invoke_target_wherever_it_is
    stepfunctions._invoke_nested_start_execution = start_nested_with_the_names_of_errors
    lambda_svc._get_function = function_of_the_digest_that_it_was_deployed_with
    # It keeps tags of repositories, and does not look at them where a policy has `aws:ResourceTag`.
    tagging._RESOURCE_TAG_COLLECTORS["ecr"] = tagging._collect_ecr
    eventbridge._SCHEDULER_TICK_INTERVAL = SCHEDULES_LOOKED_AT_SECONDS
    app.main()


if __name__ == "__main__":
    main()
