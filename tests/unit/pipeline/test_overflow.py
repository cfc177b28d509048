"""DESIGN section 6: a document stays under 300 KB; beyond, the least severe become one digest."""

from __future__ import annotations

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity
from headroom.posting import Sender, post
from headroom.state.codec import LIMIT, size
from tests.builders import T0, document, notice


def test_the_least_severe_notices_of_a_flood_become_one_digest() -> None:
    flood = [
        Told(
            notice(
                severity=Severity.CRITICAL if number % 10 == 0 else Severity.WARNING,
                series=f"variant-{number}",
            ),
            ("ops-slack", "on-call") if number % 10 == 0 else ("ops-slack",),
        )
        for number in range(900)
    ]
    sender = Sender("token", T0, T0 + 110, pagers=frozenset({"on-call"}))
    posted = post(document(), flood, sender)
    assert size(posted.document) <= LIMIT
    *kept, digest = posted.told
    assert {each.notice.severity for each in kept[:90]} == {Severity.CRITICAL}
    assert digest.channels == ("ops-slack",)
    assert digest.notice.summary.startswith(f"WARNING {900 - len(kept)} more notices support-line")
    assert sum(each.channel == "on-call" for each in posted.claims) == 90
    assert len(kept) > 200
    assert len(posted.history) == 901, "history has also what the digest stands for"


def test_a_digest_never_swallows_the_end_of_a_page() -> None:
    both = ("ops-slack", "on-call")
    ends = [
        Told(notice(Kind.RESOLVED, series=f"variant-{number}"), both, both) for number in range(300)
    ]
    posted = post(document(), ends, Sender("token", T0, T0 + 110, pagers=frozenset({"on-call"})))
    assert sum(each.channel == "on-call" for each in posted.claims) == 300
    assert size(posted.document) <= LIMIT


def test_where_not_even_pages_fit_their_ends_still_go_out() -> None:
    both = ("ops-slack", "on-call")
    beginnings = [Told(notice(series=f"new-{number}"), both) for number in range(900)]
    ends = [
        Told(notice(Kind.RESOLVED, series=f"old-{number}"), both, both) for number in range(100)
    ]
    sender = Sender("token", T0, T0 + 110, pagers=frozenset({"on-call"}))
    posted = post(document(), [*beginnings, *ends], sender)
    paged = [each.notice.kind for each in posted.claims if each.channel == "on-call"]
    assert paged.count(Kind.RESOLVED) == 100
    assert size(posted.document) <= LIMIT


def test_a_channel_that_is_down_for_hours_does_not_fill_the_document() -> None:
    grown = document()
    for check in range(60):
        now = T0 + check * 60
        some = [
            Told(notice(series=f"variant-{number}", since=now), ("ops-slack",))
            for number in range(20)
        ]
        grown = post(grown, some, Sender("token", now, now, pagers=frozenset())).document
        assert size(grown) <= LIMIT


def test_a_digest_of_ends_takes_the_beginnings_that_are_owed_with_it() -> None:
    """Else they would be told after their ends, once the channel is well."""
    slack = ("ops-slack",)
    begun = [Told(notice(series=f"variant-{number}"), slack) for number in range(150)]
    down = Sender("token", T0, T0, pagers=frozenset(), busy=slack)
    waiting = post(document(), begun, down).document
    ends = [
        Told(notice(Kind.RESOLVED, series=f"variant-{number}", since=T0), slack, slack)
        for number in range(400)
    ]
    later = Sender("token", T0 + 600, T0 + 700, pagers=frozenset())
    posted = post(waiting, ends, later)
    assert any(each.notice.rule == "digest" for each in posted.told)
    assert Kind.FIRED not in {
        each.notice.kind for each in posted.claims if each.notice.rule != "digest"
    }
