"""Facts about deletion: tags, last tags, digests, pairs, and what indexes protect."""

import pytest

from pushing import push_image, push_index, push_many, put, rows


@pytest.fixture
def app(registry):
    return registry.create("app")


def delete(ecr, repository, *ids):
    answer = ecr.batch_delete_image(repositoryName=repository, imageIds=list(ids))
    gone = sorted((one["imageDigest"], one.get("imageTag", "")) for one in answer["imageIds"])
    return gone, [(one["imageId"], one["failureCode"]) for one in answer["failures"]]


def test_a_tag_that_is_not_the_last_is_only_removed(ecr, app):
    one = push_image(ecr, app, "one", "a", "b")
    assert delete(ecr, app, {"imageTag": "a"}) == ([(one.digest, "a")], [])
    assert rows(ecr, app) == [(one.digest, "b")]


def test_removing_the_last_tag_deletes_the_image(ecr, app):
    one = push_image(ecr, app, "one", "a")
    assert delete(ecr, app, {"imageTag": "a"}) == ([(one.digest, "a")], [])
    assert rows(ecr, app) == []


def test_removing_all_tags_in_one_call_deletes_the_image(ecr, app):
    one = push_image(ecr, app, "one", "a", "b")
    gone, failures = delete(ecr, app, {"imageTag": "a"}, {"imageTag": "b"})
    assert gone == [(one.digest, "a"), (one.digest, "b")]
    assert failures == []
    assert rows(ecr, app) == []


def test_a_digest_is_deleted_with_all_its_tags_and_each_is_reported(ecr, app):
    one = push_image(ecr, app, "one", "a", "b", "c")
    gone, failures = delete(ecr, app, {"imageDigest": one.digest})
    assert gone == [(one.digest, tag) for tag in "abc"]
    assert failures == []
    assert rows(ecr, app) == []


def test_an_untagged_image_is_deleted_by_its_digest(ecr, app):
    one = push_image(ecr, app, "one")
    assert delete(ecr, app, {"imageDigest": one.digest}) == ([(one.digest, "")], [])
    assert rows(ecr, app) == []


def test_a_pair_that_agrees_removes_only_that_tag(ecr, app):
    one = push_image(ecr, app, "one", "a", "b")
    pair = {"imageDigest": one.digest, "imageTag": "a"}
    assert delete(ecr, app, pair) == ([(one.digest, "a")], [])
    assert rows(ecr, app) == [(one.digest, "b")]


def test_a_pair_of_a_tag_that_has_moved_deletes_nothing(ecr, app):
    old = push_image(ecr, app, "old", "latest")
    new = push_image(ecr, app, "new", "latest")
    pair = {"imageDigest": old.digest, "imageTag": "latest"}
    assert delete(ecr, app, pair) == ([], [(pair, "ImageTagDoesNotMatchDigest")])
    assert rows(ecr, app) == sorted([(old.digest, ""), (new.digest, "latest")])


def test_deleting_twice_says_that_the_image_is_not_there(ecr, app):
    one = push_image(ecr, app, "one", "a")
    delete(ecr, app, {"imageTag": "a"})
    assert delete(ecr, app, {"imageTag": "a"}) == ([], [({"imageTag": "a"}, "ImageNotFound")])
    missing = {"imageDigest": one.digest}
    assert delete(ecr, app, missing) == ([], [(missing, "ImageNotFound")])


def test_a_deleted_image_can_be_pushed_again(ecr, app):
    one = push_image(ecr, app, "one", "a")
    delete(ecr, app, {"imageTag": "a"})
    again = push_image(ecr, app, "one", "a")
    assert again.digest == one.digest
    assert rows(ecr, app) == [(one.digest, "a")]


def test_a_child_of_an_index_is_protected_and_the_index_is_named(ecr, app):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    answer = ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageDigest": child.digest}])
    assert answer["imageIds"] == []
    [failure] = answer["failures"]
    assert failure["failureCode"] == "ImageReferencedByManifestList"
    assert failure["imageId"]["imageDigest"] == child.digest
    reason = f"Requested image referenced by manifest list: [{index.digest}]"
    assert failure["failureReason"] == reason
    assert rows(ecr, app) == sorted([(child.digest, ""), (index.digest, "v1")])


def test_the_last_tag_of_a_child_is_protected_but_not_the_others(ecr, app):
    child = push_image(ecr, app, "child", "amd64", "extra")
    push_index(ecr, app, [child], "v1")
    gone, failures = delete(ecr, app, {"imageTag": "extra"})
    assert gone == [(child.digest, "extra")] and failures == []
    gone, failures = delete(ecr, app, {"imageTag": "amd64"})
    assert gone == []
    assert [code for _, code in failures] == ["ImageReferencedByManifestList"]
    assert (child.digest, "amd64") in rows(ecr, app)


@pytest.mark.parametrize("docker", [False, True])
def test_after_the_index_its_children_can_be_deleted(ecr, app, docker):
    children = [push_image(ecr, app, name, docker=docker) for name in ("amd64", "arm64")]
    index = push_index(ecr, app, children, "v1", docker=docker)
    gone, failures = delete(ecr, app, {"imageDigest": index.digest})
    assert gone == [(index.digest, "v1")] and failures == []
    gone, failures = delete(ecr, app, *({"imageDigest": child.digest} for child in children))
    assert len(gone) == 2 and failures == []
    assert rows(ecr, app) == []


def test_deleting_an_index_leaves_its_children(ecr, app):
    child = push_image(ecr, app, "child")
    push_index(ecr, app, [child], "v1")
    delete(ecr, app, {"imageTag": "v1"})
    assert rows(ecr, app) == [(child.digest, "")]


def test_a_child_of_two_indexes_is_protected_until_both_are_gone(ecr, app):
    child = push_image(ecr, app, "child")
    push_index(ecr, app, [child], "v1", name="first")
    push_index(ecr, app, [child], "v2", name="second")
    delete(ecr, app, {"imageTag": "v1"})
    _, failures = delete(ecr, app, {"imageDigest": child.digest})
    assert [code for _, code in failures] == ["ImageReferencedByManifestList"]
    delete(ecr, app, {"imageTag": "v2"})
    assert delete(ecr, app, {"imageDigest": child.digest}) == ([(child.digest, "")], [])


def test_an_index_within_an_index_is_protected(ecr, app):
    child = push_image(ecr, app, "child")
    inner = push_index(ecr, app, [child], name="inner")
    outer = push_index(ecr, app, [inner], "v1", name="outer")
    _, failures = delete(ecr, app, {"imageDigest": inner.digest})
    assert [code for _, code in failures] == ["ImageReferencedByManifestList"]
    for one in (outer, inner, child):
        gone, failures = delete(ecr, app, {"imageDigest": one.digest})
        assert len(gone) == 1 and failures == []


def test_an_index_of_another_repository_protects_nothing(registry, ecr, app):
    other = registry.create("other")
    child = push_image(ecr, app, "child")
    push_image(ecr, other, "child")
    push_index(ecr, other, [child], "v1")
    gone, failures = delete(ecr, app, {"imageDigest": child.digest})
    assert gone == [(child.digest, "")] and failures == []


def test_a_layer_of_a_deleted_image_stays_for_the_images_that_share_it(ecr, app):
    shared = [b"shared layer" * 10]
    push_image(ecr, app, "one", "a", layers=shared)
    two = push_image(ecr, app, "two", "b", layers=shared)
    delete(ecr, app, {"imageTag": "a"})
    put(ecr, app, two, "c")
    assert rows(ecr, app) == [(two.digest, "b"), (two.digest, "c")]


def test_an_index_and_its_child_in_one_call_go_one_after_the_other(ecr, app):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    gone, failures = delete(ecr, app, {"imageDigest": child.digest}, {"imageDigest": index.digest})
    assert gone == [(index.digest, "v1")]
    assert [code for _, code in failures] == ["ImageReferencedByManifestList"]
    assert delete(ecr, app, {"imageDigest": child.digest}) == ([(child.digest, "")], [])


def test_a_hundred_images_are_deleted_in_one_call(ecr, app):
    pushed = push_many(ecr, app, 120)
    answer = ecr.batch_delete_image(
        repositoryName=app, imageIds=[{"imageDigest": image.digest} for image in pushed[:100]]
    )
    assert len(answer["imageIds"]) == 100 and answer["failures"] == []
    assert sorted(digest for digest, _ in rows(ecr, app)) == sorted(image.digest for image in pushed[100:])


def test_a_referrer_does_not_protect_its_subject(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type="application/spdx+json")
    assert delete(ecr, app, {"imageDigest": subject.digest}) == ([(subject.digest, "v1")], [])
    assert rows(ecr, app) in ([(sbom.digest, "")], [])
