"""When a notice may be sent, and when it must be (DESIGN 5.3 and 5.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.facts import Facts
from tests.simulation.invariants.deliveries import NEVER, Deliveries
from tests.simulation.oracle.configuration import may_be_in_force
from tests.simulation.outcomes import Commit, Recorded, Send

SLACK = 6
"""Seconds between the clocks of two function instances, at most."""
DAY = 24 * 3600
"""Seconds after which a notice may be tried a last time, even if its channel asked us to wait."""

Line = tuple[str, str, str]
"""An alert: project, rule and series."""


def waits_for_earlier_notices(facts: Facts) -> Iterator[str]:
    """Nothing is sent while an earlier notice of that alert is pending for the channel."""
    deliveries = Deliveries(facts)
    messages: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    for send in facts.sends:
        messages[send.check, send.channel, send.digest].add(send.notice["id"])
    pending_now: dict[str, dict[str, set[str]]] = defaultdict(dict)
    events: list[Commit | Recorded | Send] = [*facts.commits, *facts.records, *facts.sends]
    for event in sorted(events, key=lambda one: one.order):
        mine = pending_now[event.project]
        if isinstance(event, Commit):
            pending_now[event.project] = {
                key: set(channels) for key, channels in event.pending.items()
            }
        elif isinstance(event, Recorded):
            if event.settled:
                mine.get(event.notice, set()).discard(event.channel)
        else:
            together = messages[event.check, event.channel, event.digest] if event.digest else set()
            pending = [key for key, channels in mine.items() if event.channel in channels]
            for key in pending:
                if key not in together and _before(
                    deliveries, deliveries.words[key][0], event.notice
                ):
                    sent, earlier = deliveries.name(event.notice["id"]), deliveries.name(key)
                    yield f"{sent} was sent to {event.channel} while {earlier} was pending"


def _before(deliveries: Deliveries, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _line(one) == _line(other) and deliveries.rank(one) < deliveries.rank(other)


def _line(notice: Mapping[str, Any]) -> Line:
    return notice["project"], notice["rule"], notice["series"]


def backs_off(facts: Facts) -> Iterator[str]:
    """A channel that asked us to wait gets nothing until then from a check that could know of it.

    That is the check that got the answer, and every check that loaded after it was stored.
    """
    last_try = {incident: at + DAY - SLACK for incident, at in _begun(facts).items()}
    stored = {(each.check, each.channel, each.notice): each for each in facts.records}
    for place, answered in enumerate(facts.sends):
        if not answered.back_off_until:
            continue
        record = stored.get((answered.check, answered.channel, answered.notice["id"]))
        given_up = record is not None and record.settled
        known = record.order if record and not given_up else NEVER
        until = min(
            answered.back_off_until - SLACK, last_try.get(answered.notice["incident_id"], NEVER)
        )
        for send in facts.sends[place + 1 :]:
            due = send.at >= min(until, last_try.get(send.notice["incident_id"], NEVER))
            at_once = answered.digest and (send.check, send.digest) == (
                answered.check,
                answered.digest,
            )
            if send.channel != answered.channel or due or at_once:
                continue
            own = send.check == answered.check and not given_up
            if own or facts.loads[send.check] > known:
                yield _too_soon(answered, send)


def _too_soon(answered: Send, send: Send) -> str:
    return (
        f"{send.notice['kind']} {send.notice['id'][:6]} was sent to {send.channel} "
        f"{answered.back_off_until - send.at} s before the time that it had asked for"
    )


def _begun(facts: Facts) -> Mapping[str, int]:
    """When each incident was first pending, by the clock."""
    found: dict[str, int] = {}
    for commit in facts.commits:
        for notice in commit.notices.values():
            found.setdefault(str(notice["incident_id"]), commit.at)
    return found


LEASE = 120
"""Seconds that a notice may be out of reach after the check that held it began."""
SHORT = 25
"""Seconds; a check that took longer may have run out of time for what it had to send."""
FAILING = 4
"""Different notices that a channel does not take, the last one a probe, before it is at fault."""


def sent_in_time(facts: Facts) -> Iterator[str]:
    """An untried notice is sent in the next check in which nothing fails (DESIGN 5.4).

    Refused notices of other alerts do not hold it back, only those of its own.
    """
    deliveries = Deliveries(facts)
    ends = {each.check: each for each in facts.checks}
    for check, began in facts.began_at.items():
        end = ends.get(check)
        if end is None or end.how != "done" or check in facts.troubled:
            continue
        lately = [one for one, at in facts.began_at.items() if began - LEASE <= at <= end.ended]
        well = all(
            one in ends
            and ends[one].how == "done"
            and one not in facts.troubled
            and ends[one].ended - facts.began_at[one] <= SHORT
            and (one == check or ends[one].order < facts.loads[check])
            for one in lately
        )
        if not well:
            continue
        for key, channel in _due(facts, deliveries, check, end.order):
            if not _unusable(facts, channel, began, end.ended):
                yield f"{deliveries.name(key)} to {channel} was not tried by check {check}"


def _unusable(facts: Facts, channel: str, began: float, ended: float) -> bool:
    """Whether the channel may have been unusable for the check: then nothing is sent there.

    One that is only invalid is used as it was before, where that version can be read (DESIGN 3).
    """
    unusable = [
        each
        for each in facts.invalid_parameters
        if each.part == f"channels/{channel}" and (each.deleted or not facts.history_read)
    ]
    return any(may_be_in_force(facts, each, int(at)) for each in unusable for at in (began, ended))


def _due(facts: Facts, deliveries: Deliveries, check: int, end: int) -> Iterator[tuple[str, str]]:
    """What was pending before a check, is still pending when it ended, and was never tried."""
    before, after = _pending(facts, facts.loads[check]), _pending(facts, end)
    sends = [each for each in facts.sends if each.order < end]
    tried = {(each.notice["id"], each.channel) for each in sends}
    mine = [each for each in sends if each.check == check]
    now = facts.began_at[check]
    for key, channel in sorted(before & after):
        failed = {each.notice["id"] for each in mine if each.channel == channel and each.poisoned}
        waits = any(e.channel == channel and e.back_off_until > now - SLACK for e in sends)
        notice = deliveries.words[key][0]
        first = not any(
            to == channel and _before(deliveries, deliveries.words[other][0], notice)
            for other, to in after
        )
        if (key, channel) not in tried and first and not waits and len(failed) < FAILING:
            yield key, channel


def _pending(facts: Facts, order: int) -> set[tuple[str, str]]:
    """What is pending at one place in the order of events: notice and channel."""
    found: dict[str, set[tuple[str, str]]] = {}
    events: list[Commit | Recorded] = [*facts.commits, *facts.records]
    for event in sorted(events, key=lambda each: each.order):
        if event.order > order:
            break
        if isinstance(event, Commit):
            found[event.project] = {(key, to) for key, all_ in event.pending.items() for to in all_}
        elif event.settled:
            found.get(event.project, set()).discard((event.notice, event.channel))
    return set().union(*found.values())
