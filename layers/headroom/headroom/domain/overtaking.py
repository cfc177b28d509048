"""When the end of an incident overtakes its beginning, because a channel was down meanwhile.

People then get one `missed` instead of a stale alarm and its end. A pager hears nothing, unless the
alarm may have arrived: then it gets the resolve, so that no page stays open.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from headroom.domain.headline import headline
from headroom.domain.notices import Kind, Notice, notice_id
from headroom.domain.outbox import Outbox, Owed, Pending, channels, drop, lines
from headroom.domain.windows import Instant, window_of


@dataclass(frozen=True, slots=True)
class _Overtaken:
    """One incident on one channel: all that it still owes, the end last."""

    channel: str
    stale: Sequence[Pending]
    end: Pending

    @property
    def uncertain(self) -> bool:
        """Whether any of the stale notices may have arrived."""
        return any(each.owed[self.channel].uncertain for each in self.stale)


def overtake(
    outbox: Outbox, now: Instant, *, pagers: Container[str], unknown: Container[str] = ()
) -> None:
    """Replace beginnings that nobody heard by what is still worth telling.

    What channels of an `unknown` sort owe stays as it is until that is known: a page may be open.
    """
    for name in channels(outbox):
        if name in unknown:
            continue
        for line in lines(outbox, name).values():
            for found in _overtaken(name, line, now):
                _replace(outbox, found, pager=name in pagers)


def _overtaken(name: str, line: list[Pending], now: Instant) -> list[_Overtaken]:
    found = []
    for end in line:
        if end.notice.kind is not Kind.RESOLVED:
            continue
        same = [each for each in line if each.notice.incident_id == end.notice.incident_id]
        stale = same[: same.index(end)]
        sending = any(each.owed[name].leased(now) for each in same)
        if stale and stale[0].owed[name].first and not sending:
            found.append(_Overtaken(name, stale, end))
    return found


def _replace(outbox: Outbox, found: _Overtaken, *, pager: bool) -> None:
    for each in found.stale:
        drop(outbox, each.notice.id, found.channel)
    if pager and found.uncertain:
        return
    drop(outbox, found.end.notice.id, found.channel)
    if not pager:
        _tell_missed(outbox, found)


def _tell_missed(outbox: Outbox, found: _Overtaken) -> None:
    notice = missed(found.end.notice)
    known = outbox.get(notice.id, Pending(found.end.seq, notice, found.end.queued_at))
    outbox[notice.id] = known.owing(found.channel, Owed(first=True))


def missed(end: Notice) -> Notice:
    """What is told of an incident whose beginning was never heard."""
    window = window_of(end.since + end.duration_seconds)
    notice = replace(
        end,
        id=notice_id(end.incident_id, Kind.MISSED, end.severity, window),
        kind=Kind.MISSED,
        summary="",
    )
    return replace(notice, summary=headline(notice))
