#!/usr/bin/env python3
"""Writes one large repository as `aws ecr describe-images` prints it, and a policy of 50 rules.

usage: make_repository.py IMAGES DIR     (the same every time: the seed is fixed)
"""
import datetime
import json
import pathlib
import random
import sys

FAMILIES = [f"svc{number:02d}" for number in range(48)]
NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)


def image(draw):
    pushed = NOW - datetime.timedelta(seconds=draw.randrange(3 * 86400, 400 * 86400))
    entry = {
        "registryId": "123456789012",
        "repositoryName": "big/mono",
        "imageDigest": f"sha256:{draw.getrandbits(256):064x}",
        "imageSizeInBytes": draw.randrange(1 << 20, 1 << 29),
        "imagePushedAt": pushed.isoformat(),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        "imageStatus": "ACTIVE",
    }
    if 0.2 <= draw.random():
        number = draw.choice([1, 1, 2, 3])
        entry["imageTags"] = [f"{draw.choice(FAMILIES)}-{draw.getrandbits(28):07x}" for _ in range(number)]
    if draw.random() < 0.6:
        entry["lastRecordedPullTime"] = (pushed + datetime.timedelta(days=3)).isoformat()
    return entry


def policy():
    """48 rules that count, each with a pattern of its own, one for untagged images, one for the rest."""
    rules = []
    for position, family in enumerate(FAMILIES):
        pattern = f"{family}-*" if position % 2 else f"*{family}*-*"
        selection = {"tagStatus": "tagged", "tagPatternList": [pattern], "countType": "imageCountMoreThan", "countNumber": 500}
        rules.append({"rulePriority": position + 1, "selection": selection, "action": {"type": "expire"}})
    for priority, status, days in [(49, "untagged", 14), (50, "any", 180)]:
        selection = {"tagStatus": status, "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
        rules.append({"rulePriority": priority, "selection": selection, "action": {"type": "expire"}})
    return {"rules": rules}


def main():
    images, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    details = {"imageDetails": [image(draw) for _ in range(images)]}
    (folder / "images.json").write_text(json.dumps(details, indent=4))
    (folder / "policy.json").write_text(json.dumps(policy()))


main()
