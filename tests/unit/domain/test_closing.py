"""What edits closed is remembered until it cannot fire again, and of a flood the newest 1000."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.closing import RULE_CHANGED, close_unwatched, closings, identity, recent
from headroom.domain.transition import judge, worth_storing
from headroom.domain.watermark import Watermark
from headroom.domain.windows import Moment
from headroom.state.codec import CAPACITY
from tests.builders import T0, answer, document, incident, project, query, rule, watch

HOURS = 3600


def test_an_incident_is_remembered_for_4_hours_before_the_watermark() -> None:
    closed = {"older": T0 - 4 * HOURS, "newer": T0 - 4 * HOURS + 1}
    assert recent(closed, T0) == {"newer": T0 - 4 * HOURS + 1}


def test_an_incident_that_an_edit_ends_is_remembered_whatever_its_reason_says() -> None:
    open_now = incident()
    before = document(incidents={"alert": open_now}, watermark=T0 - 600)
    after, (told,) = judge(before, None, {}, Moment(T0, T0 - 300), CAPACITY)
    assert told.by_edit
    assert after.closed_by_edit == {open_now.id: T0}
    reworded = replace(told, notice=replace(told.notice, reason="in other words"))
    assert closings([reworded], T0) == {open_now.id: T0}
    assert closings([replace(told, by_edit=False)], T0) == {}


def test_an_outage_makes_nothing_forgotten_that_its_windows_could_fire_again() -> None:
    before = document(watermark=T0 - 20 * HOURS, closed_by_edit={"closed": T0 - 19 * HOURS})
    moment = Moment(T0, T0 - 300)
    after, _ = judge(before, project(rules=()), {query().key: answer()}, moment, CAPACITY)
    assert after.closed_by_edit == before.closed_by_edit


def test_of_a_flood_a_document_remembers_the_newest_1000() -> None:
    """Each is 40 bytes of the 300 KB that a document may have."""
    flood = {f"incident-{number}": T0 - number for number in range(1500)}
    before = document(watermark=T0 - 600, closed_by_edit=flood)
    moment = Moment(T0, T0 - 300)
    after, _ = judge(before, project(rules=()), {query().key: answer()}, moment, CAPACITY)
    assert after.closed_by_edit == {f"incident-{number}": T0 - number for number in range(1000)}


def test_a_quiet_document_stays_until_the_watermark_has_passed_what_was_closed() -> None:
    """An incident may have fired on a window that was open: it closes after the outage."""
    quiet = document(version=1, watermark=T0 - 600, closed_by_edit={"closed": T0})
    assert worth_storing(quiet, quiet, Watermark(window=T0 - 300), T0) is None
    going = worth_storing(quiet, quiet, Watermark(window=T0), T0)
    assert going is not None
    assert going.expires_at == T0 + 4 * HOURS


def test_a_rule_whose_direction_was_edited_closes_its_incident_and_says_so() -> None:
    before = incident(identity=identity(project(), rule(), watch()))
    after = project(rules=(replace(rule(), upper=False),))
    assert [*close_unwatched(project(), {"alert": before}, T0)] == []
    (closed,) = close_unwatched(after, {"alert": before}, T0)
    assert closed.notice.reason == RULE_CHANGED
