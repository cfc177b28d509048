"""What can go wrong between the queue, the table and the channel while letters are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from headroom.domain.notices import Kind, Notice
from headroom.errors import DeliveryError, StateUnavailable
from headroom.state.port import Loaded, State
from headroom_cli.redrive.letters import Letter, Message
from headroom_cli.redrive.plan import FRESH, Obstacle, late, unpaged
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.sending import LET_GO, LONGEST_WAIT, Outcome, Sending
from tests.builders import T0, document, incident, notice

FIRED = notice()
OPEN = Loaded({"support-line": document(incidents={FIRED.alert_id: incident()})}, None)
OVER = Loaded({}, None)
BUSY = DeliveryError("429 rate_limited", retryable=True, retry_after=2.0)


@dataclass
class FakeChannel:
    """Answers as planned, then takes everything."""

    name: str = "on-call"
    pages: bool = True
    timeout: float = 1.0
    errors: list[DeliveryError] = field(default_factory=list)
    taken: list[Notice] = field(default_factory=list)

    async def send(self, notice: Notice) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(notice)


@dataclass
class SlowChannel(FakeChannel):
    """Takes everything, once it is let."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, notice: Notice) -> None:
        self.begun.set()
        await self.answers.wait()
        await super().send(notice)


@dataclass
class FakeQueue:
    """A queue in which everything is still ours, unless told otherwise."""

    ours: bool = True
    deletes: bool = True
    lapsed: bool = False
    deleted: list[str] = field(default_factory=list)

    def claim(self, _message: Message) -> bool:
        return self.ours

    def delete(self, message: Message) -> bool:
        if not self.deletes:
            raise StateUnavailable("SQS DeleteMessage: AccessDenied")
        if self.lapsed:
            return False
        self.deleted.append(message.id)
        return True


class FakeState:
    """What the table says, one answer after another; the last stays."""

    def __init__(self, *answers: Loaded) -> None:
        self.answers = list(answers)

    async def load(self) -> Loaded:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def letter(made: Notice = FIRED, channel: str = "on-call") -> Letter:
    return Letter(made, channel, "given up", (Message(made.id, "receipt", T0, {}),))


@dataclass
class Desk:
    """One redrive, an hour after the default incident fired."""

    channel: FakeChannel = field(default_factory=FakeChannel)
    queue: FakeQueue = field(default_factory=FakeQueue)
    loaded: Sequence[Loaded] = (OPEN,)
    slept: list[float] = field(default_factory=list)

    told: list[Outcome] = field(default_factory=list)

    @property
    def sending(self) -> Sending:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return Sending(
            cast("Queue", self.queue),
            cast("State", FakeState(*self.loaded)),
            {self.channel.name: self.channel},
            clock=lambda: T0 + 3600,
            sleep=sleep,
            told=self.told.append,
        )

    def send(self, *letters: Letter) -> list[Outcome]:
        return asyncio.run(self.sending.send(letters or (letter(),)))


def test_a_channel_that_asks_for_a_moment_gets_it() -> None:
    desk = Desk(FakeChannel(errors=[BUSY, BUSY]))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, desk.slept) == (True, False, [2.0, 2.0])


@pytest.mark.parametrize(
    "errors",
    [
        [BUSY, BUSY, BUSY],
        [DeliveryError("429", retryable=True, retry_after=LONGEST_WAIT + 1)],
        [DeliveryError("404 no_service", retryable=False)],
    ],
)
def test_what_is_not_taken_stays_with_its_reason(errors: list[DeliveryError]) -> None:
    desk = Desk(FakeChannel(errors=list(errors)))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, outcome.why) == (False, True, errors[0].reason)
    assert (desk.queue.deleted, desk.channel.taken) == ([], [])


def test_a_refusal_for_good_holds_up_its_alert_and_no_other() -> None:
    desk = Desk(FakeChannel(pages=False, errors=[DeliveryError("400", retryable=False)]))
    other = notice(rule="dead-line")
    first, second, third = desk.send(letter(), letter(notice(Kind.RESOLVED)), letter(other))
    assert [first.sent, second.sent, third.sent] == [False, False, True]
    assert [each.rule for each in desk.channel.taken] == ["dead-line"]


def test_a_letter_that_the_queue_gave_to_somebody_else_is_not_sent_twice() -> None:
    desk = Desk(queue=FakeQueue(ours=False))
    (outcome,) = desk.send()
    assert (outcome.failed, desk.channel.taken) == (True, [])


def test_a_letter_that_was_sent_and_stays_says_both() -> None:
    desk = Desk(queue=FakeQueue(deletes=False))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed) == (True, True)
    assert outcome.why == "sent, but afterwards: SQS DeleteMessage: AccessDenied"


def test_what_ended_after_it_was_shown_pages_nobody() -> None:
    desk = Desk(loaded=(OVER,))
    (outcome,) = desk.send()
    assert (outcome.why, desk.channel.taken, desk.queue.deleted) == (Obstacle.OVER, [], [])


def test_a_page_whose_incident_ends_while_it_is_sent_is_resolved_again() -> None:
    desk = Desk(loaded=(OPEN, OVER))
    (outcome,) = desk.send()
    assert [each.kind for each in desk.channel.taken] == [Kind.FIRED, Kind.RESOLVED]
    assert {each.alert_id for each in desk.channel.taken} == {FIRED.alert_id}
    assert (outcome.sent, outcome.failed) == (True, False)


@pytest.mark.parametrize("name", ["support-line", "headroom/own"])
def test_nobody_is_paged_while_it_cannot_be_told_whether_it_is_over(name: str) -> None:
    assert unpaged(FIRED, Loaded(OPEN.documents, None, {name: "makes no sense"})) is Obstacle.UNREAD
    other = Loaded(OPEN.documents, None, {"sales": "makes no sense"})
    assert unpaged(FIRED, other) is None


def test_an_incident_kept_in_headrooms_own_document_is_open_too() -> None:
    own = document(project="headroom/own", incidents={FIRED.alert_id: incident()})
    assert unpaged(FIRED, Loaded({"headroom/own": own}, None)) is None


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(FRESH - 1, FIRED.summary), (FRESH, f"LATE 1 min: {FIRED.summary}")],
)
def test_the_first_line_says_how_late_it_is_and_all_else_stays(seconds: int, line: str) -> None:
    told = late(FIRED, T0 + seconds)
    assert told.summary == line
    assert {**told.as_json(), "summary": ""} == {**FIRED.as_json(), "summary": ""}


def test_a_late_first_line_keeps_to_its_80_characters() -> None:
    long = notice(summary="CRITICAL 114/120 calls (95%) " + "x" * 51)
    assert len(late(long, T0 + 90_000).summary) == 80


def test_a_late_first_line_says_that_it_is_over_also_when_it_is_young() -> None:
    assert late(FIRED, T0 + 540, over=True).summary == f"LATE 9 min, over: {FIRED.summary}"
    assert late(FIRED, T0, over=True).summary.startswith("LATE 0 min, over: ")
    long = notice(summary="CRITICAL 114/120 calls (95%) " + "x" * 51)
    assert len(late(long, T0 + 90_000, over=True).summary) == 80


@pytest.mark.parametrize(
    ("loaded", "kind", "begins"),
    [
        (OVER, Kind.FIRED, "LATE 1 h, over: "),
        (OPEN, Kind.FIRED, "LATE 1 h: "),
        (OVER, Kind.RESOLVED, "LATE 1 h: "),
        (Loaded({}, None, {FIRED.project: "makes no sense"}), Kind.FIRED, "LATE 1 h: "),
    ],
)
def test_people_hear_of_what_is_over_as_over(loaded: Loaded, kind: Kind, begins: str) -> None:
    desk = Desk(FakeChannel(pages=False), loaded=(loaded,))
    desk.send(letter(notice(kind, at=T0)))
    (taken,) = desk.channel.taken
    assert taken.summary.startswith(begins)
    assert taken.id == notice(kind, at=T0).id


def test_what_is_being_sent_at_ctrl_c_leaves_the_queue_and_nothing_follows() -> None:
    async def cancelled() -> None:
        sending = asyncio.ensure_future(desk.sending.send([letter(), letter(notice(rule="x"))]))
        await channel.begun.wait()
        sending.cancel()
        await asyncio.sleep(0)
        channel.answers.set()
        with pytest.raises(asyncio.CancelledError):
            await sending

    channel = SlowChannel(pages=False)
    desk = Desk(channel)
    asyncio.run(cancelled())
    assert ([each.id for each in channel.taken], desk.queue.deleted) == ([FIRED.id], [FIRED.id])
    assert [outcome.sent for outcome in desk.told] == [True]


def test_a_letter_that_was_sent_but_let_go_of_meanwhile_says_that_it_may_come_again() -> None:
    desk = Desk(queue=FakeQueue(lapsed=True))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, outcome.why) == (True, True, LET_GO)
