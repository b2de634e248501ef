"""The deployment: `infra/template.yaml` as it is, but for where the code is and where ECR is."""

import json
from dataclasses import dataclass

from samtranslator.yaml_helper import yaml_parse

from programs import CHECKOUT, eventually
from zips import FUNCTIONS, package

TEMPLATE = CHECKOUT / "infra" / "template.yaml"
CODE_BUCKET = "code"
# The machines of the template, each with its definition.
MACHINES = {"GovernanceStateMachine": "governance.asl.json", "ApplyStateMachine": "apply.asl.json"}


def logical_id(function):
    """`collect-inventory` is `CollectInventoryFunction` in the template."""
    return "".join(word.capitalize() for word in function.split("-")) + "Function"


def upload_code(cloud, folder):
    """Packages and the definitions of the state machines, into a bucket: as `sam package` does."""
    s3 = cloud.client("s3")
    s3.create_bucket(
        Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    for function in FUNCTIONS:
        path = package(function, folder)
        s3.put_object(Bucket=CODE_BUCKET, Key=path.name, Body=path.read_bytes())
        path.unlink()
    for name in MACHINES.values():
        definition = CHECKOUT / "infra" / "statemachine" / name
        s3.put_object(Bucket=CODE_BUCKET, Key=name, Body=definition.read_bytes())


def packaged(ecr_url):
    """The template with the places of the code, and an address of ECR in the environment of all functions."""
    template = yaml_parse(TEMPLATE.read_text())
    resources = template["Resources"]
    for function in FUNCTIONS:
        properties = resources[logical_id(function)]["Properties"]
        properties["CodeUri"] = {"Bucket": CODE_BUCKET, "Key": f"{function}.zip"}
    for machine, definition in MACHINES.items():
        resources[machine]["Properties"]["DefinitionUri"] = {"Bucket": CODE_BUCKET, "Key": definition}
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL_ECR"] = ecr_url
    return json.dumps(template, default=str)


@dataclass(frozen=True)
class Answer:
    """What came of invoking a function: what it returned, or the name and text of its error."""

    output: dict | None
    error: str | None = None
    message: str | None = None


class Stack:
    """A deployed stack."""

    def __init__(self, cloud, name, ecr_url, **parameters):
        self.cloud = cloud
        self.name = name
        self._variants = 0
        client = cloud.client("cloudformation")
        s3 = cloud.client("s3")
        s3.put_object(Bucket=CODE_BUCKET, Key=f"{name}.json", Body=packaged(ecr_url).encode())
        client.create_stack(
            StackName=name,
            TemplateURL=f"{cloud.url}/{CODE_BUCKET}/{name}.json",
            Parameters=[
                {"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self.description = eventually(self._finished, f"stack {name} is created", seconds=60)
        status = self.description["StackStatus"]
        assert status == "CREATE_COMPLETE", f"{status}: {self._failures()}"
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in self.description["Outputs"]}
        self._physical = {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for page in client.get_paginator("list_stack_resources").paginate(StackName=name)
            for one in page["StackResourceSummaries"]
        }

    def _finished(self):
        [description] = self.cloud.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return None if description["StackStatus"].endswith("IN_PROGRESS") else description

    def _failures(self):
        events = self.cloud.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason"))
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]

    def physical(self, logical):
        """What a resource of the template became."""
        return self._physical[logical]

    @property
    def logical_ids(self):
        return set(self._physical)

    def function(self, function):
        """The deployed name of a function."""
        return self.physical(logical_id(function))

    @property
    def bucket(self):
        return self.physical("StoreBucket")

    @property
    def machine(self):
        return self.physical("GovernanceStateMachine")

    @property
    def applying_machine(self):
        return self.physical("ApplyStateMachine")

    @property
    def topic(self):
        return self.physical("ReportTopic")

    def invoke(self, function, event, deployed_name=None):
        """Invokes a function and waits for what comes of it."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=deployed_name or self.function(function), Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            return Answer(None, payload["errorType"], payload["errorMessage"])
        return Answer(payload)

    def variant(self, function, *, timeout_seconds=None, environment=None):
        """The same program under the same role, with another time limit or another environment: its name."""
        client = self.cloud.client("lambda")
        original = client.get_function_configuration(FunctionName=self.function(function))
        self._variants += 1
        name = f"{original['FunctionName']}-{self._variants}"
        client.create_function(
            FunctionName=name,
            Runtime=original["Runtime"],
            Handler=original["Handler"],
            Role=original["Role"],
            MemorySize=original["MemorySize"],
            Timeout=timeout_seconds or original["Timeout"],
            Environment={"Variables": {**original["Environment"]["Variables"], **(environment or {})}},
            LoggingConfig=original["LoggingConfig"],
            Code={"S3Bucket": CODE_BUCKET, "S3Key": f"{function}.zip"},
        )
        return name

    def configure(self, function, *, timeout_seconds, environment=None):
        """Gives a deployed function another time limit and adds to its environment: what undoes that."""
        client = self.cloud.client("lambda")
        name = self.function(function)
        before = client.get_function_configuration(FunctionName=name)
        variables = before["Environment"]["Variables"]

        def put(timeout, variables):
            client.update_function_configuration(
                FunctionName=name, Timeout=timeout, Environment={"Variables": variables}
            )

        put(timeout_seconds, {**variables, **(environment or {})})
        return lambda: put(before["Timeout"], variables)

    def restart(self):
        """Lets every function begin with a new process, as after a deployment."""
        client = self.cloud.client("lambda")
        for function in FUNCTIONS:
            variables = client.get_function_configuration(FunctionName=self.function(function))["Environment"]
            client.update_function_configuration(FunctionName=self.function(function), Environment=variables)
