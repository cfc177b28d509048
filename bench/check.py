"""A check of many projects, against only fetching and parsing the same answers.

PolyAI, DynamoDB and Parameter Store answer from other processes on loopback, so the CPU seconds
here are Headroom's own. Nothing fires. Prints CPU seconds, their ratio, peak memory and the AWS
calls.

    python bench/check.py [PROJECTS] [usual]

With `usual`, one of the two rules of each project is `of usual`, whose baselines the first check
reads; it is not measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 5
T0 = 1_795_428_300
WINDOW = 300
AWAY = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
NOBODY = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
WHERE = {"AWS_DEFAULT_REGION": "eu-west-2", "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@contextmanager
def helper(*command: str) -> Iterator[str]:
    """Another process; gives the first line that it prints."""
    with subprocess.Popen(  # noqa: S603 - our own scripts
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield process.stdout.readline().strip()
        process.communicate()


def megabytes() -> float:
    """The peak of this process's memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fetch_only(url: str, projects: int) -> list[float]:
    """CPU seconds a round of httpx and json alone: one client, ten connections, ten workers."""
    import httpx  # noqa: PLC0415 - after the memory of the other run was measured

    async def worker(client: httpx.AsyncClient, addresses: list[str]) -> None:
        while addresses:
            answer = await client.get(addresses.pop())
            json.loads(answer.content)

    async def rounds() -> list[float]:
        limits = httpx.Limits(max_connections=10, max_keepalive_connections=10)
        headers = {"x-api-key": "secret"}
        async with httpx.AsyncClient(limits=limits, headers=headers, trust_env=False) as client:
            spent = []
            for _ in range(ROUNDS + 1):
                path = "conversations/concurrency?client_env=live&end_time=2026-11-23T10:06:00.000Z"
                todo = [f"{url}/v1/acme/project-{n}/{path}" for n in range(projects)]
                began = time.process_time()
                await asyncio.gather(*(worker(client, todo) for _ in range(10)))
                spent.append(time.process_time() - began)
            return spent[1:]

    return asyncio.run(rounds())


def checks(url: str, environment: dict[str, str]) -> tuple[list[float], list[Counter[str]]]:
    """CPU seconds and AWS calls of each check: every second one closes a window."""
    os.environ.update(AWAY | NOBODY | WHERE | {"AWS_ENDPOINT_URL": environment["AWS_ENDPOINT_URL"]})
    import boto3  # noqa: PLC0415 - reads the environment

    from headroom.bootstrap import deployed  # noqa: PLC0415 - as above
    from headroom.ports import Deadline  # noqa: PLC0415 - as above
    from headroom.settings import Settings  # noqa: PLC0415 - as above

    calls: Counter[str] = Counter()
    session = boto3.Session()
    session.events.register(
        "before-call.*.*",
        lambda model, **_: calls.update([f"{model.service_model.service_name} {model.name}"]),
    )
    ours = {"HEADROOM_CLOCK": "event", "HEADROOM_POLYAI_URL": url, "HEADROOM_CONFIG_TTL": "3600"}
    application = deployed(Settings.from_environment(environment | ours), session)
    spent, called = [], []
    for step in range(2 * ROUNDS + 2):
        at = T0 + WINDOW * (step // 2) + (60 if step % 2 == 0 else 120)
        calls.clear()
        began = time.process_time()
        report = application.run(at, Deadline(lambda: 300.0))
        spent.append(time.process_time() - began)
        called.append(calls.copy())
        well = report.checked == report.projects and not report.unreachable and not report.invalid
        assert well, report.problems  # noqa: S101 - or nothing was measured
    application.close()
    return spent[2:], called[2:]


def show(calls: Counter[str]) -> str:
    """As in `dynamodb GetItem x1, ...`."""
    return ", ".join(f"{name} x{count}" for name, count in sorted(calls.items())) or "none"


def main() -> None:
    """Print the figures."""
    projects = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    template, more = str(HERE.parent / "template.yaml"), sys.argv[2:]
    with (
        helper(str(HERE / "lines_server.py")) as port,
        helper(str(HERE / "cloud_server.py"), str(projects), template, *more) as environment,
    ):
        url = f"http://127.0.0.1:{port}"
        spent, called = checks(url, json.loads(environment))
        peak = megabytes()
        alone = fetch_only(url, projects)
    check, fetch = statistics.median(spent), statistics.median(alone)
    what = f"{projects} projects{' of usual' if more else ''}"
    for line in (
        f"check of {what}: {check:.3f} s CPU (median of {len(spent)})",
        f"fetch and json.loads alone: {fetch:.3f} s CPU (median of {len(alone)})",
        f"ratio: {check / fetch:.2f} (aim: at most 1.5)",
        f"peak memory: {peak:.0f} MB (aim: under 128)",
        f"AWS calls when a window closed: {show(called[0])}",
        f"AWS calls when none did: {show(called[1])}",
    ):
        print(line)  # noqa: T201 - what a benchmark is for


if __name__ == "__main__":
    main()
