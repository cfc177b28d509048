"""What may go wrong at each operation, how often, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.scenarios import randomness
from tests.simulation.scenarios.scenario import Fault, Key, Scenario


@dataclass(frozen=True, slots=True)
class Risk:
    """One kind of fault; `most`: seconds that pass at most."""

    kind: str
    weight: int
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often an operation fails, beside others, and in which ways."""

    rate: float
    risks: tuple[Risk, ...]


CRASHES = (Risk("crash before", 2), Risk("crash after", 3))
LOST = (Risk("throttled", 2, 1.0), Risk("lost before", 2, 8.0), Risk("lost after", 4, 8.0))
SLOW = (Risk("slow", 2, 20.0),)
STORE = (*CRASHES, *LOST, *SLOW)
CLIENT = (*CRASHES, *LOST, *SLOW, Risk("error after", 2, 2.0), Risk("resent", 3, 5.0))
WRITE = (*CLIENT, Risk("conflict", 3, 0.1))
FETCH = (
    *CRASHES,
    Risk("slow", 3, 40.0),
    Risk("429", 2, 8.0),
    Risk("503", 2, 8.0),
    Risk("timeout", 2, 10.0),
    Risk("invalid", 2, 1.0),
    Risk("401", 2, 1.0),
    Risk("404", 1, 1.0),
    Risk("501", 1, 1.0),
)
SEND = (
    *CRASHES,
    Risk("slow", 2, 4.9),
    Risk("arrived, answer lost", 4, 5.0),
    Risk("lost, answer lost", 2, 5.0),
    Risk("unreachable", 3, 1.0),
    Risk("busy", 2, 1.0),
    Risk("refused", 1, 1.0),
)

EXPOSURES = {
    "load": Exposure(0.5, STORE),
    "read": Exposure(2, STORE),
    "commit": Exposure(2, STORE),
    "record": Exposure(3, STORE),
    "move": Exposure(0.7, STORE),
    "letter": Exposure(3, STORE),
    "GetItem": Exposure(0.3, CLIENT),
    "Query": Exposure(0.3, CLIENT),
    "PutItem": Exposure(1, WRITE),
    "UpdateItem": Exposure(2, WRITE),
    "TransactWriteItems": Exposure(2, WRITE),
    "history": Exposure(5, (*CRASHES, *LOST, *SLOW)),
    "baseline": Exposure(5, STORE),
    "listing": Exposure(0.7, (*CRASHES, *LOST, *SLOW)),
    "fetch": Exposure(0.7, FETCH),
    "send": Exposure(3, SEND),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The delays of one step, before it takes effect and after, and its fault."""

    before: float
    after: float
    fault: Fault | None


CALM = 0.02
"""The part of the usual delays in calm times."""


def draw_step(scenario: Scenario, key: Key, *, calm: bool) -> Step:
    """Decide about one step."""
    before, after, failing, kind = randomness.parts(scenario.seed, key)
    if calm:
        return Step(before * CALM, after * CALM, None)
    if scenario.faults is not None:
        fault = scenario.faults.get(key)
    else:
        exposure = EXPOSURES[key[1]]
        failing = failing / (scenario.weather * exposure.rate) if scenario.weather else 1.0
        fault = _draw(exposure, kind, failing) if failing < 1 else None
    return Step(2 * before**4, 2 * after**4, fault)


def _draw(exposure: Exposure, kind: float, part: float) -> Fault:
    left = kind * sum(each.weight for each in exposure.risks)
    for each in exposure.risks:
        left -= each.weight
        if left < 0:
            return Fault(each.kind, round(part * each.most, 3))
    raise AssertionError(f"{kind} is not below 1")
