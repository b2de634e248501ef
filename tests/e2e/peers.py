"""What others' rules choose to delete in a registry: their conditions, as their sources and documentation state them.

Only the choice: which images go. `docs/HAZARDS.md` has what came of it. All keep the newest image and are asked to
remove what is older than 30 days, with whatever each has to protect what runs.
"""

import re


class Seen:
    """A repository as a cleaner sees it: its images, the newest first, and what runs."""

    def __init__(self, repository, images, in_tasks, definitions, functions):
        self.repository = repository
        #: Digest, tags, age in days, media type, children, and the digest that it refers to.
        self.images = images
        #: References as running tasks have them, as written.
        self.in_tasks = in_tasks
        #: References of the newest revision of each family.
        self.definitions = definitions
        #: References of `$LATEST` of functions, as `ImageUri` has them.
        self.functions = functions

    def references(self, image, host):
        names = [f"{host}/{self.repository}@{image['digest']}"]
        return names + [f"{host}/{self.repository}:{tag}" for tag in image["tags"]]


def _old(seen):
    """What is beyond the newest and older than 30 days."""
    return [image for image in seen.images[1:] if 30 < image["days"]]


def lifecycle(seen, _host):
    """ECR's own policy, one rule for any image: knows no use; an index shields its children, the newest stays."""
    named = {child for image in seen.images for child in image["children"]}
    return [image for image in _old(seen) if image["digest"] not in named and not image["subject"]]


def awslabs(seen, host):
    """By tag strings of running tasks; an image goes where *any* of its tags is not protected; all untagged ones go."""
    running = set(seen.in_tasks)
    chosen = []
    for image in seen.images:
        tags = [tag for tag in image["tags"] if not re.fullmatch("latest|keep-.*", tag)]
        unprotected = [tag for tag in tags if f"{host}/{seen.repository}:{tag}" not in running]
        is_newest = image is seen.images[0]
        if not image["tags"] or (unprotected and not is_newest and 30 < image["days"]):
            chosen.append(image)
    return chosen


def kube_ecr_cleanup(seen, _host):
    """By tags of pods of its namespaces, with filters of tags to keep: knows neither ECS nor Lambda."""
    keep = re.compile("latest|keep-.*")
    return [
        image
        for image in _old(seen)
        if image["tags"] and not any(keep.fullmatch(tag) for tag in image["tags"])
    ]


def devopsbox(seen, host):
    """By references of running services and of functions, compared as text: knows no digest behind a tag, no index."""
    used = {*seen.in_tasks, *seen.functions}
    return [image for image in _old(seen) if not used & set(seen.references(image, host))]


def ecrm(seen, host):
    """By references of tasks, of the newest revisions and of functions as `ImageUri`; keeps patterns of tags, indexes
    that stay keep their children; signatures are images like others."""
    keep = re.compile("latest|keep-.*")
    used = {*seen.in_tasks, *seen.definitions, *seen.functions}
    kept = {
        image["digest"]
        for image in seen.images
        if image is seen.images[0]
        or image["days"] <= 30
        or any(keep.fullmatch(tag) for tag in image["tags"])
        or used & set(seen.references(image, host))
    }
    kept |= {child for image in seen.images if image["digest"] in kept for child in image["children"]}
    return [image for image in seen.images if image["digest"] not in kept]


def gcr_cleaner(seen, _host):
    """`keep 1`, a grace of 30 days and a filter of tags where all have to match: knows no use."""
    keep = re.compile("latest|keep-.*")
    return [image for image in _old(seen) if not any(keep.fullmatch(tag) for tag in image["tags"])]


RULES = {
    "ECR lifecycle policy": lifecycle,
    "awslabs/ecr-cleanup-lambda": awslabs,
    "kube-ecr-cleanup-controller": kube_ecr_cleanup,
    "devopsbox aws-ecr-cleaner": devopsbox,
    "ecrm": ecrm,
    "gcr-cleaner": gcr_cleaner,
}
