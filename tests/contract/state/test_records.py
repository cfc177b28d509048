"""What every store promises of deliveries that are recorded (DESIGN sections 5.2 and 6)."""

from __future__ import annotations

from asyncio import run
from dataclasses import replace

import pytest

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.errors import LostRace
from tests.builders import T0, delivery, document, notice, pending
from tests.contract.state.stores import Store

TOLD = notice()
MINE = "mine"
LEASED = delivery(lease=MINE, lease_until=T0 + 420)


def pending_on(*channels: str, lease: PendingDelivery = LEASED) -> ProjectState:
    return document(
        outbox={TOLD.id: replace(pending(TOLD), deliveries=dict.fromkeys(channels, lease))}
    )


def record(
    store: Store,
    *,
    channel: str = "ops-slack",
    token: str = MINE,
    after: PendingDelivery | None = None,
) -> bool:
    return run(store.state.record("support-line", TOLD.id, channel, token=token, delivery=after))


def stored(store: Store) -> ProjectState:
    found = run(store.state.read("support-line"))
    assert found is not None
    return found


def test_an_accepted_notice_loses_only_the_delivery_of_its_channel_and_raises_the_version(
    store: Store,
) -> None:
    run(store.state.commit(pending_on("ops-slack", "on-call")))

    assert record(store)

    assert stored(store) == replace(pending_on("on-call"), version=2)


def test_the_last_delivery_takes_the_notice_with_it(store: Store) -> None:
    run(store.state.commit(pending_on("ops-slack", "on-call")))

    assert record(store, channel="on-call")
    assert record(store, channel="ops-slack")

    assert stored(store) == document(version=3)
    assert run(store.state.load()).documents == {"support-line": document(version=3)}


def test_a_failed_attempt_replaces_the_pending_delivery(store: Store) -> None:
    run(store.state.commit(pending_on("ops-slack", "on-call")))
    later = delivery(attempts=1, retry_at=T0 + 900, may_have_arrived=True)

    assert record(store, after=later)

    outbox = stored(store).outbox
    assert outbox[TOLD.id].deliveries == {"ops-slack": later, "on-call": LEASED}
    assert stored(store).version == 2


@pytest.mark.parametrize("token", ["theirs", ""])
@pytest.mark.parametrize("after", [None, delivery(attempts=1)], ids=["accepted", "failed"])
def test_without_the_lease_nothing_is_recorded(
    store: Store, token: str, after: PendingDelivery | None
) -> None:
    run(store.state.commit(pending_on("ops-slack")))

    assert not record(store, token=token, after=after)

    assert stored(store) == replace(pending_on("ops-slack"), version=1)


def test_an_empty_token_is_no_lease(store: Store) -> None:
    run(store.state.commit(pending_on("ops-slack", lease=delivery())))

    assert not record(store, token="")

    assert stored(store).version == 1


def test_a_lease_that_another_check_took_over_is_lost(store: Store) -> None:
    run(store.state.commit(pending_on("ops-slack")))
    taken = delivery(lease="theirs", lease_until=T0 + 1000)
    run(store.state.commit(replace(pending_on("ops-slack", lease=taken), version=1)))

    assert not record(store)
    assert record(store, token="theirs")


def test_what_is_not_there_cannot_be_recorded_nor_does_it_appear(store: Store) -> None:
    assert not record(store)
    assert run(store.state.read("support-line")) is None

    run(store.state.commit(pending_on("on-call")))
    assert not record(store, channel="ops-slack")
    run(store.state.commit(document(version=1)))
    assert not record(store, channel="on-call")

    assert stored(store) == document(version=2)


def test_a_delivery_is_recorded_once(store: Store) -> None:
    run(store.state.commit(pending_on("ops-slack")))

    assert [record(store), record(store)] == [True, False]


@pytest.mark.parametrize("history", [[], [TOLD]], ids=["alone", "with history"])
def test_a_slower_check_cannot_bring_a_delivered_notice_back(
    store: Store, history: list[Notice]
) -> None:
    held = run(store.state.commit(pending_on("ops-slack")))
    assert record(store)

    with pytest.raises(LostRace):
        run(store.state.commit(held, history))

    assert stored(store).outbox == {}


def test_channels_may_have_any_name(store: Store) -> None:
    name = "on.call #1 'é'"
    run(store.state.commit(pending_on(name)))

    assert record(store, channel=name)
