"""What each channel has heard of each incident, and what it should have (DESIGN 5)."""

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
    Told,
    by_alert,
)
from tests.simulation.oracle.sequence import spreads
from tests.simulation.oracle.shared_causes import Causes, routes
from tests.simulation.oracle.windows import RANK
from tests.simulation.outcomes import Send

Heard = Mapping[tuple[str, str], Sequence[Send]]
"""By incident and channel, every attempt to tell."""

UNKNOWN = frozenset({"ambiguous", "nothing"})
NO = (False, False)
AGO = 3600
"""Seconds; whoever failed less long ago may still be waited for."""


@dataclass(frozen=True)
class Ear:
    """One channel and one incident."""

    facts: Facts
    incident: Incident
    channel: str
    tries: Sequence[Send]
    given_up: bool
    """Whether something of it lies in the dead-letter queue."""
    allowed: Sequence[bool]
    """For each notice, whether it may go there by its severity."""
    wanted: Sequence[bool]
    """For each notice, whether it must."""

    @property
    def heard(self) -> list[Send]:
        """What arrived."""
        return [each for each in self.tries if each.arrived]

    @property
    def pages(self) -> bool:
        """Whether it is a pager."""
        return self.channel in self.facts.pagers

    def complaints(self) -> Iterator[str]:
        """Everything that is wrong, if anything."""
        why = [*self._uncalled(), *(() if self.given_up else self._missing())]
        yield from (f"{self.channel}: {self.incident}: {each}" for each in why)

    def _uncalled(self) -> Iterator[str]:
        if not self.heard:
            return
        first = self.heard[0].notice
        ids = [each.notice["id"] for each in self.incident.told]
        until = ids.index(first["id"]) + 1 if first["id"] in ids else len(ids)
        if not any(self.allowed[:until]):
            yield f"heard {_say(first)}, which goes elsewhere"

    def _missing(self) -> Iterator[str]:
        if self.heard:
            yield from self._last()
            yield from self._beginning()
        elif any(self.wanted) and not (self.pages and self._overtaken()):
            yield f"never heard of it; told {', '.join(map(str, self.incident.told))}"

    def _last(self) -> Iterator[str]:
        last, told = self.heard[-1].notice, self.incident.last
        if self.incident.over and last["kind"] not in ENDS:
            yield f"last heard {_say(last)}, and it is over: {told} (DESIGN 5.3)"
        elif not self.incident.over and not _says(last, told.notice):
            yield f"last heard {_say(last)}, and the truth is {told} (DESIGN 5.3)"

    def _beginning(self) -> Iterator[str]:
        kinds = [str(each.notice["kind"]) for each in self.heard]
        if self.pages:
            if "missed" in kinds:
                yield "a pager heard of what was over already (DESIGN 5.3)"
        elif kinds[0] == "resolved":
            yield "people heard of the end only; expected missed (DESIGN 5.3)"
        elif "missed" in kinds and any(self.sure(each) for each in self.heard[:-1]):
            yield f"heard {kinds}: missed, though its beginning was told (DESIGN 5.3)"

    @staticmethod
    def sure(send: Send) -> bool:
        """Whether a beginning was accepted, and Headroom knows."""
        begins = send.notice["kind"] not in ENDS
        return begins and send.answer == "accepted" and send.recorded

    def _overtaken(self) -> bool:
        """Whether a pager may know nothing of what is over."""
        if not self.incident.over or any(each.answer in UNKNOWN for each in self.tries):
            return False
        begun = self.incident.told[0].stored
        return begun < self.facts.calm or any(
            each.channel == self.channel and each.answer != "accepted" and each.at > begun - AGO
            for each in self.facts.sends
        )


def channels(facts: Facts, told: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with what the channels heard."""
    tries: dict[tuple[str, str], list[Send]] = defaultdict(list)
    for send in facts.sends:
        if send.notice["rule"] not in ELSEWHERE:
            tries[send.notice["incident_id"], send.channel].append(send)
    causes = Causes(facts, told)
    for incident in told:
        for ear in _ears(facts, causes, incident, tries):
            yield from ear.complaints()
    yield from _unknown(told, tries)
    yield from _newest_last(facts, told, tries)


def _ears(facts: Facts, causes: Causes, whole: Incident, tries: Heard) -> Iterator[Ear]:
    told = {
        str(each.notice["id"]): _routes(facts, causes, whole, each, tries) for each in whole.told
    }
    for channel in sorted(facts.people | facts.pagers | {*DEFAULT}):
        incident = _as_told_to(channel, facts, whole)
        routes = [told[str(each.notice["id"])] for each in incident.told]
        stands_in = channel in DEFAULT
        may, must = _in_place_of_pagers(facts, incident, routes, tries) if stands_in else NO
        yield Ear(
            facts,
            incident,
            channel,
            tries.get((incident.id, channel), ()),
            any(
                each.channel == channel and each.notice["incident_id"] == incident.id
                for each in facts.dead_letters
            ),
            [may or any(channel in one for one in each) for each in routes],
            [must or (bool(each) and all(channel in one for one in each)) for each in routes],
        )


def _in_place_of_pagers(
    facts: Facts, incident: Incident, routes: Sequence[Sequence[tuple[str, ...]]], tries: Heard
) -> tuple[bool, bool]:
    """Whether `default` may, and must, hear of it because only pagers should have and none did."""
    begun = [
        each for told, each in zip(incident.told, routes, strict=True) if told.kind != "resolved"
    ]
    if not incident.over or not begun:
        return NO
    paged = [each for name in facts.pagers for each in tries.get((incident.id, name), ())]
    lost = any(each.notice["incident_id"] == incident.id for each in facts.dead_letters)
    sure = any(Ear.sure(each) for each in paged)
    maybe = lost or any(each.arrived or each.answer in UNKNOWN for each in paged)
    only = [[facts.pagers.issuperset(one) for one in each] for each in begun]
    return not sure and all(map(any, only)), not maybe and all(map(all, only))


def _as_told_to(channel: str, facts: Facts, whole: Incident) -> Incident:
    """Without what was told to the channels that an incident spread to."""
    mine = [
        each
        for place, each in enumerate(whole.told)
        if not (place and spreads(each))
        or channel in facts.commits[each.order[0]].owed.get(str(each.notice["id"]), ())
    ]
    return replace(whole, told=mine)


def _routes(
    facts: Facts, causes: Causes, incident: Incident, told: Told, tries: Heard
) -> list[tuple[str, ...]]:
    """Where one notice may have been meant to go: more than one where edits are recent.

    An end goes to whoever was told before; and to people who would have heard of what nobody was
    told, if it was worse than all that was.
    """
    before = [each for each in incident.told if each.order < told.order]
    told_of = max((RANK[each.severity] for each in before), default=0)
    if told.kind == "resolved" and (told.by_edit or RANK[told.severity] <= told_of):
        return []
    rule = str(told.notice["rule"])
    if (incident.project, rule) == (HEADROOM, "config"):
        # What projects share: those hear of it too who are not judged, or whose channel it is.
        broken = str(told.notice["series"]).removeprefix("channels.")
        others = [one for one in (*facts.people, *facts.pagers) if one != broken]
        found = [DEFAULT, (*others, *DEFAULT)]
    elif incident.project == HEADROOM:
        found = routes(causes, incident, told)
    else:
        written = causes.written[incident.project]
        found = written.channels(told.stored, rule, told.severity)
        if rule in BUILT_IN and written.unknown(told.stored):
            found = [*found, DEFAULT]
    found = [one for each in found for one in with_default(facts, each, told.stored)]
    if told.kind not in ENDS:
        return found
    people = [tuple(one for one in each if one not in facts.pagers) for each in found]
    if told.kind == "missed":
        return [each or DEFAULT for each in people]
    ways = [way for each in before for way in _routes(facts, causes, incident, each, tries)]
    heard = {one for way in ways for one in way}
    late = any(
        each.arrived and each.notice["kind"] == "missed"
        for name in facts.people
        for each in tries.get((incident.id, name), ())
    )
    return [way for each in found for way in _late_to(facts, each, heard, late=late)]


def _late_to(
    facts: Facts, routed: Sequence[str], heard: AbstractSet[str], *, late: bool
) -> list[tuple[str, ...]]:
    """Who may, and who must, get the `missed` of what was worse than anybody was told.

    `default` need not get it in a pager's place where other people got it: they are on its route,
    and waited for the beginning.
    """
    people = tuple(one for one in routed if one not in facts.pagers)
    new = tuple(one for one in people if one not in heard)
    paged = any(one in facts.pagers for one in routed)
    must = new or (DEFAULT if paged and not late and not heard >= {*routed} else ())
    return [(*people, *DEFAULT), must]


def _unknown(told: Sequence[Incident], tries: Heard) -> Iterator[str]:
    known = {each.id for each in told}
    for (incident, channel), sends in tries.items():
        if incident not in known:
            yield f"{channel}: heard {_say(sends[0].notice)}, which nobody ever told"


def _newest_last(facts: Facts, told: Sequence[Incident], tries: Heard) -> Iterator[str]:
    """The last word on an alert is about the newest incident that a channel heard of.

    Unless the last word on that one, its end or how it stands now, was given up. What `default`
    hears in place of a pager comes when that is known to have heard nothing.
    """
    given_up = {
        (each.notice["incident_id"], each.channel, each.notice["kind"] in ENDS)
        for each in facts.dead_letters
    }
    for line in by_alert(told).values():
        for channel in sorted(facts.people | facts.pagers | {*DEFAULT}):
            ends = [
                (max(send.order for send in heard), incident)
                for incident in line
                if (heard := _of_its_own(incident, channel, tries))
            ]
            if not ends or (ends[-1][1].id, channel, ends[-1][1].over) in given_up:
                continue
            if max(ends, key=lambda each: each[0])[1] is not ends[-1][1]:
                yield f"{channel}: {ends[-1][1]}: an older incident had the last word (DESIGN 5.3)"


def _of_its_own(incident: Incident, channel: str, tries: Heard) -> list[Send]:
    """What a channel heard, but for `default` what it heard in place of a pager."""
    arrived = [each for each in tries.get((incident.id, channel), ()) if each.arrived]
    told = {each.notice["id"] for each in incident.told}
    return [e for e in arrived if channel not in DEFAULT or e.notice["id"] in told]


def _says(heard: Mapping[str, object], latest: Mapping[str, object]) -> bool:
    """Whether it is the latest, or the `fired` that tells who never heard before how it is now.

    Or news that goes in place of a reminder. Both have the number of the latest, or a newer one if
    they waited (issue 8, point 18).
    """
    same = heard["severity"] == latest["severity"] and heard["value"] == latest["value"]
    newer = heard["severity"] == latest["severity"] and str(heard["at"]) > str(latest["at"])
    now = newer or (same and heard["at"] == latest["at"])
    stands_in = heard["kind"] == "fired" or latest["kind"] == "reminder"
    return heard["id"] == latest["id"] or (stands_in and now)


def _say(notice: Mapping[str, object]) -> str:
    where = f"{notice['project']}/{notice['rule']}"
    return f"{notice['kind']} {notice['severity']} of {where} since {notice['since']}"
