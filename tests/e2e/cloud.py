"""The emulated AWS: every service but ECR, with IAM enforced, and functions as processes."""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

from programs import Program, bare_environment, free_port

#: The region that the service is deployed in, and the account of everything.
REGION = "eu-west-1"
ACCOUNT = "123456789012"
#: Pauses of a state machine's retries, as a fraction of what is written there: 30 seconds are 0.3.
PAUSES_SCALED_BY = "0.01"

#: Each call is made once, so that a test sees what came of it.
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=300)


class Cloud:
    """A running emulator."""

    def __init__(self, folder):
        folder.mkdir()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = bare_environment(
            folder,
            BIND_HOST="127.0.0.1",
            GATEWAY_PORT=str(port),
            AUTH="true",
            SFN_WAIT_SCALE=PAUSES_SCALED_BY,
            LAMBDA_ASYNC_RETRY_BASE_SECONDS="0.05",
            MINISTACK_ACCOUNT_ID=ACCOUNT,
            MINISTACK_REGION=REGION,
            AWS_DEFAULT_REGION=REGION,
            # The root of the account; functions get keys of their roles instead, and inherit the rest.
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_ENDPOINT_URL=self.url,
            AWS_EC2_METADATA_DISABLED="true",
            PYTHONDONTWRITEBYTECODE="1",
        )
        program = [sys.executable, Path(__file__).with_name("emulator.py")]
        self.program = Program("emulator", program, environment, folder)
        self._clients = {}
        self.program.wait_for(self._is_healthy, "answers")

    def _is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    @property
    def process_id(self):
        return self.program.process.pid

    def client(self, service):
        """A client with the root's keys."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=ONCE,
            )
        return self._clients[service]

    def role_of(self, function):
        """The role that a deployed function runs as."""
        return self.client("lambda").get_function_configuration(FunctionName=function)["Role"]

    def session_of(self, access_key):
        """The session of a role that an access key was issued for, by its name."""
        with urllib.request.urlopen(f"{self.url}/_sessions/{access_key}", timeout=30) as answer:
            return answer.read().decode()

    def environment_of(self, function):
        """The environment that a deployed function was given."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=function)
        return configuration["Environment"]["Variables"]

    def function_log(self, function, last_lines=30):
        """What a function said lately, over all its processes."""
        logs = self.client("logs")
        configuration = self.client("lambda").get_function_configuration(FunctionName=function)
        group = configuration.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{function}")
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return "(nothing)"
        lines = [event["message"].rstrip() for event in events]
        lines = [line for line in lines if not line.startswith(("START ", "END ", "REPORT "))]
        return "\n".join(lines[-last_lines:])

    def objects(self, bucket, prefix=""):
        """Every object below a prefix: its key and its entity tag."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {entry["Key"]: entry["ETag"] for page in pages for entry in page.get("Contents", [])}

    def text(self, bucket, key):
        return self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def document(self, bucket, key):
        return json.loads(self.text(bucket, key))

    def said(self):
        """Its log, for a test that failed."""
        # What functions say comes again in their own logs.
        lines = [line for line in self.program.log().splitlines() if not line.startswith("{")]
        return [("emulator", "\n".join(lines[-30:]))]

    def stop(self):
        self.program.stop()
