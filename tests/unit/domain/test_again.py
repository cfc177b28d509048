"""What edits closed is remembered for 4 hours, and of a flood the newest 1000."""

from __future__ import annotations

from headroom.domain.again import recent
from headroom.domain.windows import Moment
from headroom.turn import judge
from tests.builders import T0, answer, document, project, query

HOURS = 3600


def test_an_incident_is_remembered_for_4_hours() -> None:
    closed = {"older": T0 - 4 * HOURS, "newer": T0 - 4 * HOURS + 1}
    assert recent(closed, T0) == {"newer": T0 - 4 * HOURS + 1}


def test_of_a_flood_a_document_remembers_the_newest_1000() -> None:
    """Each is 40 bytes of the 300 KB that a document may have."""
    flood = {f"incident-{number}": T0 - number for number in range(1500)}
    before = document(watermark=T0 - 600, closed=flood)
    moment = Moment(T0, T0 - 300)
    after, _ = judge(before, project(rules=()), {query().key: answer()}, moment, first=False)
    assert after.closed == {f"incident-{number}": T0 - number for number in range(1000)}
