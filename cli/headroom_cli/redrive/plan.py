"""What to do about each letter: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from headroom.channels.message import first_line
from headroom.domain.headline import LENGTH
from headroom.domain.notices import Notice
from headroom.domain.windows import Instant
from headroom.domain.wording import duration, shorten
from headroom.own import OURS
from headroom.state.port import Loaded
from headroom_cli.redrive.messages import DeadLetter, Message, MessageKind, dead_letter

FRESH = 60
"""Seconds after which a notice is told as late."""


@dataclass(frozen=True, slots=True)
class QueueContents:
    """What lies in the queue."""

    letters: tuple[DeadLetter, ...]
    """In the order in which they are sent."""
    others: Mapping[MessageKind, Sequence[Message]]
    """Messages that are no notices, or none that can be read."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """How many letters other channels have."""

    @property
    def settled(self) -> list[Message]:
        """What later checks have caught up on: it may go."""
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
    """The letters by time, each once however many copies there are; to these `channels`, or all."""
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
    """The channel of a notice, also of one that cannot be read; None: it is no notice."""
    return str(message.body["channel"]) if message.kind is MessageKind.NOTICE else None


def _read(message: Message) -> DeadLetter | None:
    if message.kind is not MessageKind.NOTICE:
        return None
    try:
        return dead_letter(message)
    except ValueError:
        return None


def _time(each: DeadLetter) -> tuple[Instant, Instant, Instant]:
    """One check may tell of two incidents of an alert: then by the incident."""
    return each.notice.at, each.notice.since, each.copies[0].sent_at


class Obstacle(StrEnum):
    """Why a letter is not to be sent now."""

    NO_CHANNEL = "no such channel is configured"
    UNREAD = "whether its incident is open cannot be read (headroom doctor says why)"
    OVER = "its incident is over: nobody is paged for it"
    NEWER = "a newer incident of its alert is open, whose own end resolves the page"

    @property
    def past(self) -> bool:
        """Nobody will ever need it."""
        return self in (Obstacle.OVER, Obstacle.NEWER)


def page_obstacle(notice: Notice, loaded: Loaded) -> Obstacle | None:
    """Why a pager must not hear of this notice, as things stand; None: it may.

    PagerDuty opens a new alert for a trigger after the resolve, and a resolve closes whatever is
    open of its alert: https://developer.pagerduty.com/docs/events-api-v2-overview.
    """
    if loaded.unreadable.keys() & {notice.project, *OURS}:
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
    """The same notice, whose first line says how late it is: on a lock screen it reads as news.

    `over`: its incident has ended meanwhile, and who hears it may have been told so before.
    """
    age = now - notice.at
    if age < FRESH and not over:
        return notice
    line = f"LATE {duration(age)}{', over' if over else ''}: {first_line(notice)}"
    return replace(notice, summary=shorten(line, LENGTH))
