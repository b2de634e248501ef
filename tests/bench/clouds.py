#!/usr/bin/env python3
"""What answers `on-image-push` while it is measured: just enough of five services, as fast as it goes.

It keeps items of DynamoDB by their keys and looks at no condition, because events come one after another. It says where
it listens on stdout.
"""

import http.server
import json
import threading

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/push/f</Arn><UserId>A</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
PUBLISHED = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
EMPTY_MAP = b"\xa0"


def key(item):
    """The key of an item."""
    return item["repository"]["S"], item["item"]["S"]


class Clouds(http.server.BaseHTTPRequestHandler):
    """Answers by what is asked."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self):  # noqa: N802 the name is that of the library
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target", "")
        if target.startswith("DynamoDB"):
            self.answer("application/x-amz-json-1.0", json.dumps(self.dynamodb(target, json.loads(body))).encode())
        elif target.endswith("DescribeRepositories"):
            name = json.loads(body)["repositoryNames"][0]
            described = {"repositories": [{"repositoryName": name, "imageTagMutability": "MUTABLE"}]}
            self.answer("application/x-amz-json-1.1", json.dumps(described).encode())
        elif self.path.endswith("PutMetricData"):
            self.answer("application/cbor", EMPTY_MAP, ("smithy-protocol", "rpc-v2-cbor"))
        elif b"GetCallerIdentity" in body:
            self.answer("text/xml", IDENTITY.encode())
        else:
            self.answer("text/xml", PUBLISHED.encode())

    def dynamodb(self, target, request):
        items = self.server.items
        with self.server.lock:
            if target.endswith("GetItem"):
                found = items.get(key(request["Key"]))
                return {"Item": found} if found else {}
            if target.endswith("Query"):
                values = request["ExpressionAttributeValues"]
                first, last = (values[name]["S"] for name in (":first", ":last"))
                asked = values[":repository"]["S"]
                found = [item for at, item in items.items() if at[0] == asked and first <= at[1] <= last]
                return {"Items": found, "Count": len(found)}
            for action in request["TransactItems"]:
                if "Put" in action:
                    items[key(action["Put"]["Item"])] = action["Put"]["Item"]
            return {}

    def answer(self, media_type, body, *headers):
        self.send_response_only(200)
        for name, value in (("Content-Type", media_type), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Clouds)
    server.items, server.lock, server.daemon_threads = {}, threading.Lock(), True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
