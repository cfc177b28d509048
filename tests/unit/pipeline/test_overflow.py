"""DESIGN section 6: a document stays under 300 KB; beyond, the least severe become one digest.

What has no room even so waits for the next check.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity
from headroom.domain.windows import Moment
from headroom.posting import post
from headroom.room import ROOM, ROOM_TO_BEGIN
from headroom.state import codec
from headroom.state.codec import LIMIT, size
from headroom.turn import judge
from tests.builders import T0, document, incident, noise, notice
from tests.unit.pipeline.flood_told import BOTH, CHAT, PAGER, flood, long, sender


def test_the_least_severe_notices_of_a_flood_become_one_digest() -> None:
    told = [
        Told(long(series=f"v-{number}", severity=Severity.CRITICAL), BOTH)
        if number % 10 == 0
        else Told(long(series=f"v-{number}", severity=Severity.WARNING), CHAT)
        for number in range(900)
    ]
    posted = post(document(), told, sender())
    assert size(posted.document) <= LIMIT
    *kept, last = posted.told
    assert {each.notice.severity for each in kept[:90]} == {Severity.CRITICAL}
    assert last.channels == CHAT
    assert last.notice.summary.startswith(f"WARNING {900 - len(kept)} more notices support-line")
    assert sum(each.channel == "on-call" for each in posted.claims) == 90
    assert size(posted.document) > 0.9 * ROOM, "no more than has to is left to the digest"
    assert len(posted.history) == 901, "history has also what the digest stands for"
    assert posted.deferred == 0


def test_the_beginnings_that_have_room_leave_some_for_ends() -> None:
    """Ends make room: they must never wait for it."""
    half = {f"a-{n}": incident(last=long(series=f"a-{n}")) for n in range(ROOM_TO_BEGIN // 900)}
    begun = [
        Told(long(series=f"new-{number}", reason=noise(1000, f"{number}")), PAGER)
        for number in range(300)
    ]
    ends = [
        Told(notice(Kind.RESOLVED, series=f"old-{number}"), PAGER, PAGER) for number in range(300)
    ]
    posted = post(document(incidents=half), [*begun, *ends], sender())
    kinds = [each.notice.kind for each in posted.claims if each.channel == "on-call"]
    assert kinds.count(Kind.RESOLVED) == 300
    assert 0 < posted.deferred == 300 - kinds.count(Kind.FIRED)
    assert size(posted.document) <= LIMIT


def test_incidents_never_take_all_the_room_that_their_ends_need() -> None:
    begun = [long(series=f"new-{number}") for number in range(300)]
    opened = {each.alert_id: incident(last=each) for each in begun}
    posted = post(document(incidents=opened), [Told(each, CHAT) for each in begun], sender())
    assert size(document(incidents=opened)) < ROOM, "one digest beside them would still fit"
    assert posted.deferred > 0
    assert size(replace(posted.document, outbox={})) <= ROOM_TO_BEGIN


def test_what_is_taken_back_stands_as_before() -> None:
    full = {f"a-{n}": incident(last=long(series=f"a-{n}")) for n in range(ROOM // 880)}
    prior = incident(last=notice(series="old"), told=PAGER)
    end = notice(Kind.RESOLVED, series="old", reason=noise(200_000, "end"))
    begun = notice(series="new", reason=noise(200_000, "begun"))
    after = document(
        watermark=T0 + 300,
        incidents={**full, begun.alert_id: incident(last=begun)},
        closed={end.incident_id: T0, "another": T0},
    )
    told = [
        Told(end, PAGER, PAGER, prior, mark=T0 - 300),
        Told(begun, PAGER, mark=T0 + 300),
    ]
    posted = post(after, told, sender())
    assert posted.deferred == 2
    assert posted.document.incidents == {**full, end.alert_id: prior}
    assert posted.document.deferred == {end.alert_id: T0 - 300}, "the other needs no older window"
    assert posted.document.closed == {"another": T0}
    assert posted.told == []


def test_a_project_with_nothing_else_wrong_is_not_quiet_while_alerts_wait() -> None:
    """A quiet one follows the shard's watermark, and they would lose their windows."""
    waits = document(deferred={notice().alert_id: T0 - 300})
    assert not waits.quiet
    removed, told = judge(waits, None, {}, Moment(T0 + 360, T0), first=False)
    assert (removed.quiet, told) == (True, [])


def test_the_end_and_the_new_beginning_of_one_alert_keep_their_order() -> None:
    """Whatever their severities: a pager would be closed while it burns."""
    end = notice(Kind.RESOLVED, series="one", severity=Severity.WARNING)
    again = notice(series="one", since=T0 + 600)
    told = [*flood(400, BOTH), Told(end, PAGER, PAGER), Told(again, PAGER)]
    posted = post(document(), told, sender())
    assert any(each.notice.rule == "digest" for each in posted.told)
    line = [each.notice for each in posted.claims if each.notice.series == "one"]
    assert [each.id for each in line] == [end.id, again.id]


def test_a_channel_that_is_down_for_hours_does_not_fill_the_document() -> None:
    grown = document()
    for check in range(60):
        now = T0 + check * 60
        some = [
            Told(long(series=f"{check} {number}", since=now), ("ops-slack",))
            for number in range(20)
        ]
        grown = post(grown, some, sender(now, until=now)).document
        assert size(grown) <= LIMIT


def test_a_transaction_holds_the_history_of_as_much_as_is_told() -> None:
    told = [
        Told(notice(series=f"variant-{number}", description="long " * 600), CHAT)
        for number in range(1300)
    ]
    posted = post(document(), told, sender())
    assert 0 < posted.deferred == 1300 - (len(posted.history) - 1)
    assert sum(map(codec.notice_size, posted.history)) < codec.HISTORY_LIMIT + 10_000
