"""Random policies over random repositories: the preview beside the algorithm of the documentation.

Every rule marks within the whole pool of the images that it selects; then the rules act in the order of their
priority, and each claims its whole pool. Ages lie at the limits, a second on each side of them.
"""

import random
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest

from policies import rule, started, text_of
from pushing import describe, push_image, push_index

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = ["dev", "prod", "v1", "v2"]
LIMITS = [1, 3, 10, 90, 120]


def selected(image, selection):
    archive = selection.get("storageClass") == "archive"
    if image["imageStatus"] != ("ARCHIVED" if archive else "ACTIVE"):
        return False
    tags = image.get("imageTags", [])
    if selection["tagStatus"] != "tagged":
        return selection["tagStatus"] == "any" or not tags
    entries = selection.get("tagPatternList") or [prefix + "*" for prefix in selection["tagPrefixList"]]
    return all(any(fnmatchcase(tag, entry) for tag in tags) for entry in entries)


def order_time(image):
    return image.get("lastActivatedAt", image["imagePushedAt"])


def age_time(image, kind):
    if kind == "sinceImageTransitioned":
        return image["lastArchivedAt"]
    pulled = image.get("lastRecordedPullTime")
    if kind == "sinceImagePulled" and pulled and pulled > image.get("lastActivatedAt", pulled - DAY):
        return pulled
    return order_time(image)


def evaluate(rules, images):
    """Each image that is acted on, with the action and the priority of the rule."""
    acted, claimed = {}, set()
    for one in sorted(rules, key=lambda one: one["rulePriority"]):
        selection = one["selection"]
        pool = [image for image in images if selected(image, selection)]
        if selection["countType"] == "imageCountMoreThan":
            pool.sort(key=order_time, reverse=True)
            marked = pool[selection["countNumber"] :]
        else:
            limit = NOW - selection["countNumber"] * DAY
            marked = [image for image in pool if age_time(image, selection["countType"]) < limit]
        for image in marked:
            if image["imageDigest"] not in claimed:
                acted[image["imageDigest"]] = (one["action"]["type"].upper(), one["rulePriority"])
        claimed |= {image["imageDigest"] for image in pool}
    return acted


class Shelf:
    """A repository of random images, whose times lie at the limits of the rules."""

    def __init__(self, server, ecr, seed):
        self.server, self.ecr, self.random = server, ecr, random.Random(seed)
        self.seconds = iter(range(10_000))

    def moment(self):
        """A time at a limit, or a second before or after; no two are equal."""
        edge = self.random.choice([-1, 0, 1, 40_000])
        extra = timedelta(milliseconds=next(self.seconds))
        return NOW - self.random.choice(LIMITS) * DAY + timedelta(seconds=edge) + extra

    def fill(self, repository, count):
        """Pushes, pulls, archives and restores in the order of time; returns the children of indexes."""
        moments, children = [], set()

        def at(when, act):
            moments.append((when, act))

        def move(digest, to):
            self.ecr.update_image_storage_class(
                repositoryName=repository, imageId={"imageDigest": digest}, targetStorageClass=to
            )

        def pull(digest):
            self.ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])

        def live(number):
            tags = self.random.sample(
                [f"{word}-{number}" for word in WORDS], self.random.choice([0, 0, 1, 1, 2])
            )
            digest = {}
            pushed = self.moment() - 200 * DAY if self.random.random() < 0.3 else self.moment()

            def push():
                image = push_image(self.ecr, repository, f"image {number}", *tags)
                digest["is"] = image.digest
                if self.random.random() < 0.1:
                    children.add(image.digest)
                    push_index(self.ecr, repository, [image], f"index-{number}")

            at(pushed, push)
            last = pushed
            for kind in self.random.sample(["pull", "archive", "restore", "none"], 2):
                last = max(last + timedelta(seconds=120), self.moment())
                if last >= NOW:
                    break
                if kind == "pull":
                    at(last, lambda: pull(digest["is"]))
                elif kind in ("archive", "restore"):
                    at(last, lambda: digest["is"] in children or move(digest["is"], "ARCHIVE"))
                if kind == "restore":
                    at(
                        last + timedelta(seconds=60),
                        lambda: digest["is"] in children or move(digest["is"], "STANDARD"),
                    )
                    break

        for number in range(count):
            live(number)
        for when, act in sorted(moments, key=lambda pair: pair[0]):
            self.server.set_clock(when)
            act()
        self.server.set_clock(NOW)
        return children

    def policy(self):
        """A valid policy of one to five rules, in a random order of its text."""
        rules, priorities = [], iter(sorted(self.random.sample(range(1, 900), 5)))
        lists = self.random.sample(WORDS + ["*-1*", "*-2", "de", "*"], self.random.randint(0, 2))
        for entry in lists:
            entries = [entry + "*" if self.random.random() < 0.5 else "*" + entry + "*"]
            if self.random.random() < 0.3:
                entries.append("*-*")
            rules.append(self.standard(next(priorities), "tagged", tagPatternList=entries))
        if self.random.random() < 0.5:
            rules.append(self.standard(next(priorities), "untagged"))
        if self.random.random() < 0.6 or not rules:
            rules.append(self.standard(next(priorities), "any"))
        if self.random.random() < 0.5:
            rules.append(
                rule(
                    next(priorities),
                    self.random.choice(["any", "untagged"]),
                    self.random.choice([90, 120]),
                    kind="sinceImageTransitioned",
                    storageClass="archive",
                )
            )
        self.random.shuffle(rules)
        return rules

    def standard(self, priority, status, **selection):
        kind, action = self.random.choice(
            [
                ("imageCountMoreThan", "expire"),
                ("imageCountMoreThan", "transition"),
                ("sinceImagePushed", "expire"),
                ("sinceImagePushed", "transition"),
                ("sinceImagePulled", "transition"),
            ]
        )
        count = self.random.choice([1, 2, 5] if kind == "imageCountMoreThan" else LIMITS)
        return rule(priority, status, count, kind=kind, action=action, **selection)


def summary_of(acted):
    expiring = sum(1 for action, _ in acted.values() if action == "EXPIRE")
    moving = len(acted) - expiring
    counts = (
        {"transitioningImageTotalCounts": [{"targetStorageClass": "ARCHIVE", "imageTotalCount": moving}]}
        if moving
        else {}
    )
    return {"expiringImageTotalCount": expiring, **counts}


@pytest.mark.parametrize("seed", range(6))
def test_the_preview_of_a_random_policy_is_that_of_the_documented_algorithm(server, registry, ecr, seed):
    server.settings(activating_seconds=30, preview_seconds=0)
    shelf = Shelf(server, ecr, seed)
    children = shelf.fill(registry.create("app"), 30)
    images = [detail for detail in describe(ecr, "app").values() if detail["imageDigest"] not in children]
    acting = 0
    for _ in range(25):
        rules = shelf.policy()
        expected = evaluate(rules, images)
        answer = started(ecr, "app", text_of(*rules))
        found = {
            one["imageDigest"]: (one["action"]["type"], one["appliedRulePriority"])
            for one in answer["previewResults"]
        }
        assert found == expected, text_of(*rules)
        assert answer["summary"] == summary_of(expected)
        acting += bool(expected)
    assert acting > 10, "most policies act on something"
