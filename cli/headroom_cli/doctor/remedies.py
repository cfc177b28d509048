"""What several probes say: how to deploy a stack again."""

from __future__ import annotations

OURS = "headroom-"
"""Stacks of `samconfig.toml` are called this and their stage."""

LOCAL = "headroom-local"
"""What `make deploy-local` calls its stack."""


def deploy(stack: str, parameter: str = "") -> str:
    """How to deploy this very stack again, with a parameter's value changed if one is given.

    Parameters that `sam deploy` is not given keep their values, but `samconfig.toml` has them all:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
    """
    if stack == LOCAL:
        return "end make deploy-local, and run it again"
    if stack.startswith(OURS):
        first = f'write "{parameter}" into samconfig.toml, then: ' if parameter else ""
        return f"{first}make deploy STAGE={stack.removeprefix(OURS)}"
    changed = f" --parameter-overrides '{parameter}'" if parameter else ""
    options = f"--resolve-s3 --capabilities CAPABILITY_IAM{changed}"
    return f"make build && sam deploy --stack-name {stack} {options}"
