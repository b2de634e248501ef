"""What a run left in the bucket: its documents, its inventories, its lists for Athena."""

import datetime
import json
from dataclasses import dataclass
from functools import cached_property

from cloud import ACCOUNT
from service import Service


@dataclass(frozen=True)
class Papers:
    """The papers of one run."""

    service: Service
    run: str

    def document(self, place):
        return self.service.document(f"runs/{self.run}/{place}")

    def documents(self, folder):
        """All documents of a folder, by their names."""
        places = self.service.objects(f"runs/{self.run}/{folder}/")
        return {place.rpartition("/")[2]: self.service.document(place) for place in sorted(places)}

    @cached_property
    def plan(self):
        """What there was to do."""
        return self.document("run.json")

    @property
    def now(self):
        """The time by which everything of the run is evaluated."""
        return self.plan["started_at"]

    @property
    def work(self):
        """The lines of work: a share, what is in use somewhere, or settings."""
        return self.service.lines(f"runs/{self.run}/work.jsonl")

    def work_of(self, step):
        """The lines of work of one kind."""
        return [line for line in self.work if line["step"] == step]

    @property
    def parts(self):
        """The lines of what is judged, one for each share."""
        return self.service.lines(f"runs/{self.run}/parts.jsonl")

    @cached_property
    def shares(self):
        """Region and names of the repositories of each share, by its number."""
        found = {}
        for name, share in self.documents("shares").items():
            names = [repository["name"] for repository in share["repositories"]]
            found[int(name.removesuffix(".json"))] = (share["region"], names)
        return found

    def share_with(self, region, repository):
        """The number of the share that a repository is in."""
        [number] = [
            number for number, (its, names) in self.shares.items() if its == region and repository in names
        ]
        return number

    @property
    def previews(self):
        """What the service found that the policies do: the previews of each region."""
        regions = {region: [] for region in self.service.registries.regions}
        for place in sorted(self.service.objects(f"runs/{self.run}/previews/")):
            share = int(place.rpartition("/")[2].split("-")[0])
            regions[self.shares[share][0]] += self.service.lines(place)
        return regions

    @property
    def costed(self):
        """What the service found that repositories store: those of each region, by their names."""
        regions = {region: {} for region in self.service.registries.regions}
        for name, document in self.documents("costed").items():
            of_region = regions[self.shares[int(name.split("-")[0])][0]]
            for repository in document["repositories"]:
                assert repository["name"] not in of_region, f"{repository['name']} is priced twice"
                of_region[repository["name"]] = repository
        return regions

    def audited(self, region):
        """What the service found of the audits of a region's repositories, by their names."""
        found = {}
        for name, document in self.documents("audited").items():
            if self.shares[int(name.split("-")[0])][0] == region:
                for repository in document["repositories"]:
                    assert repository["name"] not in found, f"{repository['name']} is audited twice"
                    found[repository["name"]] = repository
        return found

    def findings(self, region):
        """The lines of the findings of a region."""
        [audits] = [one["audits"] for one in self.summary["registries"] if one["region"] == region]
        return [
            line
            for document in audits["documents"]
            for line in self.service.lines(f"runs/{self.run}/{document}")
        ]

    @property
    def summary(self):
        return self.document("summary.json")

    @property
    def summary_text(self):
        return self.service.cloud.text(
            self.service.stack.bucket, f"{self.service.prefix}/runs/{self.run}/summary.md"
        )

    def costs(self, region):
        """The figures of a registry's costs in the summary."""
        [costs] = [one["costs"] for one in self.summary["registries"] if one["region"] == region]
        return costs

    def inventory(self, region):
        """The name of the inventory that the run made of a region."""
        return f"{self.run}-{ACCOUNT}-{region}"

    def athena_list(self, table, region):
        """The Parquet files that Athena reads for a table of this run's day: keys in the bucket."""
        partition = f"athena/{table}/day={self.now[:10]}/account={ACCOUNT}/region={region}"
        text = self.service.cloud.text(
            self.service.stack.bucket, f"{self.service.prefix}/{partition}/files.txt"
        )
        start = f"s3://{self.service.stack.bucket}/"
        lines = text.splitlines()
        assert all(line.startswith(start) for line in lines), lines
        return [line.removeprefix(start) for line in lines]


def papers_of(service, execution):
    """The papers of an execution. The run follows from its start and its name, whatever its output is."""
    second = execution.started_at.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    plain = [letter for letter in execution.name.lower() if letter.isascii() and letter.isalnum()]
    return Papers(service, f"{second}-{''.join(plain[-8:])}")


def canonical(documents):
    """Documents in an order of their own, to compare what has come in another one."""
    return sorted(json.dumps(document, sort_keys=True) for document in documents)
