"""An embedded cloud in another process: Headroom's stack, many projects in Parameter Store."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from headroom_cli.demo.cloud import Cloud

PREFIX = "/headroom/bench"


def document(projects: int) -> dict[str, dict[str, object]]:
    """The parameters of so many projects with two rules each."""
    rules = {
        "near-limit": {"warning": ">= 80%", "critical": ">= 95%", "for": "2 of 3"},
        "dead-line": {"critical": "<= 0", "for": "3 of 3"},
    }
    defaults = {"region": "uk-1", "account_id": "acme-uk", "limit": 120}
    return {
        "defaults": defaults,
        **{
            f"projects/line-{n:04}": {"project_id": f"acme-team-{n}", "rules": rules}
            for n in range(projects)
        },
    }


def main() -> None:
    """Print where everything is, as JSON, then serve until the parent closes standard input."""
    projects, template = int(sys.argv[1]), Path(sys.argv[2])
    with Cloud() as cloud:
        stack = cloud.deploy(template)
        ssm = cloud.client("ssm")
        ssm.put_parameter(Name=f"{PREFIX}/keys/default", Value="a-made-up-key", Type="SecureString")
        for name, value in document(projects).items():
            ssm.put_parameter(Name=f"{PREFIX}/{name}", Value=json.dumps(value), Type="String")
        environment = {
            "HEADROOM_SSM_PREFIX": PREFIX,
            "HEADROOM_TABLE": stack.table,
            "HEADROOM_TOPIC_ARN": stack.topic_arn,
            "HEADROOM_DEAD_LETTER_URL": stack.dead_letter_url,
            "AWS_ENDPOINT_URL": cloud.url,
        }
        print(json.dumps(environment), flush=True)  # noqa: T201 - how the parent hears it
        sys.stdin.read()


if __name__ == "__main__":
    main()
