"""What one digest stands for, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind
from headroom.domain.outbox import Owed
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.posting import post
from headroom.room import Posted
from tests.builders import T0, document, notice, owed, pending
from tests.unit.pipeline.flood_told import BOTH, CHAT, PAGER, digest, flood, long, sender


def test_a_digest_never_swallows_a_page() -> None:
    """A pager gets each, without what takes the room; history has that."""
    posted = post(document(), flood(400, BOTH), sender())
    paged = [each.notice for each in posted.claims if each.channel == "on-call"]
    slim = [each for each in paged if not each.readings]
    assert len(paged) == 400
    assert digest(posted).counts == {"near-limit fired": len(slim)}
    assert {each.description for each in slim} == {""}
    assert {each.id for each in slim} < {each.id for each in posted.history if each.readings}


def test_what_is_over_already_pages_nobody_and_is_one_digest_on_default() -> None:
    told = [Told(long(Kind.MISSED, series=f"variant-{number}"), PAGER) for number in range(500)]
    posted = post(document(), told, sender())
    heard = {each.channel for each in posted.claims}
    assert heard == {DEFAULT_CHANNEL}
    assert digest(posted).counts == {"near-limit missed": 500 - (len(posted.claims) - 1)}


def waiting(first: int, count: int) -> Posted:
    """So many beginnings that a channel has not taken yet."""
    begun = [Told(long(series=f"variant-{number}"), CHAT) for number in range(first, first + count)]
    return post(document(), begun, sender(busy=CHAT))


def test_a_digest_of_ends_takes_the_beginnings_that_are_owed_with_it() -> None:
    """Else they would be told after their ends, once the channel is well."""
    before = waiting(250, 150).document
    ends = [
        Told(long(Kind.RESOLVED, series=f"variant-{number}"), CHAT, CHAT) for number in range(400)
    ]
    posted = post(before, ends, sender(T0 + 600))
    assert digest(posted).counts["near-limit fired"] == 150
    alone = [each.notice for each in posted.claims if each.notice.rule != "digest"]
    assert {each.kind for each in alone} == {Kind.RESOLVED}


def test_a_digest_leaves_what_is_on_its_way() -> None:
    """It may have arrived already: in the digest too, it would be told twice."""
    begun = post(document(), [Told(notice(series="sent"), CHAT)], sender()).document
    posted = post(begun, flood(), replace(sender(T0 + 60), token="another"))
    assert digest(posted).counts
    (sent,) = (one for one in posted.document.outbox.values() if one.notice.series == "sent")
    assert sent.owed["ops-slack"].lease == "token"


def test_only_pages_that_nobody_tried_are_made_slim() -> None:
    """What is sent again under one id is the same again."""
    tried, fresh = (long(series=name) for name in ("tried", "fresh"))
    before = document(
        outbox={
            tried.id: replace(pending(tried), owed={"on-call": owed(attempts=1)}),
            fresh.id: pending(fresh, *BOTH),
        }
    )
    posted = post(before, flood(), sender(T0 + 60))
    assert digest(posted).counts
    assert posted.document.outbox[tried.id].notice == tried
    left = posted.document.outbox[fresh.id]
    assert (set(left.owed), left.notice.description) == ({"on-call"}, "")


def test_a_digest_goes_on_where_what_it_stands_for_was() -> None:
    """As old as the oldest, not tried before the channel wants it, and nothing is counted twice."""
    before = waiting(0, 100).document
    asked = Owed(attempts=3, retry_at=T0 + 7200, asked=T0 + 7200)
    for at, (key, one) in enumerate(before.outbox.items()):
        before.outbox[key] = replace(one, owed={"ops-slack": asked if at == 7 else Owed()})
    first = post(before, flood(), sender(T0 + 600, busy=CHAT))
    then = post(first.document, flood(), sender(T0 + 1200, busy=CHAT))
    for posted in (first, then):
        found = digest(posted)
        assert found.queued_at == T0
        assert found.owed["ops-slack"] == replace(asked, first=True)
    alone = [one for one in then.document.outbox.values() if one.notice.rule != "digest"]
    assert digest(then).counts == {"near-limit fired": 100 + 400 + 400 - len(alone)}
    assert f" {digest(then).counts['near-limit fired']} more " in digest(then).notice.summary
