"""What must hold in every run, whatever failed in it (DESIGN sections 5 and 6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.simulation.facts import Facts, Fetch
from tests.simulation.invariants.deliveries import ENDS, NEVER, Deliveries
from tests.simulation.invariants.reports import report_is_true
from tests.simulation.invariants.send_times import (
    backs_off,
    sent_in_time,
    waits_for_earlier_notices,
)
from tests.simulation.oracle.configuration import DEFAULT, Configuration
from tests.simulation.oracle.incidents import BUILT_IN, ELSEWHERE
from tests.simulation.oracle.lateness import Knowledge
from tests.simulation.outcomes import Send

WINDOW = 300


def nothing_lost(facts: Facts) -> Iterator[str]:
    """A notice leaves a document only for its channel, the dead letters, or a newer notice."""
    deliveries = Deliveries(facts)
    for (key, channel), order in deliveries.queued.items():
        if not (
            deliveries.done(key, channel)
            or key in deliveries.pending
            or deliveries.out_of_date(key, channel)
        ):
            yield f"{deliveries.name(key)} for {channel}, pending since {order}, was lost"


def pages_end(facts: Facts) -> Iterator[str]:
    """A pager that was notified of an incident is notified of its end."""
    deliveries = Deliveries(facts)
    for send in facts.sends:
        if send.channel not in facts.pagers or not send.arrived:
            continue
        incident = send.notice["incident_id"]
        if incident in deliveries.ends and not deliveries.ended_for(incident, send.channel):
            yield f"{deliveries.name(send.notice['id'])} arrived at {send.channel}, its end did not"


def nothing_invented(facts: Facts) -> Iterator[str]:
    """What is sent was pending in a stored document before, in the same words."""
    deliveries = Deliveries(facts)
    for send in facts.sends:
        key = send.notice["id"]
        if deliveries.queued.get((key, send.channel), send.order) >= send.order:
            yield f"{deliveries.name(key)} was sent to {send.channel} before it was stored"
        elif send.notice not in deliveries.words[key]:
            yield f"{deliveries.name(key)} was sent to {send.channel} and never stored so"


def in_order(facts: Facts) -> Iterator[str]:
    """Per alert and channel, notices arrive in the order in which they were stored.

    A digest may be repeated from its beginning, where its records are not known. What `default`
    gets in place of a pager comes once that pager is known to have received nothing.
    """
    deliveries = Deliveries(facts)
    newest: dict[tuple[str, ...], tuple[int, str]] = {}
    digested: set[tuple[str, str]] = set()
    for send in facts.sends:
        notice = send.notice
        if not send.arrived or (notice["id"], send.channel) in digested:
            continue
        if send.digest:
            digested.add((notice["id"], send.channel))
        line = (notice["project"], notice["rule"], notice["series"], send.channel)
        rank, before = deliveries.rank(notice), newest.get(line, (0, ""))
        if deliveries.stands_in(notice) and send.channel in DEFAULT:
            continue
        if rank < before[0]:
            yield f"{deliveries.name(notice['id'])} came to {send.channel} after {before[1]}"
        newest[line] = max(before, (rank, deliveries.name(notice["id"])))


def no_beginning_after_the_end(facts: Facts) -> Iterator[str]:
    """No check that knows of an incident's end sends its beginning as a channel's first notice."""
    deliveries = Deliveries(facts)
    for send in facts.sends:
        notice = send.notice
        incident = notice["incident_id"]
        if notice["kind"] in ENDS:
            continue
        knew = deliveries.newest_commit(send) >= deliveries.ended_at.get(incident, NEVER)
        if knew and deliveries.is_first(notice, send.channel):
            yield f"{deliveries.name(notice['id'])} was sent to {send.channel} after its end"


def in_order_of_time(facts: Facts) -> Iterator[str]:
    """A check of an earlier moment stores no notice after a check of a later one."""
    newest: dict[str, str] = {}
    for commit in facts.commits:
        for notice in commit.history:
            before = newest.get(commit.project, "")
            if notice["at"] < before:
                yield f"{notice['id'][:6]} of {notice['at']} was stored after {before}"
            newest[commit.project] = max(before, notice["at"])


def no_needless_duplicate(facts: Facts) -> Iterator[str]:
    """A notice arrives twice only if the outcome of the first attempt could not be known."""
    arrived: dict[tuple[str, str], list[Send]] = defaultdict(list)
    for send in facts.sends:
        if send.arrived:
            arrived[send.notice["id"], send.channel].append(send)
    for (key, channel), sends in arrived.items():
        for before in sends[:-1]:
            if before.answer == "accepted" and before.recorded:
                yield f"{key} came to {channel} again, though check {before.check} recorded it"
        if any(not _again(one.notice, other.notice) for one, other in pairwise(sends)):
            yield f"{key} came to {channel} again in other words"


def _again(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether it is the same notice in the same words, or updated at a later moment."""
    same = all(before[name] == now[name] for name in ("incident_id", "kind", "severity", "since"))
    return same and (now == before or now["at"] > before["at"])


def numbers_are_up_to_date(facts: Facts) -> Iterator[str]:
    """A notice that was pending is updated before it is sent, where a check could (issue 8.18).

    A notice that another check may be sending stays as it is.
    """
    fetches: dict[tuple[int, str], list[Fetch]] = defaultdict(list)
    for each in facts.fetches:
        fetches[each.check, each.project].append(each)
    done = {each.check for each in facts.checks if each.how == "done"} - facts.troubled
    for send in facts.sends:
        mine, notice = fetches[send.check, send.project], send.notice
        if notice["kind"] in ENDS or notice["rule"] in ELSEWHERE | BUILT_IN or not mine:
            continue
        if any(each.failure for each in mine):
            continue
        written = int(datetime.fromisoformat(notice["at"]).timestamp())
        lately = [one for one, at in facts.began_at.items() if written <= at <= send.at]
        if mine[0].at - written >= WINDOW and done.issuperset(lately):
            yield f"{notice['id'][:6]} of {notice['at']} was sent by check {send.check} as it was"


def nothing_pending(facts: Facts) -> Iterator[str]:
    """Once channels are well, nothing is pending any more."""
    for project, pending in facts.still_pending.items():
        for key, channels in pending.items():
            yield f"{project} still has {key} pending for {', '.join(channels)}"


def everything_evaluated(facts: Facts) -> Iterator[str]:
    """Every project that can be read, and far enough, has come to the last window that closed."""
    closed = (facts.ended - facts.settle) // WINDOW * WINDOW - WINDOW
    known = Knowledge(facts)
    last = {edit.project: edit.now for edit in sorted(facts.edits, key=lambda each: each.at)}
    for project, now in last.items():
        if now is None or Configuration(facts, project).in_force is None:
            continue
        found = facts.watermarks.get(project)
        fetches = [each.check for each in facts.fetches if each.project == project]
        stops = any(how for _, how, _ in known.outcomes(fetches[-1], project)) if fetches else False
        if found != closed and not stops:
            yield f"{project} is evaluated up to {found}, and {closed} is closed"


def asked_once(facts: Facts) -> Iterator[str]:
    """What a line and its group both ask is one request in a check that loses no race."""
    members = {name for group in facts.groups for name in group.members}
    raced = {check for check, _ in facts.unstored}
    asked = Counter((each.check, each.project, each.query) for each in facts.fetches)
    for (check, project, query), times in asked.items():
        if times > 1 and project in members and check not in raced:
            yield f"check {check} asked {project} for {query} {times} times"


def versions_rise_by_one(facts: Facts) -> Iterator[str]:
    """Each write of a document raises its version by one."""
    known: dict[str, int] = {}
    for stored in facts.versions:
        before = known.get(stored.project, 0)
        if stored.version not in (0, before + 1):
            yield f"{stored.project} went from version {before} to {stored.version}"
        known[stored.project] = stored.version


def one_at_a_time(facts: Facts) -> Iterator[str]:
    """No notice is on its way to a channel twice at once."""
    yield from (f"two sends at once: {each}" for each in facts.overlaps)


def nothing_breaks(facts: Facts) -> Iterator[str]:
    """A check ends well, or with an error that it may raise."""
    yield from facts.broken


INVARIANTS: tuple[Callable[[Facts], Iterator[str]], ...] = (
    nothing_breaks,
    versions_rise_by_one,
    one_at_a_time,
    nothing_invented,
    no_needless_duplicate,
    numbers_are_up_to_date,
    in_order,
    waits_for_earlier_notices,
    backs_off,
    sent_in_time,
    no_beginning_after_the_end,
    in_order_of_time,
    report_is_true,
    nothing_lost,
    pages_end,
    nothing_pending,
    everything_evaluated,
    asked_once,
)


def violations(facts: Facts) -> list[str]:
    """Everything that does not hold, each with the name of its invariant."""
    return [f"{each.__name__}: {what}" for each in INVARIANTS for what in each(facts)]
