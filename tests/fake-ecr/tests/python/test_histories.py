"""Random histories of pushes, tags and deletions, beside a model of a few lines that AWS's sentences make.

The model keeps the digests with their tags. Where the documentation does not say which of two refusals comes
first, the history does not go there.
"""

import random
from fnmatch import fnmatchcase

import pytest

from pushing import make_image, make_index, put, rows, upload

TAGS = ["latest", "v1", "v2", "dev-1", "dev-2"]
MODES = ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"]
EXCLUDED = "dev-*"


class Model:
    """A repository as the documentation has it."""

    def __init__(self):
        self.tags = {}
        self.digests = {}
        self.mode = "MUTABLE"

    def frozen(self, tag):
        matches = fnmatchcase(tag, EXCLUDED)
        return {
            "MUTABLE": False,
            "IMMUTABLE": True,
            "MUTABLE_WITH_EXCLUSION": matches,
            "IMMUTABLE_WITH_EXCLUSION": not matches,
        }[self.mode]

    def referenced(self, digest):
        return any(digest in children for children in self.digests.values())

    def push(self, digest, children, tag):
        """The name of the refusal, or nothing."""
        if tag in self.tags:
            if self.frozen(tag):
                return "ImageTagAlreadyExistsException"
            if self.tags[tag] == digest:
                return "ImageAlreadyExistsException"
        elif tag is None and digest in self.digests:
            return "ImageAlreadyExistsException"
        self.digests[digest] = children
        if tag is not None:
            self.tags[tag] = digest
        return None

    def delete(self, digest, tag):
        """The code of the failure, or nothing."""
        if tag is not None:
            if tag not in self.tags:
                return "ImageNotFound"
            if digest is not None and self.tags[tag] != digest:
                return "ImageTagDoesNotMatchDigest"
            holder = self.tags[tag]
            if list(self.tags.values()).count(holder) > 1:
                del self.tags[tag]
                return None
            digest = holder
        if digest not in self.digests:
            return "ImageNotFound"
        if self.referenced(digest):
            return "ImageReferencedByManifestList"
        del self.digests[digest]
        self.tags = {tag: holder for tag, holder in self.tags.items() if holder != digest}
        return None

    def rows(self):
        tagged = [(digest, tag) for tag, digest in self.tags.items()]
        bare = [(digest, "") for digest in self.digests if digest not in self.tags.values()]
        return sorted(tagged + bare)


class History:
    """The same steps at the server and in the model."""

    def __init__(self, ecr, repository, seed):
        self.ecr, self.repository = ecr, repository
        self.random = random.Random(seed)
        self.model = Model()
        self.texts = []
        for number in range(8):
            image, blobs = make_image(f"image {number}")
            for blob in blobs:
                upload(ecr, repository, blob)
            self.texts.append((image, []))
        for pick in ((0, 1), (1, 2), (3,)):
            children = [self.texts[number][0] for number in pick]
            self.texts.append((make_index(children), [child.digest for child in children]))
        self.texts.append((make_index([self.texts[8][0]], name="outer"), [self.texts[8][0].digest]))

    def push(self):
        image, children = self.random.choice(self.texts)
        tag = self.random.choice([None, *TAGS])
        if image.digest not in self.model.digests and any(one not in self.model.digests for one in children):
            with pytest.raises(
                (
                    self.ecr.exceptions.ReferencedImagesNotFoundException,
                    self.ecr.exceptions.ImageTagAlreadyExistsException,
                )
            ):
                put(self.ecr, self.repository, image, tag)
            return
        expected = self.model.push(image.digest, children, tag)
        if expected is None:
            assert put(self.ecr, self.repository, image, tag)["imageId"]["imageDigest"] == image.digest
        else:
            with pytest.raises(getattr(self.ecr.exceptions, expected)):
                put(self.ecr, self.repository, image, tag)

    def delete(self):
        digest = self.random.choice(self.texts)[0].digest
        tag = self.random.choice(TAGS)
        image_id, asked = self.random.choice(
            [
                ({"imageTag": tag}, (None, tag)),
                ({"imageDigest": digest}, (digest, None)),
                ({"imageDigest": digest, "imageTag": tag}, (digest, tag)),
            ]
        )
        if len(image_id) == 2 and (digest not in self.model.digests or tag not in self.model.tags):
            return
        expected = self.model.delete(*asked)
        answer = self.ecr.batch_delete_image(repositoryName=self.repository, imageIds=[image_id])
        codes = [failure["failureCode"] for failure in answer["failures"]]
        assert codes == ([expected] if expected else [])
        assert bool(answer["imageIds"]) == (expected is None)

    def change_mode(self):
        self.model.mode = self.random.choice(MODES)
        filters = [{"filterType": "WILDCARD", "filter": EXCLUDED}]
        more = {"imageTagMutabilityExclusionFilters": filters} if "EXCLUSION" in self.model.mode else {}
        self.ecr.put_image_tag_mutability(
            repositoryName=self.repository, imageTagMutability=self.model.mode, **more
        )

    def step(self):
        kind = self.random.choices([self.push, self.delete, self.change_mode], [10, 6, 1])[0]
        kind()
        assert rows(self.ecr, self.repository) == self.model.rows()


@pytest.mark.parametrize("seed", range(8))
def test_a_random_history_ends_where_the_documentation_says(registry, ecr, seed):
    registry.create("app")
    history = History(ecr, "app", seed)
    for _ in range(120):
        history.step()
