"""What is done with the letters: each step shows, asks, acts, and says whether all is well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import Channels, system_clock
from headroom.channels.sns import THREADS, Sns
from headroom.config.ssm_source import SsmSource
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.outgoing.threads import Threads
from headroom.state.dynamodb import DynamoState
from headroom_cli.asking import Declined
from headroom_cli.aws import Aws
from headroom_cli.console import count
from headroom_cli.redrive import screen
from headroom_cli.redrive.ending import Left, ending
from headroom_cli.redrive.letters import Letter, Message
from headroom_cli.redrive.plan import Found, Obstacle
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.sending import Sending
from headroom_cli.redrive.wish import Wish
from headroom_cli.stack import Stack


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a step needs."""

    console: Console
    aws: Aws
    stack: Stack
    queue: Queue
    wish: Wish

    def agreed(self, question: str) -> bool:
        """No is False; Ctrl-C and the end of input are raised."""
        try:
            return self.wish.agreed(question)
        except Declined:
            return False

    def delete(self, messages: Sequence[Message]) -> bool:
        """A notice is in the table's history for 90 days all the same; True: they are gone."""
        if not messages:
            return True
        number = count(len(messages), "message")
        if self.wish.dry_run:
            self.console.print(f"would delete {number} unsent; this was a dry run")
            return True
        if not self.agreed(f"delete {number} without sending?"):
            return False
        gone = sum(self.queue.delete(message) for message in messages)
        self.console.print(f"{count(gone, 'message')} deleted")
        if gone < len(messages):
            self.console.print(
                f"the visibility timeout of {len(messages) - gone} expired: run this again"
            )
        return gone == len(messages)

    def end(self, left: Left, unread: Sequence[Message]) -> bool:
        """Say what stays and how to go on; False: some of it should have been sent."""
        for line in ending(self.stack, left, unread):
            self.console.print(Text(line, style="yellow"))
        lost = [each for each, obstacle in left if not (obstacle and obstacle.past)]
        return self.wish.dry_run or not (lost or unread)


def tidy(desk: Desk, found: Found) -> bool:
    """Delete what later checks have caught up on, if that is asked for."""
    return not (desk.wish.tidy and found.settled) or desk.delete(found.settled)


def drop(desk: Desk, found: Found) -> bool:
    """Delete all letters unsent; with --tidy also those that this version cannot read."""
    for each in found.letters:
        desk.console.print(screen.entry(each))
    copies = [copy for each in found.letters for copy in each.copies]
    if desk.wish.tidy:
        return desk.delete([*copies, *found.unread])
    deleted = desk.delete(copies)
    return desk.end([], found.unread) and deleted


def send(desk: Desk, found: Found) -> bool:
    """Send what may be sent, or with --drop-over delete what never may."""
    if not found.letters:
        return desk.end([], found.unread)
    with asyncio.Runner() as runner:
        threads = Threads(THREADS, "sns")
        sns = Sns(DEFAULT_CHANNEL, desk.stack.topic_arn, lambda: desk.aws.sns, threads)
        channels = Channels(sns, lambda: desk.aws.sns, threads, loopback=desk.aws.on_loopback)
        try:
            return _ask_and_send(desk, found, channels, runner)
        finally:
            runner.run(channels.close())


def _ask_and_send(desk: Desk, found: Found, channels: Channels, runner: asyncio.Runner) -> bool:
    """It asks between two runs of the loop, which would keep Ctrl-C from the question."""
    sending, held = runner.run(_prepared(desk, found, channels))
    if desk.wish.drop_over:
        return _drop_over(desk, held, found.unread)
    keys = [each for each, _ in held]
    sendable = [each for each in found.letters if each not in keys]
    letters = count(len(sendable), "notice")
    if desk.wish.dry_run:
        desk.console.print(f"would send {letters}; this was a dry run")
        return desk.end(held, found.unread)
    if not sendable:
        return desk.end(held, found.unread)
    if not desk.agreed(f"send {letters} again?"):
        desk.console.print("nothing sent")
        return False
    done = runner.run(sending.send(sendable))
    desk.console.print(f"{count(sum(outcome.sent for outcome in done), 'notice')} sent")
    stay = [(outcome.letter, outcome.obstacle) for outcome in done if not outcome.sent]
    well = desk.end([*held, *stay], found.unread)
    return well and not any(outcome.failed for outcome in done)


async def _prepared(desk: Desk, found: Found, channels: Channels) -> tuple[Sending, Left]:
    """Load the channels, show each letter, and find those that are not to be sent."""
    source = SsmSource(desk.aws.ssm, desk.stack.prefix, ttl=0, clock=time.monotonic)
    sending = Sending(
        desk.queue,
        DynamoState(desk.aws.dynamodb, desk.stack.table, clock=system_clock),
        channels(await source.load()),
        clock=system_clock,
        sleep=asyncio.sleep,
        told=partial(screen.show_outcome, desk.console),
    )
    held: list[tuple[Letter, Obstacle | None]] = []
    for each, obstacle in zip(found.letters, await sending.obstacles(found.letters), strict=True):
        desk.console.print(screen.entry(each, obstacle))
        held += [(each, obstacle)] if obstacle else []
    return sending, held


def _drop_over(desk: Desk, held: Left, unread: Sequence[Message]) -> bool:
    past = [each for each, obstacle in held if obstacle and obstacle.past]
    if not past:
        desk.console.print("nothing that is over is left")
    deleted = desk.delete([copy for each in past for copy in each.copies])
    rest = [(each, obstacle) for each, obstacle in held if each not in past]
    return desk.end(rest, unread) and deleted
