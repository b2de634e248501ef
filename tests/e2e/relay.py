"""What lies between the functions and the registries: it passes every call on, remembers who made it and what
it was about, and lets a test step in at an exact moment.

A call is known by the access key of its signature. Whose process that is, the kernel says; that is asked once
for each key.
"""

import http.client
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from processes import environment_of, process_behind


@dataclass(frozen=True)
class Call:
    """One call of ECR by a function."""

    function: str
    account: str
    region: str
    operation: str
    repository: str | None


@dataclass
class Moment:
    """What is to happen when a call like this comes, so many times."""

    operation: str
    account: str | None
    region: str | None
    repository: str | None
    times_left: int
    action: object
    happened: int = 0

    def suits(self, call):
        return (
            0 < self.times_left
            and call.operation == self.operation
            and self.account in (None, call.account)
            and self.region in (None, call.region)
            and self.repository in (None, call.repository)
        )


class Relay:
    """A relay in front of one server. `session_of` says which session of a role an access key was issued for."""

    def __init__(self, registries, session_of):
        self.registries = registries
        self._session_of = session_of
        self._lock = threading.Lock()
        self._calls = []
        self._moments = []
        self._callers = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def calls(self):
        with self._lock:
            return list(self._calls)

    def forget_calls(self):
        with self._lock:
            self._calls.clear()

    def when(self, operation, action, *, account=None, region=None, repository=None, times=1_000_000):
        """Before the next so many calls of this operation (in this account and region, about this repository) are
        passed on, `action` is called with the process that makes the call."""
        moment = Moment(operation, account, region, repository, times, action)
        with self._lock:
            self._moments.append(moment)
        return moment

    def no_moments(self):
        with self._lock:
            self._moments.clear()

    def note(self, access_key, region, operation, body, peer_port):
        """Remembers a call; what is to happen now, if anything."""
        repository = body.get("repositoryName")
        function, account = self._caller(access_key, peer_port)
        call = Call(function, account, region, operation, repository)
        with self._lock:
            self._calls.append(call)
            for moment in self._moments:
                if moment.suits(call):
                    moment.times_left -= 1
                    moment.happened += 1
                    return moment.action
        return None

    def _caller(self, access_key, peer_port):
        """The function that calls, and the account as whose role it does."""
        with self._lock:
            if access_key in self._callers:
                return self._callers[access_key]
        function = environment_of(self.process_behind(peer_port))["AWS_LAMBDA_FUNCTION_NAME"]
        session = self._session_of(access_key)
        account = session.split(":")[4]
        # The registries have to know whose key it is: each account has its own, and pulls of some roles are not recorded.
        self.registries.principal(access_key, session, account)
        with self._lock:
            self._callers[access_key] = function, account
        return function, account

    def process_behind(self, peer_port):
        """The process that calls from this port."""
        return process_behind(peer_port, self._server.server_address[1])

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def _handler(relay):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self):
            super().setup()
            self.registries = http.client.HTTPConnection("127.0.0.1", relay.registries.port, timeout=300)

        def finish(self):
            self.registries.close()
            try:
                super().finish()
            except OSError:
                # Who asked has gone; a test may have seen to that.
                pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            credential = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/", self.headers["authorization"])
            operation = self.headers["x-amz-target"].rsplit(".", 1)[1]
            peer = self.client_address[1]
            action = relay.note(*credential.groups(), operation, json.loads(body), peer)
            if action is not None:
                action(relay.process_behind(peer))
            try:
                self.registries.request("POST", self.path, body, dict(self.headers))
                answer = self.registries.getresponse()
                content = answer.read()
            except (http.client.HTTPException, OSError):
                # The connection broke off behind; so it does in front.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                return
            self.pass_back(answer, content)

        def pass_back(self, answer, content):
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
                self.wfile.flush()
            except OSError:
                self.close_connection = True

        def handle(self):
            try:
                super().handle()
            except OSError:
                pass

        def log_message(self, *_):
            pass

    return Handler
