"""What to do about each letter: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from headroom.channels.message import first_line
from headroom.domain.headline import LENGTH
from headroom.domain.notices import Notice
from headroom.domain.windows import Instant
from headroom.domain.wording import duration, shorten
from headroom.own import OWN
from headroom.state.port import Loaded
from headroom_cli.redrive.letters import Letter, Message, Sort, letter

FRESH = 60
"""Seconds after which a notice is told as late."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in the queue."""

    letters: tuple[Letter, ...]
    """In the order in which they are sent."""
    others: Mapping[Sort, Sequence[Message]]
    """Messages that are no notices, or none that can be read."""
    elsewhere: frozenset[str] = frozenset()
    """Other channels, which also have letters."""

    @property
    def settled(self) -> list[Message]:
        """What later checks have caught up on: it may go."""
        return [each for sort in (Sort.CHECK, Sort.EVENT) for each in self.others.get(sort, [])]


def sort_out(messages: Iterable[Message], channels: Collection[str] = ()) -> Found:
    """The letters by time, each once however many copies there are; to these `channels`, or all."""
    letters: dict[tuple[str, str], Letter] = {}
    others: dict[Sort, list[Message]] = {}
    elsewhere = set()
    for message in messages:
        read = _read(message)
        if read is None:
            sort = Sort.OTHER if message.sort is Sort.NOTICE else message.sort
            others.setdefault(sort, []).append(message)
        elif channels and read.channel not in channels:
            elsewhere.add(read.channel)
        else:
            key = read.notice.id, read.channel
            known = letters.get(key, replace(read, copies=()))
            letters[key] = replace(known, copies=(*known.copies, message))
    return Found(tuple(sorted(letters.values(), key=_time)), others, frozenset(elsewhere))


def _read(message: Message) -> Letter | None:
    if message.sort is not Sort.NOTICE:
        return None
    try:
        return letter(message)
    except ValueError:
        return None


def _time(each: Letter) -> tuple[Instant, Instant, Instant]:
    """One check may tell of two incidents of an alert: then by the incident."""
    return each.notice.at, each.notice.since, each.copies[0].sent_at


class Obstacle(StrEnum):
    """Why a letter is not to be sent now."""

    NO_CHANNEL = "no such channel is configured"
    UNREAD = "whether its incident is open cannot be read (headroom doctor says why)"
    OVER = "its incident is over: nobody is paged for it"
    NEWER = "a newer incident of its alert is open, whose own end resolves the page"


def unpaged(notice: Notice, loaded: Loaded) -> Obstacle | None:
    """Why a pager must not hear of this notice, as things stand; None: it may.

    PagerDuty opens a new alert for a trigger after the resolve, and a resolve closes whatever is
    open of its alert: https://developer.pagerduty.com/docs/events-api-v2-overview.
    """
    if loaded.unreadable.keys() & {notice.project, OWN}:
        return Obstacle.UNREAD
    incidents = [
        incident
        for document in loaded.documents.values()
        for incident in document.incidents.values()
        if incident.last.alert_id == notice.alert_id
    ]
    if notice.kind.ends:
        return Obstacle.NEWER if incidents else None
    still_open = notice.incident_id in [incident.id for incident in incidents]
    return None if still_open else Obstacle.OVER


def late(notice: Notice, now: Instant) -> Notice:
    """The same notice, whose first line says how late it is: on a lock screen it reads as news."""
    age = now - notice.at
    if age < FRESH:
        return notice
    line = f"LATE {duration(age)}: {first_line(notice)}"
    return replace(notice, summary=shorten(line, LENGTH))
