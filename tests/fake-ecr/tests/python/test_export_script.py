"""The script that exports a registry by the AWS CLI, against the server, compared with boto3."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from populating import POLICY, populate
from pushing import describe

SCRIPT = Path(__file__).resolve().parents[4] / "cli" / "scripts" / "export-registry.sh"


@pytest.fixture(scope="module")
def exported(server, tmp_path_factory):
    registry = server.registry()
    populated = populate(registry)
    registry.ecr.create_repository_creation_template(prefix="ROOT", appliedFor=["REPLICATION"])
    registry.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    folder = tmp_path_factory.mktemp("export") / "registry"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", str(SCRIPT), str(folder)],
        env=registry.environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return registry, populated, folder


def read(path):
    return json.loads(path.read_text())


def test_every_repository_has_a_folder(exported):
    registry, populated, folder = exported
    listed = [one["repositoryName"] for one in read(folder / "describe-repositories.json")["repositories"]]
    assert sorted(listed) == populated.repositories
    for name in populated.repositories:
        assert (folder / "repositories" / name / "describe-images.json").is_file()


def test_every_image_is_exported_and_archived_ones_too(exported):
    registry, populated, folder = exported
    for name in populated.repositories:
        found = read(folder / "repositories" / name / "describe-images.json")["imageDetails"]
        expected = describe(registry.ecr, name)
        assert sorted(one["imageDigest"] for one in found) == sorted(expected)
        for one in found:
            detail = expected[one["imageDigest"]]
            assert sorted(one.get("imageTags", [])) == sorted(detail.get("imageTags", []))
            assert one["imageSizeInBytes"] == detail["imageSizeInBytes"]
            assert one["imageStatus"] == detail["imageStatus"]
            assert one.get("subjectManifestDigest") == detail.get("subjectManifestDigest")


def test_every_manifest_of_an_index_is_exported_and_no_other(exported):
    _, populated, folder = exported
    files = sorted((folder / "repositories").rglob("batch-get-image-*.json"))
    images = [image for file in files for image in read(file)["images"]]
    assert [image["imageManifest"] for image in images] == [populated.index.manifest]


def test_policies_are_exported_and_their_absence_is_written_down(exported):
    _, _, folder = exported
    repositories = folder / "repositories"
    found = read(repositories / "team/app" / "get-lifecycle-policy.json")
    assert json.loads(found["lifecyclePolicyText"]) == json.loads(POLICY)
    assert read(repositories / "many" / "get-lifecycle-policy.json") == {
        "__type": "LifecyclePolicyNotFoundException"
    }
    assert read(repositories / "governed" / "get-repository-policy.json")["policyText"]
    assert read(repositories / "many" / "get-repository-policy.json") == {
        "__type": "RepositoryPolicyNotFoundException"
    }
    assert read(repositories / "team/app" / "list-tags-for-resource.json")["tags"] == [
        {"Key": "team", "Value": "red"}
    ]


def test_the_registry_itself_is_exported(exported):
    registry, _, folder = exported
    assert read(folder / "describe-registry.json") == {
        "registryId": registry.account,
        "replicationConfiguration": {"rules": []},
    }
    assert read(folder / "get-registry-policy.json") == {"__type": "RegistryPolicyNotFoundException"}
    scanning = read(folder / "get-registry-scanning-configuration.json")
    assert scanning["scanningConfiguration"]["scanType"] == "BASIC"
    assert read(folder / "get-account-setting-BLOB_MOUNTING.json")["name"] == "BLOB_MOUNTING"
    templates = read(folder / "describe-repository-creation-templates.json")
    assert [one["prefix"] for one in templates["repositoryCreationTemplates"]] == ["ROOT"]
    rules = read(folder / "describe-pull-through-cache-rules.json")
    assert [one["ecrRepositoryPrefix"] for one in rules["pullThroughCacheRules"]] == ["quay"]
