"""Metrics as CloudWatch has them."""

import datetime
from decimal import Decimal

import pytest

from cloud import ACCOUNT

NAMESPACE = "Demurrage"
#: Severities of findings that have a metric.
SEVERITIES = ("critical", "high", "medium", "low")


def of_registry(cloud, region, account=ACCOUNT):
    """Every metric of a registry: its values by the time that they are for, one a minute at most."""
    return _read(cloud, {"Account": account, "Region": region})


def of_deployment(cloud, name):
    """Every metric of a deployment's runs."""
    return _read(cloud, {"Deployment": name})


def of_costs(costs):
    """Values and units of the metrics by which a registry's costs, as the command says them, are published: all
    but those that are not known."""
    repositories, total = costs["repositories"], costs["total"]
    freed = [repository["lifecycle"] for repository in repositories if repository["lifecycle"]]
    replicas = [replica for repository in repositories for replica in repository["replication"]]
    figures = {
        "StoredBytes": (total["stored_bytes"], "Bytes"),
        "ArchivedBytes": (total["archived_bytes"], "Bytes"),
        "StorageCost": (dollars([total["storage_usd_per_month"]]), "None"),
        "ReclaimableBytes": (sum(one["settled_freed_bytes"] for one in freed), "Bytes"),
        "ReclaimableCost": (dollars(one["settled_freed_usd_per_month"] for one in freed), "None"),
        "ReplicationCost": (dollars(one["high_usd_per_month"] for one in replicas), "None"),
    }
    return {name: figure for name, figure in figures.items() if figure[0] is not None}


def of_audits(audited, lines):
    """Values and units of the metrics of what the audits of a registry found: repositories as the shares have them, and
    the lines of findings."""
    counting = [line["severity"] for line in lines if line["kind"] == "finding" and line["counts"]]
    return {
        "PromisesBroken": (sum(one["breaks_promise"] for one in audited.values()), "Count"),
        "TagsMoved": (sum(one["tags_moved"] for one in audited.values()), "Count"),
        **{f"Findings{name.capitalize()}": (counting.count(name), "Count") for name in SEVERITIES},
        **_of_uses(audited.values()),
    }


def _of_uses(audited):
    """What is in use and what of it goes, as far as that is known: nothing else is published."""
    in_use = [one["images_in_use"] for one in audited if one["images_in_use"] is not None]
    going = [one["images_in_use_going"] for one in audited]
    found = {"ImagesInUse": (sum(in_use), "Count")} if in_use else {}
    if None not in going or any(going):
        found["ImagesInUseExpiring"] = (sum(filter(None, going)), "Count")
    return found


def dollars(texts):
    """A sum of dollars, near enough; none where one of them is not known."""
    texts = list(texts)
    if None in texts:
        return None
    return pytest.approx(float(sum(map(Decimal, texts), Decimal())), rel=0, abs=1e-6)


def _read(cloud, dimensions):
    client = cloud.client("cloudwatch")
    wanted = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    listed = client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE, Dimensions=wanted)
    now = datetime.datetime.now(datetime.UTC)
    found = {}
    for metric in (metric for page in listed for metric in page["Metrics"]):
        if {one["Name"]: one["Value"] for one in metric["Dimensions"]} != dimensions:
            continue
        points = client.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=metric["MetricName"],
            Dimensions=wanted,
            StartTime=now - datetime.timedelta(hours=2),
            EndTime=now + datetime.timedelta(hours=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        found[metric["MetricName"]] = {
            point["Timestamp"]: (point["Maximum"], point["Unit"]) for point in points
        }
    return found
