"""Whether the notices of each incident are a possible sequence, apart from the readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tests.simulation.facts import Facts
from tests.simulation.oracle.incidents import (
    BUILT_IN,
    ENDS,
    HEADROOM,
    Incident,
    StoredNotice,
    by_alert,
    clock,
    instant,
)
from tests.simulation.oracle.windows import RANK

REMINDERS = 12
USUAL_REMINDER = 4 * 3600
"""Seconds, where nothing else is written."""


def sequences(facts: Facts, incidents: list[Incident]) -> Iterator[str]:
    """Each incident has its notices once and in order, and no alert has two at a time."""
    reminders = _reminders(facts)
    for each in incidents:
        yield from _sequence(each, reminders.get((each.project, each.rule), frozenset()))
    yield from _ids(incidents)
    for line in by_alert(incidents).values():
        yield from _one_at_a_time(line)


def _sequence(incident: Incident, reminders: frozenset[int | None]) -> Iterator[str]:
    first = incident.notices[0]
    if first.kind not in ("fired", "missed"):
        yield f"{incident}: begins with {first}; expected fired or missed"
    for before, now in pairwise(incident.notices):
        yield from (f"{incident}: {now}, {why}" for why in _step(before, now))
    for each in incident.notices:
        yield from (f"{incident}: {each}, {why}" for why in _times(incident, each))
    yield from (f"{incident}: {why}" for why in _reminded(incident, reminders))


def _step(before: StoredNotice, now: StoredNotice) -> Iterator[str]:
    """What is wrong with the second notice after the first."""
    rise = RANK[now.severity] - RANK[before.severity]
    if before.kind in ENDS:
        yield f"after its end ({before})"
    elif now.kind in ("fired", "missed") and not spreads(now):
        yield f"after {before}"
    elif now.kind == "escalated" and rise <= 0:
        yield f"which raises nothing after {before}"
    elif now.kind == "eased" and rise >= 0:
        yield f"which lowers nothing after {before}"
    elif now.kind == "reminder" and rise:
        yield f"of another severity than {before}"


def spreads(stored: StoredNotice) -> bool:
    """Whether it may be for channels that joined: the others were notified before."""
    cause = (stored.notice["project"], stored.notice["rule"]) == (HEADROOM, "unreachable")
    return cause and stored.kind == "fired"


def _times(incident: Incident, each: StoredNotice) -> Iterator[str]:
    since, at = instant(each.notice["since"]), instant(each.notice["at"])
    if since != incident.since:
        yield f"says since {clock(since)}"
    if not since <= at <= each.stored_at:
        yield f"says at {clock(at)}, stored {clock(each.stored_at)}"
    if each.notice["status"] != ("ok" if each.kind in ENDS else "firing"):
        yield f"has status {each.notice['status']}"
    if not 0 <= each.notice["duration_seconds"] <= each.stored_at - since:
        yield f"says it lasted {each.notice['duration_seconds']} s by {clock(each.stored_at)}"


def _reminded(incident: Incident, every: frozenset[int | None]) -> Iterator[str]:
    if sum(each.kind == "reminder" for each in incident.notices) > REMINDERS:
        yield f"more than {REMINDERS} reminders"
    least = min((each for each in every if each is not None), default=None)
    same = [each for place, each in enumerate(incident.notices) if not (place and spreads(each))]
    for before, now in pairwise(same):
        if now.kind == "reminder" and (least is None or now.at - before.at < least):
            wanted = "never" if least is None else f"every {least} s"
            yield f"{now}, {now.at - before.at} s after {before}; to be repeated {wanted}"


def _reminders(facts: Facts) -> Mapping[tuple[str, str], frozenset[int | None]]:
    """What was ever written for each rule."""
    found: dict[tuple[str, str], frozenset[int | None]] = {
        (HEADROOM, built_in): frozenset({USUAL_REMINDER}) for built_in in BUILT_IN
    }
    for group in facts.groups:
        found |= {(group.name, rule.name): frozenset({rule.remind}) for rule in group.rules}
    for edit in facts.edits:
        for built_in in BUILT_IN:
            found[edit.project, built_in] = frozenset({USUAL_REMINDER})
        for rule in getattr(edit.now, "rules", ()):
            key = (edit.project, rule.name)
            found[key] = found.get(key, frozenset()) | {rule.remind}
    return found


def _ids(incidents: list[Incident]) -> Iterator[str]:
    known: dict[str, tuple[Incident, StoredNotice]] = {}
    for incident in incidents:
        for each in incident.notices:
            key = str(each.notice["id"])
            if key in known:
                yield f"{incident}: {each} has the id of {known[key][1]} of {known[key][0]}"
            known[key] = (incident, each)


def _one_at_a_time(line: list[Incident]) -> Iterator[str]:
    """An incident begins after the end of its alert's last one was stored."""
    for before, now in pairwise(each for each in line if not told_late(each, line)):
        if not before.over or before.last.order > now.notices[0].order:
            yield f"{now}: {now.notices[0]} while {before} still fires"


def told_late(incident: Incident, line: Sequence[Incident]) -> bool:
    """Whether it was over before a newer one fired that was known first, and says so.

    Windows without a reading may be late, or breaches that come to be known later (DESIGN 4.1).
    """
    if [each.kind for each in incident.notices] != ["missed"]:
        return False
    over = incident.since + incident.last.notice["duration_seconds"]
    return any(
        over <= newer.since
        and newer.notices[0].order < incident.last.order
        and incident.last.notice["reason"] == f"it fired again at {clock(newer.since)[3:]} UTC"
        for newer in line
    )
