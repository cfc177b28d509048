"""What several probes say: how to deploy a stack again, and many names in few words."""

from __future__ import annotations

from collections.abc import Iterable

OURS = "headroom-"
"""Stacks of `samconfig.toml` are called this and their stage."""
SHOWN = 5


def deploy(stack: str, parameter: str = "") -> str:
    """How to deploy this very stack again, with a parameter's value changed if one is given.

    Parameters that `sam deploy` is not given keep their values, but `samconfig.toml` has them all:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
    """
    if stack.startswith(OURS):
        first = f'write "{parameter}" into samconfig.toml, then: ' if parameter else ""
        return f"{first}make deploy STAGE={stack.removeprefix(OURS)}"
    changed = f" --parameter-overrides '{parameter}'" if parameter else ""
    options = f"--resolve-s3 --capabilities CAPABILITY_IAM{changed}"
    return f"make build && sam deploy --stack-name {stack} {options}"


def names(all_of_them: Iterable[str]) -> str:
    """As in `a, b, c, d, e and 9 more`: the reason comes after them, and must not be cut off."""
    listed = sorted(all_of_them)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
