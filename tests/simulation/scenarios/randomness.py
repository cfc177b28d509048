"""Random numbers that depend only on a seed and a name, not on what else was drawn.

So a scenario stays the same when a part of it is left out.
"""

from __future__ import annotations

import hashlib
from random import Random

PARTS = 4


def parts(seed: int, *name: object) -> tuple[float, ...]:
    """Draw four numbers from 0 up to 1."""
    drawn = hashlib.blake2b(repr((seed, name)).encode(), digest_size=4 * PARTS).digest()
    return tuple(int.from_bytes(drawn[at : at + 4], "big") / 2**32 for at in range(0, 4 * PARTS, 4))


def stream(seed: int, *name: object) -> Random:
    """Give a generator of its own to one part of the scenario."""
    return Random(repr((seed, name)))  # noqa: S311  # a simulation, and no secret
