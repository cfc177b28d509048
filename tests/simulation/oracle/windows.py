"""The truth about one alert: what DESIGN sections 3 and 4 say of its windows' final values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile

from tests.simulation.facts import Facts, RuleFacts, Series, Window
from tests.simulation.oracle.hours import active
from tests.simulation.oracle.trend import READINGS, least_at
from tests.simulation.oracle.usual import ABOVE, BUSY_DAYS, HIGH, LOW, Usual, deviations, usual_of

WINDOW = 300
RANK: Mapping[str | None, int] = {None: 0, "warning": 1, "critical": 2}
SLICED = "by variant"
ENDLESS = 10**9


def closed_by(now: int, settle: int) -> Window:
    """The newest window `t` with `t + 5 min + settle <= now`."""
    return (now - settle) // WINDOW * WINDOW - WINDOW


def open_at(now: int, settle: int) -> range:
    """The windows that have begun and are not closed."""
    return range(closed_by(now, settle) + WINDOW, now // WINDOW * WINDOW + WINDOW, WINDOW)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of windows at which a level holds; `ended`: the first that holds none."""

    fired: Window
    ended: Window | None


@dataclass(frozen=True)
class Alert:
    """One rule on one series of final values."""

    rule: RuleFacts
    peaks: Mapping[Window, int]
    usual: Usual | None = None

    @cached_property
    def levels(self) -> tuple[tuple[str, int], ...]:
        """The most severe first."""
        named = (("critical", self.rule.critical), ("warning", self.rule.warning))
        return tuple((name, bound) for name, bound in named if bound is not None)

    @cached_property
    def absent(self) -> int:
        """What counts for a window without a reading: no calls, or what always or never passes."""
        always = ENDLESS if self.rule.upper else -ENDLESS
        return {"zero": 0, "breach": always, "ok": -always}.get(self.rule.missing, 0)

    def severity(self, window: Window, before: str | None) -> str | None:
        """The highest level that holds once this window is closed, if `before` held until then."""
        if not active(self.rule, window):
            return None
        if before is None and not self._begins(window):
            return None
        values = self._values(window)
        for name, bound in self.levels:
            holding = RANK[before] >= RANK[name]
            passing = [each for each in values if self._passes(*each, bound, holding=holding)]
            if len(passing) >= self.rule.needed:
                return name
        return None

    def _passes(self, window: Window, value: int, bound: int, *, holding: bool) -> bool:
        """Whether one window passes a threshold, less the margin while the level holds."""
        sign = 1 if self.rule.upper else -1
        bound -= sign * self.rule.margin if holding else 0
        if self.rule.of_usual:
            return self._unusual(window, sign * value, bound, holding=holding)
        if self.rule.within:
            return self._leads_to(window, bound)
        return sign * value >= sign * bound

    def _unusual(self, window: Window, value: float, percent: int, *, holding: bool) -> bool:
        """Whether it passes the percentage; to begin, it also has to lie outside the band.

        Nothing goes on at usual calls; no calls never end a lower bound. `value`: negative for one.
        """
        usual = self.usual_at(window)
        if usual is None:
            return False
        sign = 1 if self.rule.upper else -1
        days = BUSY_DAYS if self.rule.upper else 0.0
        band = deviations(usual, HIGH if self.rule.upper else LOW, days=days)
        goes_on = value > sign * usual or (value == 0 and not self.rule.upper)
        outside = goes_on if holding else value - sign * usual > band
        return outside and 100 * value >= sign * percent * usual

    def _leads_to(self, window: Window, bound: int) -> bool:
        """Whether the last six windows lead there, and the last two lie above usual."""
        windows = range(window - (READINGS - 1) * WINDOW, window + WINDOW, WINDOW)
        if self.rule.missing == "breach" and window not in self.peaks:
            return True
        if self.rule.missing != "zero" and not all(each in self.peaks for each in windows):
            return False
        values = [self.peaks.get(each, 0) for each in windows]
        usual = [self.usual_at(each) for each in windows[-2:]]
        above = all(
            known is None or value - known >= deviations(known, ABOVE)
            for value, known in zip(values[-2:], usual, strict=True)
        )
        return above and least_at(values, self.rule.within // WINDOW) >= bound

    def usual_at(self, window: Window) -> float | None:
        """What is usual at a window, if anything."""
        return self.usual.at(window) if self.usual else None

    def walk(self, first: Window, last: Window, before: str | None = None) -> Mapping[Window, str]:
        """The severity at each window from the first to the last at which a level holds."""
        held: dict[Window, str] = {}
        for window in range(first, last + WINDOW, WINDOW):
            before = self.severity(window, before)
            if before is not None:
                held[window] = before
        return held

    def held_from(self, first: Window, last: Window) -> Mapping[Window, str]:
        """As a walk that ends where nothing holds any more."""
        held: dict[Window, str] = {}
        for window in range(first, last + WINDOW, WINDOW):
            found = self.severity(window, held.get(window - WINDOW))
            if found is None:
                break
            held[window] = found
        return held

    def _begins(self, window: Window) -> bool:
        """Whether it can: a window that is ignored says nothing, nor does one of no variant."""
        if self.rule.missing == "ignore" and window not in self.peaks:
            return False
        if self.rule.query != SLICED:
            return True
        return any(each in self.peaks for each in _back(window, 2 * self.rule.among))

    def _values(self, window: Window) -> list[tuple[Window, int]]:
        """The windows that count, and what counts for each."""
        rule = self.rule
        if rule.missing != "ignore":
            back = self._back(window, rule.among)
            return [(each, self.peaks.get(each, self.absent)) for each in back]
        back = self._back(window, 2 * rule.among)
        return [(each, self.peaks[each]) for each in back if each in self.peaks][: rule.among]

    def _back(self, window: Window, count: int) -> Iterator[Window]:
        """So many windows up to this one, the newest first, inside one stretch of active hours."""
        return takewhile(partial(active, self.rule), _back(window, count))


def alert_of(facts: Facts, rule: RuleFacts, series: Series) -> Alert:
    """The alert of a rule on one series."""
    return Alert(rule, facts.peaks[series], usual_of(facts, rule, series))


def _back(window: Window, count: int) -> range:
    """So many windows up to this one, the newest first."""
    return range(window, window - count * WINDOW, -WINDOW)


def stretches(held: Mapping[Window, str], last: Window) -> Iterator[Stretch]:
    """The stretches of a walk up to its last window."""
    for window in held:
        if window - WINDOW in held:
            continue
        ended = window
        while ended in held:
            ended += WINDOW
        yield Stretch(window, ended if ended <= last else None)
