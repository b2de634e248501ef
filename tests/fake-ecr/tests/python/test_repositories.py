"""Facts about repositories: shapes, pages, refusals, and the tags of the repository itself."""

from datetime import UTC, datetime, timedelta

import pytest

from pushing import push_image


def names(ecr, **config):
    pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig=config)
    return [repository["repositoryName"] for page in pages for repository in page["repositories"]]


def test_a_new_repository_has_the_documented_defaults(registry, ecr):
    before = datetime.now(UTC) - timedelta(minutes=1)
    made = ecr.create_repository(repositoryName="team/app")["repository"]
    created_at = made.pop("createdAt")
    assert before < created_at < datetime.now(UTC) + timedelta(minutes=1)
    assert made == {
        "repositoryArn": f"arn:aws:ecr:{registry.region}:{registry.account}:repository/team/app",
        "registryId": registry.account,
        "repositoryName": "team/app",
        "repositoryUri": f"{registry.account}.dkr.ecr.{registry.region}.amazonaws.com/team/app",
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    described = ecr.describe_repositories(repositoryNames=["team/app"])["repositories"]
    assert described == [{**made, "createdAt": created_at}]


def test_settings_given_at_creation_are_described(registry, ecr):
    key = f"arn:aws:kms:{registry.region}:{registry.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    filters = [{"filterType": "WILDCARD", "filter": "dev-*"}]
    ecr.create_repository(
        repositoryName="app",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters,
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key},
    )
    [found] = ecr.describe_repositories()["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert found["imageTagMutabilityExclusionFilters"] == filters
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": key}


def test_a_repository_cannot_be_created_twice(registry, ecr, refused):
    registry.create("app")
    with refused("RepositoryAlreadyExistsException", text="app"):
        ecr.create_repository(repositoryName="app")


@pytest.mark.parametrize("name", ["a", "App", "a//b", "-app", "app-", "a b", "a..b", "x" * 257, "app/"])
def test_a_name_outside_the_pattern_is_refused(ecr, refused, name):
    with refused("InvalidParameterException"):
        ecr.create_repository(repositoryName=name)


@pytest.mark.parametrize("name", ["ab", "a.b_c-d", "a__b", "a---b/c", "0/1", "x" * 256])
def test_a_name_within_the_pattern_is_accepted(ecr, name):
    assert ecr.create_repository(repositoryName=name)["repository"]["repositoryName"] == name


@pytest.mark.parametrize(
    "operation, asked",
    [
        ("describe_repositories", {"repositoryNames": ["none"]}),
        ("delete_repository", {"repositoryName": "none"}),
        ("describe_images", {"repositoryName": "none"}),
        ("list_images", {"repositoryName": "none"}),
        ("batch_get_image", {"repositoryName": "none", "imageIds": [{"imageTag": "a"}]}),
        ("batch_delete_image", {"repositoryName": "none", "imageIds": [{"imageTag": "a"}]}),
        ("put_image", {"repositoryName": "none", "imageManifest": "{}"}),
        ("get_lifecycle_policy", {"repositoryName": "none"}),
        ("delete_lifecycle_policy", {"repositoryName": "none"}),
        ("start_lifecycle_policy_preview", {"repositoryName": "none"}),
        ("get_lifecycle_policy_preview", {"repositoryName": "none"}),
        ("get_repository_policy", {"repositoryName": "none"}),
        ("delete_repository_policy", {"repositoryName": "none"}),
        ("put_image_tag_mutability", {"repositoryName": "none", "imageTagMutability": "MUTABLE"}),
        (
            "put_image_scanning_configuration",
            {"repositoryName": "none", "imageScanningConfiguration": {"scanOnPush": True}},
        ),
        (
            "update_image_storage_class",
            {"repositoryName": "none", "imageId": {"imageTag": "a"}, "targetStorageClass": "ARCHIVE"},
        ),
        (
            "list_image_referrers",
            {"repositoryName": "none", "subjectId": {"imageDigest": "sha256:" + "0" * 64}},
        ),
        ("describe_image_replication_status", {"repositoryName": "none", "imageId": {"imageTag": "a"}}),
        ("initiate_layer_upload", {"repositoryName": "none"}),
        (
            "batch_check_layer_availability",
            {"repositoryName": "none", "layerDigests": ["sha256:" + "0" * 64]},
        ),
        ("get_download_url_for_layer", {"repositoryName": "none", "layerDigest": "sha256:" + "0" * 64}),
    ],
)
def test_a_repository_that_is_not_there_is_named(registry, ecr, refused, operation, asked):
    with refused("RepositoryNotFoundException", text="none") as refusal:
        getattr(ecr, operation)(**asked)
    assert registry.account in refusal.error.response["Error"]["Message"]


def test_one_unknown_name_refuses_the_whole_description(registry, ecr, refused):
    registry.create("app")
    with refused("RepositoryNotFoundException"):
        ecr.describe_repositories(repositoryNames=["app", "none"])


def test_a_repository_with_images_is_deleted_only_by_force(registry, ecr, refused):
    registry.create("app")
    push_image(ecr, "app", "one", "v1")
    with refused("RepositoryNotEmptyException", text="app"):
        ecr.delete_repository(repositoryName="app")
    gone = ecr.delete_repository(repositoryName="app", force=True)["repository"]
    assert gone["repositoryName"] == "app"
    assert ecr.describe_repositories()["repositories"] == []
    registry.create("app")
    assert ecr.list_images(repositoryName="app")["imageIds"] == []


def test_an_empty_repository_is_deleted_without_force(registry, ecr):
    registry.create("app")
    gone = ecr.delete_repository(repositoryName="app")["repository"]
    assert gone["repositoryArn"].endswith("repository/app")
    assert names(ecr) == []


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pages_of_any_size_hold_every_repository_once(registry, ecr, size):
    made = {registry.create(f"app-{number:02}") for number in range(15)}
    found = names(ecr, PageSize=size)
    assert sorted(found) == sorted(made)


def test_pages_are_full_but_for_the_last(registry, ecr):
    for number in range(5):
        registry.create(f"app-{number}")
    pages = list(ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["repositories"]) for page in pages] == [2, 2, 1]
    assert "nextToken" not in pages[-1]


def test_a_page_has_a_hundred_repositories_by_default(registry, ecr):
    for number in range(101):
        registry.create(f"app-{number:03}")
    first = ecr.describe_repositories()
    assert len(first["repositories"]) == 100
    second = ecr.describe_repositories(nextToken=first["nextToken"])
    assert len(second["repositories"]) == 1
    assert "nextToken" not in second
    assert len(ecr.describe_repositories(maxResults=1000)["repositories"]) == 101


def test_a_hundred_names_may_be_asked_for_and_no_more(registry, ecr, refused):
    made = [registry.create(f"app-{number:03}") for number in range(101)]
    found = ecr.describe_repositories(repositoryNames=made[:100])["repositories"]
    assert sorted(repository["repositoryName"] for repository in found) == made[:100]
    with refused("InvalidParameterException", text="repositoryNames"):
        ecr.describe_repositories(repositoryNames=made)
    with refused("InvalidParameterException", text="repositoryNames"):
        ecr.describe_repositories(repositoryNames=[])


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_a_page_size_outside_the_limits_is_refused(ecr, refused, size):
    with refused("InvalidParameterException", text="maxResults"):
        ecr.describe_repositories(maxResults=size)


@pytest.mark.parametrize("token", ["nonsense", "1", "AAAA", "x" * 5000])
def test_a_token_that_the_service_did_not_give_is_refused(registry, ecr, refused, token):
    registry.create("app")
    with refused("InvalidParameterException"):
        ecr.describe_repositories(nextToken=token)


def test_a_token_says_nothing_about_where_the_page_ends(registry, ecr):
    for number in range(3):
        registry.create(f"app-{number}")
    first = ecr.describe_repositories(maxResults=2)
    shown = [repository["repositoryName"] for repository in first["repositories"]]
    token = first["nextToken"]
    assert not token.isdigit()
    assert not any(name in token for name in shown)


def test_names_exclude_a_page_token(registry, ecr, refused):
    for number in range(2):
        registry.create(f"app-{number}")
    token = ecr.describe_repositories(maxResults=1)["nextToken"]
    with refused("InvalidParameterException"):
        ecr.describe_repositories(repositoryNames=["app-0"], nextToken=token)


def resource(registry, name):
    return f"arn:aws:ecr:{registry.region}:{registry.account}:repository/{name}"


def tags_of(ecr, arn):
    return {tag["Key"]: tag["Value"] for tag in ecr.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_tags_of_a_repository_are_added_replaced_and_removed(registry, ecr):
    registry.create("app", tags=[{"Key": "team", "Value": "red"}])
    arn = resource(registry, "app")
    assert tags_of(ecr, arn) == {"team": "red"}
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": ""}])
    assert tags_of(ecr, arn) == {"team": "blue", "cost": ""}
    ecr.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert tags_of(ecr, arn) == {"cost": ""}


def test_a_repository_without_tags_lists_none(registry, ecr):
    registry.create("app")
    assert ecr.list_tags_for_resource(resourceArn=resource(registry, "app"))["tags"] == []


def test_a_repository_has_at_most_fifty_tags(registry, ecr, refused):
    fifty = [{"Key": f"key-{number}", "Value": "x"} for number in range(50)]
    registry.create("app", tags=fifty)
    with refused("TooManyTagsException"):
        ecr.tag_resource(resourceArn=resource(registry, "app"), tags=[{"Key": "one-more", "Value": "x"}])
    assert len(tags_of(ecr, resource(registry, "app"))) == 50
    ecr.tag_resource(resourceArn=resource(registry, "app"), tags=[{"Key": "key-0", "Value": "again"}])
    with refused("TooManyTagsException"):
        ecr.create_repository(repositoryName="other", tags=[*fifty, {"Key": "one-more", "Value": "x"}])


def test_a_reserved_tag_key_is_refused(registry, ecr, refused):
    registry.create("app")
    with refused("InvalidTagParameterException"):
        ecr.tag_resource(resourceArn=resource(registry, "app"), tags=[{"Key": "aws:mine", "Value": "x"}])


@pytest.mark.parametrize(
    "operation, more",
    [
        ("list_tags_for_resource", {}),
        ("tag_resource", {"tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_resource", {"tagKeys": ["a"]}),
    ],
)
def test_tags_belong_to_a_repository_that_is_there(registry, ecr, refused, operation, more):
    with refused("RepositoryNotFoundException"):
        getattr(ecr, operation)(resourceArn=resource(registry, "none"), **more)
    with refused("InvalidParameterException"):
        getattr(ecr, operation)(resourceArn="not an arn", **more)


def test_scanning_of_a_repository_is_set_and_described(registry, ecr):
    registry.create("app")
    set_to = ecr.put_image_scanning_configuration(
        repositoryName="app", imageScanningConfiguration={"scanOnPush": True}
    )
    del set_to["ResponseMetadata"]
    assert set_to == {
        "registryId": registry.account,
        "repositoryName": "app",
        "imageScanningConfiguration": {"scanOnPush": True},
    }
    [found] = ecr.describe_repositories()["repositories"]
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}


def test_a_repository_policy_is_set_read_and_deleted(registry, ecr, refused):
    registry.create("app")
    text = '{"Version":"2012-10-17","Statement":[]}'
    with refused("RepositoryPolicyNotFoundException"):
        ecr.get_repository_policy(repositoryName="app")
    with refused("RepositoryPolicyNotFoundException"):
        ecr.delete_repository_policy(repositoryName="app")
    given = ecr.set_repository_policy(repositoryName="app", policyText=text)
    assert (given["registryId"], given["repositoryName"]) == (registry.account, "app")
    assert ecr.get_repository_policy(repositoryName="app")["policyText"] == text
    assert ecr.delete_repository_policy(repositoryName="app")["policyText"] == text
    with refused("RepositoryPolicyNotFoundException"):
        ecr.get_repository_policy(repositoryName="app")


def test_a_repository_policy_is_json_of_at_most_10240_characters(registry, ecr, refused):
    registry.create("app")
    with refused("InvalidParameterException"):
        ecr.set_repository_policy(repositoryName="app", policyText="not json")
    with refused("InvalidParameterException"):
        ecr.set_repository_policy(repositoryName="app", policyText='{"a":"' + "x" * 10240 + '"}')
