"""The hours of a project's rules, those with the same hours together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headroom.domain.hours import Hours
from headroom.domain.rules import Project
from headroom.domain.windows import Instant, iso, window_of
from headroom_cli.hours.configured import Names
from headroom_cli.hours.timeline import Day, days, next_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Rules of a project that have the same hours."""

    rules: tuple[str, ...]
    hours: Hours
    days: tuple[Day, ...]
    names: Names
    active: bool
    """Whether they are active now."""
    changes: Instant | None
    """When that ends; None: not for a long time."""


def schedules(
    project: Project, names: Mapping[str, Names], now: Instant, number: int
) -> list[Schedule]:
    """Return those of the rules that have hours or holidays."""
    grouped: dict[Hours, list[str]] = {}
    for rule in project.rules:
        if rule.hours.ranges or rule.hours.holidays:
            grouped.setdefault(rule.hours, []).append(rule.name)
    return [
        Schedule(
            rules=tuple(rules),
            hours=hours,
            days=tuple(days(hours, now, number)),
            names={day: name for rule in rules for day, name in names.get(rule, {}).items()},
            active=hours.active(window_of(now)),
            changes=next_change(hours, now),
        )
        for hours, rules in grouped.items()
    ]


def always_active(project: Project, found: Sequence[Schedule]) -> list[str]:
    """Return the rules that have neither hours nor holidays."""
    timed = {rule for each in found for rule in each.rules}
    return [rule.name for rule in project.rules if rule.name not in timed]


def json_of(project: Project, found: Sequence[Schedule]) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "project": project.name,
        "fault": str(project.fault or ""),
        "holidays_until": str(project.holidays_until or ""),
        "schedules": [_schedule_json(each) for each in found],
        "always_active": always_active(project, found),
    }


def _schedule_json(schedule: Schedule) -> dict[str, Any]:
    return {
        "rules": list(schedule.rules),
        "timezone": schedule.hours.zone,
        "during": [each.text for each in schedule.hours.ranges],
        "active": schedule.active,
        "until": iso(schedule.changes) if schedule.changes is not None else "",
        "days": [
            {
                "date": day.date.isoformat(),
                "active": [
                    {"from": iso(each.begin), "until": iso(each.end), "local": each.text}
                    for each in day.active
                ],
                "holiday": day.holiday,
                "holiday_name": schedule.names.get(day.date, "") if day.holiday else "",
                "clock_changes": [
                    {"at": iso(each.at), "seconds": each.seconds, "local": each.text}
                    for each in day.changes
                ],
            }
            for day in schedule.days
        ],
    }
