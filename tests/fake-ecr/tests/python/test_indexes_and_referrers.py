"""Facts about indexes, and about images that refer to another one."""

import pytest

from pushing import (
    ALL_TYPES,
    DOCKER_LIST,
    NOWHERE,
    OCI_INDEX,
    OCI_MANIFEST,
    Pushed,
    describe,
    push_image,
    push_index,
    rows,
)

SBOM = "application/spdx+json"
SIGNATURE = "application/vnd.example.signature"


@pytest.fixture
def app(registry):
    return registry.create("app")


@pytest.mark.parametrize("docker, media_type", [(False, OCI_INDEX), (True, DOCKER_LIST)])
def test_the_size_of_an_index_is_that_of_its_largest_child(ecr, app, docker, media_type):
    small = push_image(ecr, app, "small", docker=docker, layers=[b"s" * 100])
    large = push_image(ecr, app, "large", docker=docker, layers=[b"l" * 5000])
    index = push_index(ecr, app, [small, large], "v1", docker=docker)
    found = describe(ecr, app)
    assert found[index.digest]["imageSizeInBytes"] == large.size_bytes
    assert found[large.digest]["imageSizeInBytes"] == large.size_bytes
    assert found[small.digest]["imageSizeInBytes"] == small.size_bytes
    assert found[index.digest]["imageManifestMediaType"] == media_type


def test_the_size_of_an_index_of_indexes_is_that_of_the_largest_image(ecr, app):
    large = push_image(ecr, app, "large", layers=[b"l" * 3000])
    inner = push_index(ecr, app, [large], name="inner")
    outer = push_index(ecr, app, [inner], "v1", name="outer")
    assert describe(ecr, app)[outer.digest]["imageSizeInBytes"] == large.size_bytes


def test_an_index_is_read_byte_by_byte(ecr, app):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    [image] = ecr.batch_get_image(
        repositoryName=app, imageIds=[{"imageTag": "v1"}], acceptedMediaTypes=ALL_TYPES
    )["images"]
    assert image["imageManifest"] == index.manifest
    assert image["imageManifestMediaType"] == OCI_INDEX
    assert image["imageId"] == {"imageDigest": index.digest, "imageTag": "v1"}


def test_children_of_an_index_are_described_as_ordinary_images(ecr, app):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    assert sorted(describe(ecr, app)) == sorted([child.digest, index.digest])
    untagged = ecr.list_images(repositoryName=app, filter={"tagStatus": "UNTAGGED"})["imageIds"]
    assert untagged == [{"imageDigest": child.digest}]


def referrers(ecr, repository, subject, **asked):
    answer = ecr.list_image_referrers(
        repositoryName=repository, subjectId={"imageDigest": subject.digest}, **asked
    )
    return {one["digest"]: one for one in answer["referrers"]}


def test_a_referrer_names_its_subject(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type=SBOM)
    found = describe(ecr, app)
    assert found[sbom.digest]["subjectManifestDigest"] == subject.digest
    assert "subjectManifestDigest" not in found[subject.digest]
    assert found[sbom.digest]["artifactMediaType"] == SBOM


def test_referrers_are_listed_with_their_descriptor(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    sbom = push_image(
        ecr, app, "sbom", subject=subject, artifact_type=SBOM, annotations={"created.by": "builder"}
    )
    found = referrers(ecr, app, subject)
    size = found[sbom.digest].pop("size")
    assert size in (len(sbom.manifest.encode()), sbom.size_bytes)
    assert found == {
        sbom.digest: {
            "digest": sbom.digest,
            "mediaType": OCI_MANIFEST,
            "artifactType": SBOM,
            "annotations": {"created.by": "builder"},
            "artifactStatus": "ACTIVE",
        }
    }


def test_referrers_are_filtered_by_artifact_type(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type=SBOM)
    signature = push_image(ecr, app, "signature", subject=subject, artifact_type=SIGNATURE)
    assert set(referrers(ecr, app, subject, filter={"artifactTypes": [SBOM]})) == {sbom.digest}
    both = referrers(ecr, app, subject, filter={"artifactTypes": [SBOM, SIGNATURE]})
    assert set(both) == {sbom.digest, signature.digest}
    assert referrers(ecr, app, subject, filter={"artifactTypes": ["application/none"]}) == {}


def test_more_than_five_artifact_types_are_refused(ecr, app, refused):
    subject = push_image(ecr, app, "subject", "v1")
    with refused("InvalidParameterException"):
        referrers(ecr, app, subject, filter={"artifactTypes": [f"application/{n}" for n in range(6)]})


def test_an_image_without_referrers_and_an_unknown_one_have_none(ecr, app):
    subject = push_image(ecr, app, "subject", "v1")
    assert referrers(ecr, app, subject) == {}
    assert referrers(ecr, app, Pushed(NOWHERE, "", "", 0)) == {}


def test_a_referrer_may_be_pushed_before_its_subject(registry, ecr, app):
    other = registry.create("other")
    subject = push_image(ecr, other, "subject", "v1")
    sbom = push_image(ecr, app, "sbom", subject=subject, artifact_type=SBOM)
    assert set(referrers(ecr, app, subject)) == {sbom.digest}
    assert referrers(ecr, other, subject) == {}


def test_referrers_come_in_pages_of_twenty_by_default_and_fifty_at_most(ecr, app, refused):
    subject = push_image(ecr, app, "subject", "v1")
    made = set()
    for number in range(21):
        one = push_image(
            ecr, app, "same", subject=subject, artifact_type=SBOM, annotations={"number": str(number)}
        )
        made.add(one.digest)
    asked = {"repositoryName": app, "subjectId": {"imageDigest": subject.digest}}
    first = ecr.list_image_referrers(**asked)
    assert len(first["referrers"]) == 20
    second = ecr.list_image_referrers(**asked, nextToken=first["nextToken"])
    assert len(second["referrers"]) == 1
    assert "nextToken" not in second
    assert {one["digest"] for page in (first, second) for one in page["referrers"]} == made
    assert len(ecr.list_image_referrers(**asked, maxResults=50)["referrers"]) == 21
    for size in (0, 51):
        with refused("InvalidParameterException"):
            ecr.list_image_referrers(**asked, maxResults=size)
    with refused("InvalidParameterException"):
        ecr.list_image_referrers(**asked, nextToken="nonsense")


def test_an_index_may_be_a_subject_and_a_referrer_is_not_its_child(ecr, app):
    child = push_image(ecr, app, "child")
    index = push_index(ecr, app, [child], "v1")
    sbom = push_image(ecr, app, "sbom", subject=index, artifact_type=SBOM)
    assert set(referrers(ecr, app, index)) == {sbom.digest}
    answer = ecr.batch_delete_image(repositoryName=app, imageIds=[{"imageDigest": sbom.digest}])
    assert answer["failures"] == []
    assert sorted(digest for digest, _ in rows(ecr, app)) == sorted([child.digest, index.digest])
