"""What DESIGN section 4 says of closed windows, by the oracle of the simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.facts import RuleFacts
from tests.simulation.oracle.usual import Usual
from tests.simulation.oracle.windows import RANK, WINDOW, Alert, stretches


@dataclass
class Story:
    """One incident: the window it fired on, the one that ended it (None: still open), the worst."""

    since: int
    ended: int | None
    worst: str


def stories(
    rule: RuleFacts, peaks: Mapping[int, int], first: int, last: int, usual: Usual | None = None
) -> list[Story]:
    """All incidents of one series by its closed windows `first` to `last`."""
    held = Alert(rule, peaks, usual).walk(first, last)
    found = []
    for each in stretches(held, last):
        severities = [held[at] for at in range(each.fired, each.ended or last + 1, WINDOW)]
        found.append(Story(each.fired, each.ended, max(severities, key=RANK.__getitem__)))
    return found
