"""Decides what to do with each message, without I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from headroom.channels.message import first_line
from headroom.domain.formatting import duration, shorten
from headroom.domain.headline import LENGTH
from headroom.domain.notices import Notice
from headroom.domain.self_monitoring import OWN_DOCUMENTS
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant
from headroom_cli.redrive.messages import DeadLetter, Message, MessageKind, dead_letter

FRESH = 60
"""Seconds after which a notice is marked as late."""


@dataclass(frozen=True, slots=True)
class QueueContents:
    """The queue's messages, classified."""

    letters: tuple[DeadLetter, ...]
    """In the order of sending."""
    others: Mapping[MessageKind, Sequence[Message]]
    """Messages that are not notices, or not readable ones."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """Number of notices by channel that was not asked for."""

    @property
    def settled(self) -> list[Message]:
        """Failed checks and events: later checks caught up on them."""
        return [
            each
            for kind in (MessageKind.CHECK, MessageKind.EVENT)
            for each in self.others.get(kind, [])
        ]

    @property
    def unread(self) -> Sequence[Message]:
        """Notices for these channels that this version cannot read."""
        return self.others.get(MessageKind.VERSION, [])


def classify(messages: Iterable[Message], channels: Collection[str] = ()) -> QueueContents:
    """Classify messages; notices for these `channels`, or all, by time and without duplicates."""
    letters: dict[tuple[str, str], DeadLetter] = {}
    others: dict[MessageKind, list[Message]] = {}
    elsewhere: dict[str, set[str]] = {}
    for message in messages:
        read = _read(message)
        channel = channel_of(message)
        if channel is not None and channels and channel not in channels:
            elsewhere.setdefault(channel, set()).add(read.notice.id if read else message.id)
        elif read is None:
            kind = MessageKind.VERSION if message.kind is MessageKind.NOTICE else message.kind
            others.setdefault(kind, []).append(message)
        else:
            key = read.notice.id, read.channel
            known = letters.get(key, replace(read, copies=()))
            letters[key] = replace(known, copies=(*known.copies, message))
    numbers = {channel: len(ids) for channel, ids in elsewhere.items()}
    return QueueContents(tuple(sorted(letters.values(), key=_time)), others, numbers)


def channel_of(message: Message) -> str | None:
    """Return a notice's channel, even if it is unreadable; None if it is not a notice."""
    return str(message.body["channel"]) if message.kind is MessageKind.NOTICE else None


def _read(message: Message) -> DeadLetter | None:
    if message.kind is not MessageKind.NOTICE:
        return None
    try:
        return dead_letter(message)
    except ValueError:
        return None


def _time(each: DeadLetter) -> tuple[Instant, Instant, Instant]:
    """Sort by time, then by incident: one check may notify of two incidents of an alert."""
    return each.notice.at, each.notice.since, each.copies[0].sent_at


class Obstacle(StrEnum):
    """Why a notice is held back."""

    NO_CHANNEL = "no such channel is configured"
    UNREAD = "its project's state is unreadable (headroom doctor says why)"
    OVER = "its incident has ended: nobody is paged for it"
    NEWER = "a newer incident of its alert is open and will resolve the page"

    @property
    def past(self) -> bool:
        """The notice will never be sent."""
        return self in (Obstacle.OVER, Obstacle.NEWER)


def page_obstacle(notice: Notice, loaded: Loaded) -> Obstacle | None:
    """Return why a pager must not get this notice now; None if it may.

    PagerDuty opens a new incident for a trigger after the resolve, and a resolve closes whatever
    is open for its key: https://developer.pagerduty.com/docs/events-api-v2-overview.
    """
    if loaded.unreadable.keys() & {notice.project, *OWN_DOCUMENTS}:
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


def mark_late(notice: Notice, now: Instant, *, over: bool = False) -> Notice:
    """Return the notice with its delay in the first line, which otherwise reads like news.

    `over`: its incident has ended, and its readers may know that already.
    """
    age = now - notice.at
    if age < FRESH and not over:
        return notice
    line = f"LATE {duration(age)}{', over' if over else ''}: {first_line(notice)}"
    return replace(notice, summary=shorten(line, LENGTH))
