"""Other accounts of an organisation, with `infra/member-account.yaml` and `infra/member-region.yaml` deployed in them."""

import json

import boto3
from samtranslator.yaml_helper import yaml_parse

from cloud import ONCE, REGION
from programs import CHECKOUT, eventually

ACCOUNT_TEMPLATE = CHECKOUT / "infra" / "member-account.yaml"
REGION_TEMPLATE = CHECKOUT / "infra" / "member-region.yaml"


class Member:
    """An account beside that of the hub."""

    def __init__(self, cloud, hub, account):
        self.cloud = cloud
        self.hub = hub
        self.account = account

    def client(self, service, region=REGION):
        """A client with the keys of the account's root, which the emulator knows by the account's number."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.cloud.url,
            aws_access_key_id=self.account,
            aws_secret_access_key="test",
            config=ONCE,
        )

    def deploy_account(self, **parameters):
        """The roles: the outputs of the stack."""
        return self._deploy(ACCOUNT_TEMPLATE, REGION, parameters)

    def deploy_region(self, region, **parameters):
        """The rule of a region: the outputs of the stack."""
        # The emulator has no registries with exclusions; those here are told of them otherwise.
        return self._deploy(REGION_TEMPLATE, region, {"RegisterPullTimeExclusion": "false", **parameters})

    def _deploy(self, template, region, parameters):
        text = template.read_text()
        # What ends so comes from the hub, by the same name, unless it is said otherwise.
        wanted = [
            name
            for name, parameter in yaml_parse(text)["Parameters"].items()
            if name.endswith("Arn") and "Default" not in parameter
        ]
        values = {name: self.hub.outputs[name] for name in wanted} | parameters
        # The emulator knows no Fn::Split in a condition.
        text = text.replace('!Split [":", !Ref EventBusArn]', json.dumps(self.hub.outputs["EventBusArn"].split(":")))
        client, name = self.client("cloudformation", region), f"demurrage-{template.stem}"
        client.create_stack(
            StackName=name,
            TemplateBody=text,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

        def ended():
            [stack] = client.describe_stacks(StackName=name)["Stacks"]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = eventually(ended, f"{template.stem} is created in {self.account}", seconds=60)
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")
        return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
