"""What became out of date while it was pending is replaced by what is true now.

A channel that was down gets one notice of an incident in place of all that gathered meanwhile: one
that never heard of it gets one `fired` with the latest severity, or one `missed` when it is over;
one that heard of it gets the latest. A pager hears nothing of what is over, unless its alarm may
have arrived: then it gets the resolve, so that no page stays open. Where only pagers were to hear
of the incident and none did, the default channel gets the `missed`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from headroom.domain.headline import headline
from headroom.domain.notices import Kind, Notice, notice_id, short_hash
from headroom.domain.outbox import Outbox, PendingDelivery, PendingNotice, channels, drop, lines
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import WINDOW, Instant, window_of


def supersede(
    outbox: Outbox, now: Instant, *, pagers: Container[str], unknown: Container[str] = ()
) -> None:
    """Leave on each channel one notice of each incident, but for what may be on its way now.

    What channels of an `unknown` sort owe stays as it is until that is known: a page may be open.
    """
    for name in channels(outbox):
        if name in unknown:
            continue
        for line in lines(outbox, name).values():
            # What was refused for good waits for the dead-letter queue alone, and for its report.
            open_still = [each for each in line if not each.owed[name].given_up]
            for same in _by_incident(open_still):
                if len(same) > 1 and not any(each.owed[name].leased(now) for each in same):
                    _replace(outbox, name, same, pagers)


def compact(outbox: Outbox, now: Instant) -> None:
    """Make an outbox small that would grow too large: a channel is down while many alerts flap.

    A `missed` that something newer of its alert follows is left out, and counted by that; readings
    are left out where no try can have arrived. History has both.
    """
    for name in channels(outbox):
        for line in lines(outbox, name).values():
            _count_missed(outbox, name, line, now)
    for key, pending in outbox.items():
        if not any(owed.uncertain or owed.leased(now) for owed in pending.owed.values()):
            outbox[key] = replace(pending, notice=replace(pending.notice, readings=()))


def aged(outbox: Outbox, now: Instant) -> dict[str, Kind]:
    """The alerts that go on, with a notice that was written a window ago and is pending still.

    And what that one tells: the calls that made it fire, or those that keep it firing. The former
    are true of a reminder too.
    """
    pending = sorted(outbox.values(), key=lambda each: (not _reminds(each), each.seq))
    return {each.notice.alert_id: each.notice.kind for each in pending if _aged(each, now)}


def refresh(outbox: Outbox, present: Mapping[str, Notice], now: Instant) -> Outbox:
    """Let what could not be sent say what is true now; `present`: that, by alert.

    It stays the same notice: its id, what it tells and how severe. One that may have arrived is
    renewed too: whoever knows its id drops the second, and nobody else reads old numbers.
    """
    return {
        key: replace(each, notice=_renewed(each.notice, present.get(each.notice.alert_id)))
        if _aged(each, now)
        else each
        for key, each in outbox.items()
    }


def _renewed(notice: Notice, now: Notice | None) -> Notice:
    """The notice in the words of now, if its incident goes on as severe as it says."""
    if now is None or (now.incident_id, now.severity) != (notice.incident_id, notice.severity):
        return notice
    renewed = replace(now, id=notice.id, kind=notice.kind, summary="")
    return replace(renewed, summary=headline(renewed))


def _aged(pending: PendingNotice, now: Instant) -> bool:
    notice, owed = pending.notice, pending.owed.values()
    outdated = not notice.kind.ends and now - notice.at >= WINDOW
    leased = any(each.leased(now) for each in owed)
    return outdated and not leased and not all(each.refused or each.given_up for each in owed)


def _count_missed(
    outbox: Outbox, channel: str, line: Sequence[PendingNotice], now: Instant
) -> None:
    """Leave out the `missed` before the last notice of a line, which says how many there were.

    A `resolved` has no place for the number (its reason says why it closed), so the newest `missed`
    before it stays and says it.
    """
    over = [each for each in line[:-1] if _may_be_left_out(each, channel, now)]
    last = line[-1] if line[-1].notice.kind is not Kind.RESOLVED or not over else over.pop()
    if not over:
        return
    for each in over:
        drop(outbox, each.notice.id, channel)
    more = sum(1 + each.owed[channel].more for each in over)
    owed = last.owed[channel]
    after = replace(owed, more=owed.more + more)
    outbox[last.notice.id] = outbox[last.notice.id].owing(channel, after)


def _may_be_left_out(pending: PendingNotice, channel: str, now: Instant) -> bool:
    owed = pending.owed[channel]
    busy = owed.uncertain or owed.given_up or owed.leased(now)
    return pending.notice.kind is Kind.MISSED and not busy


def _by_incident(line: Sequence[PendingNotice]) -> list[list[PendingNotice]]:
    found: dict[str, list[PendingNotice]] = {}
    for each in line:
        found.setdefault(each.notice.incident_id, []).append(each)
    return list(found.values())


def _replace(
    outbox: Outbox, channel: str, same: Sequence[PendingNotice], pagers: Container[str]
) -> None:
    """Several notices of one incident become one, or none; the last of them says what is true.

    Not a reminder, beside one that is news: what it tells is kept up to date (`refresh`).
    """
    last = next((each for each in reversed(same) if not _reminds(each)), same[-1])
    stale = [each for each in same if each is not last]
    owed = _instead(same, channel)
    over = missed(last.notice, [each.notice for each in stale])
    for each in stale:
        drop(outbox, each.notice.id, channel)
    begins = last.notice.kind is Kind.FIRED
    if not owed.first or begins or (owed.uncertain and not last.notice.kind.ends):
        outbox[last.notice.id] = outbox[last.notice.id].owing(channel, owed)
    elif not last.notice.kind.ends:
        _stand_in(outbox, channel, last, begun(last.notice), owed)
    elif channel not in pagers:
        _stand_in(outbox, channel, last, over, replace(owed, uncertain=False))
    else:
        # One of an unknown sort owes it as well: people will hear of it there, if it is for people.
        if last.unheard and all(name in pagers for name in outbox[last.notice.id].owed):
            _tell_people(outbox, last, over, owed.since)
        if not owed.uncertain:
            drop(outbox, last.notice.id, channel)


def _reminds(pending: PendingNotice) -> bool:
    return pending.notice.kind is Kind.REMINDER


def _instead(same: Sequence[PendingNotice], channel: str) -> PendingDelivery:
    """What the channel owes in place of all these.

    It has failed as often as they: otherwise an alert whose notices the channel never accepts would
    go before others each time it renews them.
    """
    owed = [each.owed[channel] for each in same]
    return replace(
        owed[-1],
        attempts=max(each.attempts for each in owed),
        alone=max(each.alone for each in owed),
        since=same[0].since(channel),
        first=owed[0].first,
        more=sum(each.more for each in owed),
        uncertain=any(each.uncertain for each in owed),
    )


def _stand_in(
    outbox: Outbox, channel: str, last: PendingNotice, notice: Notice, owed: PendingDelivery
) -> None:
    queued_at = owed.since if last.notice.kind is Kind.REMINDER else last.queued_at
    drop(outbox, last.notice.id, channel)
    known = outbox.get(notice.id, PendingNotice(last.seq, notice, queued_at))
    outbox[notice.id] = known.owing(channel, owed)


def _tell_people(outbox: Outbox, last: PendingNotice, over: Notice, since: Instant) -> None:
    """Let the default channel hear of what only pagers were to hear of, once."""
    outbox[last.notice.id] = replace(outbox[last.notice.id], unheard=False)
    owed = PendingDelivery(first=True, since=since)
    _stand_in(outbox, DEFAULT_CHANNEL, last, over, owed)


def begun(latest: Notice) -> Notice:
    """What a channel is told first of an incident that it never heard of: how it is now."""
    notice = replace(latest, id=short_hash(latest.id, Kind.FIRED), kind=Kind.FIRED, summary="")
    return replace(notice, summary=headline(notice))


def missed(end: Notice, unheard: Sequence[Notice] = ()) -> Notice:
    """What is told of an incident whose beginning was never heard: with the reason that it had."""
    known = next((each for each in reversed(unheard) if each.reason), end)
    window = window_of(end.since + end.duration_seconds)
    notice = replace(
        end,
        id=notice_id(end.incident_id, Kind.MISSED, end.severity, window),
        kind=Kind.MISSED,
        reason=known.reason,
        details=known.details,
        series_name=end.series_name or next((each.series_name for each in unheard), ""),
        summary="",
    )
    return replace(notice, summary=headline(notice))
