"""One registry with everything that an inventory has to see, for the clients that list it."""

from dataclasses import dataclass

from policies import rule, text_of
from pushing import Pushed, push_image, push_index, push_many

POLICY = text_of(rule(1, "untagged", 7, kind="sinceImagePushed"))


@dataclass(frozen=True)
class Populated:
    """Names of the repositories, and images that stand for a case."""

    repositories: list
    index: Pushed
    child: Pushed
    referrer: Pushed
    archived: Pushed


def populate(registry, many=130):
    """Four repositories: with an index, a referrer and an archived image; of several pages; and two bare."""
    ecr = registry.ecr
    registry.create("team/app", tags=[{"Key": "team", "Value": "red"}])
    child = push_image(ecr, "team/app", "amd64")
    other = push_image(ecr, "team/app", "arm64")
    index = push_index(ecr, "team/app", [child, other], "v1", "latest")
    referrer = push_image(ecr, "team/app", "sbom", subject=index, artifact_type="application/spdx+json")
    archived = push_image(ecr, "team/app", "old", "v0")
    ecr.update_image_storage_class(
        repositoryName="team/app", imageId={"imageDigest": archived.digest}, targetStorageClass="ARCHIVE"
    )
    ecr.put_lifecycle_policy(repositoryName="team/app", lifecyclePolicyText=POLICY)
    registry.create("many")
    push_many(ecr, "many", many)
    registry.create("empty")
    registry.create("governed", imageTagMutability="IMMUTABLE")
    ecr.set_repository_policy(repositoryName="governed", policyText='{"Version":"2012-10-17","Statement":[]}')
    push_image(ecr, "governed", "one", "v1")
    names = ["empty", "governed", "many", "team/app"]
    return Populated(names, index, child, referrer, archived)
