"""The command on somebody's desk: the same registries and the same bucket, without the service."""

import json
import subprocess
import uuid

from cloud import ACCOUNT, REGION
from programs import PROGRAMS, bare_environment

#: A person's role; its pulls are not recorded, so that looking changes nothing for the service.
ROLE = f"arn:aws:iam::{ACCOUNT}:role/people"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/people/somebody"
ACCESS_KEY = "ASIASOMEBODY00000000"


class Desk:
    def __init__(self, cloud, registries, folder):
        folder.mkdir()
        self.cloud = cloud
        self.registries = registries
        self.folder = folder
        registries.principal(ACCESS_KEY, SESSION)
        registries.exclude(ROLE)

    def collect(self):
        """A new inventory of every region in a new folder: the store."""
        store = self.folder / uuid.uuid4().hex
        regions = [word for region in self.registries.regions for word in ("--region", region)]
        self._demurrage(
            ["collect", *regions, "--store", store, "--calls-per-second", "400", "--scan-findings"],
            AWS_ENDPOINT_URL=self.registries.url,
            AWS_ACCESS_KEY_ID=ACCESS_KEY,
        )
        return store

    def preview(self, store, now, region=None):
        """What the policies do, repository by repository; the store is a folder or `s3://…`."""
        return self._read("preview", store, now, region, accepted=(0, 4))

    def lint(self, store, now, region=None):
        """What is wrong with the policies."""
        return self._read("lint", store, now, region, accepted=(0, 1, 4))

    def cost(self, store, now, region):
        """What a registry stores, what that costs, and what its policies would free."""
        return self._read("cost", store, now, region, accepted=(0, 4))

    def approve(self, store, plan, accepted=(0,)):
        """Lets a plan through, as somebody of the hub's account who may: what came of it."""
        return self._cloudly(["approve", plan, "--store", store, "--yes", "--format", "json"], accepted)

    def stop(self, store, *more):
        """Stops everything that changes registries, or lifts that."""
        self._cloudly(["stop", "--store", store, "--reason", "tests", *more])

    def _cloudly(self, arguments, accepted=(0,)):
        said = self._demurrage(arguments, accepted, AWS_ENDPOINT_URL=self.cloud.url, AWS_ACCESS_KEY_ID="test")
        return json.loads(said) if "json" in arguments else said

    def _read(self, command, store, now, region, accepted):
        arguments = [command, "--store", store, "--format", "json", "--now", now]
        arguments += ["--region", region] if region else []
        said = self._demurrage(arguments, accepted, AWS_ENDPOINT_URL=self.cloud.url, AWS_ACCESS_KEY_ID="test")
        return json.loads(said)

    def _demurrage(self, arguments, accepted=(0,), **environment):
        done = subprocess.run(
            [str(word) for word in (PROGRAMS / "demurrage", *arguments)],
            env=bare_environment(
                self.folder,
                AWS_REGION=REGION,
                AWS_SECRET_ACCESS_KEY="test",
                AWS_EC2_METADATA_DISABLED="true",
                **environment,
            ),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode in accepted, f"{arguments}: exit code {done.returncode}\n{done.stderr}"
        return done.stdout
