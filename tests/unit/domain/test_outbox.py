"""The outbox by itself: leases, order, and ends that supersede beginnings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.alerts import RoutedNotice
from headroom.domain.claims import claim, expire_leases
from headroom.domain.compaction import compact
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import Outbox, PendingDelivery, PendingNotice, join
from headroom.domain.rules import DEFAULT_CHANNEL, Severity
from headroom.domain.supersede import aged, refresh, supersede
from tests.builders import T0, notice, pending

PAGERS = frozenset({"on-call"})
LATER = T0 + 1500


def pending_on(**deliveries: PendingDelivery) -> Outbox:
    """The beginning, pending as given, and its end, pending on the same channels."""
    outbox: Outbox = {}
    channels = tuple(name.replace("_", "-") for name in deliveries)
    join(outbox, RoutedNotice(notice(), channels), 1, T0, pagers=PAGERS)
    join(outbox, RoutedNotice(notice(Kind.RESOLVED), channels, channels), 2, LATER, pagers=PAGERS)
    for name, state in deliveries.items():
        outbox[notice().id] = outbox[notice().id].with_delivery(name.replace("_", "-"), state)
    return outbox


def kinds(outbox: Outbox, channel: str) -> list[str]:
    ordered = sorted(outbox.values(), key=lambda each: each.seq)
    return [each.notice.kind.value for each in ordered if channel in each.deliveries]


def test_a_lease_that_ran_out_without_a_record_may_have_been_a_send() -> None:
    outbox = pending_on(
        on_call=PendingDelivery(lease="gone", lease_until=LATER, first_of_incident=True)
    )
    expire_leases(outbox, LATER)
    supersede(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "on-call") == ["resolved"]


def test_nothing_is_superseded_while_its_beginning_may_be_on_its_way() -> None:
    outbox = pending_on(
        ops_slack=PendingDelivery(lease="other", lease_until=LATER + 60, first_of_incident=True)
    )
    supersede(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "ops-slack") == ["fired", "resolved"]


def test_an_end_supersedes_a_beginning_at_once_whose_lease_was_released() -> None:
    """The sender could record that the beginning failed, and not that it handed back the end."""
    outbox = pending_on(ops_slack=PendingDelivery(attempts=1, first_of_incident=True))
    (end,) = [each for each in outbox.values() if each.notice.kind is Kind.RESOLVED]
    held = PendingDelivery(lease="other", lease_until=LATER + 60)
    outbox[end.notice.id] = end.with_delivery("ops-slack", held)
    expire_leases(outbox, LATER)
    supersede(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "ops-slack") == ["missed"]
    assert claim("support-line", outbox, "mine", LATER + 120, LATER)


def test_an_incident_for_a_pager_alone_reaches_people_though_its_sort_was_unknown_at_the_end() -> (
    None
):
    """The channel's configuration could not be read just then."""
    outbox: Outbox = {}
    join(outbox, RoutedNotice(notice(), ("on-call",)), 1, T0, pagers=PAGERS)
    end = RoutedNotice(notice(Kind.RESOLVED), ("on-call",), ("on-call",))
    join(outbox, end, 2, LATER, pagers=(), unknown=PAGERS)
    supersede(outbox, LATER, pagers=PAGERS)
    assert (kinds(outbox, "on-call"), kinds(outbox, DEFAULT_CHANNEL)) == ([], ["missed"])


def test_an_incident_that_a_pager_missed_reaches_people_once_on_the_channel_of_unknown_sort() -> (
    None
):
    outbox: Outbox = {}
    both = ("duty-chat", "on-call")
    join(outbox, RoutedNotice(notice(), both), 1, T0, pagers=PAGERS, unknown=("duty-chat",))
    end = RoutedNotice(notice(Kind.RESOLVED), both, both)
    join(outbox, end, 2, LATER, pagers=PAGERS, unknown=("duty-chat",))
    supersede(outbox, LATER, pagers=PAGERS, unknown=("duty-chat",))
    assert kinds(outbox, DEFAULT_CHANNEL) == []
    supersede(outbox, LATER, pagers=PAGERS)
    assert (kinds(outbox, "duty-chat"), kinds(outbox, DEFAULT_CHANNEL)) == (["missed"], [])


def test_an_end_that_people_get_on_one_channel_goes_to_default_for_no_pager_later() -> None:
    """Both channels were of unknown sort at the end; the chat is known first."""
    outbox: Outbox = {}
    both = ("duty-chat", "on-call")
    join(outbox, RoutedNotice(notice(), both), 1, T0, pagers=(), unknown=both)
    end = RoutedNotice(notice(Kind.RESOLVED), both, both)
    join(outbox, end, 2, LATER, pagers=(), unknown=both)
    supersede(outbox, LATER, pagers=(), unknown=PAGERS)
    assert kinds(outbox, "duty-chat") == ["missed"]
    supersede(outbox, LATER, pagers=PAGERS)
    assert (kinds(outbox, "on-call"), kinds(outbox, DEFAULT_CHANNEL)) == ([], [])


def missed_for(*names: str) -> Outbox:
    """A `missed` that joined for channels while nobody could say whether they are pagers."""
    outbox: Outbox = {}
    routed = RoutedNotice(notice(Kind.MISSED), names)
    join(outbox, routed, 1, T0, pagers=(), unknown=names)
    supersede(outbox, T0, pagers=(), unknown=names)
    return outbox


def test_a_missed_for_a_channel_that_turns_out_to_be_a_pager_reaches_people_on_default() -> None:
    outbox = missed_for("on-call")
    assert kinds(outbox, "on-call") == ["missed"], "it may be a channel for people"
    supersede(outbox, LATER, pagers=PAGERS)
    supersede(outbox, LATER, pagers=PAGERS)
    assert (kinds(outbox, "on-call"), kinds(outbox, DEFAULT_CHANNEL)) == ([], ["missed"])


def test_a_missed_goes_to_default_only_if_every_channel_turns_out_to_be_a_pager() -> None:
    outbox = missed_for("duty-chat", "on-call")
    supersede(outbox, LATER, pagers=PAGERS, unknown=("duty-chat",))
    assert kinds(outbox, DEFAULT_CHANNEL) == [], "the other one may be for people"
    supersede(outbox, LATER, pagers=PAGERS)
    assert (kinds(outbox, "duty-chat"), kinds(outbox, DEFAULT_CHANNEL)) == (["missed"], [])


@pytest.mark.parametrize(
    "delivery",
    [
        PendingDelivery(lease="other", lease_until=LATER + 60),
        PendingDelivery(given_up="404 no_service"),
        PendingDelivery(dead_letter="404 no_service"),
    ],
)
def test_a_missed_for_a_pager_stays_while_it_is_being_sent_or_reported(
    delivery: PendingDelivery,
) -> None:
    """Otherwise its record, or the report of the dead-letter queue, would find nothing."""
    outbox = missed_for("on-call")
    (key,) = outbox
    outbox[key] = outbox[key].with_delivery("on-call", delivery)
    supersede(outbox, LATER, pagers=PAGERS)
    assert outbox[key].deliveries == {"on-call": delivery}


def test_a_missed_that_people_get_never_goes_to_default_later() -> None:
    outbox = missed_for("duty-chat", "on-call")
    supersede(outbox, LATER, pagers=(), unknown=PAGERS)
    (key,) = outbox
    outbox[key] = replace(outbox[key], deliveries={"on-call": PendingDelivery()})
    supersede(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, DEFAULT_CHANNEL) == []


def test_a_channel_notified_of_the_beginning_gets_the_end_alone() -> None:
    """The pending notice came in between, and is out of date."""
    outbox = pending_on(ops_slack=PendingDelivery(first_of_incident=False))
    supersede(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "ops-slack") == ["resolved"]


@pytest.mark.parametrize("channel", ["ops-slack", "on-call"])
def test_a_missed_built_in_alert_has_the_reason_that_it_had(channel: str) -> None:
    begun = notice(rule="unreachable", reason="401 expired key")
    end = notice(Kind.RESOLVED, rule="unreachable")
    outbox: Outbox = {}
    join(outbox, RoutedNotice(begun, (channel,)), 1, T0, pagers=PAGERS)
    join(outbox, RoutedNotice(end, (channel,), (channel,)), 2, LATER, pagers=PAGERS)
    supersede(outbox, LATER, pagers=PAGERS)
    (told,) = (each.notice for each in outbox.values())
    assert (told.kind, told.reason) == (Kind.MISSED, "401 expired key")
    assert "401 expired key" in told.summary


def test_the_24_hours_of_a_channel_that_joined_at_a_reminder_do_not_begin_again_with_the_next() -> (
    None
):
    """It never heard of the incident, so it gets one `fired` in place of both."""
    outbox: Outbox = {}
    for seq, at in enumerate((T0, T0 + 4 * 3600)):
        told = RoutedNotice(notice(Kind.REMINDER, at=at), ("sms",))
        join(outbox, told, seq, at, pagers=PAGERS)
    supersede(outbox, T0 + 4 * 3600, pagers=PAGERS)
    (pending,) = outbox.values()
    assert (pending.notice.kind, pending.failing_since("sms")) == (Kind.FIRED, T0)
    assert pending.notice.at == T0 + 4 * 3600, "it says what is true now"


def test_a_notice_that_may_be_on_its_way_to_one_channel_is_not_reworded_for_the_other() -> None:
    held = PendingDelivery(lease="other", lease_until=LATER + 60)
    told = pending(notice(), "ops-slack", "sms").with_delivery("sms", held)
    outbox, now = {told.notice.id: told}, notice(Kind.REMINDER, at=LATER, value=119)
    assert refresh(outbox, {now.alert_id: now}, LATER) == outbox
    (renewed,) = refresh(outbox, {now.alert_id: now}, LATER + 60).values()
    assert (renewed.notice.kind, renewed.notice.value) == (Kind.FIRED, 119)


def test_each_channel_is_superseded_by_itself() -> None:
    outbox = pending_on(
        ops_slack=PendingDelivery(first_of_incident=True),
        sms=PendingDelivery(first_of_incident=False),
        on_call=PendingDelivery(first_of_incident=True),
    )
    supersede(outbox, LATER, pagers=PAGERS)
    heard = {name: kinds(outbox, name) for name in ("ops-slack", "sms", "on-call")}
    assert heard == {"ops-slack": ["missed"], "sms": ["resolved"], "on-call": []}


@pytest.mark.parametrize(
    ("delivery", "claimed"),
    [
        (PendingDelivery(first_of_incident=True), ["fired", "resolved"]),
        (PendingDelivery(retry_at=LATER + 1), []),
        (PendingDelivery(lease="other", lease_until=LATER + 1), []),
        (PendingDelivery(dead_letter="404"), ["resolved"]),
    ],
)
def test_a_lane_waits_for_its_first_notice(delivery: PendingDelivery, claimed: list[str]) -> None:
    claims = claim("support-line", pending_on(ops_slack=delivery), "mine", LATER + 110, LATER)
    assert [each.notice.kind.value for each in claims] == claimed


KINDS = (Kind.FIRED, Kind.ESCALATED, Kind.EASED, Kind.REMINDER, Kind.RESOLVED)
SEVERITIES = {Kind.FIRED: Severity.WARNING, Kind.EASED: Severity.WARNING}


def course(middle: list[Kind], *, over: bool) -> list[Notice]:
    """One incident from its beginning on, each notice five minutes after the one before."""
    kinds = [Kind.FIRED, *middle, *([Kind.RESOLVED] if over else [])]
    return [
        notice(kind, at=T0 + place * 300, severity=SEVERITIES.get(kind, Severity.CRITICAL))
        for place, kind in enumerate(kinds)
    ]


@given(
    st.lists(st.sampled_from(KINDS[1:4]), max_size=5),
    st.booleans(),
    st.integers(0, 6),
    st.sets(st.integers(0, 6)),
    st.sampled_from(["ops-slack", "on-call"]),
)
def test_the_pending_notices_of_one_incident_become_one_that_says_what_is_true(
    middle: list[Kind],
    over: bool,  # noqa: FBT001  # drawn
    heard: int,
    uncertain: set[int],
    channel: str,
) -> None:
    told = course(middle, over=over)
    pending = told[min(heard, len(told) - 1) :]
    outbox: Outbox = {}
    for seq, each in enumerate(pending):
        join(outbox, RoutedNotice(each, (channel,), (channel,)), seq, each.at, pagers=PAGERS)
        first, unsure = not heard and seq == 0, seq in uncertain and seq < len(pending) - 1
        state = PendingDelivery(
            first_of_incident=first, may_have_arrived=unsure, attempts=int(unsure)
        )
        outbox[each.id] = outbox[each.id].with_delivery(channel, state)
    unsure = any(one.deliveries[channel].may_have_arrived for one in outbox.values())
    supersede(outbox, LATER, pagers=PAGERS)
    left = [each.notice for each in outbox.values()]
    if len(pending) == 1:
        assert left == pending
    elif over and not heard and channel == "on-call":
        on_call = [each.notice.kind for each in outbox.values() if channel in each.deliveries]
        assert on_call == ([Kind.RESOLVED] if unsure else []), "no page stays open, or is opened"
        people = [
            each.notice.kind for each in outbox.values() if DEFAULT_CHANNEL in each.deliveries
        ]
        assert people == [Kind.MISSED], "it was for nobody else"
    else:
        (found,) = left
        news = [each for each in pending if each.kind is not Kind.REMINDER]
        last = news[-1] if news else pending[-1]
        assert (found.severity, found.at, found.value) == (
            last.severity,
            last.at,
            last.value,
        )
        never = not heard and (channel != "on-call" or not unsure)
        expected = Kind.MISSED if over else Kind.FIRED if not unsure else last.kind
        assert found.kind is (expected if never else last.kind)
        assert found.kind is not Kind.MISSED or channel not in PAGERS


def test_a_reminder_goes_on_with_the_24_hours_of_what_it_repeats() -> None:
    outbox: Outbox = {}
    for seq, each in enumerate((notice(), notice(Kind.REMINDER, at=LATER))):
        told = RoutedNotice(each, ("ops-slack",), () if seq == 0 else ("ops-slack",))
        join(outbox, told, seq, each.at, pagers=PAGERS)
    supersede(outbox, LATER, pagers=PAGERS)
    (left,) = outbox.values()
    assert (left.notice.kind, left.failing_since("ops-slack")) == (Kind.FIRED, T0)


@pytest.mark.parametrize("kind", [Kind.ESCALATED, Kind.RESOLVED])
@pytest.mark.parametrize("first", [True, False])
def test_a_notice_that_replaces_another_keeps_its_failures(kind: Kind, *, first: bool) -> None:
    outbox: Outbox = {}
    for seq, each in enumerate((notice(), notice(kind, at=LATER))):
        join(
            outbox, RoutedNotice(each, ("ops-slack",), ("ops-slack",)), seq, each.at, pagers=PAGERS
        )
    tried = PendingDelivery(attempts=7, own_failures=3, first_of_incident=first)
    outbox[notice().id] = outbox[notice().id].with_delivery("ops-slack", tried)
    supersede(outbox, LATER, pagers=PAGERS)
    (left,) = outbox.values()
    assert (left.deliveries["ops-slack"].attempts, left.deliveries["ops-slack"].own_failures) == (
        7,
        3,
    )


def incident_of(number: int, kind: Kind) -> Notice:
    """A notice of one of several incidents of one alert."""
    return notice(kind, id=f"{number} {kind}", incident_id=str(number), since=T0 + number)


@pytest.mark.parametrize("last", [Kind.FIRED, Kind.MISSED, Kind.RESOLVED])
def test_whatever_is_left_out_is_counted_by_what_is_sent(last: Kind) -> None:
    outbox: Outbox = {}
    told = [*(incident_of(number, Kind.MISSED) for number in range(6)), incident_of(6, last)]
    for seq, each in enumerate(told):
        join(outbox, RoutedNotice(each, ("ops-slack",)), seq, T0, pagers=PAGERS)
        compact(outbox, T0)
    sent = [each.notice for each in claim("support-line", outbox, "token", LATER, T0)]
    left = 1 if last is Kind.RESOLVED else 0
    assert [each.kind for each in sent] == [Kind.MISSED] * left + [last]
    counts = [int(each.reason.split()[0]) for each in sent if each.reason]
    assert sum(counts) + len(sent) == len(told)
    assert sent[0].reason.endswith("earlier incidents are in the history only")


def test_the_end_that_supersedes_a_beginning_stands_for_what_that_stood_for() -> None:
    outbox = pending_on(ops_slack=PendingDelivery(first_of_incident=True, stands_for=4))
    supersede(outbox, LATER, pagers=PAGERS)
    (sent,) = claim("support-line", outbox, "token", LATER + 60, LATER)
    assert sent.notice.reason == "4 earlier incidents are in the history only"


def test_a_notice_that_one_channel_gave_up_is_updated_for_the_others() -> None:
    outbox = {
        notice().id: PendingNotice(
            1, notice(), T0, {"ops-slack": PendingDelivery(given_up="revoked")}
        )
    }
    assert not aged(outbox, LATER), "it is only put in the dead-letter queue"
    outbox[notice().id] = outbox[notice().id].with_delivery("on-call", PendingDelivery())
    assert aged(outbox, LATER)


@pytest.mark.parametrize(
    ("count", "said"),
    [(2, "1 earlier incident is in"), (3, "2 earlier incidents are in")],
)
def test_what_stands_for_incidents_that_were_left_out_says_how_many(count: int, said: str) -> None:
    outbox: Outbox = {}
    for seq in range(count):
        over = notice(Kind.MISSED, since=T0 + 600 * seq)
        join(outbox, RoutedNotice(over, ("ops-slack",)), seq, LATER, pagers=PAGERS)
    compact(outbox, LATER)
    (claimed,) = claim("support-line", outbox, "mine", LATER + 120, LATER)
    assert claimed.notice.reason.startswith(said)
