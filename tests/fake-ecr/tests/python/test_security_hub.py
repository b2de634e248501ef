"""What `demurrage audit --format asff` writes, against the model by which botocore sends it to Security Hub.

botocore checks members and types; lengths and patterns that it leaves to the service are checked here, as the API
reference has them.
"""

import json
import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

import botocore.session
import pytest
from botocore.validate import ParamValidator

from populating import populate

PROGRAM = Path(os.environ["FAKE_ECR_PROGRAM"]).parent / "demurrage"
#: Characters: AwsSecurityFinding and what belongs to it, Security Hub API reference.
LENGTHS = {"Id": 512, "ProductArn": 2048, "GeneratorId": 512, "Title": 256, "Description": 1024}
RULES = """
[[audit.accepted]]
audit = "tags-can-move"
repositories = "*"
reason = "the move is under way"
until = 2100-01-01T00:00:00Z
"""


def demurrage(registry, folder, *arguments):
    environment = registry.environment(DEMURRAGE_STORE=str(folder / "store"))
    return subprocess.run(
        [PROGRAM, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def audited(server, tmp_path_factory):
    """The findings about a registry that boto3 has made, and the registry."""
    registry = server.registry()
    populated = populate(registry)
    folder = tmp_path_factory.mktemp("audit")
    done = demurrage(registry, folder, "collect", "--region", registry.region, "--calls-per-second", "5000")
    assert done.returncode in (0, 4), done.stderr
    (folder / "demurrage.toml").write_text(RULES)
    done = demurrage(registry, folder, "audit", "--format", "asff")
    assert done.returncode in (0, 1, 4), done.stderr
    return json.loads(done.stdout), registry, populated


@pytest.fixture(scope="module")
def findings(audited):
    return audited[0]


def test_botocore_would_send_it(findings):
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    for at in range(0, len(findings), 100):
        problems = ParamValidator().validate({"Findings": findings[at : at + 100]}, shape)
        assert not problems.has_errors(), problems.generate_report()
    # The same check refuses what is none.
    broken = [{**findings[0], "Severity": {"Label": 7}}]
    assert ParamValidator().validate({"Findings": broken}, shape).has_errors()


def test_values_are_within_the_documented_bounds(findings):
    model = botocore.session.get_session().get_service_model("securityhub")
    labels, statuses = model.shape_for("SeverityLabel").enum, model.shape_for("ComplianceStatus").enum
    assert findings
    for one in findings:
        for name, most in LENGTHS.items():
            assert 1 <= len(one[name]) <= most, (name, one)
        assert len(one["Remediation"]["Recommendation"]["Text"]) <= 512
        assert one["Severity"]["Label"] in labels
        assert one["Compliance"]["Status"] in statuses
        assert len(one["Compliance"].get("RelatedRequirements", [])) <= 32
        assert 1 <= len(one["Resources"]) <= 32
        fields = one["ProductFields"]
        assert len(fields) <= 50
        assert all(len(key) <= 128 and 1 <= len(value) <= 2048 for key, value in fields.items())
        assert all(re.fullmatch(r"[^/]+(/[^/]+){0,2}", kind) for kind in one["Types"])
        assert len(json.dumps(one).encode()) <= 240 * 1024
        for name in ("CreatedAt", "UpdatedAt", "LastObservedAt", "FirstObservedAt"):
            if name in one:
                assert datetime.fromisoformat(one[name].replace("Z", "+00:00")).tzinfo


def test_each_finding_is_of_the_registry_and_has_an_id_of_its_own(audited):
    findings, registry, populated = audited
    assert len({one["Id"] for one in findings}) == len(findings)
    product = f"arn:aws:securityhub:{registry.region}:{registry.account}:product/{registry.account}/default"
    arns = {f"arn:aws:ecr:{registry.region}:{registry.account}:repository/{name}" for name in populated.repositories}
    for one in findings:
        assert (one["ProductArn"], one["AwsAccountId"]) == (product, registry.account)
        for resource in one["Resources"]:
            if resource["Type"] == "AwsEcrRepository":
                assert resource["Id"] in arns
                assert resource["Details"]["AwsEcrRepository"].get("ImageTagMutability") in (None, "MUTABLE", "IMMUTABLE")
            else:
                assert (resource["Type"], resource["Id"]) == ("AwsAccount", f"AWS::::Account:{registry.account}")


def test_what_is_accepted_is_archived_and_what_is_not_evaluated_is_there(findings):
    accepted = [one for one in findings if one["GeneratorId"] == "demurrage/tags-can-move"]
    assert accepted
    failed = [one for one in accepted if one["Compliance"]["Status"] == "FAILED"]
    assert failed and all(one["RecordState"] == "ARCHIVED" for one in failed)
    assert any(one["Compliance"]["Status"] == "NOT_AVAILABLE" for one in findings)
    assert any(one["RecordState"] == "ACTIVE" for one in findings)
