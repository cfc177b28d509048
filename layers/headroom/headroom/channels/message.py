"""What every channel says of a notice: the first line, the facts in their order, the links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from headroom.channels.text import plain
from headroom.domain.headline import BUILT_IN, LENGTH, headline
from headroom.domain.notices import Notice
from headroom.domain.windows import Instant
from headroom.domain.wording import ascii_line, clock, duration, percent, shorten

LONGEST_LINK = 750
"""Characters; Slack's button takes 3,000 (docs.slack.dev), but a message has to stay short."""

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
    found = (Link("Runbook", notice.runbook), Link("Agent Studio", notice.studio_url))
    return tuple(link for link in found if _is_web(link.url))


def _is_web(url: str) -> bool:
    if not url or len(url) > LONGEST_LINK or plain(url, LONGEST_LINK) != url:
        return False
    if any(char in url for char in ' "<>|\\^`{}'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
