"""Where things lie in the checkout, and the tools that look at them."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = CHECKOUT / "infra" / "template.yaml"
MEMBER_ACCOUNT = CHECKOUT / "infra" / "member-account.yaml"
MEMBER_REGION = CHECKOUT / "infra" / "member-region.yaml"
DEFINITION = CHECKOUT / "infra" / "statemachine" / "governance.asl.json"
PARAMETERS = CHECKOUT / "infra" / "parameters.json"
CONTRACT = CHECKOUT / "infra" / "contract.json"
DEPLOY_PAGE = CHECKOUT / "docs" / "DEPLOY.md"
RUNBOOK = CHECKOUT / "docs" / "RUNBOOK.md"
STORE_PAGE = CHECKOUT / "docs" / "STORE.md"
# Node packages lie below target/, where `npm install` has put them.
ASL_VALIDATOR = CHECKOUT / "target" / "node-infra" / "node_modules" / ".bin" / "asl-validator"


def run(arguments, **more):
    """Runs a program with its output kept; whether it succeeded is for the caller to see."""
    return subprocess.run(
        [str(argument) for argument in arguments], capture_output=True, text=True, timeout=120, **more
    )


def run_tool(name, arguments):
    """Runs a program that was installed beside this Python, whatever the path of commands is."""
    # Without a home: no settings of the user, and no telemetry.
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "AWS_DEFAULT_REGION": "eu-central-1"}
    return run([Path(sys.executable).with_name(name), *arguments], env=environment)
