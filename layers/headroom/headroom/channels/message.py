"""What all messages share: first line, facts, links, safe text, and the chart of the last hour."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from headroom.domain.formatting import (
    among,
    ascii_line,
    clock,
    duration,
    one_line,
    percent,
    shorten,
)
from headroom.domain.headline import BUILT_IN, LENGTH, bound, headline, trend
from headroom.domain.links import linkable
from headroom.domain.notices import Notice, Reading
from headroom.domain.windows import Instant

RUNBOOK, STUDIO = "Runbook", "Agent Studio"
"""The labels of links."""

_OF_ADDRESSES = "!#$%&'()*+,-./:;=?@[]_~"
"""Characters that a URL may hold unencoded beside letters and digits (RFC 3986, and `%`)."""

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a body. The text may hold names from the API or the operator."""

    label: str
    text: str
    at: Instant | None = None
    """The instant in the text, for channels that can show it in the reader's time zone."""


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link."""

    label: str
    url: str


def first_line(notice: Notice) -> str:
    """The notice's summary; one that was read back from a queue may hold anything."""
    return shorten(ascii_line(notice.summary), LENGTH) or headline(notice)


def sms(notice: Notice) -> str:
    """The first line in GSM 03.38 characters: any other would halve the length of an SMS.

    The backtick is the only printable ASCII character that is not among them (3GPP TS 23.038).
    """
    return first_line(notice).replace("`", "'")


def facts(notice: Notice) -> tuple[Fact, ...]:
    """The facts that apply, the most important first."""
    found = (
        Fact("Project", notice.project),
        Fact("Rule", notice.rule),
        Fact("Series", series(notice)),
        *(() if notice.rule in BUILT_IN else _figures(notice)),
        Fact("Since", minute(notice.since), notice.since),
        Fact("Lasted" if notice.kind.ends else "For", lasted(notice)),
        Fact("Environment", "" if notice.client_env == "live" else notice.client_env),
    )
    return tuple(fact for fact in found if fact.text)


def _figures(notice: Notice) -> tuple[Fact, ...]:
    condition = f"{notice.severity}: {notice.condition}" if notice.condition else ""
    peak = "" if notice.peak is None else bound(notice) + count(notice.peak, notice.limit)
    return (
        Fact("Calls", bound(notice) + count(notice.value, notice.limit) + when(notice)),
        Fact("Lines", members(notice)),
        Fact("Usual", "" if notice.usual is None else f"{round(notice.usual)}"),
        Fact("Trend", trend(notice) if notice.reached_in else ""),
        Fact("Condition", condition),
        Fact("Lowest" if notice.is_lower else "Peak", peak),
    )


def members(notice: Notice) -> str:
    """The calls of each line of a group, the most first: `claims-line 118, sales-line not read`."""
    known = sorted(notice.members, key=lambda each: -1 if each.value is None else each.value)
    texts = [
        f"{each.project} {'not read' if each.value is None else each.value}"
        for each in reversed(known)
    ]
    return among(texts)


def when(notice: Notice) -> str:
    """The window of the calls, unless it is the newest one: ` at 10:05 UTC`."""
    return f" at {clock(notice.dated)}" if notice.dated is not None else ""


def count(value: int | None, limit: int | None) -> str:
    """As in `114 of 120 (95%)`, `22`, `no reading`."""
    if value is None:
        return "no reading"
    return f"{value} of {limit} ({percent(value, limit)}%)" if limit else str(value)


def series(notice: Notice) -> str:
    """The name of the series, with its key where the two differ: `Spanish (V1)`."""
    name, key = notice.series_name, notice.series
    return f"{name} ({key})" if name and key and name != key else name or key


def lasted(notice: Notice) -> str:
    """The duration; empty below a minute."""
    return duration(notice.duration_seconds) if notice.duration_seconds >= _MINUTE else ""


def minute(instant: Instant) -> str:
    """As in `2026-11-23 10:05 UTC`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M UTC")


def links(notice: Notice) -> tuple[Link, ...]:
    """The runbook and Agent Studio, without those that are not web addresses."""
    found = (Link(RUNBOOK, encoded(notice.runbook)), Link(STUDIO, encoded(notice.studio_url)))
    return tuple(link for link in found if linkable(link.url))


def encoded(url: str) -> str:
    """Percent-encode what would end a link, such as `|`, `<`, quotation marks and blanks.

    Existing percent-encoding stays.
    """
    return quote(url, safe=_OF_ADDRESSES, errors="replace")


ELLIPSIS = "…"
"""One character: bodies are Unicode, unlike first lines."""

_JOINER = "\u200d"
"""Joins emoji; every other invisible character (category C) is removed."""


def plain(text: str, room: int) -> str:
    """One line of at most `room` characters, without control or direction characters.

    They are removed, not replaced, since they may stand inside a word; all scripts are kept.
    """
    return shorten(one_line(text, _visible), room, ELLIPSIS)


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char)[0] == "C" and char != _JOINER else char


BARS = "▁▂▃▄▅▆▇█"
"""The lowest means no calls, the highest the limit or more."""

PAST, NOT_PAST = BARS[-1], BARS[0]
"""The marks of the second line are bars too, so that both lines have one width in every font."""

NO_READING = "·"
MOST = 24
"""Windows that fit on a phone; the newest are kept."""

_OPERATOR = re.compile(r"\s*([<>]=?)")


def sparkline(notice: Notice) -> str:
    """Draw the readings from 0 to the limit (without one, to the highest reading): `▃▅·▆[▇]`.

    `·` is a window without a reading; windows in brackets are still open. Empty without readings.
    """
    top = _top(notice)
    return _drawn(notice, lambda _, value: bar(value, top))


def bar(value: int, top: int, bars: str = BARS) -> str:
    """The mark of one value: the first only for no calls, the last for `top` or more."""
    highest = len(bars) - 1
    return bars[0] if value <= 0 else bars[min(highest, max(1, highest * value // top))]


def threshold_line(notice: Notice) -> str:
    """Draw which of the same windows were past the threshold: `▁▁·█[█]`; empty without one.

    What is usual differs from window to window, so there is no one threshold to draw.
    """
    operator = _OPERATOR.match(notice.condition)
    if notice.threshold is None or notice.usual is not None or not operator:
        return ""
    past = _past(operator[1], notice.threshold)
    return _drawn(notice, lambda reading, value: PAST if past(reading, value) else NOT_PAST)


def chart(notice: Notice) -> str:
    """Both lines with their scale, for a fixed-width font; empty without readings."""
    bars, past = sparkline(notice), threshold_line(notice)
    operator = _OPERATOR.match(notice.condition)
    lines = [f"{bars}  0 to {_top(notice)} calls"] if bars else []
    lines += [f"{past}  {operator[1]} {notice.threshold:g} calls"] if past and operator else []
    return "\n".join(lines)


def legend(notice: Notice) -> str:
    """What the chart shows, and what the marks in it mean."""
    line = sparkline(notice)
    parts = ["Last hour, 5 minutes a bar, the newest on the right"] if line else []
    parts += [f"{NO_READING} no reading"] if NO_READING in line else []
    parts += ["[ ] still counting"] if "[" in line else []
    return plain("; ".join(parts), 200)


def _drawn(notice: Notice, draw: Callable[[Reading, int], str]) -> str:
    """One mark for each window; open windows are in brackets."""
    readings = notice.readings[-MOST:]
    if not _values(notice):
        return ""
    marks = [NO_READING if r.value is None else draw(r, r.value) for r in readings]
    pairs = list(zip(marks, readings, strict=True))
    closed = "".join(mark for mark, reading in pairs if not reading.open)
    still = "".join(mark for mark, reading in pairs if reading.open)
    return f"{closed}[{still}]" if still else closed


def _past(operator: str, threshold: float) -> Callable[[Reading, int], bool]:
    """An open window counts only for an upper bound: its maximum can only rise."""
    match operator:
        case ">=":
            return lambda _, value: value >= threshold
        case ">":
            return lambda _, value: value > threshold
        case "<=":
            return lambda reading, value: not reading.open and value <= threshold
    return lambda reading, value: not reading.open and value < threshold


def _values(notice: Notice) -> list[int]:
    return [r.value for r in notice.readings[-MOST:] if r.value is not None]


def _top(notice: Notice) -> int:
    return notice.limit or max([1, *_values(notice)])
