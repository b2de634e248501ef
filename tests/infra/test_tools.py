"""What other people's tools say of the deployment: nothing, or what is excused in place."""

import json

import pytest

import places
from definition import substituted


def test_cfn_lint_finds_nothing_in_the_template_as_written():
    result = places.run_tool("cfn-lint", ["--", places.TEMPLATE])
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


@pytest.mark.parametrize("path", [places.MEMBER_ACCOUNT, places.MEMBER_REGION], ids=lambda path: path.stem)
def test_the_tools_find_nothing_in_what_other_accounts_get(path):
    result = places.run_tool("cfn-lint", ["--", path])
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr
    results = checkov(path)
    assert (results["failed_checks"], results["skipped_checks"]) == ([], [])
    assert len(results["passed_checks"]) > 5, "checkov looked at next to nothing"


def test_cfn_lint_finds_nothing_in_the_translated_template(template_file):
    result = places.run_tool("cfn-lint", ["--", template_file])
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def checkov(template_file):
    """checkov's findings in the translated template, without asking its makers for anything."""
    arguments = [
        "--framework",
        "cloudformation",
        "--skip-download",
        "--output",
        "json",
        "--file",
        template_file,
    ]
    result = places.run_tool("checkov", arguments)
    return json.loads(result.stdout)["results"]


def excuses(template):
    """The findings that the template excuses, as {(id, logical id): reason}."""
    return {
        (skip["id"], name): skip.get("comment", "")
        for name, resource in template["Resources"].items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }


def test_checkov_finds_nothing_that_is_not_excused_and_every_excuse_is_needed(sam_template, template_file):
    results = checkov(template_file)
    failed = {(check["check_id"], check["resource"]) for check in results["failed_checks"]}
    assert failed == set()
    skipped = {(check["check_id"], check["resource"].split(".")[-1]) for check in results["skipped_checks"]}
    assert skipped == excuses(sam_template).keys()
    assert len(results["passed_checks"]) > 50, "checkov looked at next to nothing"


def test_every_excuse_has_a_reason(sam_template):
    assert [place for place, reason in excuses(sam_template).items() if len(reason) < 30] == []


def test_asl_validator_finds_nothing_in_the_definition(definition_text, tmp_path):
    assert places.ASL_VALIDATOR.exists(), "npm install --prefix target/node-infra, see tests/run"
    path = tmp_path / "governance.asl.json"
    path.write_text(substituted(definition_text), encoding="utf-8")
    result = places.run([places.ASL_VALIDATOR, "--json-path", path])
    assert result.returncode == 0, result.stdout + result.stderr


def test_asl_validator_finds_a_state_that_does_not_exist(definition_text, tmp_path):
    path = tmp_path / "broken.asl.json"
    path.write_text(
        substituted(definition_text).replace('"Next": "Reported"', '"Next": "Elsewhere"'), "utf-8"
    )
    assert places.run([places.ASL_VALIDATOR, "--json-path", path]).returncode != 0
