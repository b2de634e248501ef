"""The stack: what the template becomes, with IAM enforced."""

import boto3
import pytest
from botocore.exceptions import ClientError

from cloud import REGION
from stack import TEMPLATE
from samtranslator.yaml_helper import yaml_parse


def test_every_resource_of_the_template_whose_condition_holds_is_created(whole):
    resources = yaml_parse(TEMPLATE.read_text())["Resources"]
    unconditional = {name for name, resource in resources.items() if "Condition" not in resource}
    assert unconditional <= whole.stack.logical_ids
