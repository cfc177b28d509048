"""An embedded cloud in another process: Headroom's stack, many projects in Parameter Store.

With `usual` one of each project's rules is `of usual`, and its baseline is in the table.
"""

from __future__ import annotations

import asyncio
import json
import sys
from array import array
from pathlib import Path

from headroom.domain.baseline import KEPT, Baseline
from headroom.domain.readings import WHOLE, Query
from headroom.domain.stored_baselines import BaselineKey
from headroom.domain.windows import HOUR, WINDOW
from headroom.state.dynamodb_baselines import DynamoBaselines
from headroom_cli.demo.cloud import Cloud

PREFIX = "/headroom/bench"
T0 = 1_795_428_300
"""When the checks of `check.py` begin."""


def document(projects: int, *, usual: bool) -> dict[str, dict[str, object]]:
    """The parameters of so many projects with two rules each."""
    second = {"critical": "<= 40% of usual" if usual else "<= 0", "for": "3 of 3"}
    rules = {
        "near-limit": {"warning": ">= 80%", "critical": ">= 95%", "for": "2 of 3"},
        "second": second,
    }
    defaults = {"region": "uk-1", "account_id": "acme-uk", "limit": 120}
    return {
        "defaults": defaults,
        **{
            f"projects/line-{n:04}": {"project_id": f"acme-team-{n}", "rules": rules}
            for n in range(projects)
        },
    }


async def store_baselines(cloud: Cloud, table: str, projects: int) -> None:
    """Five weeks of a line with about as many calls as `lines_server.py` answers with."""
    store = DynamoBaselines(cloud.client("dynamodb"), table, clock=lambda: T0)
    until = T0 - HOUR
    first = until - (KEPT - 1) * WINDOW
    peaks = array("h", (55 + place * place % 13 for place in range(KEPT)))
    made = Baseline(first=first, until=until, peaks={WHOLE: peaks}, made=T0)
    for number in range(projects):
        line = f"uk-1/acme-uk/acme-team-{number}"
        key = BaselineKey(f"line-{number:04}", Query().key, line)
        await store.store(key, made)


def main() -> None:
    """Print where everything is, as JSON, then serve until the parent closes standard input."""
    projects, template, usual = int(sys.argv[1]), Path(sys.argv[2]), "usual" in sys.argv[3:]
    with Cloud() as cloud:
        stack = cloud.deploy(template)
        ssm = cloud.client("ssm")
        ssm.put_parameter(Name=f"{PREFIX}/keys/default", Value="a-made-up-key", Type="SecureString")
        for name, value in document(projects, usual=usual).items():
            ssm.put_parameter(Name=f"{PREFIX}/{name}", Value=json.dumps(value), Type="String")
        if usual:
            asyncio.run(store_baselines(cloud, stack.table, projects))
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
