"""Whether a level holds at a window: M of the last N windows pass its threshold."""

from __future__ import annotations

from headroom.domain.readings import Peaks
from headroom.domain.rules import Level, Missing, Rule, Severity
from headroom.domain.windows import WINDOW, Instant


def lookback(rule: Rule, *, sliced: bool) -> int:
    """How many windows up to and including the judged one the rule may look at."""
    wide = sliced or rule.missing is Missing.IGNORE
    return 2 * rule.among if wide else rule.among


def exists(rule: Rule, peaks: Peaks, window: Instant) -> bool:
    """A sliced series exists at a window if it has a reading in the 2N windows up to it."""
    first = window - (2 * rule.among - 1) * WINDOW
    return any(first <= seen <= window for seen in peaks)


def could_hold(rule: Rule, peaks: Peaks, first: Instant, last: Instant) -> bool:
    """Whether any reading reaches the mildest level: a quick no for lines that are well.

    The windows to judge are `first` to `last`; a lower bound looks at the N up to each of them.
    """
    mildest = rule.levels[-1].fires
    if rule.upper:
        return rule.missing is Missing.BREACH or max(peaks.values(), default=0) >= mildest
    for slot in range(first - (rule.among - 1) * WINDOW, last + WINDOW, WINDOW):
        if peaks.get(slot, mildest) <= mildest:
            return True
    return False


def confirmed_at(
    rule: Rule, peaks: Peaks, window: Instant, held: Severity | None
) -> Severity | None:
    """The severity at a closed window, given the severity at the window before it.

    A firing level, and those below it, hold while M of the last N windows pass the threshold less
    the hysteresis; the others need the threshold itself. A missing window that is to be ignored
    begins nothing: it keeps the severity of the window before it.
    """
    if held is None and rule.missing is Missing.IGNORE and window not in peaks:
        return None
    values, given = _tail(rule, peaks, window, closed=window)
    if held is None and given + _count(rule, values, rule.levels[-1].fires) < rule.needed:
        return None  # not even the mildest: the usual case, and no level needs a look
    for level in rule.levels:
        holding = held is not None and level.severity.rank <= held.rank
        bound = level.holds if holding else level.fires
        if given + _count(rule, values, bound) >= rule.needed:
            return level.severity
    return None


def tentative_at(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> Severity | None:
    """The severity that an upper bound has for certain at a window that is still open.

    A maximum can only grow, so a level that holds now still holds when the window closes. An open
    window without a reading counts as one that does not pass: it may still get any reading.
    """
    if not rule.upper or (rule.missing is Missing.IGNORE and window not in peaks):
        return None
    values, given = _tail(rule, peaks, window, closed=closed)
    for level in rule.levels:
        if given + _count(rule, values, level.fires) >= rule.needed:
            return level.severity
    return None


def calls_at(rule: Rule, peaks: Peaks, window: Instant) -> int | None:
    """The reading to name for a window: a missing one counts as 0 calls if the rule says so."""
    return peaks.get(window, 0 if rule.missing is Missing.ZERO else None)


def breaches(rule: Rule, peaks: Peaks, window: Instant, bound: int, closed: Instant) -> bool:
    """Whether the calls of one window pass the bound; an open one without a reading has none."""
    calls = calls_at(rule, peaks, window) if window <= closed else peaks.get(window)
    return calls is not None and _count(rule, [calls], bound) > 0


def level_of(rule: Rule, severity: Severity) -> Level:
    """The rule's level of this severity, or the nearest if an edit removed that."""
    return next((level for level in rule.levels if level.severity is severity), rule.levels[0])


def _count(rule: Rule, values: list[int], bound: int) -> int:
    """How many of the values are at the bound or beyond it."""
    if rule.upper:
        return sum([value >= bound for value in values])
    return sum([value <= bound for value in values])


def _tail(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> tuple[list[int], int]:
    """The last N windows up to one, as the rule's `missing` reads them.

    Returns the values, and the number of further windows that pass whatever the threshold.
    """
    if rule.missing is Missing.IGNORE:
        return _existing(rule, peaks, window, closed), 0
    slots = range(window - (rule.among - 1) * WINDOW, window + WINDOW, WINDOW)
    if rule.missing is Missing.ZERO:
        return [peaks.get(slot, 0) for slot in slots], 0
    values = [peaks[slot] for slot in slots if slot in peaks]
    if rule.missing is Missing.OK:
        return values, 0
    return values, sum([slot not in peaks and slot <= closed for slot in slots])


def _existing(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> list[int]:
    """The last N readings that exist, at most 2N windows back.

    An open window without a reading takes a place as one that never passes (only upper bounds are
    judged on open windows, and no reading is below zero).
    """
    values: list[int] = []
    for slot in range(window, window - 2 * rule.among * WINDOW, -WINDOW):
        if slot in peaks:
            values.append(peaks[slot])
        elif slot > closed:
            values.append(-1)
        if len(values) == rule.among:
            break
    return values
