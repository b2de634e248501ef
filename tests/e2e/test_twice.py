"""The same event twice, as at-least-once deliveries and retries bring it: one effect."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from papers import Papers
from programs import eventually
from test_functions import discover_event


@pytest.fixture(scope="module")
def events(small):
    """What each function gets in one run, in the order of the run; all have been worked off once."""
    small.relay.no_moments()
    stack = small.stack
    discover = discover_event()
    first = stack.invoke("discover-repositories", discover).output
    events = [("discover-repositories", discover, first)]
    for line in Papers(small, first["run"]).work_of("inventory"):
        collected = stack.invoke("collect-inventory", line).output
        events.append(("collect-inventory", line, collected))
        for function, event in (
            ("evaluate-lifecycle", collected["evaluate"]),
            ("compute-costs", collected["compute"]),
            ("audit-immutability", collected["audit"]),
        ):
            events.append((function, event, stack.invoke(function, event).output))
    for event in (*Papers(small, first["run"]).work_of("workloads"), {"run": first["run"], "settle": True}):
        events.append(("collect-workloads", event, stack.invoke("collect-workloads", event).output))
    plan = {"run": first["run"], "mode": "observe", "expires_in_hours": None}
    events.append(("build-plan", plan, stack.invoke("build-plan", plan).output))
    report = {"run": first["run"]}
    events.append(("report-metrics", report, stack.invoke("report-metrics", report).output))
    assert all(output is not None for _, _, output in events), events
    return events


def test_each_function_gives_the_same_output_and_writes_nothing_new(small, events):
    before = small.versions()
    for function, event, output in events:
        answer = small.stack.invoke(function, event)
        assert (answer.error, answer.output) == (None, output), function
    assert small.versions() == before


def test_no_function_asks_ecr_again(small, events):
    small.relay.forget_calls()
    for function, event, _ in events:
        small.stack.invoke(function, event)
    assert small.relay.calls() == []


def test_the_summary_is_mailed_once(small, events):
    function, event, _ = events[-1]
    [mail] = eventually(lambda: small.mail_box.summaries(event["run"]) or None, "the mail comes")
    for _ in range(2):
        assert small.stack.invoke(function, event).error is None
    assert small.mail_box.summaries(event["run"]) == [mail]


def test_of_two_calls_at_the_same_time_neither_changes_what_the_other_has_put(small, events):
    discover = discover_event()
    with ThreadPoolExecutor(2) as pool:
        outputs = list(pool.map(lambda _: small.stack.invoke("discover-repositories", discover), range(2)))
        assert outputs[0] == outputs[1]
        line = Papers(small, outputs[0].output["run"]).work_of("inventory")[0]
        outputs = list(pool.map(lambda _: small.stack.invoke("collect-inventory", line), range(2)))
        assert outputs[0] == outputs[1]
        collected = outputs[0].output
        for function, event in (
            ("evaluate-lifecycle", collected["evaluate"]),
            ("compute-costs", collected["compute"]),
            ("audit-immutability", collected["audit"]),
        ):
            invoked = [pool.submit(small.stack.invoke, function, event) for _ in range(2)]
            one, other = (answer.result() for answer in invoked)
            assert one == other and one.error is None, function
    written = {(key, etag) for key, _, etag in small.versions() if f"/runs/{line['run']}/" in key}
    assert len(written) == len({key for key, _ in written})
