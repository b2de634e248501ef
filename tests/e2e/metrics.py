"""Metrics as CloudWatch has them."""

import datetime

from cloud import ACCOUNT

NAMESPACE = "Demurrage"


def of_registry(cloud, region):
    """Every metric of a registry: its values by the time that they are for, one a minute at most."""
    return _read(cloud, {"Account": ACCOUNT, "Region": region})


def of_deployment(cloud, name):
    """Every metric of a deployment's runs."""
    return _read(cloud, {"Deployment": name})


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
