"""Fixtures: a server for each module, and a registry of its own for each test."""

import os

import pytest

from running import Server


def pytest_configure(config):
    if not os.environ.get("FAKE_ECR_PROGRAM"):
        raise pytest.UsageError("FAKE_ECR_PROGRAM names the program of the server")


@pytest.fixture(scope="module")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def registry(server):
    """An account that no other test uses: its access key is its number."""
    return server.registry()


@pytest.fixture
def ecr(registry):
    return registry.ecr


@pytest.fixture
def refused(ecr):
    """`refused("Name")`: exactly this exception of the service, by its class."""

    class Refusal:
        def __init__(self, name, client, text):
            self.kind = getattr(client.exceptions, name)
            self.name = name
            self.text = text
            self.error = None

        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert error is not None, f"nothing was refused, {self.name} was due"
            if not hasattr(error, "response"):
                return False
            got = error.response["Error"]
            assert type(error) is self.kind, f"{self.name} was due, and came {got}"
            assert got["Code"] == self.name
            assert got["Message"], "a refusal says why"
            assert self.text in got["Message"], f"{self.text!r} was due, and came {got['Message']!r}"
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            self.error = error
            return True

    def refuse(name, client=None, text=""):
        return Refusal(name, client or ecr, text)

    return refuse
