"""Which fields exist at which state: a walk through the definition that computes, for each state, the shapes
that its input has on the ways that lead there, and checks each reference against each of them.

A shape is a dictionary of the fields that are there, each with its own shape; any other shape is a value of
which nothing is known or needed. That is OPAQUE, but in an input which one function hands to another: inputs of
several functions have the same fields, so these say which function they are for. What a function takes and gives
comes from infra/contract.json. The walk knows the parts of the language that the definition uses, and refuses
others rather than overlook them.
"""

import re

from definition import function_of, is_call, states

OPAQUE = "opaque"
CONTEXT = {"$$.Execution.Name", "$$.Execution.StartTime", "$$.Execution.Input", "$$.Map.Item.Value"}
# Fields of an output that are the input of a call to come: of the same function, or of the next one.
CONTINUATIONS = [
    ("collect-inventory", "next", "collect-inventory"),
    ("collect-inventory", "evaluate", "evaluate-lifecycle"),
    ("collect-inventory", "compute", "compute-costs"),
    ("collect-inventory", "audit", "audit-immutability"),
    ("evaluate-lifecycle", "next", "evaluate-lifecycle"),
    ("compute-costs", "next", "compute-costs"),
    ("audit-immutability", "next", "audit-immutability"),
]
# Inputs differ by what a turn of a loop and each step that may fail have left behind. Far more would be a leak.
MOST_SHAPES = 60
REFERENCE = re.compile(r"\$\$?(?:\.\w+)+")
FLOW = {"Type", "Comment", "Next", "End", "Retry", "Catch", "Resource", "TimeoutSeconds"}
KNOWN = {
    "Pass": FLOW | {"InputPath", "Parameters", "Result", "ResultPath"},
    "Task": FLOW | {"Parameters", "ResultSelector", "ResultPath"},
    "Choice": FLOW | {"Choices", "Default"},
    "Map": FLOW
    | {"Label", "MaxConcurrency", "ToleratedFailurePercentage", "ItemReader", "ItemProcessor", "ResultWriter"}
    | {"ResultPath"},
    "Parallel": FLOW | {"Branches", "ResultPath"},
    "Succeed": FLOW,
    "Fail": FLOW | {"Error", "CausePath"},
}


# The lines of the work, by their step, and which function takes them. A line of the settings is another input of its
# function than a share is, and what that function hands over then is one, too.
STEPS = {"inventory": "collect-inventory", "workloads": "collect-workloads", "settings": "audit-immutability"}


def function_shapes(contract):
    """What each function takes, in all the forms that it takes, and what it gives, with the shapes of those fields that
    another call takes as its input."""
    inputs = {
        name: [dict.fromkeys(function["input"], f"for {name}")]
        for name, function in contract["functions"].items()
    }
    inputs["collect-workloads"].append(dict.fromkeys(contract["settle"], OPAQUE))
    inputs["audit-immutability"].append(line_shape(contract, "settings"))
    outputs = {
        name: dict.fromkeys(function["output"], OPAQUE) for name, function in contract["functions"].items()
    }
    for giver, field, taker in CONTINUATIONS:
        if field in outputs[giver]:
            outputs[giver][field] = inputs[taker][0]
    return inputs, outputs


def line_shape(contract, step):
    """A line of the work."""
    meant = f"for {STEPS[step]}" + (" of settings" if step == "settings" else "")
    return dict.fromkeys(contract["work_lines"][step], meant)


def put(shape, path, value):
    """The shape with a value put at a ResultPath."""
    if path == "$":
        return value
    first, _, rest = path.removeprefix("$.").partition(".")
    fields = dict(shape) if isinstance(shape, dict) else {}
    fields[first] = put(fields.get(first, {}), f"$.{rest}", value) if rest else value
    return fields


class Walk:
    """One walk over a definition. `findings` fills while it goes."""

    def __init__(self, contract):
        self.contract = contract
        self.inputs, self.outputs = function_shapes(contract)
        self.findings = []
        self.met = set()

    def find(self, sentence):
        """Notes what is wrong, once."""
        if sentence not in self.findings:
            self.findings.append(sentence)

    def resolve(self, where, path, shape):
        """The shape that a reference points to; a finding where it may point to nothing."""
        if path.startswith("$$"):
            if path not in CONTEXT:
                self.find(f"{where} reads {path}, which is not known of the context")
            return OPAQUE
        for field in path.removeprefix("$").split(".")[1:]:
            if not isinstance(shape, dict):
                self.find(f"{where} reads {path}, of which nothing is known")
                return OPAQUE
            if field not in shape:
                self.find(f"{where} reads {path}, but `{field}` may not be there")
                return OPAQUE
            shape = shape[field]
        return shape

    def fill(self, where, template, shape):
        """The shape of a payload template (Parameters, ResultSelector)."""
        if not isinstance(template, dict):
            return OPAQUE
        filled = {}
        for key, value in template.items():
            if key.endswith(".$"):
                filled[key.removesuffix(".$")] = self.resolve(where, value, shape)
            else:
                filled[key] = self.fill(where, value, shape)
        return filled

    def machine(self, machine, shape):
        """Walks every way from the first state, until no state is met with an input of a new shape."""
        met = {}
        waiting = [(machine["StartAt"], shape)]
        while waiting:
            name, arriving = waiting.pop()
            shapes = met.setdefault(name, [])
            if arriving in shapes:
                continue
            shapes.append(arriving)
            if len(shapes) > MOST_SHAPES:
                raise ValueError(f"the input of `{name}` grows from turn to turn")
            waiting += self.leave(name, machine["States"][name], arriving)
        self.met.update(met.keys())

    def leave(self, name, state, shape):
        """Where a state leads, each with the shape that arrives there."""
        unknown = state.keys() - KNOWN[state["Type"]]
        if unknown:
            raise ValueError(f"`{name}` has {sorted(unknown)}, which this walk does not understand")
        leaving = getattr(self, state["Type"].lower())(name, state, shape)
        ways = [(state["Next"], leaving)] if "Next" in state else []
        for catcher in state.get("Catch", []):
            error = {"Error": OPAQUE, "Cause": OPAQUE}
            path = catcher.get("ResultPath", "$")
            ways.append((catcher["Next"], shape if path is None else put(shape, path, error)))
        if state["Type"] == "Choice":
            rules = [rule for rule in state["Choices"] if self.may_hold(name, rule, shape)]
            targets = [rule["Next"] for rule in rules] + [state["Default"]]
            ways = [(target, shape) for target in targets]
        return ways

    def may_hold(self, name, rule, shape):
        """Whether a rule can hold: of the step of a line it is known which one it is."""
        if rule["Variable"] != "$.step" or rule.get("StringEquals") not in STEPS:
            return True
        return self.resolve(f"`{name}`", "$.step", shape) == line_shape(self.contract, rule["StringEquals"])["step"]

    def result(self, state, shape, value):
        """The output of a state, from its input and its result."""
        path = state.get("ResultPath", "$")
        return shape if path is None else put(shape, path, value)

    def pass_(self, name, state, shape):
        taken = self.resolve(f"`{name}`", state.get("InputPath", "$"), shape)
        if "Parameters" in state:
            taken = self.fill(f"`{name}`", state["Parameters"], taken)
        if "Result" in state:
            taken = dict.fromkeys(state["Result"], OPAQUE)
        return self.result(state, shape, taken)

    def task(self, name, state, shape):
        if not is_call(state):
            self.fill(f"`{name}`", state["Parameters"], shape)
            return self.result(state, shape, OPAQUE)
        function = function_of(state)
        parameters = self.fill(f"`{name}`", state["Parameters"], shape)
        payload = parameters.get("Payload")
        forms = self.inputs[function]
        wanted = next((form for form in forms if isinstance(payload, dict) and form.keys() == payload.keys()), None)
        if wanted is None:
            given = sorted(payload) if isinstance(payload, dict) else payload
            self.find(f"`{name}` gives {function} {given}, which takes {sorted(forms[0])}")
        elif self.is_handed_on(state, payload) and payload != wanted:
            self.find(f"`{name}` gives {function} what is meant {', '.join(sorted(set(payload.values())))}")
        given = dict(self.outputs[function])
        if wanted is not None and "next" in given and (function, "next", function) in CONTINUATIONS:
            given["next"] = wanted
        result = {"Payload": given}
        if "ResultSelector" in state:
            result = self.fill(f"the result of `{name}`", state["ResultSelector"], result)
        return self.result(state, shape, result)

    @staticmethod
    def is_handed_on(state, payload):
        """Whether a payload is what another call gave, and not put together here of values of which nothing is known."""
        return "Payload.$" in state["Parameters"] and set(payload.values()) != {OPAQUE}

    def parallel(self, name, state, shape):
        for branch in state["Branches"]:
            self.machine(branch, shape)
        return self.result(state, shape, OPAQUE)

    def choice(self, name, state, shape):
        for rule in state["Choices"]:
            if rule.keys() & {"And", "Or", "Not"}:
                raise ValueError(f"`{name}` combines rules, which this walk does not understand")
            self.resolve(f"`{name}`", rule["Variable"], shape)
        return shape

    def map(self, name, state, shape):
        self.fill(f"the reader of `{name}`", state["ItemReader"]["Parameters"], shape)
        self.fill(f"the writer of `{name}`", state["ResultWriter"]["Parameters"], shape)
        for line in self.lines(state):
            self.machine(state["ItemProcessor"], line)
        return self.result(state, shape, OPAQUE)

    def lines(self, state):
        """What a line of the items may be."""
        if state["ItemReader"]["Parameters"]["Key.$"].endswith(".parts"):
            return [dict.fromkeys(self.contract["part_line"], OPAQUE)]
        return [line_shape(self.contract, step) for step in self.contract["work_lines"]]

    def succeed(self, _name, _state, shape):
        return shape

    def fail(self, name, state, shape):
        for reference in REFERENCE.findall(state.get("CausePath", "")):
            self.resolve(f"`{name}`", reference, shape)
        return shape


# `pass` is a word of the language.
setattr(Walk, "pass", Walk.pass_)


def reference_findings(definition, contract):
    """References that may point to nothing, and calls whose payload is not what the function takes."""
    walk = Walk(contract)
    # Of the input of an execution nothing is known.
    walk.machine(definition, OPAQUE)
    for name, _ in states(definition):
        if name not in walk.met:
            walk.find(f"no way leads to `{name}`")
    return walk.findings
