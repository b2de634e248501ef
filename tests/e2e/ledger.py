"""The tag ledger, as it lies in its table."""

from cloud import ACCOUNT


def arn(region, repository):
    """The name of a repository's partition."""
    return f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{repository}"


class Ledger:
    """The table of a deployment."""

    def __init__(self, cloud, table):
        self.client = cloud.client("dynamodb")
        self.table = table

    def items(self):
        """Every item: its attributes by their names, as plain texts."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return [
            {name: next(iter(value.values())) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]

    def heads(self, region):
        """The image that each tag of a region is on, by repository and tag; tags that are gone are not in it."""
        before = arn(region, "")
        heads = {}
        for item in self.items():
            repository, tag = item["repository"], item["item"]
            is_head = repository.startswith(before) and not tag.startswith(("!", "#"))
            if is_head and item["held"] != "gone":
                heads[repository.removeprefix(before), tag] = item["held"]
        return heads
