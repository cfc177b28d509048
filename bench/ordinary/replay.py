"""What rules notify on simulated readings, by the evaluation that a check uses."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.ordinary.lines import MONDAY, WEEK_WINDOWS, Line
from headroom.domain.baseline import Baseline, leaving_out
from headroom.domain.conditions import Margin, condition
from headroom.domain.hours import ALWAYS
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.readings import WHOLE, Query
from headroom.domain.rules import Rule, Severity, Watch
from headroom.domain.thresholds import level
from headroom.domain.usual import NOT_KNOWN, WEEKS, UsualOfSeries
from headroom.domain.windows import SETTLE, WINDOW, Instant

WARM_UP = WEEKS * WEEK_WINDOWS
"""Windows before the first that is judged: usual looks back so far."""


def rule(text: str, needed: int, limit: int | None = None) -> Rule:
    """One warning as operators write it, with `for: needed of needed`."""
    written = condition(text)
    levels = (level(written, Severity.WARNING, Margin(), limit),)
    watches = (Watch(Query()),)
    return Rule(text, levels, written.upper, watches, needed=needed, among=needed)


def at(index: int) -> Instant:
    """The window with this number."""
    return MONDAY + index * WINDOW


@dataclass(frozen=True)
class Past:
    """A line's readings by window, and what is usual on it."""

    peaks: Mapping[Instant, int]
    baseline: Baseline

    def judged_by(self, rule: Rule, *, known: bool = True) -> JudgedSeries:
        """The line as a rule reads it; `known`: whether what is usual is known."""
        usual = UsualOfSeries(self.baseline, WHOLE, ALWAYS) if known else NOT_KNOWN
        return JudgedSeries(rule, self.peaks, usual=usual)

    def with_news(self, start: int, readings: Sequence[int]) -> Past:
        """The hour before a window and other readings from there on; usual stays as it is."""
        before = {at(index): self.peaks[at(index)] for index in range(start - 12, start)}
        news = {at(index): peak for index, peak in enumerate(readings, start)}
        return Past({**before, **news}, self.baseline)


def past(line: Line) -> Past:
    """With a baseline of all readings: usual looks only at those that it may."""
    readings = array("h", line.readings)
    baseline = Baseline(first=MONDAY, until=at(len(readings) - 1), peaks={WHOLE: readings})
    return Past({at(index): peak for index, peak in enumerate(line.readings)}, baseline)


def incidents(judged: Sequence[JudgedSeries], windows: range) -> list[list[range]]:
    """The incidents of each rule, side by side, as windows by number: from firing to the end."""
    found: list[list[range]] = [[] for _ in judged]
    held: list[Severity | None] = [None for _ in judged]
    for window in windows:
        for number, each in enumerate(judged):
            before = held[number]
            held[number] = each.confirmed_at(at(window), before)
            if held[number] and not before:
                found[number].append(range(window, windows.stop))
            elif before and not held[number]:
                found[number][-1] = range(found[number][-1].start, window)
    return found


def unusual(history: Past, rules: Sequence[Rule]) -> list[list[range]]:
    """The incidents of each rule, week by week: where one fired, later weeks leave it out."""
    found: list[list[range]] = [[] for _ in rules]
    for start in range(WARM_UP, len(history.peaks), WEEK_WINDOWS):
        windows = range(start, min(start + WEEK_WINDOWS, len(history.peaks)))
        for number, news in enumerate(incidents([history.judged_by(r) for r in rules], windows)):
            found[number] += news
        fired = sorted((at(each.start), at(each.stop)) for alarms in found for each in alarms)
        history = Past(history.peaks, leaving_out(history.baseline, {WHOLE: tuple(fired)}))
    return found


def told_after(window: int, minute: int) -> float:
    """Minutes from a minute of window 0 until a closed window can be judged."""
    return (window + 1) * WINDOW / 60 + SETTLE / 60 - minute
