"""Whether a level holds at a window: M of the last N windows pass its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headroom.domain.readings import Peaks
from headroom.domain.rules import WHOLE_SHARE, Level, Missing, Rule, Severity, UsualBound
from headroom.domain.trend import LENGTH, Forecast, forecast, is_above_usual
from headroom.domain.usual import NOT_KNOWN, UsualOfSeries, is_unusual
from headroom.domain.windows import WINDOW, Instant


def lookback(rule: Rule, *, sliced: bool) -> int:
    """How many windows up to and including the judged one the rule may look at."""
    wide = sliced or rule.missing is Missing.IGNORE
    trend = LENGTH - 1 if any(level.ahead for level in rule.levels) else 0
    return (2 * rule.among if wide else rule.among) + trend


def level_of(rule: Rule, severity: Severity) -> Level:
    """The rule's level of this severity, or the nearest if an edit removed that."""
    return next((level for level in rule.levels if level.severity is severity), rule.levels[0])


@dataclass(slots=True)
class JudgedSeries:
    """One series as one rule reads it."""

    rule: Rule
    peaks: Peaks
    sliced: bool = False
    """It is one of the series of a sliced query."""
    usual: UsualOfSeries = NOT_KNOWN

    def exists(self, window: Instant) -> bool:
        """A sliced series exists at a window if it has a reading in the 2N windows up to it."""
        if not self.sliced:
            return True
        first = window - (2 * self.rule.among - 1) * WINDOW
        return any(first <= seen <= window for seen in self.peaks)

    def could_hold(self, first: Instant, last: Instant) -> bool:
        """Whether any reading reaches the mildest level: a quick no for lines that are well.

        The windows to judge are `first` to `last`; a lower bound looks at the N up to each of them.
        """
        rule, peaks = self.rule, self.peaks
        if rule.needs_usual:
            return self._could_be_unusual(first, last)
        mildest = rule.levels[-1].fires
        if rule.upper:
            return rule.missing is Missing.BREACH or max(peaks.values(), default=0) >= mildest
        for slot in range(first - (rule.among - 1) * WINDOW, last + WINDOW, WINDOW):
            if peaks.get(slot, mildest) <= mildest:
                return True
        return False

    def _could_be_unusual(self, first: Instant, last: Instant) -> bool:
        if self.rule.missing is Missing.BREACH:
            return True
        slots = range(first - (self.rule.among - 1) * WINDOW, last + WINDOW, WINDOW)
        known = [slot for slot in slots if self.calls_at(slot) is not None]
        values = [self.calls_at(slot) or 0 for slot in known]
        highest = max(self.peaks.values(), default=0)
        return any(
            self._count(level, known, values)
            if level.usual or level.ahead
            else highest >= level.fires
            for level in self.rule.levels
        )

    def confirmed_at(self, window: Instant, held: Severity | None) -> Severity | None:
        """The severity at a closed window, given the severity at the window before it.

        A firing level, and those below it, hold while M of the last N windows pass the threshold
        less the hysteresis; the others need the threshold itself. A missing window that is to be
        ignored begins nothing: it keeps the severity of the window before it. Outside its hours a
        rule holds nothing.
        """
        rule = self.rule
        if not rule.always and not rule.hours.active(window):
            return None
        if held is None and window not in self.peaks and rule.missing is Missing.IGNORE:
            return None
        slots, values, given = self._tail(window, window)
        begins = held is None and not rule.needs_usual
        if begins and given + self._count(rule.levels[-1], slots, values) < rule.needed:
            return None  # not even the mildest: the usual case, and no level needs a look
        for level in rule.levels:
            holding = held is not None and level.severity.rank <= held.rank
            if given + self._count(level, slots, values, holding=holding) >= rule.needed:
                return level.severity
        return None

    def tentative_at(self, window: Instant, closed: Instant) -> Severity | None:
        """The severity that an upper bound has for certain at a window that is still open.

        A maximum can only grow, so a level that holds now still holds when the window closes. An
        open window without a reading counts as one that does not pass: it may still get any
        reading. Trends, and comparisons with what is usual, wait for closed windows.
        """
        rule = self.rule
        if not rule.upper or not (rule.always or rule.hours.active(window)):
            return None
        if rule.missing is Missing.IGNORE and window not in self.peaks:
            return None
        slots, values, given = self._tail(window, closed)
        for level in rule.levels:
            waits = level.usual or level.ahead
            if not waits and given + self._count(level, slots, values) >= rule.needed:
                return level.severity
        return None

    def calls_at(self, window: Instant) -> int | None:
        """The reading to name for a window: a missing one counts as 0 calls if the rule says so."""
        return self.peaks.get(window, 0 if self.rule.missing is Missing.ZERO else None)

    def breaches(self, window: Instant, level: Level, closed: Instant, *, holding: bool) -> bool:
        """Whether the calls of one window pass the level; an open one without a reading has none.

        `holding`: compared as while the level fires, with the hysteresis.
        """
        if window > closed and (level.usual or level.ahead):
            return False
        calls = self.calls_at(window) if window <= closed else self.peaks.get(window)
        return calls is not None and self._count(level, [window], [calls], holding=holding) > 0

    def threshold_at(self, level: Level, window: Instant) -> float | None:
        """The threshold in calls at a window; None where it depends on an unknown usual."""
        if level.usual is None:
            return level.threshold
        usual = self.usual.at(window)
        return None if usual is None else level.usual.fires * usual / WHOLE_SHARE

    def reached_in(self, level: Level, window: Instant) -> tuple[int, int] | None:
        """The earliest and latest minutes from a window on until its trend reaches the level.

        None where the level compares the readings themselves, or the trend does not reach it.
        """
        trend = self._trend(level.ahead, window) if level.ahead else None
        return trend.band(level.fires) if trend and trend.reaches(level.fires) else None

    def _count(
        self, level: Level, slots: Sequence[Instant], values: list[int], *, holding: bool = False
    ) -> int:
        """How many of the values, which are those of the slots, pass the level."""
        if level.usual is not None:
            pairs = zip(slots, values, strict=True)
            return sum([self._unusual(level.usual, *each, holding=holding) for each in pairs])
        bound = level.holds if holding else level.fires
        if level.ahead:
            return sum([self._reaches(level.ahead, bound, slot) for slot in slots])
        if self.rule.upper:
            return sum([value >= bound for value in values])
        return sum([value <= bound for value in values])

    def _unusual(self, bound: UsualBound, window: Instant, value: int, *, holding: bool) -> bool:
        """Whether a reading is as far from what is usual as the bound says.

        To begin, it also has to lie outside the band in which counts of calls scatter: below ten
        calls a percentage says nothing.
        """
        usual = self.usual.at(window)
        return usual is not None and passes(bound, value, usual, holding=holding)

    def _reaches(self, ahead: int, bound: int, window: Instant) -> bool:
        """Whether the trend of the windows up to this one surely leads to the bound."""
        trend = self._trend(ahead, window)
        if trend is None or not trend.reaches(bound):
            return False
        last = last_windows(window, 2)
        values = [calls for slot in last if (calls := self.calls_at(slot)) is not None]
        return is_above_usual(values, [self.usual.at(slot) for slot in last])

    def _trend(self, ahead: int, window: Instant) -> Forecast | None:
        values = [self.calls_at(slot) for slot in last_windows(window, LENGTH)]
        return forecast([value for value in values if value is not None], ahead)

    def _tail(self, window: Instant, closed: Instant) -> tuple[Sequence[Instant], list[int], int]:
        """The last N windows up to one, as the rule's `missing` reads them.

        Returns those with a value, their values, and the number of further windows that pass
        whatever the threshold. None lies outside the stretch of active hours.
        """
        rule, peaks = self.rule, self.peaks
        slots = range(window - (rule.among - 1) * WINDOW, window + WINDOW, WINDOW)
        if not rule.always:
            slots = self._stretch(slots)
        if rule.missing is Missing.ZERO:
            return slots, [peaks.get(slot, 0) for slot in slots], 0
        if rule.missing is Missing.IGNORE:
            return *self._existing(window, closed), 0
        known = [slot for slot in slots if slot in peaks]
        values = [peaks[slot] for slot in known]
        if rule.missing is Missing.OK:
            return known, values, 0
        missing = [slot for slot in slots if slot not in peaks and slot <= closed]
        return known, values, sum([not self._abstains(slot) for slot in missing])

    def _abstains(self, window: Instant) -> bool:
        """Whether there is nothing to compare a window with: then it passes nothing."""
        return self.rule.needs_usual and (
            any(level.usual for level in self.rule.levels) and self.usual.at(window) is None
        )

    def _existing(self, window: Instant, closed: Instant) -> tuple[list[Instant], list[int]]:
        """The last N readings that exist, at most 2N windows back.

        An open window without a reading takes a place as one that never passes (only upper bounds
        are judged on open windows, and no reading is below zero).
        """
        slots: list[Instant] = []
        for slot in reversed(self._stretch(last_windows(window, 2 * self.rule.among))):
            if slot in self.peaks or slot > closed:
                slots.append(slot)
            if len(slots) == self.rule.among:
                break
        return slots, [self.peaks.get(slot, -1) for slot in slots]

    def _stretch(self, slots: range) -> range:
        """Those of the windows from which on the rule is active without a gap."""
        if self.rule.always:
            return slots
        outside = (slot for slot in reversed(slots) if not self.rule.hours.active(slot))
        return range(next(outside, slots.start - WINDOW) + WINDOW, slots.stop, WINDOW)


def last_windows(window: Instant, count: int) -> range:
    """So many windows up to one, that included."""
    return range(window - (count - 1) * WINDOW, window + WINDOW, WINDOW)


def passes(bound: UsualBound, value: int, usual: float, *, holding: bool) -> bool:
    """Whether a reading passes a share of what is usual; while it holds, with the hysteresis."""
    upper = bound.op.startswith(">")
    if not holding and not is_unusual(value, usual, upper=upper):
        return False
    # Whole numbers and halves: every product is exact.
    slack = bound.slack if holding else 0
    calls = value * WHOLE_SHARE + (slack if upper else -slack)
    threshold = (bound.holds if holding else bound.fires) * usual
    match bound.op:
        case ">":
            return calls > threshold
        case ">=":
            return calls >= threshold
        case "<":
            return calls < threshold
        case _:
            return calls <= threshold
