"""The comparison with the service model says what is wrong: it is not silent for every answer."""

import pytest

from shapes import wrong

RIGHT = {"repositoryName": "app", "createdAt": 1700000000.5, "imageTagMutability": "MUTABLE"}


@pytest.fixture
def shape(ecr):
    return ecr.meta.service_model.shape_for("Repository")


def test_a_right_answer_has_nothing_wrong(shape):
    assert wrong(shape, RIGHT, "R") == []


@pytest.mark.parametrize(
    "member, sentence",
    [
        ({"colour": "red"}, "R/colour: not in the model"),
        ({"createdAt": "2026-01-01"}, "R/createdAt: '2026-01-01' is no timestamp"),
        ({"repositoryName": None}, "R/repositoryName: None is no string"),
        ({"repositoryName": "Not A Name"}, "R/repositoryName: 'Not A Name' is not of the pattern"),
        (
            {"imageScanningConfiguration": {"scanOnPush": 1}},
            "R/imageScanningConfiguration/scanOnPush: 1 is no boolean",
        ),
        ({"encryptionConfiguration": {}}, "R/encryptionConfiguration/encryptionType: required"),
        ({"imageTagMutabilityExclusionFilters": {}}, "R/imageTagMutabilityExclusionFilters: no list"),
    ],
)
def test_a_wrong_member_is_named(shape, member, sentence):
    assert wrong(shape, {**RIGHT, **member}, "R") == [sentence]


def test_a_value_outside_the_enumeration_is_named(shape):
    [sentence] = wrong(shape, {**RIGHT, "imageTagMutability": "mutable"}, "R")
    assert sentence.startswith("R/imageTagMutability: 'mutable' is none of")
