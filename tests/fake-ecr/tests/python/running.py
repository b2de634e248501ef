"""The server as a process of its own, and the clients that ask it.

It is started from the program that FAKE_ECR_PROGRAM names, on a free port of the loopback address. Nothing
here knows how the server works: only its command line, its admin interface and what AWS documents.
"""

import http.client
import itertools
import json
import os
import re
import subprocess
import threading
import time

import boto3
from botocore.config import Config

from shapes import compare

#: No retries, so that each refusal is seen; no check of parameters, so that the server has to refuse them.
PLAIN = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    parameter_validation=False,
    connect_timeout=5,
    read_timeout=30,
)
REGION = "eu-west-1"

_SESSION = boto3.session.Session()
_ACCOUNTS = itertools.count(210000000001)


class Server:
    """One running server."""

    def __init__(self, *arguments):
        program = os.environ["FAKE_ECR_PROGRAM"]
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.port = None
        self._said = []
        self._listening = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._listening.wait(20) or self.port is None:
            self.stop()
            raise RuntimeError(f"the server said no address: {''.join(self._said)}")

    def _listen(self):
        for line in self.process.stderr:
            self._said.append(line)
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if found and self.port is None:
                self.port = int(found.group(1))
                self._listening.set()
        self._listening.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
        self.process.wait()

    def registry(self, account=None, region=REGION):
        """A registry that nobody has used yet, in an account of its own."""
        return Registry(self, account or str(next(_ACCOUNTS)), region)

    def post(self, path, body=None):
        """One call of the admin interface."""
        return self._admin("POST", path, body if body is not None else {})

    def get(self, path):
        return self._admin("GET", path, None)

    def set_clock(self, at):
        """The server's clock stands still at this time."""
        self.post("/_fake/clock", {"fixed": at.isoformat().replace("+00:00", "Z")})

    def advance(self, seconds):
        self.post("/_fake/clock", {"advance_seconds": seconds})

    def settings(self, **members):
        answer = self.post("/_fake/settings", members)
        assert all(answer[name] == value for name, value in members.items())

    def fault(self, operation, kind, **members):
        self.post("/_fake/faults", {"operation": operation, "kind": kind, **members})

    def calls(self, registry):
        """How often each operation was called by an account: (calls, throttled, failed)."""
        return {
            one["operation"]: (one["calls"], one["throttled"], one["failed"])
            for one in self.get("/_fake/calls")["calls"]
            if (one["account"], one["region"]) == (registry.account, registry.region)
        }

    def run_lifecycle(self, registry, repository):
        """The daily run of ECR over one repository, now."""
        asked = {"account": registry.account, "region": registry.region, "repository": repository}
        [run] = self.post("/_fake/lifecycle-run", asked)["runs"]
        assert run["repository"] == repository
        return run

    def _admin(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"content-type": "application/json"} if text else {})
            answer = connection.getresponse()
            content = answer.read().decode()
            assert 200 <= answer.status < 300, f"{method} {path} {text}: {answer.status} {content}"
            return json.loads(content) if content else None
        finally:
            connection.close()


class Registry:
    """One account in one region of a server."""

    def __init__(self, server, account, region):
        self.server = server
        self.account = account
        self.region = region
        self._clients = {}

    def client(self, service="ecr", region=None, key=None, secret="secret", token=None, config=PLAIN):
        """An ordinary client: only the endpoint and the keys are made up."""
        made = _SESSION.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.server.url,
            aws_access_key_id=key or self.account,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=config,
        )
        if service.startswith("ecr"):
            made.meta.events.register("before-parse", compare)
        return made

    @property
    def ecr(self):
        if "ecr" not in self._clients:
            self._clients["ecr"] = self.client()
        return self._clients["ecr"]

    def create(self, name, **settings):
        self.ecr.create_repository(repositoryName=name, **settings)
        return name

    def environment(self, **more):
        """What a process needs to ask this registry."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.server.url,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
            **more,
        }


def raw(registry, target, body, headers=None, signed=True):
    """One call as bytes on the wire: its status, its headers and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", registry.server.port, timeout=30)
    service = "ecr-public" if target.startswith("Spencer") else "ecr"
    sent = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
    if signed:
        scope = f"{registry.account}/20260101/{registry.region}/{service}/aws4_request"
        sent["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
        )
    try:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request("POST", "/", text, {**sent, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def eventually(question, seconds=10, every=0.05):
    """The first answer within the time that is neither none nor false (an empty list is one), or a failure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer is not None and answer is not False:
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s")
