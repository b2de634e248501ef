"""Every answer of boto3, compared with the service model before boto3 leaves out what it does not know.

An answer may have no member that the model does not have, each must have its type and its values, and a
refusal must be one that the model lists for the operation, or one that any call may end with.
"""

import json
import re

#: What any call to AWS may end with, whatever its operation.
COMMON_ERRORS = {
    "ThrottlingException",
    "ExpiredTokenException",
    "AccessDeniedException",
    "UnknownOperationException",
    "SerializationException",
    "MissingAuthenticationTokenException",
    "InternalFailure",
}


def wrong(shape, value, place):
    """What is wrong with a value of the raw JSON, as sentences."""
    kind = shape.type_name
    if kind == "structure":
        return _wrong_structure(shape, value, place)
    if kind == "list":
        if not isinstance(value, list):
            return [f"{place}: no list"]
        # The lengths are those of requests: the model shares these lists with answers, which ECR leaves empty
        # or fills with a whole page.
        return [
            one for number, item in enumerate(value) for one in wrong(shape.member, item, f"{place}/{number}")
        ]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{place}: no map"]
        return [one for key, item in value.items() for one in wrong(shape.value, item, f"{place}/{key}")]
    return _wrong_scalar(shape, kind, value, place)


def _wrong_structure(shape, value, place):
    if not isinstance(value, dict):
        return [f"{place}: no object"]
    found = [f"{place}/{name}: not in the model" for name in value if name not in shape.members]
    found += [f"{place}/{name}: required" for name in shape.required_members if name not in value]
    for name, member in shape.members.items():
        if name in value:
            found += wrong(member, value[name], f"{place}/{name}")
    return found


def _wrong_scalar(shape, kind, value, place):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": number and isinstance(value, int),
        "long": number and isinstance(value, int),
        "double": number,
        "float": number,
        "timestamp": number,
        "blob": isinstance(value, str),
    }[kind]
    if not fits:
        return [f"{place}: {value!r} is no {kind}"]
    if kind == "string":
        return _wrong_string(shape, value, place)
    if kind in ("integer", "long") and value < shape.metadata.get("min", value):
        return [f"{place}: {value} is below the model"]
    return []


def _wrong_string(shape, value, place):
    if shape.enum and value not in shape.enum:
        return [f"{place}: {value!r} is none of {shape.enum}"]
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        return [f"{place}: {value!r} is not of the pattern"]
    length, bounds = len(value), shape.metadata
    if length > bounds.get("max", length) or length < bounds.get("min", length):
        return [f"{place}: a length of {length} is outside the model"]
    return []


def compare(operation_model, response_dict, **_):
    """Handler of boto3's `before-parse`: raises where an answer is not of the model."""
    name = operation_model.name
    try:
        body = json.loads(response_dict["body"])
    except ValueError:
        return  # Broken on purpose, by an injected fault: boto3 shows what it makes of it.
    if response_dict["status_code"] < 300:
        found = wrong(operation_model.output_shape, body, name)
    else:
        kind = body.get("__type", "")
        listed = {shape.name for shape in operation_model.error_shapes} | COMMON_ERRORS
        found = [] if kind in listed else [f"{name}: refused by {kind}, which the model does not list"]
        if set(body) - {"__type", "message"} and kind != "InvalidLayerPartException":
            found.append(f"{name}: a refusal has {sorted(body)}")
    assert not found, "; ".join(found)
