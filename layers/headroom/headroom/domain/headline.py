"""The first line of every notice: the whole message on a lock screen."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headroom.domain.formatting import ascii_line, calls, clock, duration, shorten
from headroom.domain.notices import Kind, Notice

READABLE = 10
"""Characters of a name by which people know it."""

LENGTH = 80
"""Characters at most; phones show about the first 45, so the meaning stands there."""

UNREACHABLE = "unreachable"
"""The built-in rule of a project that cannot be read; `reason` says why: `401 expired key`.

`series` is empty, or the cause that several projects share; then `series_name` says how many."""

CONFIG = "config"
"""The built-in rule of a project whose configuration is invalid; `reason` is the problem."""

UNDELIVERABLE = "undeliverable"
"""The built-in rule of a channel that refused a notice: `series` names it, `reason` says why."""

OVERFLOW = "overflow"
"""The built-in rule of a project with more alerts than it lists; `reason` says how many more."""

BUILT_IN = (UNREACHABLE, CONFIG, UNDELIVERABLE, OVERFLOW)


@dataclass(frozen=True, slots=True)
class _Line:
    """Headroom's own words, with places for what other people wrote."""

    form: str
    """As for `str.format`: the names by position, and `{text}`."""
    names: tuple[str, ...]
    text: str = ""
    shorter: _Line | None = None
    """The same with fewer names, for where these would be cut to less than `READABLE`."""

    def within(self, names: int, text: int) -> str:
        """Fill the form with each name and the text cut to so many characters."""
        short = (shorten(name, names) for name in self.names)
        return self.form.format(*short, text=shorten(self.text, text))


def headline(notice: Notice) -> str:
    """Say it in one line, as in `CRITICAL 114/120 calls (95%) support-line near-limit`.

    Printable ASCII, never empty, at most `LENGTH` characters: names give way before the meaning.
    """
    return _fit(_line(notice))


def headline_of_several(notice: Notice, names: str, reason: str) -> str:
    """Say the same of several: `names` in place of the notice's subject, and as long as it gets."""
    line = _line(notice)
    return line.form.format(names, *line.names[1:], text=reason)


NO_REASON = "no reason given"
_KEY = re.compile("[a-z_]+")


def _line(notice: Notice) -> _Line:
    return _of_rule(notice) if _closed(notice) else _built_in(notice) or _of_rule(notice)


def _closed(notice: Notice) -> bool:
    """Over for another reason than recovery: the rule, its series or its project is gone."""
    return notice.kind is Kind.RESOLVED and bool(notice.reason)


def _of_rule(notice: Notice) -> _Line:
    names = tuple(_name(n) for n in (notice.project, notice.rule, _series(notice)) if n)
    places = " ".join(f"{{{place}}}" for place in range(len(names)))
    form = f"{_opening(notice)} {places}"
    driver = notice.driver
    if driver is None or notice.kind.ends:
        return _Line(form, names, _text(notice))
    count = len(notice.unread)
    unread, alone = (f", {count} unread", f" ({count} unread)") if count else ("", "")
    driven = f"{form} ({{{len(names)}}} {driver.value}{unread})"
    shorter = _Line(f"{form}{alone}", names, _text(notice))
    return replace(shorter, form=driven, names=(*names, _name(driver.project)), shorter=shorter)


def bound(notice: Notice) -> str:
    """What the named calls say of a group's own: the sum of peaks is no less, the largest no more.

    Empty for one line, for no calls, and for a sum that a line is missing from.
    """
    if not (notice.value or notice.peak):
        return ""
    if notice.basis == "sum":
        return "" if notice.unread else "up to "
    return "at least " if notice.basis == "max" else ""


def _opening(notice: Notice) -> str:
    severity, lasted = notice.severity.upper(), duration(notice.duration_seconds)
    now = _calls(notice) + _when(notice)
    match notice.kind:
        case Kind.FIRED | Kind.ESCALATED:
            return f"{severity} {now}"
        case Kind.EASED:
            return f"EASED to {notice.severity} {now}"
        case Kind.REMINDER:
            return f"STILL {severity} after {lasted} {now}"
        case Kind.MISSED if notice.peak is None:
            return f"MISSED {severity} {lasted}"
        case Kind.MISSED:
            furthest = "lowest" if notice.is_lower else "peak"
            peak = bound(notice) + calls(notice.peak, notice.limit, unit=False)
            return f"MISSED {severity} {lasted} {furthest} {peak}"
        case Kind.RESOLVED:
            return f"{'CLOSED ({text})' if _closed(notice) else 'RESOLVED'} after {lasted}"


def _calls(notice: Notice) -> str:
    """The calls, and what to compare them with: the limit, what is usual, or where they lead."""
    if notice.usual is not None:
        return f"{bound(notice)}{calls(notice.value, None)} (usual {round(notice.usual)})"
    now = bound(notice) + calls(notice.value, notice.limit)
    return f"{trend(notice)}, {now}" if notice.reached_in else now


def trend(notice: Notice) -> str:
    """As in `limit in 10 to 30 min`, `96 calls in 30 min`, `limit reached`."""
    earliest, latest = notice.reached_in or (0, 0)
    threshold = notice.threshold or 0
    what = "limit" if threshold == notice.limit else f"{math.ceil(threshold)} calls"
    if latest == 0:  # by the trend; a reading may lie below it
        return f"{what} reached" if (notice.value or 0) >= threshold else f"{what} in under 5 min"
    span = f"{latest}" if earliest == latest else f"{earliest} to {latest}"
    return f"{what} in {span} min"


def _when(notice: Notice) -> str:
    return f" at {clock(notice.dated)}" if notice.dated is not None else ""


def _built_in(notice: Notice) -> _Line | None:
    """None for the rules that operators write."""
    bad, good = {
        UNREACHABLE: ("cannot read {0}: {text}", "{0} can be read again"),
        CONFIG: ("invalid config {0}: {text}", "{0} config is valid again"),
        UNDELIVERABLE: ("delivery to {0} failed: {text}", "{0} accepts notices again"),
        OVERFLOW: ("{text} {0}", "{0} lists all its alerts again"),
    }.get(notice.rule, ("", ""))
    if not bad:
        return None
    if notice.rule == UNREACHABLE and notice.series:
        good = "no more failures because of {0}"
    form = good if notice.kind is Kind.RESOLVED else bad
    return _Line(f"{_trouble(notice)} {form}", (subject(notice),), _text(notice))


def subject(notice: Notice) -> str:
    """A channel, a place in the configuration, `40 projects` or their cause; else the project."""
    if notice.rule == UNREACHABLE and notice.kind is Kind.RESOLVED:
        return _name(notice.series or notice.project)
    return _name(_series(notice) or notice.project)


def _trouble(notice: Notice) -> str:
    severity, lasted = notice.severity.upper(), duration(notice.duration_seconds)
    return {
        Kind.EASED: f"EASED to {notice.severity}",
        Kind.REMINDER: f"STILL {severity} after {lasted}",
        Kind.MISSED: f"MISSED {severity} {lasted}",
        Kind.RESOLVED: f"RESOLVED after {lasted}",
    }.get(notice.kind, severity)


def _series(notice: Notice) -> str:
    return notice.series_name or notice.series


def _name(name: str) -> str:
    return ascii_line(name) or "?"


def _text(notice: Notice) -> str:
    """Why, without what only bodies have room for; the key that is wrong first, its place last."""
    outer, _, key = notice.details.place.rpartition(".")
    if not _KEY.fullmatch(key):  # the name of a rule may have a dot
        outer, key = notice.details.place, ""
    named = f"{key}: {notice.reason}" if key else notice.reason
    return ascii_line(f"{named}{notice.details.wait}{f' ({outer})' if outer else ''}") or NO_REASON


def _fit(line: _Line) -> str:
    for names, text in _rooms():
        if names < READABLE and line.shorter:
            return _fit(line.shorter)
        fitted = line.within(names, text)
        if len(fitted) <= LENGTH:
            return fitted
    return shorten(line.within(4, 4), LENGTH)


def _rooms() -> Iterator[tuple[int, int]]:
    """Ever less room for a name and for the text: names give way first, then each in turn."""
    yield from ((room, LENGTH) for room in range(LENGTH, 16, -1))
    yield from ((16, room) for room in range(LENGTH, 24, -1))
    yield from ((room, 24) for room in range(16, 4, -1))
    yield from ((4, room) for room in range(24, 3, -1))
