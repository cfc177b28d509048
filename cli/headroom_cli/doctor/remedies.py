"""A fix that several probes suggest: deploy the stack again."""

from __future__ import annotations

STAGES = "headroom-"
"""Prefix of the stacks in `samconfig.toml`; their stage follows."""

LOCAL = "headroom-local"
"""The stack of `make deploy-local`."""


def deploy(stack: str, parameter: str = "") -> str:
    """Return the command that deploys this stack again, with `parameter` changed if given.

    `sam deploy` keeps the parameters it is not given, but `samconfig.toml` gives all of them:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
    """
    if stack == LOCAL:
        return "end make deploy-local, and run it again"
    if stack.startswith(STAGES):
        first = f'write "{parameter}" into samconfig.toml, then: ' if parameter else ""
        return f"{first}make deploy STAGE={stack.removeprefix(STAGES)}"
    changed = f" --parameter-overrides '{parameter}'" if parameter else ""
    options = f"--resolve-s3 --capabilities CAPABILITY_IAM{changed}"
    return f"make build && sam deploy --stack-name {stack} {options}"
