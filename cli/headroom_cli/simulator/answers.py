"""The `intervals` of an answer, as PolyAI writes them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator
from dataclasses import replace
from typing import Any

from headroom.domain.windows import WINDOW, Instant, iso
from headroom_cli.simulator.lines import Calls, Filter
from headroom_cli.simulator.polyai_api import Asked

Interval = dict[str, Any]


def intervals(calls: Calls, asked: Asked, now: Instant) -> list[Interval]:
    """Ascending in time; of a sliced answer, per variant only, as in PolyAI's own example."""
    if asked.client_env != "live":  # all simulated callers are real ones
        return []
    if not asked.by_variant:
        return list(_series(calls, asked, asked.of, now))
    return [
        {"variant_id": variant_id, "variant_name": name, **interval}
        for variant_id, name in _variants(calls, asked.of)
        for interval in _series(calls, asked, replace(asked.of, variant_id=variant_id), now)
    ]


def _variants(calls: Calls, of: Filter) -> ItemsView[str, str]:
    taken = (part for part in calls.line.parts if of.takes(part))
    return {part.variant_id: part.variant_name for part in taken}.items()


def _series(calls: Calls, asked: Asked, of: Filter, now: Instant) -> Iterator[Interval]:
    for window in range(asked.start, asked.end, WINDOW):
        peak = calls.peak(window, now, of)
        if peak is None:
            return
        if peak or not calls.line.omits_zeros:
            yield {"time": _time(calls, window), "max_concurrent_conversations": peak}


def _time(calls: Calls, window: Instant) -> str:
    text = iso(window)
    return text.replace("Z", ".000Z") if calls.line.milliseconds else text
