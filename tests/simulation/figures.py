"""The figures of many runs, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.simulation.facts import Facts
from tests.simulation.invariants.deliveries import Deliveries


def counted(facts: Facts) -> Counter[str]:
    """Count the notices of one run, and what became of them."""
    deliveries = Deliveries(facts)
    arrived = Counter((s.notice["id"], s.channel) for s in facts.sends if s.arrived)
    return Counter(
        {
            "notices stored": sum(len(commit.history) for commit in facts.commits),
            "incidents": len(deliveries.incidents),
            "deliveries": len(deliveries.queued),
            "out of date before they were sent": sum(
                not deliveries.done(*each) and each[0] not in deliveries.pending
                for each in deliveries.queued
            ),
            "digests": len({(s.check, s.channel, s.digest) for s in facts.sends if s.digest}),
            "sent in digests": sum(bool(s.digest) for s in facts.sends),
            "poisoned": sum(s.poisoned for s in facts.sends),
            "sends": len(facts.sends),
            "arrived": sum(arrived.values()),
            "duplicates": sum(count - 1 for count in arrived.values()),
            "died while sending": sum(each.answer == "nothing" for each in facts.sends),
            "accepted and not recorded": sum(
                each.answer == "accepted" and not each.recorded for each in facts.sends
            ),
            "dead letters": len(facts.dead_letters),
            "queries asked": len(facts.fetches),
        }
    )


def lines(scenarios: int, checks: int, seconds: float, found: Mapping[str, int]) -> Iterator[str]:
    """State them, a line each."""
    yield f"{checks:,} checks in {scenarios:,} scenarios"
    yield f"{seconds:.0f} s, {checks / seconds:.0f} checks a second"
    for sort in ("check", "outage", "fault"):
        names = {name: count for name, count in found.items() if name.startswith(f"{sort}: ")}
        listed = ", ".join(
            f"{name.partition(': ')[2]} {count:,}" for name, count in sorted(names.items())
        )
        yield f"{sort}s {sum(names.values()):,}: {listed}"
    for name, count in found.items():
        if ": " not in name:
            yield f"{name}: {count:,}"
