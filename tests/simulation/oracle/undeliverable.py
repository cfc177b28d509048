"""A channel that refuses for good has one alert, and no report is lost (DESIGN 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.facts import Facts
from tests.simulation.oracle.incidents import Incident, clock
from tests.simulation.outcomes import Recorded

CALM, FORGOTTEN = 3600, 24 * 3600
"""Seconds without a refusal after which the alert may end: something was accepted, or not."""
SLACK = 300
"""Seconds between a record and the event's time of the check that finds it, at most."""


def undeliverable(facts: Facts, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with the alerts of channels that refuse."""
    mine = [each for each in incidents if each.rule == "undeliverable"]
    given_up = [each for each in facts.records if each.refused and each.channel != "default"]
    for each in given_up:
        alerts = [one for one in mine if one.series == each.channel]
        if not any(not one.over_before(each.at) for one in alerts):
            yield (
                f"{each.channel}: what was given up at {clock(each.at)} ({each.notice[:6]} of "
                f"{each.project}) is in no report (DESIGN 5.4)"
            )
    for incident in mine:
        before = [each for each in given_up if each.channel == incident.series]
        yield from (f"{incident}: {why}" for why in _justified(facts, incident, before))


def _justified(facts: Facts, incident: Incident, given_up: Sequence[Recorded]) -> Iterator[str]:
    first = facts.commits[incident.notices[0].order[0]].order
    if not any(each.order < first for each in given_up):
        yield "and nothing was given up before (DESIGN 5.4)"
    if incident.over:
        loaded = facts.loads.get(incident.last.check, 0)
        known = [each.at for each in given_up if each.order < loaded]
        calm = incident.last.at - max(known, default=0)
        accepted = any(
            each.channel == incident.series and each.arrived and each.at >= max(known, default=0)
            for each in facts.sends
        )
        if calm < (CALM if accepted else FORGOTTEN) - SLACK:
            yield f"over {calm} s after the last refusal (DESIGN 5.4)"
