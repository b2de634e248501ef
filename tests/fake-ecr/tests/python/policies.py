"""Lifecycle policies as documents: a rule in one line, and its text."""

import json

from running import eventually


def rule(priority, status="any", count=1, *, kind="imageCountMoreThan", action="expire", **selection):
    """One rule; a count of days gets its unit, a transition its target, as the schema asks."""
    chosen = {"tagStatus": status, "countType": kind, "countNumber": count, **selection}
    if kind != "imageCountMoreThan":
        chosen.setdefault("countUnit", "days")
    acts = {"type": action}
    if action == "transition":
        acts["targetStorageClass"] = "archive"
    return {"rulePriority": priority, "selection": chosen, "action": acts}


def text_of(*rules):
    return json.dumps({"rules": list(rules)})


def started(ecr, repository, text=None, seconds=10):
    """A preview that was started and is complete: its first page of at most a hundred results."""
    asked = {"lifecyclePolicyText": text} if text else {}
    ecr.start_lifecycle_policy_preview(repositoryName=repository, **asked)

    def answer():
        found = ecr.get_lifecycle_policy_preview(repositoryName=repository)
        return found if found["status"] == "COMPLETE" else None

    return eventually(answer, seconds)
