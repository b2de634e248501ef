"""Facts about layers: parts, checks, refusals and downloads."""

import urllib.request
import uuid

import pytest

from pushing import NOWHERE, digest_of, push_image, upload

FIVE_MIB = 5 * 1024 * 1024


@pytest.fixture
def app(registry):
    return registry.create("app")


def send(ecr, repository, upload_id, first, part):
    return ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=upload_id,
        partFirstByte=first,
        partLastByte=first + len(part) - 1,
        layerPartBlob=part,
    )


def complete(ecr, repository, upload_id, *digests):
    return ecr.complete_layer_upload(
        repositoryName=repository, uploadId=upload_id, layerDigests=list(digests)
    )


def available(ecr, repository, *digests):
    answer = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=list(digests))
    return {layer["layerDigest"]: layer for layer in answer["layers"]}


def test_a_layer_is_uploaded_in_parts_and_downloaded_whole(registry, ecr, app):
    content = bytes(range(256)) * (FIVE_MIB // 256) + b"the rest"
    digest = digest_of(content)
    started = ecr.initiate_layer_upload(repositoryName=app)
    assert uuid.UUID(started["uploadId"])
    assert 1 <= started["partSize"] <= 20 * 1024 * 1024
    first = send(ecr, app, started["uploadId"], 0, content[:FIVE_MIB])
    assert first["lastByteReceived"] == FIVE_MIB - 1
    assert (first["registryId"], first["repositoryName"]) == (registry.account, app)
    assert first["uploadId"] == started["uploadId"]
    last = send(ecr, app, started["uploadId"], FIVE_MIB, content[FIVE_MIB:])
    assert last["lastByteReceived"] == len(content) - 1
    done = complete(ecr, app, started["uploadId"], digest)
    del done["ResponseMetadata"]
    assert done == {
        "registryId": registry.account,
        "repositoryName": app,
        "uploadId": started["uploadId"],
        "layerDigest": digest,
    }
    found = available(ecr, app, digest)[digest]
    assert found["layerAvailability"] == "AVAILABLE"
    assert found["layerSize"] == len(content)
    link = ecr.get_download_url_for_layer(repositoryName=app, layerDigest=digest)
    assert link["layerDigest"] == digest
    with urllib.request.urlopen(link["downloadUrl"], timeout=10) as answer:
        assert answer.read() == content


def test_an_unknown_layer_is_unavailable_and_a_malformed_one_fails_alone(ecr, app):
    digest = upload(ecr, app, b"known")
    answer = ecr.batch_check_layer_availability(
        repositoryName=app, layerDigests=[digest, NOWHERE, "sha256:short", "nonsense"]
    )
    status = {layer["layerDigest"]: layer["layerAvailability"] for layer in answer["layers"]}
    assert status == {digest: "AVAILABLE", NOWHERE: "UNAVAILABLE"}
    assert sorted((one["layerDigest"], one["failureCode"]) for one in answer["failures"]) == [
        ("nonsense", "InvalidLayerDigest"),
        ("sha256:short", "InvalidLayerDigest"),
    ]


def test_a_hundred_layers_may_be_checked_and_no_more(ecr, app, refused):
    digests = [digest_of(str(number)) for number in range(101)]
    assert len(available(ecr, app, *digests[:100])) == 100
    with refused("InvalidParameterException", text="layerDigests"):
        available(ecr, app, *digests)
    with refused("InvalidParameterException", text="layerDigests"):
        available(ecr, app)


def test_layers_are_known_to_their_repository_only(registry, ecr, app, refused):
    digest = upload(ecr, app, b"known here")
    other = registry.create("other")
    assert available(ecr, other, digest)[digest]["layerAvailability"] == "UNAVAILABLE"
    with refused("LayersNotFoundException"):
        ecr.get_download_url_for_layer(repositoryName=other, layerDigest=digest)


def test_a_layer_that_is_not_there_has_no_link(ecr, app, refused):
    with refused("LayersNotFoundException"):
        ecr.get_download_url_for_layer(repositoryName=app, layerDigest=NOWHERE)


def test_a_layer_is_not_completed_twice(ecr, app, refused):
    digest = upload(ecr, app, b"content")
    started = ecr.initiate_layer_upload(repositoryName=app)
    send(ecr, app, started["uploadId"], 0, b"content")
    with refused("LayerAlreadyExistsException", text=digest):
        complete(ecr, app, started["uploadId"], digest)


def test_a_digest_that_is_not_of_the_content_is_refused(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    send(ecr, app, started["uploadId"], 0, b"content")
    with refused("InvalidLayerException"):
        complete(ecr, app, started["uploadId"], digest_of(b"other"))


def test_an_upload_without_parts_is_empty(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    with refused("EmptyUploadException"):
        complete(ecr, app, started["uploadId"], digest_of(b""))


def test_an_unknown_upload_is_named(ecr, app, refused):
    unknown = str(uuid.uuid4())
    with refused("UploadNotFoundException", text=unknown):
        send(ecr, app, unknown, 0, b"content")
    with refused("UploadNotFoundException", text=unknown):
        complete(ecr, app, unknown, NOWHERE)


def test_an_upload_belongs_to_its_repository(registry, ecr, app, refused):
    other = registry.create("other")
    started = ecr.initiate_layer_upload(repositoryName=app)
    with refused("UploadNotFoundException"):
        send(ecr, other, started["uploadId"], 0, b"content")


def test_a_completed_upload_is_gone(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    send(ecr, app, started["uploadId"], 0, b"once")
    complete(ecr, app, started["uploadId"], digest_of(b"once"))
    with refused("UploadNotFoundException"):
        complete(ecr, app, started["uploadId"], digest_of(b"once"))


def test_a_part_that_does_not_follow_says_where_the_next_begins(registry, ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    send(ecr, app, started["uploadId"], 0, b"0123456789")
    with refused("InvalidLayerPartException") as refusal:
        send(ecr, app, started["uploadId"], 20, b"gap")
    response = refusal.error.response
    assert response["lastValidByteReceived"] == 9
    assert response["uploadId"] == started["uploadId"]
    assert (response["registryId"], response["repositoryName"]) == (registry.account, app)


def test_a_part_whose_bytes_are_not_its_range_is_refused(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    with refused("InvalidLayerPartException"):
        ecr.upload_layer_part(
            repositoryName=app,
            uploadId=started["uploadId"],
            partFirstByte=0,
            partLastByte=99,
            layerPartBlob=b"short",
        )


def test_only_the_last_part_may_be_smaller_than_five_mebibytes(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    with refused("LayerPartTooSmallException"):
        send(ecr, app, started["uploadId"], 0, b"a" * 10)
        send(ecr, app, started["uploadId"], 10, b"b" * 10)
        complete(ecr, app, started["uploadId"], digest_of(b"a" * 10 + b"b" * 10))


def test_a_part_of_more_than_twenty_mebibytes_is_refused(ecr, app, refused):
    started = ecr.initiate_layer_upload(repositoryName=app)
    with refused("InvalidParameterException"):
        send(ecr, app, started["uploadId"], 0, b"x" * (20 * 1024 * 1024 + 1))


def test_layers_of_an_image_are_available_and_can_be_downloaded(ecr, app):
    layer = b"layer content"
    push_image(ecr, app, "one", "v1", layers=[layer])
    link = ecr.get_download_url_for_layer(repositoryName=app, layerDigest=digest_of(layer))
    with urllib.request.urlopen(link["downloadUrl"], timeout=10) as answer:
        assert answer.read() == layer
