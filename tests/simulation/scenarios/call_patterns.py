"""How calls go up and down: plateaus, spikes, drops, silences, and values around thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.simulation.facts import Series
from tests.simulation.scenarios.scenario import Bump

WINDOW = 300
PALETTE = (0, 0, 1, 2, 4, 5, 7, 10, 55, 60, 64, 65, 69, 70, 74, 75, 80, 84, 85, 89, 90, 94, 95, 120)
"""Values around all thresholds that `edits.py` writes."""
SHAPES = ("plateau", "spike", "walk", "drop", "silence", "gaps")


def bumps(dice: Random, series: Series, began: int, ended: int) -> Iterator[Bump]:
    """Draw what is unusual about one series, from shortly before the scenario to its end."""
    first, last = began - 20 * WINDOW, ended
    idle = series[1] == "by variant" and dice.random() < 0.3
    if idle:
        yield Bump(series, _window(first), (None,) * ((last - first) // WINDOW + 2))
    busy = (last - first) // WINDOW
    at = _window(first)
    while at < last:
        at += WINDOW * dice.randint(1, max(5, min(40, busy // 8)))
        values = _values(dice, dice.choice(SHAPES))
        yield Bump(series, at, values)
        at += WINDOW * len(values)


def _window(instant: int) -> int:
    return instant - instant % WINDOW


def _values(dice: Random, shape: str) -> tuple[int | None, ...]:
    length = dice.randint(1, 12)
    if shape == "plateau":
        return (dice.choice(PALETTE),) * dice.randint(2, 24)
    if shape == "spike":
        return (dice.choice(PALETTE[8:]),) * dice.randint(1, 2)
    if shape == "drop":
        return (dice.choice(PALETTE[:8]),) * dice.randint(1, 10)
    if shape == "silence":
        return (None,) * dice.randint(1, 15)
    around = dice.choices(PALETTE, k=3)
    if shape == "gaps":
        around += [None, None]  # type: ignore[list-item]  # no reading
    return tuple(dice.choice(around) for _ in range(length))
