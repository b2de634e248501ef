"""Facts about lifecycle policies: kept, replaced, deleted; and what is refused, in the words of ECR."""

import copy
import json

import pytest

from policies import rule, text_of
from pushing import push_many, rows

PREFIX = (
    "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
    "'Lifecycle policy validation failure: "
)
GOOD = text_of(rule(1, "untagged", 14, kind="sinceImagePushed"))


@pytest.fixture
def app(registry):
    return registry.create("app")


def put(ecr, repository, text):
    return ecr.put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=text)


def test_a_policy_is_put_read_replaced_and_deleted(registry, ecr, app, refused):
    with refused("LifecyclePolicyNotFoundException", text=app):
        ecr.get_lifecycle_policy(repositoryName=app)
    with refused("LifecyclePolicyNotFoundException", text=app):
        ecr.delete_lifecycle_policy(repositoryName=app)
    answer = put(ecr, app, GOOD)
    assert (answer["registryId"], answer["repositoryName"]) == (registry.account, app)
    assert json.loads(answer["lifecyclePolicyText"]) == json.loads(GOOD)
    read = ecr.get_lifecycle_policy(repositoryName=app)
    assert (read["registryId"], read["repositoryName"]) == (registry.account, app)
    assert json.loads(read["lifecyclePolicyText"]) == json.loads(GOOD)
    other = text_of(rule(7, "any", 100))
    put(ecr, app, other)
    assert json.loads(ecr.get_lifecycle_policy(repositoryName=app)["lifecyclePolicyText"]) == json.loads(
        other
    )
    gone = ecr.delete_lifecycle_policy(repositoryName=app)
    assert json.loads(gone["lifecyclePolicyText"]) == json.loads(other)
    with refused("LifecyclePolicyNotFoundException"):
        ecr.get_lifecycle_policy(repositoryName=app)


def test_rules_are_read_back_in_the_order_of_their_priority(ecr, app):
    put(
        ecr,
        app,
        text_of(rule(30, "any", 5), rule(10, "untagged", 1), rule(20, "tagged", 3, tagPrefixList=["v"])),
    )
    read = json.loads(ecr.get_lifecycle_policy(repositoryName=app)["lifecyclePolicyText"])
    assert [one["rulePriority"] for one in read["rules"]] == [10, 20, 30]


def test_putting_a_policy_deletes_nothing(ecr, app):
    push_many(ecr, app, 5)
    put(ecr, app, text_of(rule(1, "any", 1)))
    assert len(rows(ecr, app)) == 5


ACCEPTED = {
    "one rule of each kind": text_of(
        rule(1, "tagged", 5, tagPatternList=["prod*"]),
        rule(2, "tagged", 5, tagPrefixList=["dev"], kind="sinceImagePushed"),
        rule(3, "untagged", 1),
        rule(4, "any", 100),
    ),
    "two any rules of two classes": text_of(
        rule(1, "any", 30, kind="sinceImagePushed", action="transition"),
        rule(2, "any", 365, kind="sinceImageTransitioned", storageClass="archive"),
    ),
    "two untagged rules of two classes": text_of(
        rule(1, "untagged", 30, kind="sinceImagePulled", action="transition"),
        rule(2, "untagged", 90, kind="sinceImageTransitioned", storageClass="archive"),
    ),
    "the standard class in words": text_of(rule(1, "any", 1, storageClass="standard")),
    "a transition by count": text_of(rule(1, "any", 10, action="transition")),
    "a description": text_of({**rule(1, "any", 10), "description": "keep ten"}),
    "four stars": text_of(rule(1, "tagged", 1, tagPatternList=["*a*b*c*"])),
    "a prefix within a prefix": text_of(
        rule(1, "tagged", 1, tagPrefixList=["a"]), rule(2, "tagged", 1, tagPrefixList=["ab"])
    ),
    "gaps between priorities": text_of(rule(5, "untagged", 1), rule(1000, "any", 1)),
    "fifty rules": text_of(*(rule(n, "tagged", 1, tagPrefixList=[f"p{n}-"]) for n in range(1, 51))),
    "ninety days in the archive": text_of(
        rule(1, "any", 90, kind="sinceImageTransitioned", storageClass="archive")
    ),
    "a text of 30,720 characters": GOOD + " " * (30720 - len(GOOD)),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_a_documented_policy_is_accepted(ecr, app, text):
    put(ecr, app, text)
    read = json.loads(ecr.get_lifecycle_policy(repositoryName=app)["lifecyclePolicyText"])
    assert read == json.loads(text)


def changed(change, *rules):
    document = {"rules": [copy.deepcopy(one) for one in rules or [rule(1, "any", 10)]]}
    change(document)
    return json.dumps(document)


def within(place, **values):
    return lambda document: document["rules"][0][place].update(values)


def without(place, key):
    return lambda document: document["rules"][0][place].pop(key)


def at_rule(**values):
    return lambda document: document["rules"][0].update(values)


TAGGED = rule(1, "tagged", 10, tagPrefixList=["v"])
AGED = rule(1, "any", 10, kind="sinceImagePushed")
MOVED = rule(1, "any", 10, action="transition")
ARCHIVED = rule(1, "any", 90, kind="sinceImageTransitioned", storageClass="archive")
NOT_ALLOWED = "object instance has properties which are not allowed by the schema: "
REFUSED = {
    "not JSON": ("{" + "x" * 120, "Could not map policyString into LifecyclePolicy."),
    "no rules": ("{" + " " * 120 + "}", 'object has missing required properties (["rules"])'),
    "an unknown key beside the rules": (changed(lambda d: d.update(x=1)), NOT_ALLOWED + '(["x"])'),
    "an unknown key in a rule": (changed(at_rule(x=1)), NOT_ALLOWED + '(["x"])'),
    "an unknown key in a selection": (changed(within("selection", x=1)), ""),
    "an unknown tagStatus": (
        changed(within("selection", tagStatus="ANY")),
        'instance value ("ANY") not found in enum',
    ),
    "an unknown action": (changed(within("action", type="delete")), ""),
    "null for a list": (
        changed(within("selection", tagPrefixList=None), TAGGED),
        'instance type (null) does not match any allowed primitive type (allowed: ["array"])',
    ),
    "null for the target": (changed(within("action", targetStorageClass=None)), ""),
    "a count of nothing": (
        changed(within("selection", countNumber=0)),
        "numeric instance is lower than the required minimum (minimum: 1, found: 0)",
    ),
    "a priority of nothing": (
        changed(at_rule(rulePriority=0)),
        "numeric instance is lower than the required minimum (minimum: 1, found: 0)",
    ),
    "a count with a fraction": (changed(within("selection", countNumber=1.5)), ""),
    "a count as a word": (changed(within("selection", countNumber="10")), ""),
    "no countNumber": (changed(without("selection", "countNumber")), ""),
    "no priority": (changed(lambda d: d["rules"][0].pop("rulePriority")), ""),
    "no action": (changed(lambda d: d["rules"][0].pop("action")), ""),
    "no selection": (changed(lambda d: d["rules"][0].pop("selection")) + " " * 100, ""),
    "an empty list of rules": ('{"rules":[]}' + " " * 100, ""),
    "fifty-one rules": (text_of(*(rule(n, "tagged", 1, tagPrefixList=[f"p{n}-"]) for n in range(1, 52))), ""),
    "a priority twice": (text_of(rule(1, "untagged", 1), rule(1, "tagged", 1, tagPrefixList=["v"])), ""),
    "any before another rule": (
        text_of(rule(1, "any", 1), rule(2, "untagged", 1)),
        "Rule for tagStatus=ANY must have the lowest priority per storage class",
    ),
    "two any rules of one class": (
        text_of(rule(1, "any", 1), rule(2, "any", 2)),
        "Rule for tagStatus=ANY must have the lowest priority per storage class",
    ),
    "two untagged rules of one class": (
        text_of(rule(1, "untagged", 1), rule(2, "untagged", 1, kind="sinceImagePushed")),
        "Only one rule can select Untagged images per storage class",
    ),
    "tagged without a list": (
        text_of(rule(1, "tagged", 1)),
        "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.",
    ),
    "tagged with an empty list": (text_of(rule(1, "tagged", 1, tagPrefixList=[])), ""),
    "tagged with both lists": (text_of(rule(1, "tagged", 1, tagPrefixList=["a"], tagPatternList=["a"])), ""),
    "untagged with a list": (text_of(rule(1, "untagged", 1, tagPrefixList=["a"])), ""),
    "any with a list": (text_of(rule(1, "any", 1, tagPatternList=["a"])), ""),
    "five stars": (text_of(rule(1, "tagged", 1, tagPatternList=["*a*b*c*d*"])), ""),
    "one list of prefixes in two rules": (
        text_of(rule(1, "tagged", 1, tagPrefixList=["a"]), rule(2, "tagged", 2, tagPrefixList=["a"])),
        "",
    ),
    "an age without a unit": (changed(without("selection", "countUnit"), AGED), ""),
    "an age in hours": (changed(within("selection", countUnit="hours"), AGED), ""),
    "a count with a unit": (changed(within("selection", countUnit="days")), ""),
    "an unknown countType": (changed(within("selection", countType="sinceImageBuilt"), AGED), ""),
    "a pull age that expires": (text_of(rule(1, "any", 10, kind="sinceImagePulled")), ""),
    "an archive age that transitions": (
        changed(lambda d: d["rules"][0].update(action=MOVED["action"]), ARCHIVED),
        "",
    ),
    "an archive age without the class": (changed(without("selection", "storageClass"), ARCHIVED), ""),
    "an archive age of 89 days": (changed(within("selection", countNumber=89), ARCHIVED), ""),
    "a count of the archive": (text_of(rule(1, "any", 1, storageClass="archive")), ""),
    "an unknown class": (text_of(rule(1, "any", 1, storageClass="STANDARD")), ""),
    "a transition without a target": (changed(without("action", "targetStorageClass"), MOVED), ""),
    "a transition to the standard class": (
        changed(within("action", targetStorageClass="standard"), MOVED),
        "",
    ),
    "an expiry with a target": (changed(within("action", targetStorageClass="archive")), ""),
}


@pytest.mark.parametrize("text, words", REFUSED.values(), ids=REFUSED)
def test_a_policy_outside_the_schema_is_refused(ecr, app, refused, text, words):
    with refused("InvalidParameterException", text=PREFIX) as refusal:
        put(ecr, app, text)
    assert words in refusal.error.response["Error"]["Message"]
    with refused("LifecyclePolicyNotFoundException"):
        ecr.get_lifecycle_policy(repositoryName=app)


@pytest.mark.parametrize("name", ["not JSON", "any before another rule", "five stars"])
def test_a_preview_refuses_what_put_refuses(ecr, app, refused, name):
    text, words = REFUSED[name]
    with refused("InvalidParameterException", text=PREFIX) as refusal:
        ecr.start_lifecycle_policy_preview(repositoryName=app, lifecyclePolicyText=text)
    assert words in refusal.error.response["Error"]["Message"]
    with refused("LifecyclePolicyPreviewNotFoundException"):
        ecr.get_lifecycle_policy_preview(repositoryName=app)


@pytest.mark.parametrize("text", ['{"rules":[]}', GOOD + " " * (30721 - len(GOOD))], ids=["short", "long"])
def test_a_text_has_100_to_30720_characters(ecr, app, refused, text):
    with refused("InvalidParameterException"):
        put(ecr, app, text)


def test_a_refused_policy_leaves_the_former_one(ecr, app, refused):
    put(ecr, app, GOOD)
    with refused("InvalidParameterException"):
        put(ecr, app, REFUSED["five stars"][0])
    assert json.loads(ecr.get_lifecycle_policy(repositoryName=app)["lifecyclePolicyText"]) == json.loads(GOOD)
