"""The script that names images of services which the command does not ask: all of them, or a failure."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import places

SCRIPT = places.CHECKOUT / "infra" / "references" / "other-workloads.sh"
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

# What the AWS CLI answers, by service and operation, and by the token of a page.
ANSWERS = {
    "batch describe-job-definitions": {
        "jobDefinitions": [
            {"containerProperties": {"image": f"{REGISTRY}/batch/one:1"}},
            {"nodeProperties": {"nodeRangeProperties": [{"container": {"image": f"{REGISTRY}/batch/nodes:1"}}]}},
            {"ecsProperties": {"taskProperties": [{"containers": [{"image": f"{REGISTRY}/batch/ecs:1"}]}]}},
            {"eksProperties": {"podProperties": {"containers": [{"image": f"{REGISTRY}/batch/eks:1"}]}}},
        ]
    },
    "apprunner list-services": {
        "ServiceSummaryList": [{"ServiceArn": "arn:aws:apprunner:eu-west-1:123456789012:service/web/1"}],
        "NextToken": "more",
    },
    "apprunner list-services more": {
        "ServiceSummaryList": [{"ServiceArn": "arn:aws:apprunner:eu-west-1:123456789012:service/api/2"}]
    },
    "apprunner describe-service": {
        "Service": {"SourceConfiguration": {"ImageRepository": {"ImageIdentifier": f"{REGISTRY}/run/web:1"}}}
    },
    "sagemaker list-models": {"Models": [{"ModelName": "m"}]},
    "sagemaker describe-model": {
        "PrimaryContainer": {"Image": f"{REGISTRY}/ml/primary:1"},
        "Containers": [{"Image": f"{REGISTRY}/ml/other:1"}],
    },
    "sagemaker list-model-packages": {
        "ModelPackageSummaryList": [{"ModelPackageArn": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/p/1"}]
    },
    "sagemaker describe-model-package": {
        "InferenceSpecification": {"Containers": [{"Image": f"{REGISTRY}/ml/package@sha256:{'a' * 64}"}]}
    },
    "sagemaker list-training-jobs": {"TrainingJobSummaries": [{"TrainingJobName": "t"}]},
    "sagemaker describe-training-job": {"AlgorithmSpecification": {"TrainingImage": f"{REGISTRY}/ml/train:1"}},
    "sagemaker list-processing-jobs": {"ProcessingJobSummaries": [{"ProcessingJobName": "p"}]},
    "sagemaker describe-processing-job": {"AppSpecification": {"ImageUri": f"{REGISTRY}/ml/process:1"}},
    "sagemaker list-images": {"Images": [{"ImageName": "i"}]},
    "sagemaker list-image-versions": {"ImageVersions": [{"Version": 1}]},
    "sagemaker describe-image-version": {"BaseImage": f"{REGISTRY}/ml/studio:1", "ContainerImage": ""},
    "codebuild list-projects": {"projects": ["a"]},
    "codebuild batch-get-projects": {
        "projects": [{"environment": {"image": f"{REGISTRY}/build/tools:1"}, "artifacts": {"image": "none"}}]
    },
}

AWS = """#!{python}
import json, os, sys
arguments = sys.argv[3:]
assert sys.argv[1:3] == ["--output", "json"], sys.argv
if arguments[0] == "--region":
    assert arguments[1] == "eu-west-1"
    arguments = arguments[2:]
operation = " ".join(arguments[:2])
token = arguments[arguments.index("--next-token") + 1] if "--next-token" in arguments else ""
if operation == os.environ["FAILS"]:
    print("An error occurred (AccessDenied)", file=sys.stderr)
    sys.exit(254)
print(json.dumps(json.load(open(os.environ["ANSWERS"]))[(operation + " " + token).strip()]))
"""


def run(tmp_path, *arguments, answers=None, fails="", script=SCRIPT):
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir(exist_ok=True)
    aws.write_text(AWS.replace("{python}", sys.executable), encoding="utf-8")
    aws.chmod(0o755)
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers or ANSWERS), encoding="utf-8")
    environment = os.environ | {
        "PATH": f"{aws.parent}:{os.environ['PATH']}",
        "ANSWERS": str(file),
        "FAILS": fails,
    }
    return subprocess.run([script, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60)


def named(output):
    """The images that it names; the last line says that the file is whole."""
    *lines, last = output.splitlines()
    assert last == "# none but these"
    return {line.split(" # ")[0].removeprefix(f"{REGISTRY}/") for line in lines}


def test_it_names_the_images_of_all_four_services(tmp_path):
    done = run(tmp_path, "--region", "eu-west-1")
    assert done.returncode == 0, done.stderr
    assert named(done.stdout) == {
        "batch/one:1",
        "batch/nodes:1",
        "batch/ecs:1",
        "batch/eks:1",
        "run/web:1",
        "ml/primary:1",
        "ml/other:1",
        f"ml/package@sha256:{'a' * 64}",
        "ml/train:1",
        "ml/process:1",
        "ml/studio:1",
        "build/tools:1",
    }
    assert f"{REGISTRY}/run/web:1 # App Runner service/api/2" in done.stdout.splitlines(), "of the second page"


@pytest.mark.parametrize("operation", sorted({" ".join(name.split()[:2]) for name in ANSWERS}))
def test_whichever_call_fails_the_script_fails_and_says_which(tmp_path, operation):
    done = run(tmp_path, fails=operation)
    assert done.returncode == 1
    assert f"error: `aws {operation}` failed" in done.stderr
    assert "# none but these" not in done.stdout.splitlines(), "what is not whole does not say so"


def test_a_list_that_goes_round_in_circles_fails(tmp_path):
    circle = ANSWERS | {"apprunner list-services more": ANSWERS["apprunner list-services"]}
    done = run(tmp_path, answers=circle)
    assert done.returncode == 1
    assert "goes round in circles" in done.stderr


def test_more_projects_than_one_call_takes_are_asked_for_in_parts(tmp_path):
    many = ANSWERS | {"codebuild list-projects": {"projects": [f"p{number}" for number in range(201)]}}
    done = run(tmp_path, "--service", "codebuild", answers=many)
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    assert (len(lines), last) == (3, "# none but these")


def test_one_service_can_be_asked_alone_and_an_option_that_is_none_is_refused(tmp_path):
    done = run(tmp_path, "--service", "batch", fails="codebuild list-projects")
    assert done.returncode == 0
    assert all(name.startswith("batch/") for name in named(done.stdout))
    assert run(tmp_path, "--service", "lambda").returncode == 2
    assert run(tmp_path, "--region").returncode == 2


def test_shellcheck_finds_nothing():
    shellcheck = Path(sys.prefix) / "bin" / "shellcheck"
    done = subprocess.run([shellcheck, SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
