"""What every channel says of a notice: the first line, the facts in their order, the links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from headroom.domain.formatting import ascii_line, clock, duration, percent, shorten
from headroom.domain.headline import BUILT_IN, LENGTH, headline
from headroom.domain.links import linkable
from headroom.domain.notices import Notice
from headroom.domain.windows import Instant

RUNBOOK, STUDIO = "Runbook", "Agent Studio"
"""What links are called."""

_OF_ADDRESSES = "!#$%&'()*+,-./:;=?@[]_~"
"""Besides letters and digits: what an address may hold as it is (RFC 3986, and `%`)."""

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a body. The text may hold names as other people wrote them."""

    label: str
    text: str
    at: Instant | None = None
    """The instant that the text says, for channels that can show it in the reader's own zone."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a reader may go next."""

    label: str
    url: str


def first_line(notice: Notice) -> str:
    """Give the notice's summary, kept to printable ASCII and 80 characters whatever it holds."""
    return shorten(ascii_line(notice.summary), LENGTH) or headline(notice)


def sms(notice: Notice) -> str:
    """Give the first line in GSM 03.38 characters only: any other would halve an SMS's room.

    The backtick is the one printable ASCII character without a place there (3GPP TS 23.038).
    """
    return first_line(notice).replace("`", "'")


def facts(notice: Notice) -> tuple[Fact, ...]:
    """List what is known, the most important first, without what does not apply."""
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
    peak = "" if notice.peak is None else count(notice.peak, notice.limit)
    return (
        Fact("Calls", count(notice.value, notice.limit) + when(notice)),
        Fact("Condition", condition),
        Fact("Peak", peak),
    )


def when(notice: Notice) -> str:
    """Say which window the calls are of, where that is not the newest one: ` at 10:05 UTC`."""
    return f" at {clock(notice.dated)}" if notice.dated is not None else ""


def count(value: int | None, limit: int | None) -> str:
    """As in `114 of 120 (95%)`, `22`, `no reading`."""
    if value is None:
        return "no reading"
    return f"{value} of {limit} ({percent(value, limit)}%)" if limit else str(value)


def series(notice: Notice) -> str:
    """Name the series as people do, with its key where that says more: `Spanish (V1)`."""
    name, key = notice.series_name, notice.series
    return f"{name} ({key})" if name and key and name != key else name or key


def lasted(notice: Notice) -> str:
    """Say how long it has been; empty for what has only begun."""
    return duration(notice.duration_seconds) if notice.duration_seconds >= _MINUTE else ""


def minute(instant: Instant) -> str:
    """As in `2026-11-23 10:05 UTC`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M UTC")


def links(notice: Notice) -> tuple[Link, ...]:
    """List the addresses worth opening, the runbook first; what is no web address is left out."""
    found = (Link(RUNBOOK, encoded(notice.runbook)), Link(STUDIO, encoded(notice.studio_url)))
    return tuple(link for link in found if linkable(link.url))


def encoded(url: str) -> str:
    """Percent-encode what would end a link early, as `|`, `<`, quotation marks and blanks do.

    What is encoded already stays as it is.
    """
    return quote(url, safe=_OF_ADDRESSES, errors="replace")
