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


def test_every_function_of_a_run_is_called_once_and_no_other(definition, contract):
    called = sorted(function_of(task) for _, task in lambda_tasks(definition))
    of_a_run = [name for name, one in contract["functions"].items() if one["trigger"] == "run"]
    assert called == sorted(of_a_run)


def test_every_reference_exists_on_every_way_and_payloads_are_what_the_functions_take(definition, contract):
    assert reference_findings(definition, contract) == []


def shares(definition):
    """The states of a child of the Map."""
    return definition["States"]["Shares"]["ItemProcessor"]["States"]


BROKEN_REFERENCES = {
    "a field that no function gives": lambda d: d["States"]["Discover"]["ResultSelector"].update(
        {"run.$": "$.Payload.name"}
    ),
    "a field that was not selected": lambda d: d["States"]["Report"]["ResultSelector"].pop("more.$"),
    "an input that is missing": lambda d: d["States"]["Discover"]["Parameters"]["Payload"].pop("request.$"),
    "an input that nobody takes": lambda d: d["States"]["Report"]["Parameters"]["Payload"].update(
        {"dry.$": "$"}
    ),
    "a result that replaces its input": lambda d: shares(d)["Evaluate"].pop("ResultPath"),
    "a continuation that stays where it was": lambda d: shares(d)["ContinueCollecting"].update(
        {"ResultPath": "$.next"}
    ),
    "a continuation of the wrong function": lambda d: shares(d)["ContinueEvaluating"].update(
        {"InputPath": "$.collected.next"}
    ),
    "costs of what is to be evaluated": lambda d: shares(d)["Compute"]["Parameters"].update(
        {"Payload.$": "$.collected.evaluate"}
    ),
    "a continuation of the costs that is another function's": lambda d: shares(d)["ContinueComputing"].update(
        {"InputPath": "$.collected.evaluate"}
    ),
    "audits of what is to be priced": lambda d: shares(d)["Audit"]["Parameters"].update(
        {"Payload.$": "$.collected.compute"}
    ),
    "failed audits that are looked at": lambda d: shares(d)["Audit"]["Catch"][0].update({"Next": "Audited"}),
    "a failed evaluation that is looked at": lambda d: shares(d)["Evaluate"]["Catch"][0].update(
        {"Next": "Evaluated"}
    ),
    "failed costs that are looked at": lambda d: shares(d)["Compute"]["Catch"][0].update(
        {"Next": "Computed"}
    ),
    "an evaluation that may have failed": lambda d: shares(d)["Audited"]["Choices"][0].update(
        {"Variable": "$.evaluated.more"}
    ),
    "workloads that may not have been read": lambda d: d["States"]["Workloads"]["Catch"][0].update(
        {"Next": "WorkloadsRead"}
    ),
    "another registry that is none": lambda d: d["States"]["NextRegistry"].update(
        {"InputPath": "$.workloads.more"}
    ),
    "an items file that nobody named": lambda d: d["States"]["Shares"]["ItemReader"]["Parameters"].update(
        {"Key.$": "$.discovered.items"}
    ),
    "a Map that replaces what was known": lambda d: d["States"]["Shares"].update({"ResultPath": "$"}),
    "a failure that replaces what was known": lambda d: d["States"]["Shares"]["Catch"][0].pop("ResultPath"),
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
        for path in task["ResultSelector"].values()
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
    "without a ResultWriter": lambda d: d["States"]["Shares"].pop("ResultWriter"),
    "with what the ResultWriter says": lambda d: d["States"]["Shares"].pop("ResultPath"),
    "with the input of a child as its output": lambda d: shares(d)["Done"].pop("Result"),
    "with something in the output of a child": lambda d: shares(d)["Done"].update({"Result": {"share": 1}}),
    "with the output beside the input": lambda d: shares(d)["Done"].update({"ResultPath": "$.done"}),
    "with a child that ends in its task": lambda d: shares(d)["Evaluate"].update({"End": True}),
}


@pytest.mark.parametrize("change", GROWING_OUTPUTS.values(), ids=GROWING_OUTPUTS)
def test_a_growing_output_is_found(definition, change):
    change(definition)
    assert len(map_output_findings(definition)) == 1


def test_a_share_that_fails_stops_no_other_and_a_map_that_fails_is_reported(definition):
    shares_state = definition["States"]["Shares"]
    assert shares_state["ToleratedFailurePercentage"] == 100
    assert "ToleratedFailureCount" not in shares_state
    assert [(c["ErrorEquals"], c["Next"]) for c in shares_state["Catch"]] == [(["States.ALL"], "Report")]
    assert shares_state["Next"] == "Report"


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


@pytest.mark.parametrize("step", ["Evaluate", "Compute", "Audit"])
def test_no_segment_is_left_without_being_evaluated_priced_and_audited(definition, step):
    assert reached_without(shares(definition), "Collect", step) & {"ContinueCollecting", "Done"} == set()


@pytest.mark.parametrize("step, around", [("Compute", "Audit"), ("Audit", "NotAudited")])
def test_a_way_around_a_step_is_found(definition, step, around):
    shares(definition)["Evaluate"]["Catch"][0]["Next"] = around
    assert {"ContinueCollecting", "Done"} <= reached_without(shares(definition), "Collect", step)


def test_what_one_step_cannot_do_holds_none_after_it_up(definition):
    caught = {
        name: [(c["ErrorEquals"], c["ResultPath"], c["Next"]) for c in state.get("Catch", [])]
        for name, state in shares(definition).items()
        if state["Type"] == "Task"
    }
    assert caught == {
        "Collect": [],
        "Evaluate": [(["States.ALL"], "$.failure", "Compute")],
        "Compute": [(["States.ALL"], "$.failure", "Audit")],
        "Audit": [(["States.ALL"], "$.failure", "NotAudited")],
    }
    rest = {"Variable": "$.collected.more", "BooleanEquals": True, "Next": "ContinueCollecting"}
    for name in ("NotAudited", "Audited"):
        choice = shares(definition)[name]
        assert (choice["Choices"][-1], choice["Default"]) == (rest, "Done")


def test_one_line_of_the_items_file_is_one_child(definition):
    shares_state = definition["States"]["Shares"]
    assert shares_state["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert shares_state["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    assert shares_state.keys() & {"ItemBatcher", "ItemSelector", "ItemsPath"} == set()


def test_without_shares_the_map_is_not_entered(definition):
    choice = definition["States"]["Discovered"]
    nothing = [rule for rule in choice["Choices"] if rule["Variable"] == "$.discovered.shares"]
    assert [(rule["NumericEquals"], rule["Next"]) for rule in nothing] == [(0, "Report")]


def test_a_function_that_hands_over_is_called_again(definition):
    assert handover_findings(definition) == []


def test_what_is_in_use_is_read_before_the_shares_and_holds_none_of_them_up(definition):
    states_before = reached_without(definition["States"], "Discover", "Shares")
    assert "Workloads" in states_before
    assert "Shares" not in reached_without(definition["States"], "Discover", "Workloads")
    (catcher,) = definition["States"]["Workloads"]["Catch"]
    assert (catcher["ErrorEquals"], catcher["Next"]) == (["States.ALL"], "Shares")
    # Each turn is about the registry that the one before said.
    following = definition["States"]["NextRegistry"]
    assert (following["InputPath"], following["ResultPath"]) == ("$.workloads.next", "$.registry")
    asked = definition["States"]["Workloads"]["Parameters"]["Payload"]
    assert asked == {"run.$": "$.registry.run", "registry.$": "$.registry.registry"}


@pytest.mark.parametrize("name", ["Discover", "Workloads", "Report"])
def test_a_handover_that_nobody_takes_is_found(definition, name):
    choice = definition["States"][definition["States"][name]["Next"]]
    choice["Choices"] = [rule for rule in choice["Choices"] if not rule["Variable"].endswith(".more")]
    assert len(handover_findings(definition)) == 1


@pytest.mark.parametrize("name", ["Evaluated", "Computed", "Audited"])
def test_a_handover_that_no_child_takes_is_found(definition, name):
    del shares(definition)[name]["Choices"][0]
    assert len(handover_findings(definition)) == 1


@pytest.mark.parametrize(
    "name, other",
    [
        ("ContinueCollecting", "Evaluate"),
        ("ContinueEvaluating", "Compute"),
        ("ContinueComputing", "Evaluate"),
        ("ContinueAuditing", "Compute"),
    ],
)
def test_handing_over_to_another_function_is_found(definition, name, other):
    shares(definition)[name]["Next"] = other
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
    shares(definition)["Collect"]["Retry"][1].pop("JitterStrategy")
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
    failures = [state for _, state in states(definition) if state["Type"] == "Fail"]
    assert [state["Error"] for state in failures] == [contract["errors"]["partial"]]


def test_only_a_run_that_says_complete_succeeds(definition):
    reported = definition["States"]["Reported"]
    ways = [rule for rule in reported["Choices"] if rule["Next"] == "Complete"]
    assert ways == [{"Variable": "$.report.status", "StringEquals": "complete", "Next": "Complete"}]
    assert reported["Default"] == "Partial"
    assert [name for name, state in definition["States"].items() if state["Type"] == "Succeed"] == [
        "Complete"
    ]


def test_the_definition_says_why(definition):
    assert len(definition["States"]["Shares"]["Comment"]) > 100
    assert [name for name, task in lambda_tasks(definition) if not task.get("Comment")] == []
