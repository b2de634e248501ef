"""Facts about tags: when they may move, in the four modes and with exclusions."""

import pytest

from pushing import describe, push_image, put, rows

DEV = [{"filterType": "WILDCARD", "filter": "dev-*"}]


@pytest.fixture
def app(registry):
    return registry.create("app")


def set_mode(ecr, repository, mode, filters=None):
    asked = {"imageTagMutabilityExclusionFilters": filters} if filters is not None else {}
    return ecr.put_image_tag_mutability(repositoryName=repository, imageTagMutability=mode, **asked)


def test_a_tag_of_a_mutable_repository_moves_and_leaves_its_image_untagged(ecr, app):
    old = push_image(ecr, app, "old", "latest")
    new = push_image(ecr, app, "new", "latest")
    assert rows(ecr, app) == sorted([(old.digest, ""), (new.digest, "latest")])


def test_nothing_new_in_a_mutable_repository_is_image_already_exists(ecr, app, refused):
    pushed = push_image(ecr, app, "one", "v1")
    with refused("ImageAlreadyExistsException", text=pushed.digest):
        put(ecr, app, pushed, "v1")
    with refused("ImageAlreadyExistsException", text=pushed.digest):
        put(ecr, app, pushed)


def test_a_new_tag_of_a_known_image_is_added_and_keeps_the_push_time(ecr, app):
    pushed = push_image(ecr, app, "one", "v1")
    pushed_at = describe(ecr, app)[pushed.digest]["imagePushedAt"]
    put(ecr, app, pushed, "v2")
    detail = describe(ecr, app)[pushed.digest]
    assert sorted(detail["imageTags"]) == ["v1", "v2"]
    assert detail["imagePushedAt"] == pushed_at


def test_an_immutable_tag_is_refused_with_the_words_of_ecr(ecr, app, refused):
    set_mode(ecr, app, "IMMUTABLE")
    push_image(ecr, app, "one", "v1")
    words = (
        "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten "
        "because the repository is immutable."
    )
    with refused("ImageTagAlreadyExistsException", text=words):
        push_image(ecr, app, "two", "v1")


def test_an_immutable_tag_is_refused_even_for_the_same_image(ecr, app, refused):
    set_mode(ecr, app, "IMMUTABLE")
    pushed = push_image(ecr, app, "one", "v1")
    with refused("ImageTagAlreadyExistsException"):
        put(ecr, app, pushed, "v1")
    assert rows(ecr, app) == [(pushed.digest, "v1")]


def test_a_new_tag_of_a_known_image_is_added_in_an_immutable_repository(ecr, app):
    set_mode(ecr, app, "IMMUTABLE")
    pushed = push_image(ecr, app, "one", "v1")
    put(ecr, app, pushed, "v2")
    assert rows(ecr, app) == [(pushed.digest, "v1"), (pushed.digest, "v2")]


def test_deleting_an_immutable_tag_makes_it_free(ecr, app):
    set_mode(ecr, app, "IMMUTABLE")
    push_image(ecr, app, "one", "v1")
    ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageTag": "v1"}])
    two = push_image(ecr, app, "two", "v1")
    assert rows(ecr, app) == [(two.digest, "v1")]


def test_immutable_with_exclusion_lets_only_matching_tags_move(ecr, app, refused):
    set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", DEV)
    push_image(ecr, app, "one", "dev-1", "prod-1")
    two = push_image(ecr, app, "two", "dev-1")
    with refused("ImageTagAlreadyExistsException"):
        put(ecr, app, two, "prod-1")
    assert (two.digest, "dev-1") in rows(ecr, app)


def test_mutable_with_exclusion_freezes_only_matching_tags(ecr, app, refused):
    set_mode(ecr, app, "MUTABLE_WITH_EXCLUSION", DEV)
    push_image(ecr, app, "one", "dev-1", "prod-1")
    two = push_image(ecr, app, "two", "prod-1")
    with refused("ImageTagAlreadyExistsException"):
        put(ecr, app, two, "dev-1")
    assert (two.digest, "prod-1") in rows(ecr, app)


@pytest.mark.parametrize(
    "pattern, tag, free",
    [
        ("dev-*", "dev-", True),
        ("dev-*", "xdev-1", False),
        ("dev-*", "Dev-1", False),
        ("*-dev", "a-dev", True),
        ("*-dev", "a-dev-b", False),
        ("*dev*", "a-dev-b", True),
        ("v1.2", "v1.2", True),
        ("v1.2", "v1x2", False),
        ("latest", "latest", True),
        ("latest", "latest-2", False),
    ],
)
def test_an_exclusion_matches_the_whole_tag_and_its_case(ecr, app, pattern, tag, free):
    set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", [{"filterType": "WILDCARD", "filter": pattern}])
    push_image(ecr, app, "one", tag)
    if free:
        two = push_image(ecr, app, "two", tag)
        assert (two.digest, tag) in rows(ecr, app)
    else:
        with pytest.raises(ecr.exceptions.ImageTagAlreadyExistsException):
            push_image(ecr, app, "two", tag)


def test_any_of_five_exclusions_is_enough_and_six_are_too_many(ecr, app, refused):
    filters = [{"filterType": "WILDCARD", "filter": f"f{number}-*"} for number in range(6)]
    set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", filters[:5])
    push_image(ecr, app, "one", "f4-x")
    push_image(ecr, app, "two", "f4-x")
    with refused("InvalidParameterException"):
        set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", filters)
    with refused("InvalidParameterException"):
        set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", [])


@pytest.mark.parametrize(
    "mode, filters",
    [
        ("MUTABLE", DEV),
        ("IMMUTABLE", DEV),
        ("IMMUTABLE_WITH_EXCLUSION", None),
        ("MUTABLE_WITH_EXCLUSION", None),
        ("SOMETIMES", None),
        ("IMMUTABLE_WITH_EXCLUSION", [{"filterType": "WILDCARD", "filter": "a b"}]),
        ("IMMUTABLE_WITH_EXCLUSION", [{"filterType": "WILDCARD", "filter": "x" * 129}]),
        ("IMMUTABLE_WITH_EXCLUSION", [{"filterType": "WILDCARD", "filter": "*a*b*"}]),
        ("IMMUTABLE_WITH_EXCLUSION", [{"filterType": "PREFIX", "filter": "a"}]),
    ],
)
def test_a_mode_and_filters_that_do_not_fit_are_refused(ecr, app, refused, mode, filters):
    with refused("InvalidParameterException"):
        set_mode(ecr, app, mode, filters)
    [found] = ecr.describe_repositories()["repositories"]
    assert found["imageTagMutability"] == "MUTABLE"
    more = {"imageTagMutabilityExclusionFilters": filters} if filters else {}
    with refused("InvalidParameterException"):
        ecr.create_repository(repositoryName="other", imageTagMutability=mode, **more)


def test_setting_the_mode_replaces_the_filters_and_answers_with_both(registry, ecr, app):
    answer = set_mode(ecr, app, "MUTABLE_WITH_EXCLUSION", DEV)
    del answer["ResponseMetadata"]
    assert answer == {
        "registryId": registry.account,
        "repositoryName": app,
        "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": DEV,
    }
    other = [{"filterType": "WILDCARD", "filter": "release-*"}]
    set_mode(ecr, app, "IMMUTABLE_WITH_EXCLUSION", other)
    [found] = ecr.describe_repositories()["repositories"]
    assert found["imageTagMutabilityExclusionFilters"] == other
    set_mode(ecr, app, "MUTABLE")
    [found] = ecr.describe_repositories()["repositories"]
    assert "imageTagMutabilityExclusionFilters" not in found
    assert found["imageTagMutability"] == "MUTABLE"


def test_becoming_immutable_freezes_what_is_there(ecr, app, refused):
    push_image(ecr, app, "one", "v1")
    set_mode(ecr, app, "IMMUTABLE")
    with refused("ImageTagAlreadyExistsException"):
        push_image(ecr, app, "two", "v1")
