"""The truth about one alert: what DESIGN sections 3 and 4 say of its windows' final values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile

from tests.simulation.facts import RuleFacts, Window
from tests.simulation.oracle.hours import active

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
            margin = self.rule.margin if RANK[before] >= RANK[name] else 0
            if self.rule.upper:
                passing = [value for value in values if value >= bound - margin]
            else:
                passing = [value for value in values if value <= bound + margin]
            if len(passing) >= self.rule.needed:
                return name
        return None

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

    def _values(self, window: Window) -> list[int]:
        rule = self.rule
        if rule.missing != "ignore":
            return [self.peaks.get(each, self.absent) for each in self._back(window, rule.among)]
        back = list(self._back(window, 2 * rule.among))
        return [self.peaks[each] for each in back if each in self.peaks][: rule.among]

    def _back(self, window: Window, count: int) -> Iterator[Window]:
        """So many windows up to this one, the newest first, inside one stretch of active hours."""
        return takewhile(partial(active, self.rule), _back(window, count))


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
