"""`headroom hours`: print when the rules of a project are active, day by day."""

from __future__ import annotations

import json
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from headroom.domain import conditions
from headroom.domain.formatting import duration
from headroom.domain.hours import DAY
from headroom.domain.windows import Instant
from headroom.errors import InvalidInput
from headroom_cli.hours.configured import Configured
from headroom_cli.hours.schedules import Schedule, always_active, json_of, schedules
from headroom_cli.hours.timeline import MOST, Day, local_date, local_time

OK, BAD_INPUT = 0, 2
WIDTH = 80


def days_of(text: str) -> int:
    """Parse `14d` into days, rounded up. Raises InvalidInput."""
    try:
        number = -(-conditions.duration(text) // DAY)
    except conditions.NotUnderstood as error:
        raise InvalidInput(f"--next: {error}") from None
    if not 1 <= number <= MOST:
        raise InvalidInput(f"--next: expected 1d to {MOST}d, found {text}")
    return number


def show_hours(
    console: Console,
    configured: Configured,
    name: str,
    now: Instant,
    number: int,
    *,
    as_json: bool = False,
) -> int:
    """Print them and return the exit code: 2 if the project's configuration is invalid.

    Raises InvalidInput for a project that there is not, or of which nothing is judged.
    """
    project = configured.project(name)
    found = schedules(project, configured.names.get(name, {}), now, number)
    if as_json:
        console.out(json.dumps(json_of(project, found), indent=2), highlight=False)
        return BAD_INPUT if project.fault else OK
    if project.fault:
        console.print(Text(f"invalid config {name}: {project.fault}", style="yellow"))
    for schedule in found:
        for line in lines(schedule, now):
            console.print(line)
    if always := always_active(project, found):
        console.print(Text(f"always active: {', '.join(always)}"))
    return BAD_INPUT if project.fault else OK


def lines(schedule: Schedule, now: Instant) -> list[Text]:
    """Format the rules, their hours, whether they are active now, and a line for each day."""
    hours = schedule.hours
    what = ", ".join(each.text for each in hours.ranges) or "around the clock"
    title = f"{', '.join(schedule.rules)}: {what} ({hours.zone})"
    head = [Text(each, style="bold") for each in wrap(title, WIDTH, subsequent_indent="  ")]
    return [
        *head,
        Text(f"  {_now(schedule, now)}"),
        *(line for day in schedule.days for line in _day(schedule, day)),
        Text(),
    ]


def _now(schedule: Schedule, now: Instant) -> str:
    zone = schedule.hours.zone
    here = f"now {local_date(zone, now):%a} {local_time(zone, now)}"
    state = "active" if schedule.active else "inactive"
    if schedule.changes is None:
        return f"{here}, {state}; no change within {MOST} days"
    at = schedule.changes
    return f"{here}, {state} until {local_date(zone, at):%a %d %b} {local_time(zone, at)}"


def _day(schedule: Schedule, day: Day) -> list[Text]:
    """Format one day; marks that do not fit go below."""
    active = ", ".join(each.text for each in day.active) or "-"
    begin = f"  {day.date:%a %d %b}  {active:<24}"
    marks = _marks(schedule, day)
    style = "yellow" if marks else "dim" if not day.active else ""
    whole = "  ".join([begin, "; ".join(marks)])
    if len(whole.rstrip()) <= WIDTH:
        return [Text(whole.rstrip(), style=style)]
    return [Text(each, style=style) for each in (begin.rstrip(), *(f"{'':14}{m}" for m in marks))]


def _marks(schedule: Schedule, day: Day) -> list[str]:
    marks = []
    if day.holiday:
        name = schedule.names.get(day.date, "")
        marks.append(f"holiday: {name}" if name else "holiday")
    for each in day.changes:
        far = duration(abs(each.seconds))
        forward = each.seconds > 0
        marks.append(
            f"clocks go {'forward' if forward else 'back'} {far}: "
            f"{each.text} {'does not exist' if forward else 'happens twice'}"
        )
    return marks
