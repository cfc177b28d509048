"""Conditions worked out to whole calls, exactly: no float decides whether somebody is woken."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from headroom.domain.conditions import Condition, Margin
from headroom.domain.rules import Level, Severity


class Impossible(ValueError):
    """A condition that can be read but is invalid here; says why and how to fix it."""


def level(condition: Condition, severity: Severity, hysteresis: Margin, limit: int | None) -> Level:
    """The condition in whole calls. `limit`: the project's, None when it has none.

    Raises Impossible: a percentage without a limit, a threshold beyond the limit, that is less than
    one call or that always or never holds, a hysteresis by which it would never recover.
    """
    _check_meant(condition, limit)
    exact = _threshold(condition, limit)
    slack = _slack(condition, hysteresis, limit)
    relaxed = exact - slack if condition.upper else exact + slack
    fires, holds = _whole(condition.op, exact), _whole(condition.op, relaxed)
    _check_possible(condition, fires)
    _check_recovers(condition, hysteresis, holds, limit)
    return Level(severity, condition.text, fires, holds, float(exact))


class BeyondLimit(Impossible):
    """More calls than the limit: another limit, perhaps one of the defaults, may be the mistake."""


def ordered(levels: list[tuple[Condition, Level]]) -> tuple[Level, ...]:
    """The levels of one rule, the most severe first.

    Raises Impossible when they look in different directions, or the warning lies beyond the
    critical: nobody would ever see it.
    """
    if len({condition.upper for condition, _ in levels}) > 1:
        raise Impossible(
            "warning and critical look in different directions: both > or >=, or both < or <="
        )
    ranked = sorted(levels, key=lambda pair: pair[1].severity.rank, reverse=True)
    for (worse, critical), (_, warning) in pairwise(ranked):
        _check_order(critical, warning, upper=worse.upper)
    return tuple(level for _, level in ranked)


def _threshold(condition: Condition, limit: int | None) -> Fraction:
    if not condition.of_limit:
        return condition.number
    if limit is None:
        raise Impossible(
            f"{condition.text!r} is a percentage of the limit, and there is no limit: "
            "give the project a limit, or the condition in calls"
        )
    return condition.number * limit / 100


def _slack(condition: Condition, hysteresis: Margin, limit: int | None) -> Fraction:
    if not hysteresis.percent:
        return hysteresis.number
    if not condition.of_limit or limit is None:
        raise Impossible(
            f"hysteresis {hysteresis.text!r} is a percentage, but {condition.text!r} is in "
            "calls: give the hysteresis in calls, without %"
        )
    return hysteresis.number * limit / 100


def _whole(op: str, threshold: Fraction) -> int:
    """The outermost whole number of calls that satisfies the comparison."""
    match op:
        case ">":
            return math.floor(threshold) + 1
        case ">=":
            return math.ceil(threshold)
        case "<":
            return math.ceil(threshold) - 1
        case _:
            return math.floor(threshold)


def _check_meant(condition: Condition, limit: int | None) -> None:
    """Refuse a fraction of a call, and more calls than the limit."""
    if not condition.of_limit and 0 < condition.number < 1:
        percent = f"{condition.op} {float(condition.number * 100):g}%"
        raise Impossible(f"{condition.text!r} is less than one call: did you mean {percent!r}?")
    if limit is None:
        return
    exact = _threshold(condition, limit)
    if exact > limit:
        way_out = "it would always hold, so give fewer calls, or correct the limit"
        if condition.upper:
            way_out = f"did you mean '{condition.op} 100%', or is the limit higher?"
        calls = f"{condition.text!r} ({float(exact):g} calls)"
        raise BeyondLimit(f"{calls} is more than the limit of {limit}: {way_out}")


def _check_possible(condition: Condition, fires: int) -> None:
    if condition.upper and fires <= 0:
        raise Impossible(f"{condition.text!r} always holds: calls are never below 0")
    if not condition.upper and fires < 0:
        raise Impossible(f"{condition.text!r} never holds: calls are never below 0")


def _check_recovers(
    condition: Condition, hysteresis: Margin, holds: int, limit: int | None
) -> None:
    """Refuse a hysteresis with which every reading that there can be keeps the level firing."""
    if holds <= 0 if condition.upper else hysteresis.number and limit and holds >= limit:
        raise Impossible(
            f"with hysteresis {hysteresis.text!r}, {condition.text!r} would never recover: "
            "give a smaller hysteresis"
        )


def _check_order(critical: Level, warning: Level, *, upper: bool) -> None:
    sign = 1 if upper else -1
    fires, holds = sign * (warning.fires - critical.fires), sign * (warning.holds - critical.holds)
    if fires > 0 or holds > 0:
        raise Impossible(
            f"warning {warning.condition!r} ({warning.fires} calls) lies beyond critical "
            f"{critical.condition!r} ({critical.fires} calls): it would never be seen"
        )
