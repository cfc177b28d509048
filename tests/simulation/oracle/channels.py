"""What each channel received of each incident, and what it should have (DESIGN 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from tests.simulation.facts import Facts
from tests.simulation.oracle.configuration import DEFAULT, with_default
from tests.simulation.oracle.incidents import (
    BUILT_IN,
    ELSEWHERE,
    ENDS,
    HEADROOM,
    Incident,
    StoredNotice,
    by_alert,
    instant,
)
from tests.simulation.oracle.sequence import spreads, told_late
from tests.simulation.oracle.shared_causes import Causes, routes
from tests.simulation.oracle.windows import RANK
from tests.simulation.outcomes import Send

Attempts = Mapping[tuple[str, str], Sequence[Send]]
"""By incident and channel, every send."""

UNKNOWN = frozenset({"ambiguous", "nothing"})
NO = (False, False)
AGO, WINDOW = 3600, 300
"""Seconds; a channel that failed less long ago may still be backing off."""


@dataclass(frozen=True)
class ChannelView:
    """One channel and one incident."""

    facts: Facts
    incident: Incident
    channel: str
    attempts: Sequence[Send]
    given_up: bool
    """Whether something of it lies in the dead-letter queue."""
    allowed: Sequence[bool]
    """For each notice, whether it may go there by its severity."""
    wanted: Sequence[bool]
    """For each notice, whether it must."""

    @property
    def received(self) -> list[Send]:
        """What arrived."""
        return [each for each in self.attempts if each.arrived]

    @property
    def is_pager(self) -> bool:
        """Whether it is a pager."""
        return self.channel in self.facts.pagers

    def complaints(self) -> Iterator[str]:
        """Everything that is wrong, if anything."""
        why = [*self._unrouted(), *(() if self.given_up else self._missing())]
        yield from (f"{self.channel}: {self.incident}: {each}" for each in why)

    def _unrouted(self) -> Iterator[str]:
        if not self.received:
            return
        first = self.received[0].notice
        ids = [each.notice["id"] for each in self.incident.notices]
        until = ids.index(first["id"]) + 1 if first["id"] in ids else len(ids)
        if not any(self.allowed[:until]):
            yield f"received {_say(first)}, which goes elsewhere"

    def _missing(self) -> Iterator[str]:
        if self.received:
            yield from self._last()
            yield from self._beginning()
        elif any(self.wanted) and not (self.is_pager and self._may_be_spared()):
            yield f"received nothing; stored: {', '.join(map(str, self.incident.notices))}"

    def _last(self) -> Iterator[str]:
        last, latest = self.received[-1].notice, self.incident.last
        if self.incident.over and last["kind"] not in ENDS:
            yield f"last received {_say(last)}, and it is over: {latest} (DESIGN 5.3)"
        elif not self.incident.over and not _says(last, latest.notice):
            yield f"last received {_say(last)}, and the last notice is {latest} (DESIGN 5.3)"

    def _beginning(self) -> Iterator[str]:
        kinds = [str(each.notice["kind"]) for each in self.received]
        if self.is_pager:
            if "missed" in kinds:
                yield "a pager received a missed (DESIGN 5.3)"
        elif kinds[0] == "resolved":
            yield "people received the end only; expected missed (DESIGN 5.3)"
        elif "missed" in kinds and any(self.sure(each) for each in self.received[:-1]):
            yield f"received {kinds}: missed, though its beginning was accepted (DESIGN 5.3)"

    @staticmethod
    def sure(send: Send) -> bool:
        """Whether a beginning was accepted, and Headroom knows."""
        begins = send.notice["kind"] not in ENDS
        return begins and send.answer == "accepted" and send.recorded

    def _may_be_spared(self) -> bool:
        """Whether a pager may know nothing of what is over."""
        if not self.incident.over or any(each.answer in UNKNOWN for each in self.attempts):
            return False
        begun = self.incident.notices[0].stored_at
        return begun < self.facts.calm or any(
            each.channel == self.channel and each.answer != "accepted" and each.at > begun - AGO
            for each in self.facts.sends
        )


def channels(facts: Facts, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with what the channels received."""
    attempts: dict[tuple[str, str], list[Send]] = defaultdict(list)
    for send in facts.sends:
        if send.notice["rule"] not in ELSEWHERE:
            attempts[send.notice["incident_id"], send.channel].append(send)
    causes = Causes(facts, incidents)
    for incident in incidents:
        for view in _views(facts, causes, incident, attempts):
            yield from view.complaints()
    yield from _unknown(incidents, attempts)
    yield from _newest_last(facts, incidents, attempts)


def _views(
    facts: Facts, causes: Causes, whole: Incident, attempts: Attempts
) -> Iterator[ChannelView]:
    routed = {
        str(each.notice["id"]): _routes(facts, causes, whole, each, attempts)
        for each in whole.notices
    }
    for channel in sorted(facts.people | facts.pagers | {*DEFAULT}):
        incident = _notices_of(channel, facts, whole)
        routes = [routed[str(each.notice["id"])] for each in incident.notices]
        stands_in = channel in DEFAULT
        may, must = _in_place_of_pagers(facts, incident, routes, attempts) if stands_in else NO
        yield ChannelView(
            facts,
            incident,
            channel,
            attempts.get((incident.id, channel), ()),
            any(
                each.channel == channel and each.notice["incident_id"] == incident.id
                for each in facts.dead_letters
            ),
            [may or any(channel in one for one in each) for each in routes],
            [must or (bool(each) and all(channel in one for one in each)) for each in routes],
        )


def _in_place_of_pagers(
    facts: Facts,
    incident: Incident,
    routes: Sequence[Sequence[tuple[str, ...]]],
    attempts: Attempts,
) -> tuple[bool, bool]:
    """Whether `default` may, and must, get it because only pagers should have and none did."""
    begun = [
        each
        for stored, each in zip(incident.notices, routes, strict=True)
        if stored.kind != "resolved"
    ]
    if not incident.over or not begun:
        return NO
    paged = [each for name in facts.pagers for each in attempts.get((incident.id, name), ())]
    lost = any(each.notice["incident_id"] == incident.id for each in facts.dead_letters)
    sure = any(ChannelView.sure(each) for each in paged)
    maybe = lost or any(each.arrived or each.answer in UNKNOWN for each in paged)
    only = [[facts.pagers.issuperset(one) for one in each] for each in begun]
    return not sure and all(map(any, only)), not maybe and all(map(all, only))


def _notices_of(channel: str, facts: Facts, whole: Incident) -> Incident:
    """The incident without the notices to channels that it spread to."""
    mine = [
        each
        for place, each in enumerate(whole.notices)
        if not (place and spreads(each))
        or channel in facts.commits[each.order[0]].pending.get(str(each.notice["id"]), ())
    ]
    return replace(whole, notices=mine)


def _routes(
    facts: Facts, causes: Causes, incident: Incident, stored: StoredNotice, attempts: Attempts
) -> list[tuple[str, ...]]:
    """Where one notice may have been meant to go: more than one where edits are recent.

    An end goes to the channels that were notified before; and to people who are for a higher
    severity that was reached without a notice.
    """
    before = [each for each in incident.notices if each.order < stored.order]
    worst = max((RANK[each.severity] for each in before), default=0)
    if stored.kind == "resolved" and (stored.by_edit or RANK[stored.severity] <= worst):
        return []
    rule = str(stored.notice["rule"])
    if (incident.project, rule) == (HEADROOM, "config"):
        # What projects share: also to projects that are not judged, or whose channel it is.
        broken = str(stored.notice["series"]).removeprefix("channels.")
        others = [one for one in (*facts.people, *facts.pagers) if one != broken]
        found = [DEFAULT, (*others, *DEFAULT)]
    elif incident.project == HEADROOM:
        found = routes(causes, incident, stored)
    elif group := next((e for e in facts.groups if e.name == incident.project), None):
        found = [group.channels.get(stored.severity) or DEFAULT]
    else:
        written = causes.written[incident.project]
        found = written.channels(stored.stored_at, rule, stored.severity)
        if rule in BUILT_IN and written.unknown(stored.stored_at):
            found = [*found, DEFAULT]
    found = [one for each in found for one in with_default(facts, each, stored.stored_at)]
    if stored.kind not in ENDS:
        return found
    people = [tuple(one for one in each if one not in facts.pagers) for each in found]
    if stored.kind == "missed":
        return [each or DEFAULT for each in people]
    ways = [way for each in before for way in _routes(facts, causes, incident, each, attempts)]
    received = {one for way in ways for one in way}
    late = any(
        each.notice["kind"] == "missed"
        for name in facts.people
        for each in attempts.get((incident.id, name), ())
        if each.arrived or _given_up(facts, each)
    )
    return [way for each in found for way in _late_to(facts, each, received, late=late)]


def _given_up(facts: Facts, send: Send) -> bool:
    """Whether it lies in the dead-letter queue: `default` gets a report of it."""
    one = send.notice["id"], send.channel
    return any((each.notice["id"], each.channel) == one for each in facts.dead_letters)


def _late_to(
    facts: Facts, routed: Sequence[str], received: AbstractSet[str], *, late: bool
) -> list[tuple[str, ...]]:
    """Who may, and who must, get the `missed` of a severity that was reached without a notice.

    `default` need not get it in a pager's place where other people got it: they are on its route,
    and waited for the beginning.
    """
    people = tuple(one for one in routed if one not in facts.pagers)
    new = tuple(one for one in people if one not in received)
    paged = any(one in facts.pagers for one in routed)
    must = new or (DEFAULT if paged and not late and not received >= {*routed} else ())
    return [(*people, *DEFAULT), must]


def _unknown(incidents: Sequence[Incident], attempts: Attempts) -> Iterator[str]:
    known = {each.id for each in incidents}
    for (incident, channel), sends in attempts.items():
        if incident not in known:
            yield f"{channel}: received {_say(sends[0].notice)}, which was never stored"


def _newest_last(facts: Facts, incidents: Sequence[Incident], attempts: Attempts) -> Iterator[str]:
    """The last notice of an alert is about the newest incident that a channel was notified of.

    Unless the last notice of that one was given up. What `default` gets in place of a pager comes
    once that pager is known to have received nothing. What was over before it says so.
    """
    given_up = {
        (each.notice["incident_id"], each.channel, each.notice["kind"] in ENDS)
        for each in facts.dead_letters
    }
    for line in by_alert(incidents).values():
        for channel in sorted(facts.people | facts.pagers | {*DEFAULT}):
            ends = [
                (max(send.order for send in received), incident)
                for incident in line
                if not told_late(incident, line)
                and (received := _of_its_own(incident, channel, attempts))
            ]
            if not ends or (ends[-1][1].id, channel, ends[-1][1].over) in given_up:
                continue
            if max(ends, key=lambda each: each[0])[1] is not ends[-1][1]:
                newest = ends[-1][1]
                yield f"{channel}: {newest}: an older incident has the last notice (DESIGN 5.3)"


def _of_its_own(incident: Incident, channel: str, attempts: Attempts) -> list[Send]:
    """What a channel received, for `default` without what it got in place of a pager."""
    arrived = [each for each in attempts.get((incident.id, channel), ()) if each.arrived]
    routed = {each.notice["id"] for each in incident.notices}
    return [e for e in arrived if channel not in DEFAULT or e.notice["id"] in routed]


def _says(received: Mapping[str, object], latest: Mapping[str, object]) -> bool:
    """Whether it is the latest, or the `fired` for a channel that was never notified.

    Or news that goes in place of a reminder. Both have the number of the latest, or a newer one if
    they were pending (issue 8, point 18); news that is under a window old is not renewed.
    """
    same_severity = received["severity"] == latest["severity"]
    same = received["value"] == latest["value"] and received["at"] == latest["at"]
    late = instant(str(latest["at"])) - instant(str(received["at"]))
    news_for_reminder = latest["kind"] == "reminder" and late < WINDOW
    now = same_severity and (late < 0 or same or news_for_reminder)
    stands_in = received["kind"] == "fired" or latest["kind"] == "reminder"
    return received["id"] == latest["id"] or (stands_in and now)


def _say(notice: Mapping[str, object]) -> str:
    where = f"{notice['project']}/{notice['rule']}"
    return f"{notice['kind']} {notice['severity']} of {where} since {notice['since']}"
