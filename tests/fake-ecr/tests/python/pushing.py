"""What is pushed: layers, manifests, indexes and referrers, made from a name alone.

The same name gives the same bytes, so that a digest can be compared between two repositories.
"""

import hashlib
import json
from dataclasses import dataclass

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ALL_TYPES = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST]
NOWHERE = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Pushed:
    """What was pushed: the digest, the text, and the size that ECR reports."""

    digest: str
    manifest: str
    media_type: str
    size_bytes: int


def digest_of(content):
    data = content.encode() if isinstance(content, str) else content
    return "sha256:" + hashlib.sha256(data).hexdigest()


def upload(ecr, repository, content):
    """One blob in one part; one that is there already is not uploaded again."""
    digest = digest_of(content)
    known = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])
    if any(layer["layerAvailability"] == "AVAILABLE" for layer in known["layers"]):
        return digest
    started = ecr.initiate_layer_upload(repositoryName=repository)
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=started["uploadId"],
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    done = ecr.complete_layer_upload(
        repositoryName=repository, uploadId=started["uploadId"], layerDigests=[digest]
    )
    assert done["layerDigest"] == digest
    return digest


def blob_descriptor(media_type, content):
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def manifest_text(name, layers=None, docker=False, subject=None, artifact_type=None, annotations=None):
    """The manifest of an image, with its config and layers as bytes."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "name": name}).encode()
    contents = layers if layers is not None else [f"layer of {name}".encode() * 20]
    document = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST if docker else OCI_MANIFEST,
        "config": blob_descriptor(DOCKER_CONFIG if docker else OCI_CONFIG, config),
        "layers": [blob_descriptor(DOCKER_LAYER if docker else OCI_LAYER, one) for one in contents],
    }
    if artifact_type:
        document["artifactType"] = artifact_type
    if subject:
        document["subject"] = {
            "mediaType": subject.media_type,
            "digest": subject.digest,
            "size": len(subject.manifest.encode()),
        }
    if annotations:
        document["annotations"] = annotations
    return json.dumps(document, indent=2), [config, *contents]


def put(ecr, repository, pushed, tag=None):
    """PutImage of a text that is made already."""
    asked = {
        "repositoryName": repository,
        "imageManifest": pushed.manifest,
        "imageManifestMediaType": pushed.media_type,
    }
    if tag is not None:
        asked["imageTag"] = tag
    return ecr.put_image(**asked)["image"]


def _push(ecr, repository, pushed, tags):
    for tag in tags or [None]:
        image = put(ecr, repository, pushed, tag)
        assert image["imageId"]["imageDigest"] == pushed.digest
    return pushed


def make_image(name, **shape):
    """An image that is not pushed, and the blobs that it needs."""
    text, blobs = manifest_text(name, **shape)
    media_type = json.loads(text)["mediaType"]
    return Pushed(digest_of(text), text, media_type, sum(len(blob) for blob in blobs)), blobs


def push_image(ecr, repository, name, *tags, **shape):
    pushed, blobs = make_image(name, **shape)
    for blob in blobs:
        upload(ecr, repository, blob)
    return _push(ecr, repository, pushed, tags)


def make_index(children, docker=False, name=""):
    document = {
        "schemaVersion": 2,
        "mediaType": DOCKER_LIST if docker else OCI_INDEX,
        "manifests": [
            {
                "mediaType": child.media_type,
                "digest": child.digest,
                "size": len(child.manifest.encode()),
                "platform": {"architecture": "amd64", "os": "linux", "variant": str(number)},
            }
            for number, child in enumerate(children)
        ],
    }
    if name and not docker:
        document["annotations"] = {"name": name}
    text = json.dumps(document)
    return Pushed(digest_of(text), text, document["mediaType"], max(child.size_bytes for child in children))


def push_index(ecr, repository, children, *tags, docker=False, name=""):
    return _push(ecr, repository, make_index(children, docker, name), tags)


def push_many(ecr, repository, count, prefix="build-", shared=b"one layer for all of them"):
    """Many small images that share their blobs and differ in an annotation."""
    pushed = []
    for number in range(count):
        tag = f"{prefix}{number}" if prefix else None
        one, blobs = make_image("shared", layers=[shared], annotations={"number": f"{prefix}{number}"})
        if number == 0:
            for blob in blobs:
                upload(ecr, repository, blob)
        pushed.append(_push(ecr, repository, one, [tag] if tag else []))
    return pushed


def describe(ecr, repository, **asked):
    """All images of a repository by digest, archived ones too."""
    asked.setdefault("filter", {"imageStatus": "ANY"})
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository, **asked)
    details = [detail for page in pages for detail in page["imageDetails"]]
    found = {detail["imageDigest"]: detail for detail in details}
    assert len(found) == len(details), "DescribeImages has one row for each digest"
    return found


def rows(ecr, repository, **asked):
    """The rows of ListImages, as pairs of digest and tag, sorted."""
    asked.setdefault("filter", {"imageStatus": "ANY"})
    pages = ecr.get_paginator("list_images").paginate(repositoryName=repository, **asked)
    return sorted((row["imageDigest"], row.get("imageTag", "")) for page in pages for row in page["imageIds"])
