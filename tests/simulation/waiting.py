"""When a channel may be sent something: what has to wait, and for what (DESIGN 5.3 and 5.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.facts import Facts
from tests.simulation.outcomes import Commit, Recorded, Send
from tests.simulation.told import NEVER, Told

SLACK = 6
"""Seconds between the clocks of who was asked to wait and of who sends next, at most."""
DAY = 24 * 3600
"""Seconds after which a notice may be tried a last time, whatever its channel asked for."""

Line = tuple[str, str, str]
"""An alert: project, rule and series."""


def waits_its_turn(facts: Facts) -> Iterator[str]:
    """Nothing is sent while the document still owes an earlier notice of that alert there."""
    told = Told(facts)
    owed: dict[str, dict[str, set[str]]] = defaultdict(dict)
    events: list[Commit | Recorded | Send] = [*facts.commits, *facts.records, *facts.sends]
    for event in sorted(events, key=lambda one: one.order):
        mine = owed[event.project]
        if isinstance(event, Commit):
            owed[event.project] = {key: set(channels) for key, channels in event.owed.items()}
        elif isinstance(event, Recorded):
            if event.settled:
                mine.get(event.notice, set()).discard(event.channel)
        else:
            pending = [key for key, channels in mine.items() if event.channel in channels]
            for key in pending:
                if _before(told, told.words[key][0], event.notice):
                    what = told.name(event.notice["id"])
                    yield f"{what} was sent to {event.channel} while {told.name(key)} was pending"


def _before(told: Told, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _line(one) == _line(other) and told.rank(one) < told.rank(other)


def _line(notice: Mapping[str, Any]) -> Line:
    return notice["project"], notice["rule"], notice["series"]


def left_alone(facts: Facts) -> Iterator[str]:
    """Who asked to be left alone hears nothing until then from anybody who could know of it.

    That is the check that was told so, and every check that loaded after it was stored.
    """
    last_try = {incident: at + DAY - SLACK for incident, at in _begun(facts).items()}
    stored = {(each.check, each.channel, each.notice): each for each in facts.records}
    for place, asked in enumerate(facts.sends):
        if not asked.alone_until:
            continue
        record = stored.get((asked.check, asked.channel, asked.notice["id"]))
        given_up = record is not None and record.settled
        known = record.order if record and not given_up else NEVER
        until = min(asked.alone_until - SLACK, last_try.get(asked.notice["incident_id"], NEVER))
        for send in facts.sends[place + 1 :]:
            due = send.at >= min(until, last_try.get(send.notice["incident_id"], NEVER))
            if send.channel != asked.channel or due:
                continue
            own = send.check == asked.check and not given_up
            if own or facts.loads[send.check] > known:
                yield _too_soon(asked, send)


def _too_soon(asked: Send, send: Send) -> str:
    return (
        f"{send.notice['kind']} {send.notice['id'][:6]} was sent to {send.channel} "
        f"{asked.alone_until - send.at} s before the time that it had asked for"
    )


def _begun(facts: Facts) -> Mapping[str, int]:
    """When each incident was first owed to anybody, by the clock."""
    found: dict[str, int] = {}
    for commit in facts.commits:
        for notice in commit.notices.values():
            found.setdefault(str(notice["incident_id"]), commit.at)
    return found
