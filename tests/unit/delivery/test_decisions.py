"""DESIGN 5.8: every notice that is not sent says why, for each of its channels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.delivery.decisions import Decision, Outcome
from headroom.delivery.enqueue import MANY, Enqueued, enqueue
from headroom.delivery.stages import Lease
from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.windows import Instant
from headroom.state.codec import CAPACITY
from tests.builders import T0, document, notice, pending

BOTH = ("ops-slack", "on-call")
LATER = T0 + 60


def lease(now: Instant = LATER, **backing_off: Instant) -> Lease:
    names = {name.replace("_", "-"): until for name, until in backing_off.items()}
    return Lease("mine", now, now + 110, pagers=BOTH[1:], backing_off=names)


def put(state: ProjectState, *notices: RoutedNotice, by: Lease | None = None) -> Enqueued:
    return enqueue(state, notices, by or lease(), CAPACITY)


def told(decisions: list[Decision]) -> set[tuple[str, str, str, str]]:
    return {
        (each.notice.kind.value, name, each.outcome.value, each.reason)
        for each in decisions
        for name in each.channels
    }


def test_a_decision_to_send_is_sent_to_every_channel() -> None:
    made = put(document(), RoutedNotice(notice(), BOTH))
    assert told(made.decisions) == {("fired", name, "send", "") for name in BOTH}


def test_a_pager_is_not_notified_of_what_is_over() -> None:
    made = put(document(), RoutedNotice(notice(Kind.MISSED), BOTH))
    assert told(made.decisions) == {
        ("missed", "ops-slack", "send", ""),
        ("missed", "on-call", "withheld", "it was over before it could be sent"),
    }


def test_where_only_a_pager_would_be_notified_of_what_is_over_default_is() -> None:
    made = put(document(), RoutedNotice(notice(Kind.MISSED), ("on-call",)))
    assert ("missed", "default", "send", "") in told(made.decisions)


def test_a_channel_that_asked_us_to_back_off_is_notified_later() -> None:
    made = put(document(), RoutedNotice(notice(), BOTH), by=lease(ops_slack=T0 + 600))
    assert told(made.decisions) == {
        ("fired", "ops-slack", "waiting", "back-off until 10:15 UTC"),
        ("fired", "on-call", "send", ""),
    }


def test_a_notice_waits_for_an_earlier_one_of_its_alert_and_says_so() -> None:
    before = pending(notice(since=T0 - 3600))
    held = before.with_delivery("ops-slack", PendingDelivery(lease="other", lease_until=LATER + 9))
    made = put(document(outbox={before.notice.id: held}), RoutedNotice(notice(), ("ops-slack",)))
    (only,) = told(made.decisions)
    assert only == ("fired", "ops-slack", "waiting", "an earlier notice of this alert is pending")


def test_a_pending_notice_that_a_newer_one_replaces_is_withheld_by_name() -> None:
    before = pending(seq=1)
    state = document(outbox={before.notice.id: before}, next_seq=2)
    end = RoutedNotice(notice(Kind.RESOLVED), ("ops-slack",), ("ops-slack",))
    made = put(state, end)
    assert ("fired", "ops-slack", "withheld", "superseded by resolved") in told(made.decisions)


def test_a_channel_first_notified_of_an_incident_at_its_end_gets_a_missed() -> None:
    end = RoutedNotice(notice(Kind.RESOLVED), BOTH, ("on-call",))
    made = put(document(), end)
    assert ("missed", "ops-slack", "send", "") in told(made.decisions)
    assert ("resolved", "on-call", "send", "") in told(made.decisions)


def test_a_missed_that_a_later_notice_counts_says_so() -> None:
    """In a document that has grown too large."""
    small = replace(CAPACITY, whole=1)
    outbox = {}
    for seq in range(MANY + 1):
        over = replace(notice(Kind.MISSED), id=f"n{seq}", incident_id=f"i{seq}")
        held = pending(over, seq=seq).with_delivery(
            "ops-slack", PendingDelivery(retry_at=LATER + 9)
        )
        outbox[over.id] = held
    new = RoutedNotice(replace(notice(), id="new", incident_id="new"), ("ops-slack",))
    made = enqueue(document(outbox=outbox, next_seq=9), [new], lease(), small)
    withheld = {reason for _, _, outcome, reason in told(made.decisions) if outcome == "withheld"}
    assert withheld == {"counted in a later notice of its alert"}


ROUTED = st.builds(
    RoutedNotice,
    st.builds(
        lambda kind, hours: notice(kind, since=T0 - 3600 * hours),
        st.sampled_from(Kind),
        st.integers(0, 3),
    ),
    st.sampled_from([BOTH, BOTH[:1], BOTH[1:], ("default", *BOTH)]),
    st.sampled_from([(), BOTH[:1], BOTH]),
)


@given(earlier=st.lists(ROUTED, max_size=4), now=st.lists(ROUTED, max_size=4), busy=st.booleans())
def test_each_channel_of_each_notice_has_one_decision_with_a_reason_unless_it_is_sent(
    earlier: list[RoutedNotice], now: list[RoutedNotice], *, busy: bool
) -> None:
    """Of this check; whichever stage changes or drops it."""
    state = put(document(), *earlier, by=lease(T0)).state
    later = lease(LATER, ops_slack=LATER + 600) if busy else lease()
    made = put(replace(state, version=1), *now, by=later)
    for routed in now:
        incident = routed.notice.incident_id
        same = [each for each in made.decisions if each.notice.incident_id == incident]
        assert {name for each in same for name in each.channels}.issuperset(routed.channels)
    for each in made.decisions:
        assert bool(each.reason) is (each.outcome is not Outcome.SEND)
    claimed = {(each.notice.id, each.channel) for each in made.claims}
    sending = {
        (each.notice.id, name)
        for each in made.decisions
        if each.outcome is Outcome.SEND
        for name in each.channels
    }
    assert sending <= claimed


def test_no_decision_is_about_nobody_as_the_next_stage_would_lose_its_notice() -> None:
    with pytest.raises(ValueError, match="without channels"):
        Decision(notice(), ())


def test_a_notice_that_waits_on_all_its_channels_is_not_sent_to_nobody_as_well() -> None:
    whole = Decision(notice(), BOTH)
    parts = whole.split(dict.fromkeys(BOTH, "an earlier notice is pending"), Outcome.WAIT)
    assert [(each.channels, each.outcome) for each in parts] == [(BOTH, Outcome.WAIT)]


def test_a_channel_is_left_alone_as_long_as_it_asked_though_the_notice_it_answered_is_gone() -> (
    None
):
    until = LATER + 600
    asked = PendingDelivery(
        attempts=1, back_off_until=until, retry_at=until, first_of_incident=True
    )
    begun = pending(notice(), "on-call").with_delivery("on-call", asked)
    over = RoutedNotice(notice(Kind.RESOLVED), ("on-call",), ("on-call",))
    made = put(document(outbox={begun.notice.id: begun}), over)
    assert not any("on-call" in each.deliveries for each in made.state.outbox.values())
    assert made.state.back_offs == {"on-call": until}


def test_a_beginning_whose_lease_ran_out_may_have_arrived_so_a_pager_gets_its_end() -> None:
    """Its check died between the send and the record; without the end the page would stay open."""
    begun = pending(notice(), "on-call")
    held = PendingDelivery(lease="gone", lease_until=LATER - 1, first_of_incident=True)
    state = document(outbox={begun.notice.id: begun.with_delivery("on-call", held)})
    made = put(state, RoutedNotice(notice(Kind.RESOLVED), ("on-call",), ("on-call",)))
    assert ("resolved", "on-call", "send", "") in told(made.decisions)


def test_a_missed_in_the_place_of_an_end_is_a_decision_of_this_check() -> None:
    """Otherwise the report could not say why it was not sent."""
    before = document(outbox={notice().id: pending(notice(), "ops-slack")})
    (key,) = before.outbox
    first = PendingDelivery(first_of_incident=True)
    before.outbox[key] = before.outbox[key].with_delivery("ops-slack", first)
    end = RoutedNotice(notice(Kind.RESOLVED), ("ops-slack",), ("ops-slack",))
    assert ("missed", "ops-slack", "send", "") in told(put(before, end).decisions)


def test_default_that_gets_the_end_gets_no_missed_in_a_pagers_place() -> None:
    end = RoutedNotice(notice(Kind.RESOLVED), ("default", "on-call"), ("default",))
    nobody_knows = Lease("mine", LATER, LATER + 110, (), unknown=frozenset({"on-call"}))
    first = put(document(), end, by=nobody_knows)
    later = LATER + 600
    second = put(first.state, by=Lease("next", later, later + 110, pagers=("on-call",)))
    kinds = [(each.notice.kind.value, each.channel) for each in second.claims]
    assert ("resolved", "default") in kinds
    assert ("missed", "default") not in kinds
