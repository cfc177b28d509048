"""One redrive at its desk: a queue, a table and a channel that a test can steer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Notice
from headroom.domain.watermark import Loaded
from headroom.errors import StateUnavailable
from headroom.ports import State
from headroom_cli.redrive.messages import DeadLetter, Message
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.resend import Outcome, Resender
from tests.builders import T0, document, incident, notice
from tests.support.world import FakeChannel

FIRED = notice()
OPEN = Loaded({"support-line": document(incidents={FIRED.alert_id: incident()})}, None)
OVER = Loaded({}, None)


def pager(*errors: DeliveryFailure, is_pager: bool = True) -> FakeChannel:
    """Answers as planned, then takes everything."""
    return FakeChannel("on-call", is_pager, errors=[*errors])


@dataclass
class SlowChannel(FakeChannel):
    """Takes everything, once it is let."""

    name: str = "on-call"
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        self.begun.set()
        await self.answers.wait()
        return await super().send(notice)


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


def dead_letter(made: Notice = FIRED, channel: str = "on-call") -> DeadLetter:
    return DeadLetter(made, channel, "given up", (Message(made.id, "receipt", T0, {}),))


@dataclass
class Desk:
    """One redrive, an hour after the default incident fired."""

    channel: FakeChannel = field(default_factory=pager)
    queue: FakeQueue = field(default_factory=FakeQueue)
    loaded: Sequence[Loaded] = (OPEN,)
    slept: list[float] = field(default_factory=list)

    told: list[Outcome] = field(default_factory=list)

    @property
    def resender(self) -> Resender:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return Resender(
            cast("Queue", self.queue),
            cast("State", FakeState(*self.loaded)),
            {self.channel.name: self.channel},
            clock=lambda: T0 + 3600,
            sleep=sleep,
            reported=self.told.append,
        )

    def send(self, *letters: DeadLetter) -> list[Outcome]:
        return asyncio.run(self.resender.send(letters or (dead_letter(),)))
