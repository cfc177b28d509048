"""Incidents that an edit closed, and that fire again on the same window once it is taken back.

By what ids are derived from theirs would be the same, and who was told of the end would take the
new notices for old ones. So such an incident gets an id of its own, which follows from the closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind
from headroom.domain.removal import REASONS
from headroom.domain.windows import HOUR, Instant

REMEMBERED = 4 * HOUR
"""Seconds before the watermark: a project that is put back starts up to 36 windows, three hours,
before it. After an outage what is evaluated next may be days old."""

MOST = 1000
"""Closed incidents that one document remembers, the newest: 40 KB."""

Closed = Mapping[str, Instant]
"""Ids of incidents that an edit closed, and when."""


def recent(closed: Closed, watermark: Instant) -> dict[str, Instant]:
    """Those that could fire again still, where all windows up to this one have taken effect."""
    known = {incident: at for incident, at in closed.items() if watermark - at < REMEMBERED}
    newest = sorted(known.items(), key=lambda each: each[1])[-MOST:]
    return dict(newest)


def closings(told: Sequence[Told], now: Instant) -> dict[str, Instant]:
    """What is closed by an edit just now."""
    ends = [each.notice for each in told if each.notice.kind is Kind.RESOLVED]
    return {notice.incident_id: now for notice in ends if notice.reason in REASONS}
