"""What the tests of the deployment share: the template as written and as translated, contract, definition."""

import json
import sys

import pytest

import places

sys.dont_write_bytecode = True

from definition import parse  # noqa: E402
from translate import read_template, translate  # noqa: E402


@pytest.fixture(scope="session")
def sam_template():
    """The template as it is written."""
    return read_template(places.TEMPLATE)


@pytest.fixture(scope="session")
def template():
    """The template that CloudFormation gets."""
    return translate(places.TEMPLATE)


@pytest.fixture(scope="session")
def template_file(template, tmp_path_factory):
    """The same as a file, for tools that read one."""
    path = tmp_path_factory.mktemp("translated") / "template.json"
    path.write_text(json.dumps(template, indent=2), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def member_account():
    """The template of the roles that an account gets."""
    return read_template(places.MEMBER_ACCOUNT)


@pytest.fixture(scope="session")
def member_region():
    """The template of what each region of an account gets."""
    return read_template(places.MEMBER_REGION)


@pytest.fixture(scope="session")
def contract():
    """What the functions say of themselves; a test in Rust keeps it true."""
    return json.loads(places.CONTRACT.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def definition_text():
    """The definition as it is written, with its placeholders."""
    return places.DEFINITION.read_text(encoding="utf-8")


@pytest.fixture
def definition(definition_text):
    """The definition as a value, anew for each test: some change it."""
    return parse(definition_text)
