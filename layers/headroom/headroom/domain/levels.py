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


def could_hold(rule: Rule, peaks: Peaks) -> bool:
    """Whether any reading reaches the mildest level at all; a quick no for lines that are well."""
    if not rule.upper or rule.missing is Missing.BREACH:
        return True
    return max(peaks.values(), default=0) >= rule.levels[-1].fires


def confirmed_at(
    rule: Rule, peaks: Peaks, window: Instant, held: Severity | None
) -> Severity | None:
    """The severity at a closed window, given the severity at the window before it.

    A firing level, and those below it, hold while M of the last N windows pass the threshold less
    the hysteresis; the others need the threshold itself.
    """
    passing = _Tail(rule, peaks, window, closed=window)
    for level in rule.levels:
        holding = held is not None and level.severity.rank <= held.rank
        if passing.count(level.holds if holding else level.fires) >= rule.needed:
            return level.severity
    return None


def tentative_at(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> Severity | None:
    """The severity that an upper bound has for certain at a window that is still open.

    A maximum can only grow, so what holds now will hold when the window closes. An open window
    without a reading counts as one that does not pass: it may still get any reading.
    """
    if not rule.upper:
        return None
    passing = _Tail(rule, peaks, window, closed=closed)
    for level in rule.levels:
        if passing.count(level.fires) >= rule.needed:
            return level.severity
    return None


def value_at(rule: Rule, peaks: Peaks, window: Instant) -> int | None:
    """The reading to name for a window: a missing one is 0 calls only where the rule says so."""
    return peaks.get(window, 0 if rule.missing is Missing.ZERO else None)


def passes(rule: Rule, bound: int, value: int) -> bool:
    """Whether one reading is at the bound or beyond it."""
    return value >= bound if rule.upper else value <= bound


def level_of(rule: Rule, severity: Severity) -> Level:
    """The rule's level of this severity, or its nearest when an edit took that away."""
    return next((level for level in rule.levels if level.severity is severity), rule.levels[0])


class _Tail:
    """The last N windows up to one, as the rule's `missing` reads them."""

    __slots__ = ("given", "rule", "values")

    def __init__(self, rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> None:
        self.rule = rule
        self.given = 0
        """Windows that pass whatever the threshold."""
        if rule.missing is Missing.ZERO:
            first = window - (rule.among - 1) * WINDOW
            self.values = [peaks.get(slot, 0) for slot in range(first, window + WINDOW, WINDOW)]
        elif rule.missing is Missing.IGNORE:
            self.values = _existing(rule, peaks, window, closed)
        else:
            self._read(peaks, window, closed)

    def _read(self, peaks: Peaks, window: Instant, closed: Instant) -> None:
        first = window - (self.rule.among - 1) * WINDOW
        slots = range(first, window + WINDOW, WINDOW)
        self.values = [peaks[slot] for slot in slots if slot in peaks]
        if self.rule.missing is Missing.BREACH:
            self.given = sum(slot not in peaks and slot <= closed for slot in slots)

    def count(self, bound: int) -> int:
        if self.rule.upper:
            return self.given + sum([value >= bound for value in self.values])
        return self.given + sum([value <= bound for value in self.values])


def _existing(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> list[int]:
    """The last N readings that exist, at most 2N windows back.

    An open window that has none yet takes a place as one that never passes (only upper bounds are
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
