"""Registries in which cleaners have deleted what runs: one repository for each way in which that happened.

Each repository has an image of yesterday, which everybody keeps; the image of the hazard, old, which has to stay; and, but
where the hazard is that nothing else is there, an old image that nothing keeps, which has to go.
"""

import datetime
import hashlib
import json

from cloud import ACCOUNT, REGION

#: The account's registry, by the names that clients write.
STANDARD = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
FIPS = f"{ACCOUNT}.dkr.ecr-fips.{REGION}.amazonaws.com"
DUAL_STACK = f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws"

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json"


def digest_of(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class Image:
    """One that was pushed: its digest, and its manifest's size for those that name it."""

    def __init__(self, repository, manifest, media_type):
        self.repository = repository
        self.text = json.dumps(manifest)
        self.media_type = media_type
        self.digest = digest_of(self.text)

    @property
    def descriptor(self):
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.text)}

    def by_digest(self, host=STANDARD):
        return f"{host}/{self.repository}@{self.digest}"


class Registry:
    """What is pushed to one registry, at times of the past."""

    def __init__(self, registries):
        self.registries = registries
        self.client = registries.client(REGION)
        self.now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self.number = 0
        registries.admin("settings", layers_required=False)

    def repository(self, name):
        self.client.create_repository(
            repositoryName=name, tags=[{"Key": "demurrage", "Value": "enforce"}]
        )

    def image(self, repository, days, *tags, subject=None, media_type=CONFIG):
        """An image of its own, pushed so many days ago."""
        self.number += 1
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": {"mediaType": media_type, "digest": digest_of(f"config {self.number}"), "size": 1000},
            "layers": [{"mediaType": LAYER, "digest": digest_of(f"layer {self.number}"), "size": 5_000_000}],
        }
        if subject:
            manifest["subject"] = subject.descriptor
        return self._push(Image(repository, manifest, IMAGE), days, tags)

    def index(self, repository, days, children, *tags):
        platforms = ("amd64", "arm64")
        manifest = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [
                {**child.descriptor, "platform": {"os": "linux", "architecture": architecture}}
                for child, architecture in zip(children, platforms, strict=False)
            ],
        }
        return self._push(Image(repository, manifest, INDEX), days, tags)

    def multi_arch(self, repository, days, *tags):
        """What buildx pushes: two images without tags, and an index."""
        children = [self.image(repository, days), self.image(repository, days)]
        return self.index(repository, days, children, *tags), children

    def tag(self, image, tag, days=0):
        """Puts a tag on an image, and takes it off whatever had it."""
        self._push(image, days, [tag])

    def _push(self, image, days, tags):
        at = self.now - datetime.timedelta(days=days)
        self.registries.admin("clock", fixed=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for tag in tags or (None,):
            more = {"imageTag": tag} if tag else {}
            self.client.put_image(
                repositoryName=image.repository,
                imageManifest=image.text,
                imageManifestMediaType=image.media_type,
                **more,
            )
        self.registries.admin("clock", real=True)
        return image

    def left(self, repository):
        """The digests that are there, each with its tags."""
        pages = self.client.get_paginator("describe_images").paginate(
            repositoryName=repository, filter={"imageStatus": "ANY"}
        )
        return {
            image["imageDigest"]: sorted(image.get("imageTags", []))
            for page in pages
            for image in page["imageDetails"]
        }


class Workloads:
    """What runs, on the emulator."""

    def __init__(self, cloud):
        self.ecs = cloud.client("ecs")
        self.functions = cloud.client("lambda")
        self.rules = cloud.client("events")
        self.ecs.create_cluster(clusterName="prod")
        self.role = self._role(cloud.client("iam"))

    @staticmethod
    def _role(iam):
        """One that anything may run as."""
        statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return iam.create_role(RoleName="workloads", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    def definition(self, family, image):
        answer = self.ecs.register_task_definition(
            family=family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": image, "essential": True}],
        )
        return answer["taskDefinition"]["taskDefinitionArn"]

    def task(self, family, image):
        self.ecs.run_task(cluster="prod", taskDefinition=self.definition(family, image))

    def service(self, name, image, count):
        self.ecs.create_service(
            cluster="prod", serviceName=name, taskDefinition=self.definition(name, image), desiredCount=count
        )

    def scheduled(self, name, image):
        """A task that a rule starts at night."""
        self.rules.put_rule(Name=name, ScheduleExpression="rate(1 day)", State="ENABLED")
        target = {
            "Id": "task",
            "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod",
            "RoleArn": self.role,
            "EcsParameters": {"TaskDefinitionArn": self.definition(name, image), "TaskCount": 1},
        }
        self.rules.put_targets(Rule=name, Targets=[target])

    def function(self, name, image, resolved):
        """A function of an image, which AWS has resolved to this digest when it was deployed."""
        self.functions.create_function(
            FunctionName=name,
            PackageType="Image",
            Role=self.role,
            Code={"ImageUri": image},
            Tags={"resolved-image-uri": resolved},
        )

    def deploy_function(self, name, image, resolved):
        """Publishes what the function is, and gives it another image."""
        self.functions.publish_version(FunctionName=name)
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        self.functions.update_function_code(FunctionName=name, ImageUri=image)
        self.functions.tag_resource(Resource=arn, Tags={"resolved-image-uri-latest": resolved})


def build(registry, workloads):
    """All hazards: of each its name, its repository, the images that have to stay, and those that have to go."""
    return [
        _hazard(registry, workloads, name, lay) for name, lay in (*PEERS.items(), *OURS.items())
    ]


def _hazard(registry, workloads, name, lay):
    repository = f"hazards/{name}"
    registry.repository(repository)
    stays, goes = lay(registry, workloads, repository)
    if name not in WITHOUT_NEWER:
        stays.append(registry.image(repository, 1, "v9"))
    return {
        "name": name,
        "repository": repository,
        "stays": {image.digest for image in stays},
        "goes": {image.digest for image in goes},
    }


def _old(registry, repository):
    """One that nothing keeps."""
    return registry.image(repository, 120, "v1")


def old_with_latest(registry, _, repository):
    return [registry.image(repository, 100, "v1.0", "latest")], [_old(registry, repository)]


def task_by_digest(registry, workloads, repository):
    image = registry.image(repository, 100)
    workloads.task("by-digest", image.by_digest())
    return [image], [_old(registry, repository)]


def task_by_tag(registry, workloads, repository):
    image = registry.image(repository, 100, "v5")
    workloads.task("by-tag", f"{STANDARD}/{repository}:v5")
    return [image], [_old(registry, repository)]


def one_protected_tag(registry, _, repository):
    return [registry.image(repository, 100, "v3", "keep-audit", "v3.1")], [_old(registry, repository)]


def service_of_zero(registry, workloads, repository):
    image = registry.image(repository, 100, "v4")
    workloads.service("zero", f"{STANDARD}/{repository}:v4", 0)
    return [image], [_old(registry, repository)]


def lambda_whose_tag_moved(registry, workloads, repository):
    image = registry.image(repository, 100, "prod")
    workloads.function("moved", f"{STANDARD}/{repository}:prod", image.by_digest())
    newer = registry.image(repository, 50, "v2")
    registry.tag(newer, "prod", days=40)
    # Nothing runs what the tag is on now.
    return [image], [newer, _old(registry, repository)]


def child_of_live_index(registry, workloads, repository):
    index, children = registry.multi_arch(repository, 100, "v6")
    workloads.task("multi-arch", f"{STANDARD}/{repository}:v6")
    return [index, *children], [_old(registry, repository)]


def old_index(registry, workloads, repository):
    """An index that a service with tasks of one platform uses, by the digest of that platform's image."""
    index, children = registry.multi_arch(repository, 100, "v7")
    workloads.service("old-index", children[0].by_digest(), 1)
    unused, unused_children = registry.multi_arch(repository, 110, "v0")
    return [index, *children], [unused, *unused_children, _old(registry, repository)]


def signature_of_live_image(registry, workloads, repository):
    image = registry.image(repository, 100, "v8")
    workloads.service("signed", f"{STANDARD}/{repository}:v8", 2)
    hexadecimal = image.digest.removeprefix("sha256:")
    signature = registry.image(repository, 100, f"sha256-{hexadecimal}.sig", media_type=SIGNATURE)
    gone = _old(registry, repository)
    orphaned = gone.digest.removeprefix("sha256:")
    with_it = registry.image(repository, 120, f"sha256-{orphaned}.sig", media_type=SIGNATURE)
    return [image, signature], [gone, with_it]


def earlier_version_of_function(registry, workloads, repository):
    first = registry.image(repository, 100, "f1")
    second = registry.image(repository, 90, "f2")
    workloads.function("versions", first.by_digest(), first.by_digest())
    workloads.deploy_function("versions", second.by_digest(), second.by_digest())
    return [first, second], [_old(registry, repository)]


def revision_to_go_back_to(registry, workloads, repository):
    before = registry.image(repository, 100, "r1")
    after = registry.image(repository, 90, "r2")
    workloads.definition("rollback", f"{STANDARD}/{repository}:r1")
    workloads.service("rollback", f"{STANDARD}/{repository}:r2", 1)
    return [before, after], [_old(registry, repository)]


def scheduled_task(registry, workloads, repository):
    image = registry.image(repository, 100, "nightly")
    workloads.scheduled("nightly", f"{STANDARD}/{repository}:nightly")
    return [image], [_old(registry, repository)]


def name_with_fips(registry, workloads, repository):
    image = registry.image(repository, 100, "v4")
    workloads.task("fips", f"{FIPS}/{repository}:v4")
    return [image], [_old(registry, repository)]


def name_of_dual_stack(registry, workloads, repository):
    image = registry.image(repository, 100)
    workloads.service("dual-stack", image.by_digest(DUAL_STACK), 0)
    return [image], [_old(registry, repository)]


def attestation_of_live_image(registry, workloads, repository):
    """Found by its subject, without a tag."""
    image = registry.image(repository, 100, "v8")
    workloads.task("attested", image.by_digest())
    sbom = registry.image(repository, 100, subject=image, media_type="application/spdx+json")
    return [image, sbom], [_old(registry, repository)]


def last_image(registry, _, repository):
    """The only one, and old."""
    return [registry.image(repository, 400, "v1")], []


def pushed_in_one_second(registry, _, repository):
    """The newest are several: which of them is deployed next nobody knows."""
    newest = [registry.image(repository, 30, "b1"), registry.image(repository, 30, "b2")]
    return newest, [_old(registry, repository)]


def held(registry, _, repository):
    """Under investigation: `demurrage hold` names its tag."""
    return [registry.image(repository, 100, "incident-7")], [_old(registry, repository)]


def replica_set_to_go_back_to(registry, _, repository):
    """A cluster's previous ReplicaSet, scaled to none."""
    return [registry.image(repository, 100, "k1")], [_old(registry, repository)]


def named_in_a_file(registry, _, repository):
    """What nothing lists that is asked: a job on somebody's own machine."""
    return [registry.image(repository, 100, "batch")], [_old(registry, repository)]


#: Hazards that the cleaners of others were tried with.
PEERS = {
    "old-with-latest": old_with_latest,
    "task-by-digest": task_by_digest,
    "task-by-tag": task_by_tag,
    "one-protected-tag": one_protected_tag,
    "service-of-zero": service_of_zero,
    "lambda-whose-tag-moved": lambda_whose_tag_moved,
    "child-of-live-index": child_of_live_index,
    "old-index": old_index,
    "signature-of-live-image": signature_of_live_image,
}
#: And further ones.
OURS = {
    "earlier-version-of-function": earlier_version_of_function,
    "revision-to-go-back-to": revision_to_go_back_to,
    "scheduled-task": scheduled_task,
    "name-with-fips": name_with_fips,
    "name-of-dual-stack": name_of_dual_stack,
    "attestation-of-live-image": attestation_of_live_image,
    "last-image": last_image,
    "pushed-in-one-second": pushed_in_one_second,
    "held": held,
    "replica-set-to-go-back-to": replica_set_to_go_back_to,
    "named-in-a-file": named_in_a_file,
}
#: Where nothing newer is pushed.
WITHOUT_NEWER = {"last-image", "pushed-in-one-second"}

#: What the cluster of the hazards says.
CLUSTER = {
    "kind": "List",
    "apiVersion": "v1",
    "items": [
        # Every cluster has pods: a list without any says that it was not asked for them.
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": "coredns-7c9d",
                "namespace": "kube-system",
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "ownerReferences": [{"kind": "ReplicaSet", "name": "coredns-7c"}],
            },
            "spec": {"containers": [{"name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.11.3"}]},
        },
        {
            "kind": "ReplicaSet",
            "apiVersion": "apps/v1",
            "metadata": {"name": "cart-5d8", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {
                "replicas": 0,
                "template": {
                    "spec": {
                        "containers": [
                            {"name": "app", "image": f"{STANDARD}/hazards/replica-set-to-go-back-to:k1"}
                        ]
                    }
                },
            },
        }
    ],
}

#: What a team names itself.
REFERENCES = f"{STANDARD}/hazards/named-in-a-file:batch  # the night job in the old data centre\n"
#: What is held, until when, and why.
HOLD = "hazards/held:incident-7"
