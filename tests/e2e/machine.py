"""Executions of the state machine: started, awaited, and looked into."""

import json
from dataclasses import dataclass

from programs import eventually


@dataclass(frozen=True)
class Execution:
    """An execution that has ended."""

    arn: str
    status: str
    input: dict
    output: dict | None
    error: str | None
    cause: str | None
    started_at: object

    @property
    def name(self):
        return self.arn.rpartition(":")[2]


def start(stack, request=None, name=None):
    """Starts an execution as a person would: its ARN."""
    more = {"name": name} if name else {}
    client = stack.cloud.client("stepfunctions")
    answer = client.start_execution(stateMachineArn=stack.machine, input=json.dumps(request or {}), **more)
    return answer["executionArn"]


def wait(stack, arn, seconds=120):
    """The execution when it has ended, whatever way."""
    client = stack.cloud.client("stepfunctions")

    def ended():
        found = client.describe_execution(executionArn=arn)
        return None if found["status"] == "RUNNING" else found

    found = eventually(ended, f"execution {arn} has ended", seconds, every=0.2)
    return Execution(
        arn,
        found["status"],
        json.loads(found["input"]),
        json.loads(found["output"]) if found["status"] == "SUCCEEDED" else None,
        found.get("error"),
        found.get("cause"),
        found["startDate"],
    )


def run(stack, request=None, seconds=120):
    """Starts an execution and waits for its end."""
    return wait(stack, start(stack, request), seconds)


def executions(stack, machine=None):
    """The ARNs of all executions so far, the latest first: of runs, or of another machine."""
    client = stack.cloud.client("stepfunctions")
    answer = client.list_executions(stateMachineArn=machine or stack.machine)
    return [one["executionArn"] for one in answer["executions"]]


def children(stack, arn, step=None):
    """The executions that the Maps of an execution made, one for each line: input and description. Of one kind of work, or of
    what is judged, which has no `step`; `all_children` has both."""
    return [(line, child) for line, child in all_children(stack, arn) if line.get("step") == step]


def all_children(stack, arn):
    """The same of all kinds."""
    client = stack.cloud.client("stepfunctions")
    found = []
    for map_run in client.list_map_runs(executionArn=arn)["mapRuns"]:
        listed = client.get_paginator("list_executions").paginate(mapRunArn=map_run["mapRunArn"])
        for page in listed:
            for one in page["executions"]:
                description = client.describe_execution(executionArn=one["executionArn"])
                found.append((json.loads(description["input"]), description))
    return found
