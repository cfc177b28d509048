"""The demo's scenario: the calls of each line, and everything that goes wrong.

It uses the project names, limits and rules of `examples/alerts.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from headroom.domain.windows import Instant
from headroom_cli.demo.config import made_up
from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.lines import HOUR, MINUTE, Course, Filter, Line, Part
from headroom_cli.simulator.polyai import Key

Projects = Mapping[str, Mapping[str, Any]]
"""By name, as operators write them."""

START: Instant = 1795392000
"""2026-11-23T00:00:00Z, a Monday; London keeps UTC in November."""

CHECKS = 24 * 60

MAKING = 17 * MINUTE
"""When baselines are made, after each whole hour; as in the template."""


def making_before(at: Instant) -> Instant:
    """Return the last time before an instant at which baselines are made."""
    return (at - MAKING - 1) // HOUR * HOUR + MAKING


def clock(text: str) -> Instant:
    """Return the instant of a time of day, such as `09:30`."""
    hour, _, minute = text.partition(":")
    return START + int(hour) * HOUR + int(minute) * MINUTE


def course(points: str, of: Filter | None = None) -> Course:
    """Parse a course of times and calls: `09:20 55, 09:50 108`."""
    pairs = (point.split() for point in points.split(","))
    return Course(tuple((clock(time), float(calls)) for time, calls in pairs), of or Filter())


@dataclass(frozen=True, slots=True)
class Scene:
    """A line on the screen, and the parameter that is written at that time.

    A parameter without a value is written as it was pushed.
    """

    at: Instant
    text: str
    parameter: str = ""
    value: str = ""


_SPANISH = Filter(language="es-ES")
_NEW_MENU = Filter(variant_id="v-7f3a")
_ANY = Line((), (), night=2, peak=20, days=0.1)

LINES: Mapping[str, Line] = {
    "support-line": replace(
        _ANY,
        night=9,
        peak=74,
        courses=(
            course(
                "09:20 58, 09:45 103, 09:55 106, 10:00 118, 10:15 118, 10:24 103, 10:55 102,"
                "11:10 76, 11:20 70"
            ),
            course("13:30 0, 14:10 0"),
            course("22:00 0, 22:40 0"),
        ),
    ),
    "sales-line": replace(
        _ANY,
        night=3,
        peak=30,
        noise=0.15,
        courses=(course("10:30 28, 11:30 48, 16:00 49, 16:15 22"),),
    ),
    "claims-line": replace(
        _ANY,
        night=4,
        peak=32,
        parts=(Part(0.65, "v-2b91", "Main menu"), Part(0.35, "v-7f3a", "New menu")),
        courses=(course("12:00 10, 12:20 36, 12:50 36, 13:05 9", _NEW_MENU),),
        milliseconds=False,
    ),
    "booking": replace(
        _ANY,
        night=5,
        peak=46,
        parts=(Part(0.9), Part(0.07, language="es-ES"), Part(0.03, language="es-MX")),
        courses=(
            course("11:25 11, 12:25 9"),
            course("14:30 4, 14:50 25, 15:10 26, 15:25 4", _SPANISH),
            course("16:35 42, 16:36 94, 16:39 94, 16:40 42"),
            course("19:40 7, 20:50 97, 20:55 97, 21:20 7"),
        ),
    ),
    "night-line": replace(
        _ANY, night=6, peak=9, courses=(course("03:00 0, 03:40 0"),), omits_zeros=True
    ),
}
"""By project; `lines` adds the ids from the example file."""

CHANNEL_FAULTS = (
    Fault("on-call", clock("10:00"), clock("10:03"), FaultKind.BUSY),
    Fault("ops-slack", clock("10:35"), clock("10:55"), FaultKind.BROKEN),
)
"""By channel."""

API_FAULTS = (
    Fault("support-line", clock("02:00"), clock("02:02"), FaultKind.BROKEN),
    # Retry-After is longer than a check may take, so the check does not wait.
    Fault("night-line", clock("21:00"), clock("21:08"), FaultKind.BUSY, retry_after=60),
    Fault("night-line", clock("21:08"), clock("21:15"), FaultKind.HTML),
)
"""Faults of PolyAI's API, by project."""

SKIPPED = range(clock("16:30"), clock("17:10"), MINUTE)
"""Times of the checks that do not start."""

EXPIRES = ("europe", clock("18:00"))
"""An API key, and when it expires."""

SCENES = (
    Scene(clock("02:00"), "PolyAI answers 500 for two minutes: too short to notify anybody"),
    Scene(clock("03:00"), "night-line goes dead"),
    Scene(clock("09:20"), "support-line: a mailing went out, calls surge"),
    Scene(clock("10:00"), "PagerDuty answers 429 for three minutes"),
    Scene(clock("10:30"), "sales-line fills up slowly and stays so for hours"),
    Scene(clock("10:35"), "Slack is down for twenty minutes"),
    Scene(clock("11:25"), "booking: three of four calls are lost on the way, for an hour"),
    Scene(clock("12:00"), "claims-line: the new menu variant gets popular"),
    Scene(clock("13:30"), "support-line goes dead: the carrier lost the route"),
    Scene(clock("14:30"), "booking: a campaign in Spain"),
    Scene(clock("16:30"), "no check runs for forty minutes; booking has a surge meanwhile"),
    Scene(clock("17:10"), "checks run again"),
    Scene(clock("18:00"), "the API key europe expires"),
    Scene(clock("18:25"), "somebody stores a new key", "keys/europe", made_up("europe, 2027")),
    Scene(
        clock("19:00"),
        "somebody edits sales-line by hand and names a channel that does not exist",
        "projects/sales-line",
        '{"project_id": "acme-sales", "limit": 60, "channels": ["sales-slack"],'
        ' "rules": {"near-limit": {"warning": ">= 75%"}}}',
    ),
    Scene(clock("19:30"), "somebody corrects sales-line", "projects/sales-line"),
    Scene(clock("19:40"), "booking fills up slowly: a storm is coming"),
    Scene(clock("21:00"), "PolyAI cannot answer for night-line for fifteen minutes"),
    Scene(
        clock("22:00"),
        "support-line has no calls for forty minutes, outside hours: nobody is notified",
    ),
)


def lines(projects: Projects) -> list[Line]:
    """Return every project's line; one without a scenario has an ordinary day."""
    return [
        replace(
            LINES.get(name, _ANY),
            account_ids=(str(project["account_id"]),),
            project_ids=(str(project["project_id"]),),
        )
        for name, project in projects.items()
    ]


def api_faults(projects: Projects) -> tuple[Fault, ...]:
    """Return the faults of PolyAI's API, by the project ids of requests."""
    known = (fault for fault in API_FAULTS if fault.target in projects)
    return tuple(
        replace(fault, target=str(projects[fault.target]["project_id"])) for fault in known
    )


def keys(projects: Projects) -> dict[str, Key]:
    """Return each API key with its projects' accounts, and the one that replaces an expired key."""
    accounts: dict[str, set[str]] = {}
    for project in projects.values():
        accounts.setdefault(str(project.get("api_key", "default")), set()).add(
            str(project["account_id"])
        )
    made = {made_up(name): Key(frozenset(each)) for name, each in accounts.items()}
    name, until = EXPIRES
    if name in accounts:
        made[made_up(name)] = Key(frozenset(accounts[name]), until)
        made[made_up(f"{name}, 2027")] = Key(frozenset(accounts[name]))
    return made
