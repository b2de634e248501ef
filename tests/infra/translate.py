"""What CloudFormation makes of the SAM template: the translation that `sam deploy` asks for, done right here.

It needs aws-sam-translator and no network. Code and definitions lie in a bucket by the time a template is
translated, so local paths are replaced first: by the places that the caller names, or by one that is made up.
"""

import copy
import json
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# The properties that `sam deploy` uploads and replaces, by type of resource.
UPLOADED = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


def read_template(template_path):
    """The template as it is written, with the short forms (`!Ref`) spelt out."""
    return yaml_parse(Path(template_path).read_text(encoding="utf-8"))


def translate(template_path, overrides=None, region="eu-central-1"):
    """The CloudFormation template that the SAM template stands for.

    `overrides` says where uploaded things lie: {logical id: {"Bucket": …, "Key": …}}. Under the name
    "Parameters" it may also give parameters another value, as the command line of `sam deploy` does.
    """
    overrides = dict(overrides or {})
    template = copy.deepcopy(read_template(template_path))
    parameters = {name: parameter["Default"] for name, parameter in template.get("Parameters", {}).items()}
    parameters.update(overrides.pop("Parameters", {}))
    for name, resource in template["Resources"].items():
        uploaded = UPLOADED.get(resource["Type"])
        if uploaded:
            place = overrides.pop(name, None) or {"Bucket": "uploads", "Key": name}
            resource["Properties"][uploaded] = place
    if overrides:
        raise ValueError(f"nothing is uploaded for {sorted(overrides)}")
    session = boto3.session.Session(region_name=region)
    # No managed policy is named in the template, so there is none to look up.
    translator = Translator({}, Parser(), boto_session=session)
    translated = translator.translate(sam_template=template, parameter_values=parameters)
    # Through text, so that nothing of the translator's own types is left.
    return json.loads(json.dumps(translated))
