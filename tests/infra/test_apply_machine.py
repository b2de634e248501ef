"""The state machine that applies a plan: nothing goes on after the first sign of something wrong, and the end is looked at."""

import json
import re

import pytest

import places
from definition import handover_findings, lambda_tasks, map_output_findings, parse, placeholders, retry_findings
from definition import substituted

MACHINE = places.CHECKOUT / "infra" / "statemachine" / "apply.asl.json"


@pytest.fixture(scope="module")
def text():
    """The definition as it is written, with its placeholders."""
    return MACHINE.read_text(encoding="utf-8")


@pytest.fixture
def machine(text):
    """The definition as a value, anew for each test: some change it."""
    return parse(text)


def parts(machine):
    """The states of a child of the Map."""
    return machine["States"]["Parts"]["ItemProcessor"]["States"]


def ways(state):
    """The states that a state can lead to."""
    places_of = [state, *state.get("Catch", []), *state.get("Choices", [])]
    return [place[key] for place in places_of for key in ("Next", "Default") if key in place]


def test_every_placeholder_is_filled_in_and_nothing_is_filled_in_that_is_not_there(template, text):
    filled = template["Resources"]["ApplyStateMachine"]["Properties"]["DefinitionSubstitutions"]
    assert placeholders(text) == filled.keys()


def test_asl_validator_finds_nothing_in_it(text, tmp_path):
    path = tmp_path / "apply.asl.json"
    path.write_text(substituted(text), encoding="utf-8")
    result = places.run([places.ASL_VALIDATOR, "--json-path", path])
    assert result.returncode == 0, result.stdout + result.stderr
    path.write_text(substituted(text).replace('"Next": "Verified"', '"Next": "Elsewhere"'), "utf-8")
    assert places.run([places.ASL_VALIDATOR, "--json-path", path]).returncode != 0


def test_it_calls_the_one_function_that_changes_registries_and_no_other(machine):
    called = {task["Parameters"]["FunctionName"].split(":")[-1] for _, task in lambda_tasks(machine)}
    assert called == {"ApplyPlanFunctionArn"}
    assert [name for name, task in lambda_tasks(machine) if not task.get("Comment")] == []


def test_payloads_are_inputs_of_the_function_and_what_is_read_of_its_answers_is_in_them(machine, contract):
    function = contract["functions"]["apply-plan"]
    admitted = {"hash", "mode", "parts", "canary", "items"}
    for name, task in lambda_tasks(machine):
        payload = {key.removesuffix(".$") for key in task["Parameters"]["Payload"]}
        assert {"hash", "mode", "phase"} <= payload <= set(function["input"]), name
        given = admitted if name == "Admit" else set(function["output"])
        read = {path.removeprefix("$.Payload.") for path in task["ResultSelector"].values()}
        assert read <= given, name


def test_a_function_that_says_more_is_called_again_with_the_same(machine):
    # Admit reads small files and is done in one call.
    del machine["States"]["Admit"]
    assert handover_findings(machine) == []
    del machine["States"]["CanaryDone"]["Choices"][0]
    assert len(handover_findings(machine)) == 1


def test_what_passes_is_retried_with_jitter_and_what_stays_is_not(machine, contract):
    assert retry_findings(machine, contract["errors"]) == []


def test_the_outputs_of_the_children_grow_nowhere(machine):
    ends = {name for name, state in parts(machine).items() if state["Type"] == "Fail"}
    assert ends == {"PartHalted"}
    assert map_output_findings(machine) == []


def test_an_execution_of_another_name_than_the_hash_of_its_plan_changes_nothing(machine):
    assert machine["States"]["Begin"]["Parameters"]["execution.$"] == "$$.Execution.Name"
    choice = machine["States"]["IsNamedByItsPlan"]
    assert choice["Choices"] == [{"Variable": "$.execution", "StringEqualsPath": "$.hash", "Next": "Admit"}]
    assert machine["States"][choice["Default"]]["Type"] == "Fail"


def test_the_other_parts_are_begun_only_after_a_canary_that_is_complete(machine):
    leading = [name for name, state in machine["States"].items() if "Parts" in ways(state)]
    assert leading == ["CanaryDone"]
    rules = machine["States"]["CanaryDone"]["Choices"]
    # The first rule that holds decides: a halt comes before what the status says.
    assert rules == [
        {"Variable": "$.canary.more", "BooleanEquals": True, "Next": "Canary"},
        {"Variable": "$.canary.halt", "IsNull": False, "Next": "Verify"},
        {"Variable": "$.canary.status", "StringEquals": "complete", "Next": "Parts"},
    ]
    assert machine["States"]["CanaryDone"]["Default"] == "Verify"
    assert [(c["ErrorEquals"], c["Next"]) for c in machine["States"]["Canary"]["Catch"]] == [
        (["States.ALL"], "Verify")
    ]


def test_the_first_part_that_halts_or_does_not_come_back_ends_the_map(machine):
    state = machine["States"]["Parts"]
    assert state["ToleratedFailurePercentage"] == 0
    assert "ToleratedFailureCount" not in state
    assert [(c["ErrorEquals"], c["Next"]) for c in state["Catch"]] == [(["States.ALL"], "Verify")]
    halted = {"Variable": "$.applied.halt", "IsNull": False, "Next": "PartHalted"}
    assert parts(machine)["PartDone"]["Choices"][1] == halted
    assert parts(machine)["PartHalted"]["Type"] == "Fail"
    assert "Catch" not in parts(machine)["Part"]


def test_whatever_was_begun_is_looked_at_in_the_end(machine):
    states = machine["States"]
    ends = [name for name, state in states.items() if state["Type"] in ("Succeed", "Fail")]
    leading = {name: sorted(before for before, state in states.items() if name in ways(state)) for name in ends}
    assert leading == {
        "Misnamed": ["IsNamedByItsPlan"],
        "Complete": ["Verified"],
        "Halted": ["Verified"],
    }
    assert "Catch" not in states["Verify"]
    complete = [rule for rule in states["Verified"]["Choices"] if rule["Next"] == "Complete"]
    assert complete == [{"Variable": "$.verified.status", "StringEquals": "complete", "Next": "Complete"}]
    assert states["Verified"]["Choices"].index(complete[0]) == 2
    assert states["Verified"]["Default"] == "Halted"


def test_one_line_of_the_items_is_one_child_and_few_are_at_work(machine, sam_template):
    state = machine["States"]["Parts"]
    assert state["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert state.keys() & {"ItemBatcher", "ItemSelector", "ItemsPath"} == set()
    assert sam_template["Parameters"]["ApplyConcurrency"]["MaxValue"] <= 10


def test_the_time_limit_of_the_function_comes_before_that_of_its_state(machine, sam_template):
    longest = sam_template["Parameters"]["FunctionTimeoutSeconds"]["MaxValue"]
    for name, task in lambda_tasks(machine):
        assert longest < task["TimeoutSeconds"] <= longest + 60, name


def test_it_is_json_once_its_numbers_are_filled_in(text):
    assert re.search(r'"TimeoutSeconds": \$\{ApplyTimeoutSeconds\}', text)
    assert json.loads(substituted(text))["StartAt"] == "Begin"
