"""Conditions worked out to whole calls, exactly: no float decides whether somebody is woken."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from headroom.domain.conditions import Base, Condition, Margin
from headroom.domain.rules import WHOLE_SHARE, Level, Severity, UsualBound
from headroom.domain.windows import WINDOW


class Impossible(ValueError):
    """A condition that can be read but is invalid here; says why and how to fix it."""


def level(condition: Condition, severity: Severity, hysteresis: Margin, limit: int | None) -> Level:
    """The condition in whole calls. `limit`: the project's, None when it has none.

    Raises Impossible: a percentage without a limit, a threshold beyond the limit, that is less than
    one call or that always or never holds, a hysteresis by which it would never recover.
    """
    if condition.base is Base.USUAL:
        return _of_usual(condition, severity, hysteresis)
    _check_meant(condition, limit)
    exact = _threshold(condition, limit)
    slack = _slack(condition, hysteresis, limit)
    relaxed = exact - slack if condition.upper else exact + slack
    fires, holds = _whole(condition.op, exact), _whole(condition.op, relaxed)
    _check_possible(condition, fires)
    _check_recovers(condition, hysteresis, holds, limit)
    ahead = condition.within // WINDOW
    return Level(severity, condition.text, fires, holds, float(exact), ahead=ahead)


def _of_usual(condition: Condition, severity: Severity, hysteresis: Margin) -> Level:
    """The condition in shares of what is usual: each window has its own number of calls."""
    share, slack = _share(condition.number), 0
    margin = _share(hysteresis.number) if hysteresis.percent else 0
    if not hysteresis.percent:
        slack = int(hysteresis.number * WHOLE_SHARE)
    holds = share - margin if condition.upper else share + margin
    _check_unusual(condition, hysteresis, share, holds)
    bound = UsualBound(condition.op, share, holds, slack)
    return Level(severity, condition.text, usual=bound)


def _share(percent: Fraction) -> int:
    return int(percent * WHOLE_SHARE / 100)


def _check_unusual(condition: Condition, hysteresis: Margin, fires: int, holds: int) -> None:
    """Raise Impossible for what is usual itself, and where a level would hold at it."""
    side, more = ("at least", "more") if condition.upper else ("at most", "fewer")
    beyond = fires >= WHOLE_SHARE if condition.upper else fires <= WHOLE_SHARE
    if not beyond:
        raise Impossible(
            f"{condition.text!r} holds for usual calls: give {side} 100%, which is {more} calls "
            "than usual"
        )
    apart = holds > WHOLE_SHARE if condition.upper else holds < WHOLE_SHARE
    if hysteresis.number and not apart:
        raise Impossible(
            f"with hysteresis {hysteresis.text!r}, {condition.text!r} would go on at usual calls: "
            "give a smaller hysteresis"
        )
    if condition.op == "<" and not fires:
        raise Impossible(f"{condition.text!r} never holds: calls are never below 0")


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
    if len({condition.base is Base.USUAL for condition, _ in levels}) > 1:
        raise Impossible(
            'only one of warning and critical is "of usual", and nobody can say which comes first: '
            "make two rules"
        )
    ranked = sorted(levels, key=lambda pair: pair[1].severity.rank, reverse=True)
    for (worse, critical), (_, warning) in pairwise(ranked):
        _check_order(critical, warning, upper=worse.upper)
    return tuple(level for _, level in ranked)


def _threshold(condition: Condition, limit: int | None) -> Fraction:
    if condition.base is not Base.LIMIT:
        return condition.number
    if limit is None:
        raise Impossible(
            f"{condition.text!r} is a percentage of the limit, and there is no limit: "
            "add a limit, or give the condition in calls"
        )
    return condition.number * limit / 100


def _slack(condition: Condition, hysteresis: Margin, limit: int | None) -> Fraction:
    if not hysteresis.percent:
        return hysteresis.number
    if condition.base is not Base.LIMIT or limit is None:
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
    if condition.base is Base.CALLS and 0 < condition.number < 1:
        meant = _in_percent(condition, condition.number * 100)
        raise Impossible(f"{condition.text!r} is less than one call: did you mean {meant!r}?")
    if limit is None:
        return
    exact = _threshold(condition, limit)
    if exact > limit:
        way_out = "it would always hold, so give fewer calls, or correct the limit"
        if condition.upper:
            meant = _in_percent(condition, Fraction(100))
            usual = f", or '{condition.text} of usual'" if condition.text.endswith("%") else ""
            way_out = f"did you mean {meant!r}{usual}, or is the limit higher?"
        calls = f"{condition.text!r} ({float(exact):g} calls)"
        raise BeyondLimit(f"{calls} is more than the limit of {limit}: {way_out}")


def _in_percent(condition: Condition, percent: Fraction) -> str:
    """The condition with another number, as an operator writes it."""
    _, within, duration = condition.text.partition(" within ")
    return f"{condition.op} {float(percent):g}%{within}{duration}"


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
    """Raise Impossible for a warning beyond its critical; trends compare with their like only."""
    if warning.ahead != critical.ahead:
        return
    sign = 1 if upper else -1
    fires, holds = (sign * (ours - theirs) for ours, theirs in _bounds(warning, critical))
    if fires > 0 or holds > 0:
        raise Impossible(
            f"warning {_said(warning)} lies beyond critical {_said(critical)}: "
            "it would never be seen"
        )


def _bounds(warning: Level, critical: Level) -> tuple[tuple[int, int], tuple[int, int]]:
    one, other = warning.usual or warning, critical.usual or critical
    return (one.fires, other.fires), (one.holds, other.holds)


def _said(level: Level) -> str:
    return f"{level.condition!r}" if level.usual else f"{level.condition!r} ({level.fires} calls)"
