"""The registries: the server that behaves as ECR does, as a process, and its admin interface."""

import http.client
import json
import re

import boto3

from cloud import ACCOUNT, ONCE
from programs import PROGRAMS, Program, bare_environment


class Registries:
    """A running server with generated registries in its regions, of one account or several."""

    def __init__(self, folder, *, regions, repositories, images_per_repository, members=(), seed=7):
        folder.mkdir()
        self.accounts = [ACCOUNT, *members]
        self.regions = list(regions)
        command = [PROGRAMS / "fake-ecr", "--listen", "127.0.0.1:0", "--seed", seed]
        command += ["--repositories", repositories, "--images-per-repository", images_per_repository]
        for account in self.accounts:
            command += ["--account", account]
        for region in self.regions:
            command += ["--region", region]
        self.program = Program("fake-ecr", command, bare_environment(folder), folder)
        self.port = int(self.program.wait_for(self._said_port, "says where it listens"))

    def _said_port(self):
        said = re.search(r"listens on http://127\.0\.0\.1:(\d+)", self.program.log())
        return said and said.group(1)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def client(self, region, account=ACCOUNT):
        """ECR as the root of an account asks it."""
        return boto3.client(
            "ecr",
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="secret",
            config=ONCE,
        )

    def replicate(self, region, to_region, prefix):
        """From now on what is pushed to repositories whose names begin so is sent to another region, too."""
        rule = {
            "destinations": [{"region": to_region, "registryId": ACCOUNT}],
            "repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}],
        }
        self.client(region).put_replication_configuration(replicationConfiguration={"rules": [rule]})

    def repository_names(self, region, account=ACCOUNT):
        pages = self.client(region, account).get_paginator("describe_repositories").paginate()
        return sorted(one["repositoryName"] for page in pages for one in page["repositories"])

    def images(self, region, account=ACCOUNT):
        """Every image of a region: repository, digest and tags, and when it was pushed."""
        found = []
        paginator = self.client(region, account).get_paginator("describe_images")
        for name in self.repository_names(region, account):
            # Archived ones are listed only where they are asked for.
            pages = paginator.paginate(repositoryName=name, filter={"imageStatus": "ANY"})
            found += [
                {
                    "name": name,
                    "digest": image["imageDigest"],
                    "tags": image.get("imageTags", []),
                    "pushed_at": image["imagePushedAt"],
                }
                for page in pages
                for image in page["imageDetails"]
            ]
        return found

    def policy(self, region, repository):
        """The text of a repository's lifecycle policy; none where it has none."""
        client = self.client(region)
        try:
            return client.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"]
        except client.exceptions.LifecyclePolicyNotFoundException:
            return None

    def exclude(self, role_arn):
        """Pulls of this role leave no trace, in every region of its account."""
        for region in self.regions:
            client = self.client(region, role_arn.split(":")[4])
            client.register_pull_time_update_exclusion(principalArn=role_arn)

    def principal(self, access_key, arn, account=ACCOUNT):
        """Whose an access key is."""
        self.admin("principals", access_key=access_key, account=account, principal=arn)

    def calls(self):
        """How often each operation was called, by region and operation."""
        rows = self._ask("GET", "calls", None)["calls"]
        return {(row["region"], row["operation"]): row for row in rows if row["account"] == ACCOUNT}

    def admin(self, path, **body):
        """One call of the admin interface."""
        return self._ask("POST", path, body)

    def _ask(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/_fake/{path}", text)
            answer = connection.getresponse()
            content = answer.read().decode()
            assert answer.status == 200, f"{method} /_fake/{path} {text}: {answer.status} {content}"
            return json.loads(content)
        finally:
            connection.close()

    def stop(self):
        self.program.stop()
