"""The definition of the state machine: reading it as CloudFormation hands it on, and looking it over.

Checks return what is wrong, in sentences; an empty list is a definition that is right. So a test can also
change the definition and see that the change is found.
"""

import json
import re

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
# What the numbers of the template may look like; everything else is text.
NUMBERS = {
    "MaxConcurrency": "8",
    "RunTimeoutSeconds": "82800",
    "ApplyConcurrency": "2",
    "ApplyTimeoutSeconds": "43200",
}
FUNCTION = re.compile(r"(\w+)FunctionArn$")


def placeholders(text):
    """The names that stand in `${…}`."""
    return set(PLACEHOLDER.findall(text))


def substituted(text):
    """The definition as text, with each placeholder filled by a value that says which it was."""
    values = {name: f"the-{name}" for name in placeholders(text)}
    values |= {"Partition": "aws"} | NUMBERS
    for name in placeholders(text):
        if name.endswith("Arn"):
            values[name] = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def parse(text):
    """The definition as a value."""
    return json.loads(substituted(text))


def machines(definition):
    """The state machine and the ones inside its Maps and Parallels, each as (name, machine)."""
    yield "the state machine", definition
    for name, state in definition["States"].items():
        inside = [state["ItemProcessor"]] if state["Type"] == "Map" else state.get("Branches", [])
        for machine_inside in inside:
            for inner, machine in machines(machine_inside):
                yield (f"the children of {name}" if inner == "the state machine" else inner), machine


def states(definition):
    """All states, those in Maps too, as (name, state)."""
    for _, machine in machines(definition):
        yield from machine["States"].items()


def lambda_tasks(definition):
    """The states that call a function, as (name, state)."""
    return [(name, state) for name, state in states(definition) if is_call(state)]


def is_call(state):
    """Whether a state calls a function."""
    return state["Type"] == "Task" and state["Resource"].endswith(":states:::lambda:invoke")


def function_of(task):
    """The folder of the function that a task calls: `collect-inventory`."""
    identifier = FUNCTION.search(task["Parameters"]["FunctionName"])[1]
    return re.sub(r"(?<!^)(?=[A-Z])", "-", identifier).lower()


def map_output_findings(definition):
    """Whether the outputs of a Map could grow with the number of its children."""
    findings = []
    for name, state in definition["States"].items():
        if state["Type"] != "Map":
            continue
        writer = state.get("ResultWriter", {})
        if not writer.get("Resource", "").endswith(":states:::s3:putObject"):
            findings.append(
                f"`{name}` gathers the outputs of its children in its own: it has no ResultWriter"
            )
        if state.get("ResultPath", "$") is not None:
            findings.append(f"`{name}` keeps what the ResultWriter says, which nobody reads")
        for child, inner in state["ItemProcessor"]["States"].items():
            is_empty = (
                inner["Type"] == "Pass" and inner.get("Result") == {} and inner.get("ResultPath", "$") == "$"
            )
            if (inner.get("End") and not is_empty) or inner["Type"] == "Succeed":
                findings.append(f"a child of `{name}` ends in `{child}` with an output that is not empty")
    return findings


def retry_findings(definition, errors):
    """Whether each call of a function retries what passes, without a herd, and nothing that stays."""
    findings = []
    for name, task in lambda_tasks(definition):
        retriers = task.get("Retry", [])
        for error in errors["retried"]:
            if not 1 <= attempts(retriers, error) <= 10:
                findings.append(f"`{name}` does not retry {error}, or too often")
        for error in [*errors["fatal"], errors["partial"]]:
            if attempts([r for r in retriers if error in r["ErrorEquals"]], error) != 0:
                findings.append(f"`{name}` retries {error}")
        for error in errors["fatal"]:
            if attempts(retriers, error) != 0:
                findings.append(f"`{name}` retries {error} as one that nobody knows")
        for retrier in retriers:
            if retrier.get("MaxAttempts", 3) and retrier.get("JitterStrategy") != "FULL":
                findings.append(f"`{name}` retries {retrier['ErrorEquals']} all at once")
    return findings


def attempts(retriers, error):
    """How often an error is retried: the first retrier that matches it decides."""
    for retrier in retriers:
        names = set(retrier["ErrorEquals"])
        if error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout"):
            return retrier.get("MaxAttempts", 3)
    return 0


def handover_findings(definition):
    """Whether a function that says `more` is called again, each in its own machine."""
    findings = []
    for _, machine in machines(definition):
        rules = [
            rule
            for state in machine["States"].values()
            if state["Type"] == "Choice"
            for rule in state["Choices"]
        ]
        for name, task in machine["States"].items():
            # What gives no `more` is done in one call.
            if not is_call(task) or "more.$" not in task.get("ResultSelector", {}):
                continue
            wanted = f"{task['ResultPath']}.more"
            nexts = [
                rule["Next"] for rule in rules if rule["Variable"] == wanted and rule.get("BooleanEquals")
            ]
            called = {function_of(machine["States"][task_after(machine, target)]) for target in nexts}
            if called != {function_of(task)}:
                findings.append(f"when `{name}` says `more`, {sorted(called) or 'nothing'} is called")
    return findings


def task_after(machine, name):
    """The task that comes next, with nothing but Pass states before it."""
    while machine["States"][name]["Type"] == "Pass":
        name = machine["States"][name]["Next"]
    return name
