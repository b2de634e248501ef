"""The AWS emulator as a program: ministack, and three things that it leaves out, which policies of ours ask
for or tests would wait for.

Run as `python emulator.py`; everything else is set by ministack's own environment variables.
"""

import json
from urllib.parse import parse_qs

import cbor2
from ministack import app
from ministack.core import iam_actions
from ministack.services import eventbridge

#: Seconds between two looks at the schedules. Ministack looks every ten.
SCHEDULES_LOOKED_AT_SECONDS = 1

_serve = app.app
_context_of_tags = iam_actions.request_tag_context


async def serve_as_if_over_tls(scope, receive, send):
    """Requests arrive as if something before this server had ended their TLS: a bucket policy that refuses
    plain HTTP (`aws:SecureTransport`) would refuse everything on the loopback address."""
    if scope["type"] == "http":
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
    await _serve(scope, receive, send)


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


def main():
    app.app = serve_as_if_over_tls
    iam_actions.request_tag_context = context_with_namespace
    eventbridge._SCHEDULER_TICK_INTERVAL = SCHEDULES_LOOKED_AT_SECONDS
    app.main()


if __name__ == "__main__":
    main()
