"""Whether a level holds at a window: M of the last N windows pass its threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from headroom.domain.readings import Peaks
from headroom.domain.rules import Level, Missing, Rule, Severity, UsualBound
from headroom.domain.trend import VALUES, forecast, minutes_until
from headroom.domain.usual import NewLevel, far_from
from headroom.domain.windows import WINDOW, Instant


class Usual(Protocol):
    """What is usual of one series (`usual.SeriesUsual`)."""

    def at(self, window: Instant) -> float | None:
        """The usual calls of a window; None: not known."""
        ...

    def new_level(self, after: Instant, until: Instant) -> NewLevel | None:
        """The lasting new level that was found after one window, up to another."""
        ...


class NotKnown:
    """Nothing is known of what is usual."""

    def at(self, window: Instant) -> float | None:  # noqa: ARG002 -- the protocol's
        """None, for every window."""
        return None

    def new_level(self, after: Instant, until: Instant) -> NewLevel | None:  # noqa: ARG002 -- the protocol's
        """None."""
        return None


NOT_KNOWN = NotKnown()


def lookback(rule: Rule, *, sliced: bool) -> int:
    """How many windows up to and including the judged one the rule may look at."""
    wide = sliced or rule.missing is Missing.IGNORE
    trend = VALUES - 1 if any(level.ahead for level in rule.levels) else 0
    return (2 * rule.among if wide else rule.among) + trend


def level_of(rule: Rule, severity: Severity) -> Level:
    """The rule's level of this severity, or the nearest if an edit removed that."""
    return next((level for level in rule.levels if level.severity is severity), rule.levels[0])


@dataclass(frozen=True, slots=True)
class JudgedSeries:
    """One series as one rule reads it."""

    rule: Rule
    peaks: Peaks
    sliced: bool = False
    """It is one of the series of a sliced query."""
    usual: Usual = NOT_KNOWN

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
        rule = self.rule
        if rule.missing is Missing.BREACH and (rule.upper or rule.needs_usual):
            return True
        if rule.needs_usual:
            return any(self._could_pass(level, first, last) for level in rule.levels)
        return self._could_pass(rule.levels[-1], first, last)

    def threshold_at(self, level: Level, window: Instant) -> float | None:
        """The threshold in calls at a window; None where it depends on an unknown usual."""
        if level.usual is None:
            return level.threshold
        usual = self.usual.at(window)
        return None if usual is None else float(level.usual.fires) * usual

    def reached_in(self, level: Level, window: Instant) -> tuple[int, int] | None:
        """The earliest and latest minutes from the end of a window until the trend is there.

        None for a level that compares the readings themselves.
        """
        values = [self.calls_at(slot) for slot in last_windows(window, VALUES)]
        known = [value for value in values if value is not None]
        if not level.ahead or len(known) < VALUES:
            return None
        return minutes_until(known, level.fires, level.ahead)

    def _could_pass(self, level: Level, first: Instant, last: Instant) -> bool:
        if not (level.usual or level.ahead) and self.rule.upper:
            return max(self.peaks.values(), default=0) >= level.fires
        reach = range(first - (self.rule.among - 1) * WINDOW, last + WINDOW, WINDOW)
        if level.usual or level.ahead:
            values = [(slot, self.calls_at(slot)) for slot in reach]
            known = [(slot, calls) for slot, calls in values if calls is not None]
            return any(self._count([each], level) for each in known)
        return any(self.peaks.get(slot, level.fires) <= level.fires for slot in reach)

    def confirmed_at(self, window: Instant, held: Severity | None) -> Severity | None:
        """The severity at a closed window, given the severity at the window before it.

        A firing level, and those below it, hold while M of the last N windows pass the threshold
        less the hysteresis; the others need the threshold itself. A missing window that is to be
        ignored begins nothing: it keeps the severity of the window before it. Outside its hours a
        rule holds nothing.
        """
        rule = self.rule
        if not rule.hours.active(window):
            return None
        if held is None and rule.missing is Missing.IGNORE and window not in self.peaks:
            return None
        tail, given = self._tail(window, closed=window)
        if held is None and given + self._count(tail, rule.levels[-1]) < rule.needed:
            if not rule.needs_usual:
                return None  # not even the mildest: the usual case, and no level needs a look
        for level in rule.levels:
            holding = held is not None and level.severity.rank <= held.rank
            if given + self._count(tail, level, holding=holding) >= rule.needed:
                return level.severity
        return None

    def tentative_at(self, window: Instant, closed: Instant) -> Severity | None:
        """The severity that an upper bound has for certain at a window that is still open.

        A maximum can only grow, so a level that holds now still holds when the window closes. An
        open window without a reading counts as one that does not pass: it may still get any
        reading. Trends, and what is compared with what is usual, wait for closed windows.
        """
        rule = self.rule
        if not rule.upper or not rule.hours.active(window):
            return None
        if rule.missing is Missing.IGNORE and window not in self.peaks:
            return None
        tail, given = self._tail(window, closed=closed)
        for level in rule.levels:
            if level.usual or level.ahead:
                continue
            if given + self._count(tail, level) >= rule.needed:
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
        return calls is not None and self._count([(window, calls)], level, holding=holding) > 0

    def _count(
        self, tail: list[tuple[Instant, int]], level: Level, *, holding: bool = False
    ) -> int:
        """How many of the values are at the level's threshold or beyond it."""
        if level.usual:
            return sum([self._unusual(level.usual, *each, holding=holding) for each in tail])
        bound = level.holds if holding else level.fires
        if level.ahead:
            return sum([self._reaches(level.ahead, bound, window) for window, _ in tail])
        if self.rule.upper:
            return sum([value >= bound for _, value in tail])
        return sum([value <= bound for _, value in tail])

    def _unusual(self, bound: UsualBound, window: Instant, value: int, *, holding: bool) -> bool:
        """Whether a reading is as far from what is usual as the bound says.

        To begin, it also has to lie outside the band in which counts of calls scatter: below ten
        calls a percentage says nothing.
        """
        usual = self.usual.at(window)
        return usual is not None and passes(bound, value, usual, holding=holding)

    def _reaches(self, ahead: int, bound: int, window: Instant) -> bool:
        """Whether the trend of the windows up to this one surely leads to the bound."""
        values = [self.calls_at(slot) for slot in last_windows(window, VALUES)]
        known = [value for value in values if value is not None]
        if len(known) < VALUES:
            return False
        for slot, value in zip(last_windows(window, 2), known[-2:], strict=True):
            usual = self.usual.at(slot)
            if usual is not None and value < usual + 2 * math.sqrt(usual):
                return False
        return forecast(known, ahead).least >= bound

    def _tail(self, window: Instant, closed: Instant) -> tuple[list[tuple[Instant, int]], int]:
        """The last N windows up to one, as the rule's `missing` reads them.

        Returns the values, and the number of further windows that pass whatever the threshold. No
        window outside the stretch of active hours is among them.
        """
        rule, peaks = self.rule, self.peaks
        if rule.missing is Missing.IGNORE:
            return self._existing(window, closed), 0
        slots = self._stretch(window, rule.among)
        if rule.missing is Missing.ZERO:
            return [(slot, peaks.get(slot, 0)) for slot in slots], 0
        values = [(slot, peaks[slot]) for slot in slots if slot in peaks]
        if rule.missing is Missing.OK:
            return values, 0
        return values, sum([slot not in peaks and slot <= closed for slot in slots])

    def _existing(self, window: Instant, closed: Instant) -> list[tuple[Instant, int]]:
        """The last N readings that exist, at most 2N windows back.

        An open window without a reading takes a place as one that never passes (only upper bounds
        are judged on open windows, and no reading is below zero).
        """
        values: list[tuple[Instant, int]] = []
        for slot in reversed(self._stretch(window, 2 * self.rule.among)):
            if slot in self.peaks:
                values.append((slot, self.peaks[slot]))
            elif slot > closed:
                values.append((slot, -1))
            if len(values) == self.rule.among:
                break
        return values

    def _stretch(self, window: Instant, count: int) -> range:
        """The last windows up to an active one, as far back as the rule is active without a gap."""
        slots, hours = last_windows(window, count), self.rule.hours
        if not hours.always:
            for slot in reversed(slots):
                if not hours.active(slot):
                    return range(slot + WINDOW, window + WINDOW, WINDOW)
        return slots


def last_windows(window: Instant, count: int) -> range:
    """So many windows up to one, that included."""
    return range(window - (count - 1) * WINDOW, window + WINDOW, WINDOW)


def passes(bound: UsualBound, value: int, usual: float, *, holding: bool) -> bool:
    """Whether a reading passes a share of what is usual; while it holds, with the hysteresis."""
    share = float(bound.holds if holding else bound.fires)
    slack = float(bound.slack) if holding else 0.0
    if not holding and not far_from(value, usual):
        return False
    match bound.op:
        case ">":
            return value > share * usual - slack
        case ">=":
            return value >= share * usual - slack
        case "<":
            return value < share * usual + slack
        case _:
            return value <= share * usual + slack
