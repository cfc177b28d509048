"""Lasting new levels: a line that has had a steady multiple of what was usual for days.

An incident of usual on such a line would never end: the new readings are left out of usual because
the alert fires. So the change is found when the baseline is made, told once, and usual is scaled.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.baseline import Baseline, NewLevel
from headroom.domain.usual import Calendar


def with_new_levels(baseline: Baseline, calendar: Calendar) -> Baseline:
    """The baseline with the new level of each series that has one by its newest readings.

    For the making of a baseline, once it was extended. Nothing changes where nothing is found.
    """
    found = {name: new_level(baseline, name, calendar) for name in baseline.peaks}
    levels = {
        name: (*baseline.levels.get(name, ()), new)
        for name, new in found.items()
        if new is not None
    }
    return replace(baseline, levels={**baseline.levels, **levels}) if levels else baseline


def new_level(baseline: Baseline, series: str, calendar: Calendar) -> NewLevel | None:
    """The lasting change that the newest readings of a series show, if they show one."""
    return None
