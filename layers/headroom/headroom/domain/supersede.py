"""Notices that became out of date while they were pending give way to what is true now.

A channel that was down gets one notice of an incident in place of all that are pending: if it was
never notified of the incident, one `fired` with the latest severity, or one `missed` when it is
over; otherwise the latest one. A pager gets nothing about what is over, unless its alarm may have
arrived: then it gets the resolve, so that no page stays open. Where an incident was routed to
pagers alone and none was notified, the default channel gets the `missed`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from headroom.domain.fingerprints import notice_id, short_hash
from headroom.domain.headline import headline
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import Outbox, PendingDelivery, PendingNotice, channels, lanes, remove
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import WINDOW, Instant, window_of


def supersede(
    outbox: Outbox, now: Instant, *, pagers: Container[str], unknown: Container[str] = ()
) -> None:
    """Leave each channel one notice of each incident; leave alone what another check may send.

    Channels that are `unknown` (pagers or not) keep all theirs until that is known: a page may be
    open. A `missed` that waited for such channels goes to `default` if all of them are pagers.
    """
    for pending in list(outbox.values()):
        if pending.nobody_notified:
            _find_people(outbox, pending, now, pagers, unknown)
    for name in channels(outbox):
        if name in unknown:
            continue
        for lane in lanes(outbox, name).values():
            # What was given up waits only for the dead-letter queue and for its report.
            open_still = [each for each in lane if not each.deliveries[name].given_up]
            for same in _by_incident(open_still):
                if len(same) > 1 and not any(each.deliveries[name].leased(now) for each in same):
                    _replace(outbox, name, same, pagers)


def aged(outbox: Outbox, now: Instant) -> dict[str, Kind]:
    """The alerts that go on, with a pending notice that was written a window ago, and its kind.

    The kind says which calls the notice shows: those that made the alert fire, or those that keep
    it firing. The former are true of a reminder too.
    """
    pending = sorted(outbox.values(), key=lambda each: (not _reminds(each), each.seq))
    return {each.notice.alert_id: each.notice.kind for each in pending if _aged(each, now)}


def refresh(outbox: Outbox, present: Mapping[str, Notice], now: Instant) -> Outbox:
    """Update pending notices to what is true now; `present` has that, by alert.

    A notice keeps its id, kind and severity. One that may have arrived is updated too: receivers
    that know its id discard the second, and others should not read old numbers.
    """
    return {
        key: replace(each, notice=_updated(each.notice, present.get(each.notice.alert_id)))
        if _aged(each, now)
        else each
        for key, each in outbox.items()
    }


def _updated(notice: Notice, now: Notice | None) -> Notice:
    """The notice with the numbers of `now`, if its incident goes on at the same severity."""
    if now is None or (now.incident_id, now.severity) != (notice.incident_id, notice.severity):
        return notice
    updated = replace(now, id=notice.id, kind=notice.kind, summary="")
    return replace(updated, summary=headline(updated))


def _aged(pending: PendingNotice, now: Instant) -> bool:
    notice, deliveries = pending.notice, pending.deliveries.values()
    outdated = not notice.kind.ends and now - notice.at >= WINDOW
    leased = any(each.leased(now) for each in deliveries)
    return (
        outdated
        and not leased
        and not all(each.dead_letter or each.given_up for each in deliveries)
    )


def _by_incident(lane: Sequence[PendingNotice]) -> list[list[PendingNotice]]:
    found: dict[str, list[PendingNotice]] = {}
    for each in lane:
        found.setdefault(each.notice.incident_id, []).append(each)
    return list(found.values())


def _replace(
    outbox: Outbox, channel: str, same: Sequence[PendingNotice], pagers: Container[str]
) -> None:
    """Replace several notices of one incident by the last, by another one, or by none.

    A reminder never replaces a notice with news: `refresh` keeps the numbers of that up to date.
    """
    last = next((each for each in reversed(same) if not _reminds(each)), same[-1])
    stale = [each for each in same if each is not last]
    delivery = _merged(same, channel)
    over = missed_notice(last.notice, [each.notice for each in stale])
    for each in stale:
        remove(outbox, each.notice.id, channel)
    ends = last.notice.kind.ends
    notified = not delivery.first_of_incident or (delivery.may_have_arrived and not ends)
    if notified or last.notice.kind is Kind.FIRED:
        outbox[last.notice.id] = outbox[last.notice.id].with_delivery(channel, delivery)
    elif not ends:
        _substitute(outbox, channel, last, first_notice(last.notice), delivery)
    elif channel not in pagers:
        _substitute(outbox, channel, last, over, replace(delivery, may_have_arrived=False))
    else:
        # While it is also pending for an unknown channel, people may be notified there.
        alone = all(name in pagers for name in outbox[last.notice.id].deliveries)
        if last.nobody_notified and alone:
            _notify_people(outbox, last, over, delivery.since)
        if not delivery.may_have_arrived:
            remove(outbox, last.notice.id, channel)


def _reminds(pending: PendingNotice) -> bool:
    return pending.notice.kind is Kind.REMINDER


def _merged(same: Sequence[PendingNotice], channel: str) -> PendingDelivery:
    """The delivery that replaces all these.

    It keeps their failed attempts: otherwise an alert whose notices the channel never accepts would
    go before others each time a newer one replaces them.
    """
    deliveries = [each.deliveries[channel] for each in same]
    return replace(
        deliveries[-1],
        attempts=max(each.attempts for each in deliveries),
        own_failures=max(each.own_failures for each in deliveries),
        since=same[0].since(channel),
        first_of_incident=deliveries[0].first_of_incident,
        stands_for=sum(each.stands_for for each in deliveries),
        may_have_arrived=any(each.may_have_arrived for each in deliveries),
    )


def _substitute(
    outbox: Outbox, channel: str, last: PendingNotice, notice: Notice, delivery: PendingDelivery
) -> None:
    """Put another notice into the place of `last`, for one channel."""
    queued_at = delivery.since if last.notice.kind is Kind.REMINDER else last.queued_at
    remove(outbox, last.notice.id, channel)
    known = outbox.get(notice.id, PendingNotice(last.seq, notice, queued_at))
    outbox[notice.id] = known.with_delivery(channel, delivery)


def _find_people(
    outbox: Outbox,
    pending: PendingNotice,
    now: Instant,
    pagers: Container[str],
    unknown: Container[str],
) -> None:
    """Use what is known by now of the channels of an end that was routed to pagers alone.

    If one of them is a channel for people, they are notified there. If all are pagers, a `missed`
    goes to the default channel; one that was given up is left alone, since a report of it goes
    there. (`_replace` does the same for a `resolved` whose beginning is pending as well.)
    """
    deliveries = pending.deliveries.items()
    if any(name not in pagers and name not in unknown for name in pending.deliveries):
        outbox[pending.notice.id] = replace(pending, nobody_notified=False)
    elif pending.notice.kind is Kind.MISSED and all(
        name in pagers and _free(each, now) for name, each in deliveries
    ):
        delivery = PendingDelivery(first_of_incident=True, since=pending.queued_at)
        outbox[pending.notice.id] = replace(pending, deliveries={DEFAULT_CHANNEL: delivery})


def _free(delivery: PendingDelivery, now: Instant) -> bool:
    """Whether no check is sending it, and it is not given up."""
    return not (delivery.leased(now) or delivery.given_up or delivery.dead_letter)


def _notify_people(outbox: Outbox, last: PendingNotice, over: Notice, since: Instant) -> None:
    """Send the default channel, once, the `missed` of an incident that was routed to pagers."""
    outbox[last.notice.id] = replace(outbox[last.notice.id], nobody_notified=False)
    delivery = PendingDelivery(first_of_incident=True, since=since)
    _substitute(outbox, DEFAULT_CHANNEL, last, over, delivery)


def first_notice(latest: Notice) -> Notice:
    """The `fired` for a channel that was never notified of the incident: how it is now."""
    notice = replace(latest, id=short_hash(latest.id, Kind.FIRED), kind=Kind.FIRED, summary="")
    return replace(notice, summary=headline(notice))


def missed_notice(end: Notice, stale: Sequence[Notice] = ()) -> Notice:
    """The `missed` for a channel that was never notified of the incident, which is over.

    It has the reason for which the incident began, if one of the `stale` notices has it.
    """
    known = next((each for each in reversed(stale) if each.reason), end)
    window = window_of(end.since + end.duration_seconds)
    notice = replace(
        end,
        id=notice_id(end.incident_id, Kind.MISSED, end.severity, window),
        kind=Kind.MISSED,
        reason=known.reason,
        details=known.details,
        series_name=end.series_name or next((each.series_name for each in stale), ""),
        summary="",
    )
    return replace(notice, summary=headline(notice))
