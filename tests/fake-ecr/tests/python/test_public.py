"""Facts about ECR Public, on the same port."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from pushing import OCI_MANIFEST, push_image
from running import raw


@pytest.fixture
def public(registry):
    return registry.client("ecr-public", region="us-east-1")


@pytest.fixture
def app(public):
    public.create_repository(repositoryName="app")
    return "app"


def images(public, repository):
    pages = public.get_paginator("describe_images").paginate(repositoryName=repository)
    return {detail["imageDigest"]: detail for page in pages for detail in page["imageDetails"]}


def test_a_public_repository_has_five_fields_and_no_settings(registry, public):
    made = public.create_repository(repositoryName="team/app")["repository"]
    assert set(made) == {"repositoryArn", "registryId", "repositoryName", "repositoryUri", "createdAt"}
    assert made["repositoryArn"] == f"arn:aws:ecr-public::{registry.account}:repository/team/app"
    assert made["registryId"] == registry.account
    assert made["repositoryUri"].startswith("public.ecr.aws/")
    assert made["repositoryUri"].endswith("/team/app")
    assert public.describe_repositories()["repositories"] == [made]


def test_public_and_private_repositories_are_apart(registry, public, app):
    private = registry.client(region="us-east-1")
    assert private.describe_repositories()["repositories"] == []
    private.create_repository(repositoryName="mine")
    assert [one["repositoryName"] for one in public.describe_repositories()["repositories"]] == ["app"]


def test_public_repositories_are_refused_by_class(public, app, refused):
    with refused("RepositoryAlreadyExistsException", public):
        public.create_repository(repositoryName="app")
    with refused("RepositoryNotFoundException", public):
        public.describe_repositories(repositoryNames=["none"])
    with refused("RepositoryNotFoundException", public):
        public.describe_images(repositoryName="none")
    with refused("InvalidParameterException", public):
        public.create_repository(repositoryName="Not A Name")
    with refused("InvalidParameterException", public):
        public.describe_repositories(maxResults=1001)


def test_a_public_image_has_only_the_public_fields(registry, public, app):
    one = push_image(public, app, "one", "v1", "latest")
    [detail] = images(public, app).values()
    pushed_at = detail.pop("imagePushedAt")
    assert abs(pushed_at - datetime.now(UTC)) < timedelta(minutes=1)
    detail["imageTags"].sort()
    media_type = detail.pop("artifactMediaType")
    assert media_type == "application/vnd.oci.image.config.v1+json"
    assert detail == {
        "registryId": registry.account,
        "repositoryName": app,
        "imageDigest": one.digest,
        "imageTags": ["latest", "v1"],
        "imageSizeInBytes": one.size_bytes,
        "imageManifestMediaType": OCI_MANIFEST,
    }


def test_public_tags_have_a_time_each(public, app):
    one = push_image(public, app, "one", "v1", "latest")
    pages = list(
        public.get_paginator("describe_image_tags").paginate(
            repositoryName=app, PaginationConfig={"PageSize": 1}
        )
    )
    assert [len(page["imageTagDetails"]) for page in pages] == [1, 1]
    details = {one["imageTag"]: one for page in pages for one in page["imageTagDetails"]}
    assert set(details) == {"v1", "latest"}
    for detail in details.values():
        assert detail["createdAt"] >= detail["imageDetail"]["imagePushedAt"]
        assert detail["imageDetail"]["imageDigest"] == one.digest
        assert detail["imageDetail"]["imageSizeInBytes"] == one.size_bytes


def test_public_images_are_deleted_by_tag_and_by_digest(public, app):
    push_image(public, app, "one", "v1")
    two = push_image(public, app, "two", "v2", "v3")
    answer = public.batch_delete_image(
        repositoryName=app, imageIds=[{"imageTag": "v1"}, {"imageTag": "none"}]
    )
    assert len(answer["imageIds"]) == 1
    assert [one["failureCode"] for one in answer["failures"]] == ["ImageNotFound"]
    assert list(images(public, app)) == [two.digest]
    public.batch_delete_image(repositoryName=app, imageIds=[{"imageDigest": two.digest}])
    assert images(public, app) == {}


def test_a_public_repository_with_images_is_deleted_only_by_force(public, app, refused):
    push_image(public, app, "one", "v1")
    with refused("RepositoryNotEmptyException", public):
        public.delete_repository(repositoryName=app)
    public.delete_repository(repositoryName=app, force=True)
    assert public.describe_repositories()["repositories"] == []


def test_public_pages_hold_every_repository_once(public):
    for number in range(5):
        public.create_repository(repositoryName=f"app-{number}")
    pages = list(public.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["repositories"]) for page in pages] == [2, 2, 1]
    found = [one["repositoryName"] for page in pages for one in page["repositories"]]
    assert sorted(found) == [f"app-{number}" for number in range(5)]


def test_a_public_repository_policy_is_set_and_read(public, app, refused):
    text = '{"Version":"2012-10-17","Statement":[]}'
    with refused("RepositoryPolicyNotFoundException", public):
        public.get_repository_policy(repositoryName=app)
    public.set_repository_policy(repositoryName=app, policyText=text)
    assert public.get_repository_policy(repositoryName=app)["policyText"] == text


def test_tags_of_a_public_repository_are_listed(registry, public):
    made = public.create_repository(repositoryName="app", tags=[{"Key": "team", "Value": "red"}])[
        "repository"
    ]
    answer = public.list_tags_for_resource(resourceArn=made["repositoryArn"])
    assert answer["tags"] == [{"Key": "team", "Value": "red"}]


def test_the_public_registry_describes_itself(registry, public):
    [found] = public.describe_registries()["registries"]
    assert found["registryId"] == registry.account
    assert found["registryArn"] == f"arn:aws:ecr-public::{registry.account}:registry/{registry.account}"
    assert found["registryUri"].startswith("public.ecr.aws/")
    assert found["verified"] in (True, False)
    assert isinstance(found["aliases"], list)


def test_a_public_token_is_one_and_not_a_list(public):
    data = public.get_authorization_token()["authorizationData"]
    assert base64.b64decode(data["authorizationToken"]).decode().startswith("AWS:")
    assert data["expiresAt"] > datetime.now(UTC) + timedelta(hours=11)


def test_what_the_server_leaves_out_of_ecr_public_is_said(public, refused):
    with refused("UnsupportedCommandException", public):
        public.put_registry_catalog_data(displayName="Shop")


def test_public_images_have_no_lifecycle(registry):
    for operation in ("GetLifecyclePolicy", "ListImages", "BatchGetImage", "PutImageTagMutability"):
        status, _, body = raw(registry, f"SpencerFrontendService.{operation}", {"repositoryName": "app"})
        assert status == 400
        assert b"UnsupportedCommandException" in body or b"UnknownOperationException" in body
