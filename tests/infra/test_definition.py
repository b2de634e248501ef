"""The state machine against the contract of its functions."""

import copy

import pytest

from definition import (
    function_of,
    handover_findings,
    lambda_tasks,
    map_output_findings,
    placeholders,
    retry_findings,
    states,
)
from shapes import reference_findings


def substitutions(template):
    """The values that the template fills in."""
    return template["Resources"]["GovernanceStateMachine"]["Properties"]["DefinitionSubstitutions"]


def test_every_placeholder_is_filled_in_and_nothing_is_filled_in_that_is_not_there(template, definition_text):
    assert placeholders(definition_text) == substitutions(template).keys()


def test_each_placeholder_of_a_function_is_that_function(template, definition_text):
    for name in placeholders(definition_text):
        if name.endswith("FunctionArn"):
            assert substitutions(template)[name] == {"Fn::GetAtt": [name.removesuffix("Arn"), "Arn"]}


def test_every_function_of_a_run_is_called_and_no_other(definition, contract):
    called = [function_of(task) for _, task in lambda_tasks(definition)]
    of_a_run = [name for name, one in contract["functions"].items() if one["trigger"] == "run"]
    # What is in use is read line by line, and settled at the barrier; settings are audited without shares, too.
    assert sorted(called) == sorted([*of_a_run, "collect-workloads", "audit-immutability"])


def test_every_reference_exists_on_every_way_and_payloads_are_what_the_functions_take(definition, contract):
    assert reference_findings(definition, contract) == []


def lines(definition):
    """The states of a child that does a line of the work."""
    return definition["States"]["Collect"]["ItemProcessor"]["States"]


def branches(definition):
    """What is done with a share side by side."""
    return definition["States"]["Judge"]["ItemProcessor"]["States"]["Share"]["Branches"]


def judged(definition, name):
    """A state of one of the branches."""
    return next(branch["States"][name] for branch in branches(definition) if name in branch["States"])


BROKEN_REFERENCES = {
    "a field that no function gives": lambda d: d["States"]["Discover"]["ResultSelector"].update(
        {"run.$": "$.Payload.name"}
    ),
    "a field that was not selected": lambda d: d["States"]["Report"]["ResultSelector"].pop("more.$"),
    "an input that is missing": lambda d: d["States"]["Discover"]["Parameters"]["Payload"].pop("request.$"),
    "an input that nobody takes": lambda d: d["States"]["Report"]["Parameters"]["Payload"].update(
        {"dry.$": "$"}
    ),
    "a plan that there may not be": lambda d: d["States"]["Begin"]["Parameters"].pop("planned"),
    "a plan that failed and is looked at": lambda d: d["States"]["WithoutPlan"]["Result"].pop("admitted"),
    "a result that replaces its input": lambda d: judged(d, "Evaluate").pop("ResultPath"),
    "a continuation that stays where it was": lambda d: lines(d)["ContinueCollecting"].update(
        {"ResultPath": "$.next"}
    ),
    "a line of another kind": lambda d: lines(d)["Step"]["Choices"][0].update({"Next": "CollectWorkloads"}),
    "settings that are taken for a share": lambda d: lines(d)["Step"]["Choices"][2].update(
        {"Next": "CollectInventory"}
    ),
    "a share without its segment": lambda d: judged(d, "ToEvaluate")["Parameters"].pop("segment"),
    "costs of what was not prepared": lambda d: judged(d, "Compute")["Parameters"].update(
        {"Payload.$": "$.evaluated.next"}
    ),
    "a failed evaluation that is looked at": lambda d: judged(d, "Evaluate")["Catch"][0].update(
        {"Next": "Evaluated"}
    ),
    "failed costs that are looked at": lambda d: judged(d, "Compute")["Catch"][0].update({"Next": "Computed"}),
    "failed audits that are looked at": lambda d: judged(d, "Audit")["Catch"][0].update({"Next": "Audited"}),
    "an items file that nobody named": lambda d: d["States"]["Collect"]["ItemReader"]["Parameters"].update(
        {"Key.$": "$.discovered.items"}
    ),
    "a Map that replaces what was known": lambda d: d["States"]["Judge"].update({"ResultPath": "$"}),
    "a failure that replaces what was known": lambda d: d["States"]["Collect"]["Catch"][0].pop("ResultPath"),
    "a barrier that settles nothing": lambda d: d["States"]["Barrier"]["Parameters"]["Payload"].pop("settle"),
    "an application of what was not planned": lambda d: d["States"]["StartApply"]["Parameters"].update(
        {"Name.$": "$.plan.hash"}
    ),
    "a cause that reads what is not there": lambda d: d["States"]["Partial"].update(
        {"CausePath": "States.Format('{}', $.report.page)"}
    ),
    "a state that nothing leads to": lambda d: d["States"].update({"Lost": {"Type": "Succeed"}}),
}


@pytest.mark.parametrize("change", BROKEN_REFERENCES.values(), ids=BROKEN_REFERENCES)
def test_the_walk_finds(definition, contract, change):
    change(definition)
    assert reference_findings(definition, contract) != []


def fields_that_are_read(definition):
    """The fields of outputs that the definition reads, each with its function."""
    return [
        (function_of(task), path.removeprefix("$.Payload."))
        for _, task in lambda_tasks(definition)
        for path in task.get("ResultSelector", {}).values()
    ]


def test_a_field_that_leaves_the_contract_is_found(definition, contract):
    read = fields_that_are_read(definition)
    assert len(read) > 10
    for name, field in read:
        changed = copy.deepcopy(contract)
        changed["functions"][name]["output"].remove(field)
        assert reference_findings(definition, changed) != [], f"{name} without {field}"


@pytest.mark.parametrize("name", ["discover-repositories", "report-metrics"])
def test_an_input_that_nobody_gives_is_found(definition, contract, name):
    changed = copy.deepcopy(contract)
    changed["functions"][name]["input"].append("another")
    assert len(reference_findings(definition, changed)) == 1


def test_the_outputs_of_the_children_grow_nowhere(definition):
    assert map_output_findings(definition) == []


GROWING_OUTPUTS = {
    "without a ResultWriter": lambda d: d["States"]["Collect"].pop("ResultWriter"),
    "with what the ResultWriter says": lambda d: d["States"]["Judge"].pop("ResultPath"),
    "with the input of a child as its output": lambda d: lines(d)["Done"].pop("Result"),
    "with something in the output of a child": lambda d: lines(d)["Done"].update({"Result": {"share": 1}}),
    "with the output beside the input": lambda d: lines(d)["Done"].update({"ResultPath": "$.done"}),
    "with a child that ends in its task": lambda d: lines(d)["CollectWorkloads"].update({"End": True}),
}


@pytest.mark.parametrize("change", GROWING_OUTPUTS.values(), ids=GROWING_OUTPUTS)
def test_a_growing_output_is_found(definition, change):
    change(definition)
    assert len(map_output_findings(definition)) == 1


@pytest.mark.parametrize("name, after", [("Collect", "Collected"), ("Judge", "Plan")])
def test_a_line_that_fails_stops_no_other_and_a_map_that_fails_is_reported(definition, name, after):
    state = definition["States"][name]
    assert state["ToleratedFailurePercentage"] == 100
    assert "ToleratedFailureCount" not in state
    assert [(c["ErrorEquals"], c["Next"]) for c in state["Catch"]] == [(["States.ALL"], after)]
    assert state["Next"] == after


def ways(state):
    """The states that a state can lead to."""
    places = [state, *state.get("Catch", []), *state.get("Choices", [])]
    return [place[key] for place in places for key in ("Next", "Default") if key in place]


def reached_without(machine, start, avoided):
    """The states that can be come to from one without passing another."""
    found, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in found and name != avoided:
            found.add(name)
            waiting += ways(machine[name])
    return found


def test_every_share_is_evaluated_priced_and_audited_whatever_becomes_of_the_others(definition):
    caught = {}
    for branch in branches(definition):
        for name, state in branch["States"].items():
            if state["Type"] == "Task":
                caught[name] = [(c["ErrorEquals"], c["ResultPath"], c["Next"]) for c in state["Catch"]]
    assert caught == {
        "Evaluate": [(["States.ALL"], "$.failure", "NotEvaluated")],
        "Compute": [(["States.ALL"], "$.failure", "NotComputed")],
        "Audit": [(["States.ALL"], "$.failure", "NotAudited")],
    }
    for branch in branches(definition):
        begun = branch["States"][branch["StartAt"]]
        assert begun["Parameters"] == {"run.$": "$.run", "share.$": "$.share", "segment": 0, "from": 0}
        assert all(state["Type"] != "Fail" for state in branch["States"].values())


def test_nothing_is_judged_or_planned_before_use_is_known_or_known_to_be_unknown(definition):
    states_of_it = definition["States"]
    for step in ("Judge", "Plan"):
        assert step not in reached_without(states_of_it, "Begin", "Barrier")
    assert states_of_it["Barrier"]["Parameters"]["Payload"] == {"run.$": "$.discovered.run", "settle": True}
    # Where even the barrier fails a plan is made all the same: it refuses what it knows nothing of.
    assert [c["Next"] for c in states_of_it["Barrier"]["Catch"]] == ["Settled"]


def test_a_way_around_the_barrier_is_found(definition):
    definition["States"]["Collected"]["Default"] = "Judge"
    assert "Plan" in reached_without(definition["States"], "Begin", "Barrier")


def test_a_run_about_settings_alone_judges_nothing_and_plans_nothing(definition):
    collected = definition["States"]["Collected"]["Choices"]
    assert collected == [
        {"Variable": "$.discovered.settings_only", "BooleanEquals": True, "Next": "Report"}
    ]


def test_only_what_is_admitted_in_mode_enforce_of_a_complete_run_is_applied_without_a_person(definition):
    states_of_it = definition["States"]
    for gate in ("Report", "Reported", "IsAdmitted", "IsEnforced"):
        assert "StartApply" not in reached_without(states_of_it, "Begin", gate), gate
    assert states_of_it["IsAdmitted"]["Choices"] == [
        {"Variable": "$.planned.admitted", "BooleanEquals": True, "Next": "IsEnforced"}
    ]
    assert states_of_it["IsEnforced"]["Choices"] == [
        {"Variable": "$.planned.mode", "StringEquals": "enforce", "Next": "StartApply"}
    ]
    assert states_of_it["IsAdmitted"]["Default"] == states_of_it["IsEnforced"]["Default"] == "Complete"
    assert "Catch" not in states_of_it["Report"]
    assert [rule["Next"] for rule in states_of_it["Reported"]["Choices"]] == ["Report", "IsAdmitted"]


def test_a_plan_that_failed_is_no_plan(definition):
    nothing = {"hash": None, "mode": "observe", "admitted": False}
    assert definition["States"]["Begin"]["Parameters"]["planned"] == nothing
    assert [c["Next"] for c in definition["States"]["Plan"]["Catch"]] == ["WithoutPlan"]
    without = definition["States"]["WithoutPlan"]
    assert (without["Result"], without["ResultPath"], without["Next"]) == (nothing, "$.planned", "Report")


def test_the_execution_that_applies_a_plan_has_its_name_and_one_that_is_there_is_the_same(definition):
    start = definition["States"]["StartApply"]
    assert start["Resource"].endswith(":states:::states:startExecution")
    assert start["Parameters"]["Name.$"] == "$.planned.hash"
    assert start["Parameters"]["Input"] == {"hash.$": "$.planned.hash", "mode.$": "$.planned.mode"}
    there = ["StepFunctions.ExecutionAlreadyExistsException"]
    assert [(c["ErrorEquals"], c["Next"]) for c in start["Catch"]] == [(there, "Complete")]
    assert (start["Retry"][0]["ErrorEquals"], start["Retry"][0]["MaxAttempts"]) == (there, 0)


@pytest.mark.parametrize("name", ["Collect", "Judge"])
def test_one_line_of_the_items_file_is_one_child(definition, name):
    state = definition["States"][name]
    assert state["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert state["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    assert state.keys() & {"ItemBatcher", "ItemSelector", "ItemsPath"} == set()


@pytest.mark.parametrize(
    "name, counted, after", [("Discovered", "lines", "Report"), ("Settled", "shares", "Plan")]
)
def test_without_lines_a_map_is_not_entered(definition, name, counted, after):
    choice = definition["States"][name]
    nothing = [rule for rule in choice["Choices"] if rule["Variable"] == f"$.discovered.{counted}"]
    assert [(rule["NumericEquals"], rule["Next"]) for rule in nothing] == [(0, after)]


def test_a_function_that_hands_over_is_called_again(definition):
    assert handover_findings(definition) == []


@pytest.mark.parametrize("name", ["Discover", "Plan", "Report"])
def test_a_handover_that_nobody_takes_is_found(definition, name):
    choice = definition["States"][definition["States"][name]["Next"]]
    choice["Choices"] = [rule for rule in choice["Choices"] if not rule["Variable"].endswith(".more")]
    assert len(handover_findings(definition)) == 1


@pytest.mark.parametrize("name", ["Evaluated", "Computed", "Audited"])
def test_a_handover_that_no_child_takes_is_found(definition, name):
    del judged(definition, name)["Choices"][0]
    assert len(handover_findings(definition)) == 1


def test_handing_over_to_another_function_is_found(definition):
    lines(definition)["ContinueCollecting"]["Next"] = "CollectWorkloads"
    assert len(handover_findings(definition)) == 1


def test_what_passes_is_retried_with_jitter_and_what_stays_is_not(definition, contract):
    assert retry_findings(definition, contract["errors"]) == []


@pytest.mark.parametrize("error", ["Demurrage.Refused", "Demurrage.Partial"])
def test_a_retry_of_what_stays_is_found(definition, contract, error):
    definition["States"]["Discover"]["Retry"][1]["ErrorEquals"].append(error)
    if error == "Demurrage.Refused":
        definition["States"]["Discover"]["Retry"][0]["ErrorEquals"].remove(error)
    findings = retry_findings(definition, contract["errors"])
    assert findings and all(error in finding for finding in findings)


def test_what_stays_is_not_retried_as_something_that_nobody_knows(definition, contract):
    del definition["States"]["Report"]["Retry"][0]
    assert len(retry_findings(definition, contract["errors"])) == len(contract["errors"]["fatal"])


def test_a_retry_that_comes_all_at_once_is_found(definition, contract):
    lines(definition)["CollectInventory"]["Retry"][1].pop("JitterStrategy")
    assert len(retry_findings(definition, contract["errors"])) == 1


def test_a_retry_that_is_missing_is_found(definition, contract):
    definition["States"]["Report"]["Retry"] = definition["States"]["Report"]["Retry"][:1]
    assert len(retry_findings(definition, contract["errors"])) == len(contract["errors"]["retried"])


def test_all_functions_are_retried_alike(definition):
    retries = [task["Retry"] for _, task in lambda_tasks(definition)]
    assert all(retry == retries[0] for retry in retries)


def test_the_time_limit_of_a_function_comes_before_that_of_its_state(definition, sam_template):
    longest = sam_template["Parameters"]["FunctionTimeoutSeconds"]["MaxValue"]
    assert [
        name
        for name, task in lambda_tasks(definition)
        if not longest < task["TimeoutSeconds"] <= longest + 60
    ] == []


def test_a_partial_run_fails_under_the_name_of_the_contract(definition, contract):
    failures = {name: state["Error"] for name, state in states(definition) if state["Type"] == "Fail"}
    assert failures == {"Partial": contract["errors"]["partial"], "UnknownStep": "Demurrage.BadInput"}
    assert "Demurrage.BadInput" in contract["errors"]["fatal"]


def test_only_a_run_that_says_complete_succeeds(definition):
    reported = definition["States"]["Reported"]
    ways = [rule for rule in reported["Choices"] if rule["Next"] == "IsAdmitted"]
    assert ways == [{"Variable": "$.report.status", "StringEquals": "complete", "Next": "IsAdmitted"}]
    assert reported["Default"] == "Partial"
    assert "Complete" not in reached_without(definition["States"], "Begin", "Reported")
    assert [name for name, state in definition["States"].items() if state["Type"] == "Succeed"] == [
        "Complete"
    ]


def test_the_definition_says_why(definition):
    assert len(definition["States"]["Collect"]["Comment"]) > 100
    assert [name for name, task in lambda_tasks(definition) if not task.get("Comment")] == []
