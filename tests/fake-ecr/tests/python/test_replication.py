"""Facts about replication: what is mirrored to other regions and accounts, and what is not."""

import json

import pytest

from policies import rule, text_of
from pushing import describe, push_image, push_index, put, rows
from running import eventually, raw

FAR = "us-west-2"
THIRD = "ap-northeast-1"


def to(registry, region=FAR, **more):
    return {"destinations": [{"region": region, "registryId": registry.account}], **more}


def configure(ecr, *rules):
    return ecr.put_replication_configuration(replicationConfiguration={"rules": list(rules)})


@pytest.fixture
def far(registry):
    return registry.client(region=FAR)


def arrived(client, repository, count):
    """The rows at the destination, once there are as many."""

    def look():
        try:
            found = rows(client, repository)
        except client.exceptions.RepositoryNotFoundException:
            return None
        return found if len(found) == count else None

    return eventually(look, 5)


def test_the_configuration_is_read_back_with_delete_replication(registry, ecr):
    rules = [
        to(
            registry,
            repositoryFilters=[{"filter": "prod", "filterType": "PREFIX_MATCH"}],
            deleteReplication={"enabled": True},
        ),
        to(registry, THIRD, deleteReplication={"enabled": False}),
    ]
    answer = configure(ecr, *rules)
    assert answer["replicationConfiguration"] == {"rules": rules}
    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": rules}


def test_the_raw_answer_has_delete_replication_for_clients_that_do_not_know_it(registry, ecr):
    configure(ecr, to(registry, deleteReplication={"enabled": True}), to(registry, THIRD))
    _, _, body = raw(registry, "AmazonEC2ContainerRegistry_V20150921.DescribeRegistry", {})
    rules = json.loads(body)["replicationConfiguration"]["rules"]
    assert rules[0]["deleteReplication"] == {"enabled": True}
    assert "deleteReplication" not in rules[1]


def test_an_empty_list_of_rules_removes_replication(registry, ecr, far):
    configure(ecr, to(registry))
    configure(ecr)
    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": []}
    registry.create("app")
    push_image(ecr, "app", "one", "v1")
    assert far.describe_repositories()["repositories"] == []


def test_more_than_25_rules_are_refused(registry, ecr):
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    configure(ecr, *[to(registry)] * 25)
    with pytest.raises(kinds):
        configure(ecr, *[to(registry)] * 26)
    assert len(ecr.describe_registry()["replicationConfiguration"]["rules"]) == 25


def test_a_push_arrives_with_its_tags_in_a_repository_of_the_same_name(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("team/app")
    one = push_image(ecr, "team/app", "one", "v1", "v2")
    assert arrived(far, "team/app", 2) == [(one.digest, "v1"), (one.digest, "v2")]
    [image] = far.batch_get_image(repositoryName="team/app", imageIds=[{"imageTag": "v1"}])["images"]
    assert image["imageManifest"] == one.manifest
    [repository] = far.describe_repositories()["repositories"]
    assert f":{FAR}:{registry.account}:repository/team/app" in repository["repositoryArn"]
    assert describe(far, "team/app")[one.digest]["imageSizeInBytes"] == one.size_bytes


def test_an_index_arrives_with_its_children(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("app")
    child = push_image(ecr, "app", "child")
    index = push_index(ecr, "app", [child], "v1")
    assert arrived(far, "app", 2) == sorted([(child.digest, ""), (index.digest, "v1")])


def test_what_was_pushed_before_is_not_replicated(registry, ecr, far):
    registry.create("app")
    push_image(ecr, "app", "before", "v1")
    configure(ecr, to(registry))
    after = push_image(ecr, "app", "after", "v2")
    assert arrived(far, "app", 1) == [(after.digest, "v2")]


def test_only_repositories_with_the_prefix_are_replicated(registry, ecr, far):
    configure(ecr, to(registry, repositoryFilters=[{"filter": "prod", "filterType": "PREFIX_MATCH"}]))
    for name in ("other", "prod-app"):
        registry.create(name)
        push_image(ecr, name, "one", "v1")
    arrived(far, "prod-app", 1)
    assert [one["repositoryName"] for one in far.describe_repositories()["repositories"]] == ["prod-app"]


def test_replicas_are_not_replicated_again(registry, ecr, far):
    third = registry.client(region=THIRD)
    configure(ecr, to(registry))
    configure(far, to(registry, THIRD))
    registry.create("app")
    push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    assert third.describe_repositories()["repositories"] == []


def test_settings_and_lifecycle_policies_are_not_replicated(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("app", imageTagMutability="IMMUTABLE")
    ecr.put_lifecycle_policy(repositoryName="app", lifecyclePolicyText=text_of(rule(1, "any", 10)))
    push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    [repository] = far.describe_repositories()["repositories"]
    assert repository["imageTagMutability"] == "MUTABLE"
    with pytest.raises(far.exceptions.LifecyclePolicyNotFoundException):
        far.get_lifecycle_policy(repositoryName="app")


def test_deletes_stay_at_the_source_by_default(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    assert rows(far, "app") == [(one.digest, "v1")]


def test_deletes_are_mirrored_where_delete_replication_is_on(registry, ecr, far):
    configure(ecr, to(registry, deleteReplication={"enabled": True}))
    registry.create("app")
    one = push_image(ecr, "app", "one", "a", "b")
    two = push_image(ecr, "app", "two", "c")
    arrived(far, "app", 3)
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "a"}])
    assert arrived(far, "app", 2) == sorted([(one.digest, "b"), (two.digest, "c")])
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": two.digest}])
    assert arrived(far, "app", 1) == [(one.digest, "b")]


def test_the_last_tag_at_the_source_takes_the_digest_and_all_its_tags_at_the_destination(registry, ecr, far):
    configure(ecr, to(registry, deleteReplication={"enabled": True}))
    registry.create("app")
    one = push_image(ecr, "app", "one", "a")
    arrived(far, "app", 1)
    put(far, "app", one, "only-here")
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "a"}])
    arrived(far, "app", 0)


def test_a_frozen_tag_at_the_destination_lets_the_image_arrive_without_it(registry, ecr, far):
    far.create_repository(repositoryName="app", imageTagMutability="IMMUTABLE")
    old = push_image(far, "app", "old", "v1")
    configure(ecr, to(registry))
    registry.create("app")
    new = push_image(ecr, "app", "new", "v1")
    assert arrived(far, "app", 2) == sorted([(old.digest, "v1"), (new.digest, "")])


def test_another_account_can_be_the_destination(registry, ecr, server):
    other = server.registry()
    configure(ecr, {"destinations": [{"region": registry.region, "registryId": other.account}]})
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    assert arrived(other.ecr, "app", 1) == [(one.digest, "v1")]


def test_the_status_of_replication_names_each_destination(registry, ecr, far, refused):
    configure(ecr, to(registry))
    registry.create("app")
    push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    answer = ecr.describe_image_replication_status(repositoryName="app", imageId={"imageTag": "v1"})
    assert answer["repositoryName"] == "app"
    assert {"imageTag": "v1"}.items() <= answer["imageId"].items()
    assert answer["replicationStatuses"] == [
        {"region": FAR, "registryId": registry.account, "status": "COMPLETE"}
    ]
    with refused("ImageNotFoundException"):
        ecr.describe_image_replication_status(repositoryName="app", imageId={"imageTag": "none"})


def test_an_expiry_at_the_source_is_mirrored_where_delete_replication_is_on(registry, ecr, far, server):
    configure(ecr, to(registry, deleteReplication={"enabled": True}))
    registry.create("app")
    push_image(ecr, "app", "old", "v1")
    push_image(ecr, "app", "new", "v2")
    arrived(far, "app", 2)
    ecr.put_lifecycle_policy(repositoryName="app", lifecyclePolicyText=text_of(rule(1, "any", 1)))
    run = server.run_lifecycle(registry, "app")
    assert len(run["expired"]) == 1
    left = rows(ecr, "app")
    assert len(left) == 1
    assert arrived(far, "app", 1) == left


def test_archiving_is_not_replicated(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    ecr.update_image_storage_class(
        repositoryName="app", imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    assert describe(ecr, "app")[one.digest]["imageStatus"] == "ARCHIVED"
    assert describe(far, "app")[one.digest]["imageStatus"] == "ACTIVE"


def test_an_archived_copy_comes_back_when_the_image_arrives_again(registry, ecr, far):
    configure(ecr, to(registry))
    registry.create("app")
    one = push_image(ecr, "app", "one", "v1")
    arrived(far, "app", 1)
    far.update_image_storage_class(
        repositoryName="app", imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    put(ecr, "app", one, "v2")

    def active():
        return describe(far, "app")[one.digest]["imageStatus"] == "ACTIVE"

    assert eventually(active, 5)


@pytest.mark.parametrize(
    "rules",
    [
        [{"destinations": [{"region": "us-west-2", "registryId": "12"}]}],
        [{"destinations": [{"region": "US WEST", "registryId": "123456789012"}]}],
        [{"destinations": [{"region": "us-west-2"}]}],
        [{}],
        [{"destinations": [], "repositoryFilters": []}],
        [{"destinations": [], "repositoryFilters": [{"filter": "prod", "filterType": "WILDCARD"}]}],
        [{"destinations": [], "repositoryFilters": [{"filter": "p", "filterType": "PREFIX_MATCH"}]}],
        [
            {
                "destinations": [],
                "repositoryFilters": [{"filter": f"p{n}", "filterType": "PREFIX_MATCH"} for n in range(101)],
            }
        ],
        [{"destinations": [], "deleteReplication": {}}],
        [{"destinations": [{"region": f"xx-west-{n}", "registryId": "123456789012"} for n in range(26)]}],
    ],
    ids=[
        "account",
        "region",
        "no account",
        "no destinations",
        "no filters",
        "kind of filter",
        "short filter",
        "101 filters",
        "no flag",
        "26 destinations",
    ],
)
def test_a_configuration_outside_the_model_is_refused_and_changes_nothing(registry, ecr, rules):
    kinds = (ecr.exceptions.InvalidParameterException, ecr.exceptions.ValidationException)
    with pytest.raises(kinds):
        configure(ecr, *rules)
    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": []}
