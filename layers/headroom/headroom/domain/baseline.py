"""Baselines: the readings of the last five weeks, from which usual is worked out (`usual`).

A baseline holds readings and no averages, so that a window is never part of its own usual, whenever
the baseline was made, and so that holidays and incidents can be left out afterwards.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from headroom.domain.readings import Answer, Peaks
from headroom.domain.windows import WEEK, WINDOW, Instant

NO_READING = -1
"""In `Baseline.peaks`: the window has no reading."""

KEPT = 5 * WEEK // WINDOW
"""Windows: the four weeks that usual looks back on, and a week in which nothing could be read."""

Span = tuple[Instant, Instant]
"""From the first instant, up to and without the second."""

_LARGEST_SHORT = 32_767


def within(spans: Iterable[Span], window: Instant) -> bool:
    """Whether the window starts in one of the spans."""
    return any(since <= window < end for since, end in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLevel:
    """A lasting change of a series: since then it has `ratio` times what was usual before."""

    since: Instant
    """The first window of the new level."""
    ratio: float
    """Rounded to two decimals, so that notices and arithmetic agree."""
    known: Instant
    """The first window that is judged by it."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What was read of one query of one project or group, from `first` to `until`."""

    first: Instant
    """The window of index 0 in every array."""
    until: Instant
    """The newest window that was read."""
    peaks: Mapping[str, array[int]]
    """By series (`WHOLE` for an unsliced query): one value a window, `NO_READING` where none is.

    Typecode `h`, or `i` where a value needs it. An array may end before `until`: the rest has no
    reading.
    """
    left_out: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """By series: spans in which an alert of usual fired (`spans`)."""
    levels: Mapping[str, tuple[NewLevel, ...]] = field(default_factory=dict)
    """By series, oldest first."""
    made: Instant = 0
    """The instant of the last making."""
    memo: dict[Any, Any] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )
    """What `usual` worked out already; a changed baseline (`replace`) starts without."""

    def reading(self, series: str, window: Instant) -> int | None:
        """The peak of one window; None where there is none."""
        values = self.peaks.get(series)
        index = (window - self.first) // WINDOW
        if values is None or not 0 <= index < len(values):
            return None
        return values[index] if values[index] >= 0 else None


def extended(
    before: Baseline | None, answer: Answer, *, first: Instant, until: Instant, made: Instant
) -> Baseline:
    """The baseline with a successful answer about the windows `first` to `until`, both included.

    Windows older than five weeks before the newest are dropped. Where a window was read before, the
    higher peak counts: it may have been open. So the same answers give the same baseline in any
    order and however often. `left_out` and `levels` stay as they are, less what has become too old.
    """
    newest = max(until, before.until) if before else until
    oldest = min(first, before.first) if before else first
    start = max(oldest, newest - (KEPT - 1) * WINDOW)
    names = {*answer.series, *(before.peaks if before else ())}
    merged = {
        name: _merged(before, answer.series.get(name, {}), name, range(start, newest + 1, WINDOW))
        for name in sorted(names)
    }
    return Baseline(
        first=start,
        until=newest,
        peaks={name: values for name, values in merged.items() if values},
        left_out=_newer_spans(before.left_out, start) if before else {},
        levels=_newer_levels(before.levels, start) if before else {},
        made=max(made, before.made) if before else made,
    )


def _merged(before: Baseline | None, news: Peaks, name: str, windows: range) -> array[int]:
    """One series over these windows; empty where none of them has a reading."""
    values = [NO_READING] * len(windows)
    if before is not None and (old := before.peaks.get(name)) is not None:
        shift = (windows.start - before.first) // WINDOW
        kept = old[shift:] if shift >= 0 else old
        at = max(0, -shift)
        values[at : at + len(kept)] = kept
    for window, peak in news.items():
        if window in windows:
            index = (window - windows.start) // WINDOW
            values[index] = max(values[index], peak)
    while values and values[-1] == NO_READING:
        values.pop()
    return array("h" if max(values, default=0) <= _LARGEST_SHORT else "i", values)


def _newer_spans(
    spans: Mapping[str, tuple[Span, ...]], first: Instant
) -> dict[str, tuple[Span, ...]]:
    kept = {name: tuple(s for s in each if s[1] > first) for name, each in spans.items()}
    return {name: each for name, each in kept.items() if each}


def _newer_levels(
    levels: Mapping[str, tuple[NewLevel, ...]], first: Instant
) -> dict[str, tuple[NewLevel, ...]]:
    """Those that still have readings before them to scale."""
    kept = {name: tuple(new for new in each if new.since > first) for name, each in levels.items()}
    return {name: each for name, each in kept.items() if each}


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What one notice says of an incident of an alert of usual."""

    incident: str
    """`Notice.incident_id`."""
    series: str
    """The series in the baseline: `WHOLE` unless the query is sliced."""
    since: Instant
    """`Notice.since`."""
    ended: Instant | None = None
    """`Notice.at` of a notice that ends the incident (`Kind.ends`)."""


def spans(firings: Iterable[Firing], *, until: Instant) -> dict[str, tuple[Span, ...]]:
    """When alerts of usual fired, by series: what usual leaves out (`Baseline.left_out`).

    An incident that no notice ended goes on up to and with the window `until`, the newest that was
    read. Spans are in order and do not touch.
    """
    incidents: dict[tuple[str, str], tuple[Instant, Instant | None]] = {}
    for each in firings:
        key = each.series, each.incident
        since, ended = incidents.get(key, (each.since, None))
        ends = [end for end in (ended, each.ended) if end is not None]
        incidents[key] = min(since, each.since), max(ends, default=None)
    by_series: dict[str, list[Span]] = {}
    for (series, _), (since, ended) in incidents.items():
        end = until + WINDOW if ended is None else ended
        by_series.setdefault(series, []).append((since, end))
    return {series: _joined(found) for series, found in sorted(by_series.items())}


def _joined(found: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for since, end in sorted(found):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((since, end))
    return tuple(joined)


def leaving_out(baseline: Baseline, left_out: Mapping[str, tuple[Span, ...]]) -> Baseline:
    """The baseline with these spans in place of those before, less what is too old to matter."""
    return replace(baseline, left_out=_newer_spans(left_out, baseline.first))
