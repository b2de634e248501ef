"""Facts about lists of images: pages and their tokens, and how many ids a call takes."""

import pytest

from pushing import push_many, put, rows


@pytest.fixture
def app(registry):
    return registry.create("team/app")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pages_of_any_size_hold_every_image_once(ecr, app, size):
    pushed = push_many(ecr, app, 20)
    put(ecr, app, pushed[0], "second-tag")
    expected = sorted(image.digest for image in pushed)
    config = {"PageSize": size}
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=app, PaginationConfig=config)
    assert sorted(detail["imageDigest"] for page in pages for detail in page["imageDetails"]) == expected
    pages = list(ecr.get_paginator("list_images").paginate(repositoryName=app, PaginationConfig=config))
    assert len([row for page in pages for row in page["imageIds"]]) == 21
    assert all(len(page["imageIds"]) <= size for page in pages)
    assert sorted({row["imageDigest"] for page in pages for row in page["imageIds"]}) == expected


def test_a_page_has_a_hundred_images_by_default(ecr, app):
    push_many(ecr, app, 101)
    for operation, key in (("describe_images", "imageDetails"), ("list_images", "imageIds")):
        first = getattr(ecr, operation)(repositoryName=app)
        assert len(first[key]) == 100
        second = getattr(ecr, operation)(repositoryName=app, nextToken=first["nextToken"])
        assert len(second[key]) == 1
        assert "nextToken" not in second
        assert len(getattr(ecr, operation)(repositoryName=app, maxResults=1000)[key]) == 101


@pytest.mark.parametrize("operation", ["describe_images", "list_images"])
def test_page_sizes_and_tokens_have_limits(ecr, app, refused, operation):
    push_many(ecr, app, 2)
    call = getattr(ecr, operation)
    for size in (0, 1001):
        with refused("InvalidParameterException", text="maxResults"):
            call(repositoryName=app, maxResults=size)
    with refused("InvalidParameterException"):
        call(repositoryName=app, nextToken="nonsense")
    token = call(repositoryName=app, maxResults=1)["nextToken"]
    assert not token.isdigit()
    with refused("InvalidParameterException"):
        call(repositoryName=app, nextToken=token[:-4])


def test_ids_exclude_pages(ecr, app, refused):
    push_many(ecr, app, 2)
    token = ecr.describe_images(repositoryName=app, maxResults=1)["nextToken"]
    with refused("InvalidParameterException"):
        ecr.describe_images(repositoryName=app, imageIds=[{"imageTag": "build-0"}], nextToken=token)
    with refused("InvalidParameterException"):
        ecr.describe_images(repositoryName=app, imageIds=[{"imageTag": "build-0"}], maxResults=1)


@pytest.mark.parametrize("operation", ["describe_images", "batch_get_image", "batch_delete_image"])
def test_no_call_takes_more_than_a_hundred_ids(ecr, app, refused, operation):
    push_many(ecr, app, 101)
    ids = [{"imageTag": f"build-{number}"} for number in range(101)]
    text = "Invalid parameter at 'imageIds' failed to satisfy constraint: "
    with refused(
        "InvalidParameterException", text=text + "'Member must have length less than or equal to 100'"
    ):
        getattr(ecr, operation)(repositoryName=app, imageIds=ids)
    with refused(
        "InvalidParameterException", text=text + "'Member must have length greater than or equal to 1'"
    ):
        getattr(ecr, operation)(repositoryName=app, imageIds=[])
    assert len(rows(ecr, app)) == 101
    getattr(ecr, operation)(repositoryName=app, imageIds=ids[:100])


def test_a_token_of_another_call_is_refused(registry, ecr, app, refused):
    other = registry.create("other")
    push_many(ecr, app, 3)
    push_many(ecr, other, 3)
    token = ecr.describe_images(repositoryName=app, maxResults=1)["nextToken"]
    with refused("InvalidParameterException"):
        ecr.list_images(repositoryName=app, nextToken=token)
    with refused("InvalidParameterException"):
        ecr.describe_repositories(nextToken=token)
    with refused("InvalidParameterException"):
        ecr.describe_images(repositoryName=other, nextToken=token)


def test_the_size_of_the_page_may_change_from_page_to_page(ecr, app):
    pushed = push_many(ecr, app, 10)
    first = ecr.describe_images(repositoryName=app, maxResults=3)
    second = ecr.describe_images(repositoryName=app, maxResults=1000, nextToken=first["nextToken"])
    found = [detail["imageDigest"] for page in (first, second) for detail in page["imageDetails"]]
    assert sorted(found) == sorted(image.digest for image in pushed)


def test_a_page_may_be_asked_for_twice(ecr, app):
    push_many(ecr, app, 6)
    token = ecr.describe_images(repositoryName=app, maxResults=2)["nextToken"]
    pages = [ecr.describe_images(repositoryName=app, maxResults=2, nextToken=token) for _ in range(2)]
    assert pages[0]["imageDetails"] == pages[1]["imageDetails"]


def test_a_page_that_ends_with_the_last_image_has_no_token(ecr, app):
    push_many(ecr, app, 4)
    for operation in ("describe_images", "list_images"):
        first = getattr(ecr, operation)(repositoryName=app, maxResults=2)
        second = getattr(ecr, operation)(repositoryName=app, maxResults=2, nextToken=first["nextToken"])
        assert "nextToken" not in second
        assert "nextToken" not in getattr(ecr, operation)(repositoryName=app, maxResults=4)
