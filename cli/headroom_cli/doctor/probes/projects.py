"""Whether PolyAI answers for each project with its API key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from headroom.domain.lines import Line
from headroom.domain.readings import Failure, FailureCode, Query
from headroom.domain.windows import Instant, window_of
from headroom.polyai.client import PolyAI
from headroom.ports import Deadline
from headroom_cli.console import count, listed_names
from headroom_cli.doctor.configuration import OperatorConfig
from headroom_cli.doctor.engine import Finding, Findings, fail, ok, warn

SECONDS = 8.0
"""For all projects together."""
AGAIN = "if it goes on, ask PolyAI's support; checks catch up once PolyAI answers again"
HERE = "check the DNS, network and proxy of this machine, then run this again"
UNREACHED = {FailureCode.NETWORK, FailureCode.TLS, FailureCode.TIMEOUT}
"""No answer at all: doctor's own machine may be at fault, whatever the function's network does."""

FIRST = "first fix the configuration: see above"

Answered = tuple[Line, Failure | None]
"""None: PolyAI answered."""


@dataclass(frozen=True, slots=True)
class Projects:
    """Requests one window of each project, as the function does."""

    setup: Callable[[], OperatorConfig]
    base_url: Callable[[], str | None]
    """Replaces every region's host."""
    clock: Callable[[], Instant]
    loopback: bool
    """Whether PolyAI on this machine is allowed, as for the function."""
    name: str = "projects"

    def look(self) -> Findings:
        """See `Probe`."""
        setup, base_url = self.setup(), self.base_url()
        projects = setup.configuration.projects.values()
        lines = {line.name: line for each in projects for line in each.lines if not line.problem}
        polyai = PolyAI(setup, base_url=base_url, loopback=self.loopback)
        answers = asyncio.run(_ask(lines.values(), polyai, self.clock()))
        well = sum(failure is None for _, failure in answers)
        if not answers:
            yield warn(self.name, "PolyAI was not asked: no project can be used", FIRST)
        if well:
            yield ok(self.name, f"PolyAI answers for {_of(well, len(answers))}")
        for (failure, key, region), failed in _grouped(answers).items():
            yield _finding(setup, failure, key, region, failed)


async def _ask(lines: Iterable[Line], polyai: PolyAI, now: Instant) -> list[Answered]:
    ends = time.monotonic() + SECONDS
    deadline = Deadline(lambda: ends - time.monotonic())

    async def one(line: Line) -> Failure | None:
        query = Query(client_env=line.client_env)
        found = await polyai.fetch(line, query, window_of(now), now, deadline=deadline)
        return found if isinstance(found, Failure) else None

    listed = list(lines)
    try:
        return list(zip(listed, await asyncio.gather(*map(one, listed)), strict=True))
    finally:
        await polyai.close()


def _grouped(
    answers: Iterable[Answered],
) -> dict[tuple[Failure, str, str], list[Line]]:
    """Group projects that fail for the same reason with the same key."""
    groups: dict[tuple[Failure, str, str], list[Line]] = {}
    for line, failure in answers:
        if failure is not None:
            plain = Failure(failure.code, failure.detail, failure.lasting)
            groups.setdefault((plain, line.api_key, line.region), []).append(line)
    return groups


def _finding(
    setup: OperatorConfig, failure: Failure, key: str, region: str, failed: list[Line]
) -> Finding:
    subject = f"{listed_names(each.name for each in failed)} (key {key}, {region})"
    status = f"{failure.code} " if isinstance(failure.code, int) else ""
    detail = f"{subject}: {status}{failure.detail}"
    if failure.code in {FailureCode.UNASKED, 429}:
        return warn("projects", detail, "run this again in a few minutes")
    return fail("projects", detail, _fix(setup, failure, key, failed[0]))


def _fix(setup: OperatorConfig, failure: Failure, key: str, line: Line) -> str:
    if failure.code in {401, 403, FailureCode.KEY}:
        return setup.new_key(key)
    if failure.code in {400, 404}:
        return f"compare region, account_id and project_id with {line.studio_url}"
    return HERE if failure.code in UNREACHED else AGAIN


def _of(well: int, number: int) -> str:
    return f"{well} of {number} projects" if well < number else count(number, "project")
