"""Bugs to plant in delivery: leases, order, back-offs, failures and the report."""
# ruff: noqa: SLF001  # the parts that are replaced

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from headroom.delivery import enqueue as posting
from headroom.delivery import sender
from headroom.delivery.channel_queue import ChannelQueue
from headroom.delivery.decisions import Decision, Outcome
from headroom.delivery.not_sent import name_waiting
from headroom.delivery.recorder import Recorder
from headroom.delivery.sender import Sender
from headroom.delivery.sent import NOT_TRIED, Sent
from headroom.domain import claims, outbox, supersede, transition
from headroom.domain.claims import Claim
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.fingerprints import short_hash
from headroom.domain.outbox import Outbox, PendingDelivery
from headroom.domain.windows import Instant
from headroom.pipeline import context


def lease_not_respected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox.PendingDelivery, "leased", lambda *_: False)


def lease_too_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(context, "LEASE_MARGIN", -49)


def retry_changes_the_id(patch: pytest.MonkeyPatch) -> None:
    claim = claims.claim

    def renamed(*asked: Any, **more: Any) -> list[Claim]:  # noqa: ANN401
        return [
            replace(
                each,
                notice=replace(each.notice, id=short_hash(each.notice.id, "again")),
            )
            if each.delivery.attempts
            else each
            for each in claim(*asked, **more)
        ]

    patch.setattr(posting, "claim", renamed)


def second_channel_skipped_after_the_first_failed(patch: pytest.MonkeyPatch) -> None:
    send, failed = Sender._send, Sender._failed
    lost: set[tuple[Sender, str]] = set()

    async def skip(self: Sender, queue: ChannelQueue, claims: Sequence[Claim]) -> None:
        await asyncio.sleep(2 * sum(queue.name.encode()) % 7)  # one after the other
        for each in claims:
            if (self, each.notice.id) in lost:
                await self._recorder._record(each, None)
        left = [each for each in claims if (self, each.notice.id) not in lost]
        if left:
            await send(self, queue, left)

    async def note(
        self: Sender,
        queue: ChannelQueue,
        claims: Sequence[Claim],
        error: Any,  # noqa: ANN401
    ) -> None:
        lost.update((self, each.notice.id) for each in claims)
        await failed(self, queue, claims, error)

    patch.setattr(Sender, "_send", skip)
    patch.setattr(Sender, "_failed", note)


def superseding_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "supersede", lambda *_, **__: None)


def dead_letter_skipped(patch: pytest.MonkeyPatch) -> None:
    async def forget(self: Recorder, claim: Claim, _tried: PendingDelivery, _reason: str) -> bool:
        await self._record(claim, None)
        return True

    patch.setattr(Recorder, "_give_up", forget)


def expired_lease_taken_for_unsent(patch: pytest.MonkeyPatch) -> None:
    def forget(held: Outbox, now: Instant) -> None:
        for key, pending in list(held.items()):
            for name, delivery in pending.deliveries.items():
                if delivery.lease and not delivery.leased(now):
                    held[key] = held[key].with_delivery(name, replace(delivery, lease=""))

    patch.setattr(posting, "expire_leases", forget)


def ambiguous_answer_taken_for_a_refusal(patch: pytest.MonkeyPatch) -> None:
    failed = Sender._failed

    async def certain(
        self: Sender,
        queue: ChannelQueue,
        claims: Sequence[Claim],
        failure: DeliveryFailure,
    ) -> None:
        await failed(self, queue, claims, replace(failure, ambiguous=False))

    patch.setattr(Sender, "_failed", certain)


def failed_send_taken_for_accepted(patch: pytest.MonkeyPatch) -> None:
    sending = sender._sending

    async def dropped(*arguments: Any) -> None:  # noqa: ANN401
        await sending(*arguments)  # the value is not returned

    patch.setattr(sender, "_sending", dropped)


def next_notice_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    def impatient(  # as the product's, but each notice has a lane of its own
        project: str,
        held: Outbox,
        token: str,
        until: Instant,
        now: Instant,
        *,
        busy: Any = (),  # noqa: ANN401
    ) -> list[Claim]:
        claims = []
        for key, pending in sorted(held.items(), key=lambda each: each[1].seq):
            for name, delivery in pending.deliveries.items():
                if (
                    name in busy
                    or delivery.dead_letter
                    or delivery.leased(now)
                    or delivery.retry_at > now
                ):
                    continue
                leased: PendingDelivery = replace(delivery, lease=token, lease_until=until)
                held[key] = held[key].with_delivery(name, leased)
                claims.append(Claim(project, pending.notice, name, leased, pending.queued_at))
        return claims

    patch.setattr(posting, "claim", impatient)


def notice_after_an_undeliverable_one_is_sent(patch: pytest.MonkeyPatch) -> None:
    give_up = Recorder._give_up

    async def careless(self: Recorder, claim: Claim, tried: PendingDelivery, reason: str) -> bool:
        await give_up(self, claim, tried, reason)
        return True

    patch.setattr(Recorder, "_give_up", careless)


def refused_notice_holds_back_others(patch: pytest.MonkeyPatch) -> None:
    """A notice that fails makes the others of its channel wait as long."""
    failed = Sender._failed

    async def contagious(
        self: Sender,
        queue: ChannelQueue,
        claims: Sequence[Claim],
        error: Any,  # noqa: ANN401
    ) -> None:
        await failed(self, queue, claims, error)
        queue.stopped = queue.stopped or error.retryable

    patch.setattr(Sender, "_failed", contagious)


def digest_leaves_notices_out(patch: pytest.MonkeyPatch) -> None:
    """It has the most severe notices, and the others count as sent."""
    patch.setattr(sender, "Digest", lambda notices, more: Digest(notices[:3], more))


def pending_notice_not_updated(patch: pytest.MonkeyPatch) -> None:
    """A notice that was pending is sent as it was written."""
    patch.setattr(transition, "refresh", lambda held, *_: held)


def back_off_ignored(patch: pytest.MonkeyPatch) -> None:
    claim = claims.claim
    patch.setattr(posting, "claim", lambda *asked, **_: claim(*asked))


def refused_notice_dropped_before_its_report(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        posting,
        "remove_reported",
        lambda held, _: outbox.remove_reported(
            held, {(each.channel, each.notice.id) for each in outbox.undeliverable(held)}
        ),
    )


def waiting_notice_not_reported(patch: pytest.MonkeyPatch) -> None:
    def silent(*asked: Any) -> list[Decision]:  # noqa: ANN401
        return [each for each in name_waiting(*asked) if each.outcome is not Outcome.WAIT]

    patch.setattr(posting, "name_waiting", silent)


def failed_send_reported_as_not_tried(patch: pytest.MonkeyPatch) -> None:
    not_accepted = Sent.not_accepted

    def hopeful(self: Sent, project: str, decision: Decision) -> list[Decision]:
        return [
            replace(each, outcome=Outcome.WAIT, reason=NOT_TRIED)
            if each.outcome is Outcome.FAIL
            else each
            for each in not_accepted(self, project, decision)
        ]

    patch.setattr(Sent, "not_accepted", hopeful)


def waiting_notice_reported_as_withheld(patch: pytest.MonkeyPatch) -> None:
    def withheld(*asked: Any) -> list[Decision]:  # noqa: ANN401
        return [
            replace(each, outcome=Outcome.WITHHOLD) if each.outcome is Outcome.WAIT else each
            for each in name_waiting(*asked)
        ]

    patch.setattr(posting, "name_waiting", withheld)


def unknown_channels_never_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supersede, "_find_people", lambda *_: None)
