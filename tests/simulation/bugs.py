"""Bugs to plant: each takes the place of one part of the product, for one test only.

What a simulation does not find when it is there, it would not find when somebody writes it.
"""
# ruff: noqa: SLF001  # the parts that are replaced

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from headroom import check, posting, turn
from headroom.channels.delivery import Delivery, Parcel
from headroom.domain import course, evaluation, levels, notices, outbox, telling, windows
from headroom.domain.notices import Kind
from headroom.domain.outbox import Claim, Outbox, Owed
from headroom.domain.readings import Peaks
from headroom.domain.rules import Level, Rule, Severity
from headroom.domain.thresholds import level
from headroom.domain.windows import Instant
from headroom.plan import moved
from headroom.state import items, sqlite
from tests.simulation.bugs_around import RaceIgnored, SentBeforeStored
from tests.simulation.run import Wrap


@dataclass(frozen=True)
class Bug:
    """One bug: what it replaces, or what it puts around the adapter."""

    plant: Callable[[pytest.MonkeyPatch], None] = lambda _: None
    wrap: Wrap = lambda state: state
    seed: int = 1
    """A story in which it shows: looking for it begins there."""


def lease_not_respected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox.Owed, "leased", lambda *_: False)


def lease_too_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(check, "LEASE_MARGIN", -49)


def version_not_raised_on_record(patch: pytest.MonkeyPatch) -> None:
    change = items.change

    def same_version(*asked: Any) -> items.Item:  # noqa: ANN401
        made = change(*asked)
        made["ExpressionAttributeValues"][":one"] = items.number(0)
        return made

    def without_version(document: Any, **changes: Any) -> Any:  # noqa: ANN401
        changes.pop("version", None)
        return replace(document, **changes)

    patch.setattr(items, "change", same_version)
    patch.setattr(sqlite, "replace", without_version)


def watermark_passes_what_was_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        "headroom.check.moved",
        lambda mark, reached, moment: moved(
            mark, replace(reached, missed=(), waiting=False), moment
        ),
    )


def watermark_moves_on_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluation, "_behind", lambda *_: {})


def settle_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(check, "last_closed", lambda now, _: windows.last_closed(now, 0))


def open_window_for_a_lower_bound(patch: pytest.MonkeyPatch) -> None:
    tentative = levels.tentative_at

    def at_once(rule: Rule, peaks: Peaks, window: Instant, closed: Instant) -> Severity | None:
        if rule.upper:
            return tentative(rule, peaks, window, closed)
        return levels.confirmed_at(rule, peaks, window, None)

    patch.setattr(course, "tentative_at", at_once)


def hysteresis_inverted(patch: pytest.MonkeyPatch) -> None:
    def inverted(*asked: Any) -> Level:  # noqa: ANN401
        made = level(*asked)
        return replace(made, holds=2 * made.fires - made.holds)

    patch.setattr("headroom.config.rules.level", inverted)


def retry_changes_the_id(patch: pytest.MonkeyPatch) -> None:
    claim = outbox.claim

    def renamed(*asked: Any, **more: Any) -> list[Claim]:  # noqa: ANN401
        return [
            replace(each, notice=replace(each.notice, id=notices.digest(each.notice.id, "again")))
            if each.owed.attempts
            else each
            for each in claim(*asked, **more)
        ]

    patch.setattr(posting, "claim", renamed)


def second_channel_skipped_after_the_first_failed(patch: pytest.MonkeyPatch) -> None:
    send, failed = Delivery._send, Delivery._failed
    lost: set[tuple[Delivery, str]] = set()

    async def skip(self: Delivery, parcel: Parcel) -> Instant | None:
        await asyncio.sleep(2 * sum(parcel.claim.channel.encode()) % 7)  # one after the other
        if (self, parcel.claim.notice.id) not in lost:
            return await send(self, parcel)
        await self._record(parcel, None)
        return None

    async def note(self: Delivery, parcel: Parcel, error: Any) -> Instant | None:  # noqa: ANN401
        lost.add((self, parcel.claim.notice.id))
        return await failed(self, parcel, error)

    patch.setattr(Delivery, "_send", skip)
    patch.setattr(Delivery, "_failed", note)


def missed_told_as_nothing(patch: pytest.MonkeyPatch) -> None:
    kind_of = telling.kind_of

    def silent(*asked: Any) -> Kind | None:  # noqa: ANN401
        kind = kind_of(*asked)
        return None if kind is Kind.MISSED else kind

    patch.setattr(telling, "kind_of", silent)


def overtaking_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "overtake", lambda *_, **__: None)


def dead_letter_skipped(patch: pytest.MonkeyPatch) -> None:
    async def forget(self: Delivery, parcel: Parcel, _reason: str) -> None:
        await self._record(parcel, None)

    patch.setattr(Delivery, "_give_up", forget)


def judged_at_ignored(patch: pytest.MonkeyPatch) -> None:
    judge = turn.judge
    patch.setattr(
        check,
        "judge",
        lambda document, *asked, **more: judge(replace(document, judged_at=0), *asked, **more),
    )


def dead_sender_has_sent_nothing(patch: pytest.MonkeyPatch) -> None:
    def forget(held: Outbox, now: Instant) -> None:
        for key, pending in list(held.items()):
            for name, owed in pending.owed.items():
                if owed.lease and not owed.leased(now):
                    held[key] = held[key].owing(name, replace(owed, lease=""))

    patch.setattr(posting, "expire", forget)


def ambiguous_answer_taken_for_a_refusal(patch: pytest.MonkeyPatch) -> None:
    failed = Delivery._failed

    async def certain(self: Delivery, parcel: Parcel, error: Any) -> Instant | None:  # noqa: ANN401
        error.ambiguous = False
        return await failed(self, parcel, error)

    patch.setattr(Delivery, "_failed", certain)


def next_notice_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    def impatient(  # the product's, but that each notice is a line of its own
        held: Outbox,
        token: str,
        until: Instant,
        now: Instant,
        *,
        busy: Any = (),  # noqa: ANN401
    ) -> list[Claim]:
        claims = []
        for key, pending in sorted(held.items(), key=lambda each: each[1].seq):
            for name, owed in pending.owed.items():
                if name in busy or owed.refused or owed.leased(now) or owed.retry_at > now:
                    continue
                leased: Owed = replace(owed, lease=token, lease_until=until)
                held[key] = held[key].owing(name, leased)
                claims.append(Claim(pending.notice, name, leased, pending.queued_at))
        return claims

    patch.setattr(posting, "claim", impatient)


BUGS = {
    "sent before it is stored": Bug(wrap=SentBeforeStored, seed=7),
    "a lost race is ignored": Bug(wrap=RaceIgnored, seed=7),
    "a lease is not respected": Bug(lease_not_respected, seed=46),
    "a lease is shorter than the function": Bug(lease_too_short, seed=46),
    "the version is not raised on a record": Bug(version_not_raised_on_record, seed=7),
    "the watermark passes a project that was missed": Bug(
        watermark_passes_what_was_missed, seed=64
    ),
    "the watermark of a failed query moves": Bug(watermark_moves_on_failure, seed=11),
    "settle is ignored": Bug(settle_ignored, seed=36),
    "an open window is used for a lower bound": Bug(open_window_for_a_lower_bound, seed=14),
    "hysteresis is inverted": Bug(hysteresis_inverted, seed=7),
    "a retry changes the id": Bug(retry_changes_the_id, seed=7),
    "the second channel is skipped after the first failed": Bug(
        second_channel_skipped_after_the_first_failed, seed=41
    ),
    "missed is told as nothing": Bug(missed_told_as_nothing, seed=83),
    "overtaking is ignored": Bug(overtaking_ignored, seed=7),
    "the dead letter is skipped": Bug(dead_letter_skipped, seed=11),
    "judged_at is ignored": Bug(judged_at_ignored, seed=35),
    "a dead sender is taken for one that sent nothing": Bug(dead_sender_has_sent_nothing, seed=37),
    "an ambiguous answer is taken for a refusal": Bug(
        ambiguous_answer_taken_for_a_refusal, seed=49
    ),
    "the next notice does not wait for the first": Bug(next_notice_does_not_wait, seed=82),
}
