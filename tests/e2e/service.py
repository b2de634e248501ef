"""One deployment with registries of its own, as a test wants it."""

import json

from desk import Desk
from ledger import Ledger
from mailbox import MailBox
from registry import Registries
from relay import Relay
from stack import Stack
from zips import FUNCTIONS


class Service:
    """Registries, the relay in front of them, the stack that reads them, and a desk beside it all."""

    def __init__(
        self,
        cloud,
        folder,
        name,
        *,
        repositories,
        images_per_repository,
        regions,
        members=(),
        replicates=(),
        **parameters,
    ):
        folder.mkdir()
        self.cloud = cloud
        self.name = name
        self.registries = Registries(
            folder / "registries",
            regions=regions,
            repositories=repositories,
            images_per_repository=images_per_repository,
            members=members,
        )
        for replication in replicates:
            self.registries.replicate(*replication)
        self.relay = Relay(self.registries, cloud.session_of)
        self.stack = Stack(
            cloud,
            name,
            self.relay.url,
            Regions=",".join(regions),
            # An emulator knows no exclusions from the pull time: the registries here are told below.
            RegisterPullTimeExclusion="false",
            DatabaseName=name.replace("-", "_"),
            **parameters,
        )
        for function in ("collect-inventory", "on-image-push", "apply-plan"):
            self.registries.exclude(cloud.role_of(self.stack.function(function)))
        self.desk = Desk(cloud, self.registries, folder / "desk")
        self.ledger = Ledger(cloud, self.stack.physical("LedgerTable"))
        self.mail_box = MailBox(cloud, self.stack.topic, f"{name}-mail")

    # -- The store, as it lies in the bucket

    @property
    def store(self):
        """`s3://BUCKET/PREFIX`, as the functions have it."""
        return self.cloud.environment_of(self.stack.function("report-metrics"))["DEMURRAGE_STORE"]

    @property
    def prefix(self):
        return self.store.split("/", 3)[3]

    def objects(self, below=""):
        """The objects of the store below a place: the rest of the key, and the entity tag."""
        prefix = f"{self.prefix}/{below}"
        found = self.cloud.objects(self.stack.bucket, prefix)
        return {key.removeprefix(f"{self.prefix}/"): etag for key, etag in found.items()}

    def document(self, place):
        return self.cloud.document(self.stack.bucket, f"{self.prefix}/{place}")

    def lines(self, place):
        """A file of JSON Lines."""
        text = self.cloud.text(self.stack.bucket, f"{self.prefix}/{place}")
        return [json.loads(line) for line in text.splitlines()]

    def put_rules(self, text):
        """What the team promises from now on."""
        key = f"{self.prefix}/demurrage.toml"
        self.cloud.client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=text.encode())

    def versions(self):
        """Every version of every object: its key, its number, and its entity tag."""
        pages = (
            self.cloud.client("s3").get_paginator("list_object_versions").paginate(Bucket=self.stack.bucket)
        )
        return sorted(
            (one["Key"], one["VersionId"], one["ETag"]) for page in pages for one in page.get("Versions", [])
        )

    # -- What it said

    def said(self):
        """Logs of everything that belongs to it, for a test that failed."""
        sections = [("registries", self.registries.program.log(40))]
        for function in FUNCTIONS:
            deployed = self.stack.function(function)
            sections.append((deployed, self.cloud.function_log(deployed)))
        return sections

    def stop(self):
        self.relay.stop()
        self.registries.stop()
