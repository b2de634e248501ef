"""Facts about many clients at once, and about lists that change while they are read."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pushing import describe, make_image, push_many, put, rows, upload


@pytest.fixture
def app(registry):
    return registry.create("app")


def at_once(work, items, threads=8):
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def images(ecr, repository, count):
    made = []
    for number in range(count):
        image, blobs = make_image("shared", layers=[b"one layer"], annotations={"number": str(number)})
        made.append(image)
    for blob in blobs:
        upload(ecr, repository, blob)
    return made


def test_pushes_at_once_are_all_there(ecr, app):
    made = images(ecr, app, 60)
    at_once(lambda pair: put(ecr, app, pair[1], f"tag-{pair[0]}"), enumerate(made))
    assert rows(ecr, app) == sorted((image.digest, f"tag-{number}") for number, image in enumerate(made))


def test_one_of_many_pushes_wins_an_immutable_tag(registry, ecr):
    registry.create("frozen", imageTagMutability="IMMUTABLE")
    made = images(ecr, "frozen", 20)

    def push(image):
        try:
            put(ecr, "frozen", image, "v1")
            return image.digest
        except ecr.exceptions.ImageTagAlreadyExistsException:
            return None

    won = [digest for digest in at_once(push, made) if digest]
    assert len(won) == 1
    assert rows(ecr, "frozen") == [(won[0], "v1")]


def test_a_mutable_tag_stands_at_one_image_after_many_pushes(ecr, app):
    made = images(ecr, app, 20)
    at_once(lambda image: put(ecr, app, image, "latest"), made)
    tagged = [digest for digest, tag in rows(ecr, app) if tag == "latest"]
    assert len(tagged) == 1
    assert len(describe(ecr, app)) == 20


def test_one_of_many_creations_wins(ecr):
    def create(_):
        try:
            return ecr.create_repository(repositoryName="race")["repository"]["createdAt"]
        except ecr.exceptions.RepositoryAlreadyExistsException:
            return None

    assert len([when for when in at_once(create, range(16)) if when]) == 1


@pytest.mark.parametrize("operation, key", [("describe_images", "imageDetails"), ("list_images", "imageIds")])
def test_what_stays_is_listed_once_while_other_images_go(ecr, app, operation, key):
    push_many(ecr, app, 30)
    call = getattr(ecr, operation)
    page = call(repositoryName=app, maxResults=10)
    seen = [row["imageDigest"] for row in page[key]]
    gone = set()
    while "nextToken" in page:
        last = page[key][-1]["imageDigest"]
        ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageDigest": last}])
        gone.add(last)
        page = call(repositoryName=app, maxResults=10, nextToken=page["nextToken"])
        seen += [row["imageDigest"] for row in page[key]]
    assert len(seen) == len(set(seen))
    assert set(describe(ecr, app)) == set(seen) - gone


def test_repositories_that_stay_are_listed_once_while_others_go(registry, ecr):
    for number in range(12):
        registry.create(f"app-{number:02}")
    page = ecr.describe_repositories(maxResults=4)
    seen = [one["repositoryName"] for one in page["repositories"]]
    ecr.delete_repository(repositoryName=seen[-1])
    while "nextToken" in page:
        page = ecr.describe_repositories(maxResults=4, nextToken=page["nextToken"])
        seen += [one["repositoryName"] for one in page["repositories"]]
    assert sorted(seen) == [f"app-{number:02}" for number in range(12)]
