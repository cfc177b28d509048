"""The steps of a run: each shows, asks, acts, and returns whether all went well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import system_clock
from headroom.channels.registry import ChannelRegistry
from headroom.channels.sns import THREADS, Sns
from headroom.config.ssm import SsmSource
from headroom.net.threads import Threads
from headroom.state.dynamodb import DynamoState
from headroom_cli.aws import Aws
from headroom_cli.console import count
from headroom_cli.prompts import Declined
from headroom_cli.redrive import output
from headroom_cli.redrive.messages import DeadLetter, Message
from headroom_cli.redrive.options import Options
from headroom_cli.redrive.output import Left, leftovers
from headroom_cli.redrive.plan import Obstacle, QueueContents
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.resend import Resender
from headroom_cli.stack import Stack


@dataclass(frozen=True, slots=True)
class Context:
    """What every step needs."""

    console: Console
    aws: Aws
    stack: Stack
    queue: Queue
    options: Options

    def agreed(self, question: str) -> bool:
        """Ask; Ctrl-C and the end of input are raised."""
        try:
            return self.options.agreed(question)
        except Declined:
            return False

    def delete(self, messages: Sequence[Message]) -> bool:
        """Ask and delete; True if all are gone. Notices remain in the history for 90 days."""
        if not messages:
            return True
        number = count(len(messages), "message")
        if self.options.dry_run:
            self.console.print(f"would delete {number} unsent; this was a dry run")
            return True
        if not self.agreed(f"delete {number} without sending?"):
            return False
        gone = sum(self.queue.delete(message) for message in messages)
        self.console.print(f"{count(gone, 'message')} deleted")
        if gone < len(messages):
            self.console.print(
                f"{len(messages) - gone} not deleted: visibility timeout expired, run this again"
            )
        return gone == len(messages)

    def end(self, left: Left, unread: Sequence[Message]) -> bool:
        """Print what is left and how to continue; False if some of it should have been sent."""
        for line in leftovers(self.stack, left, unread):
            self.console.print(Text(line, style="yellow"))
        lost = [each for each, obstacle in left if not (obstacle and obstacle.past)]
        return self.options.dry_run or not (lost or unread)


def tidy(context: Context, found: QueueContents) -> bool:
    """Delete failed checks and events, if asked to."""
    return not (context.options.tidy and found.settled) or context.delete(found.settled)


def drop(context: Context, found: QueueContents) -> bool:
    """Delete all notices unsent; with --tidy also those that this version cannot read."""
    for each in found.letters:
        context.console.print(output.entry(each))
    copies = [copy for each in found.letters for copy in each.copies]
    if context.options.tidy:
        return context.delete([*copies, *found.unread])
    deleted = context.delete(copies)
    return context.end([], found.unread) and deleted


def send(context: Context, found: QueueContents) -> bool:
    """Send what may be sent, or with --drop-over delete what never will be."""
    if not found.letters:
        return context.end([], found.unread)
    with asyncio.Runner() as runner:
        threads = Threads(THREADS, "sns")
        sns = Sns(context.stack.topic_arn, lambda: context.aws.sns, threads)
        channels = ChannelRegistry(
            sns, lambda: context.aws.sns, threads, loopback=context.aws.on_loopback
        )
        try:
            return _ask_and_send(context, found, channels, runner)
        finally:
            runner.run(channels.close())


def _ask_and_send(
    context: Context, found: QueueContents, channels: ChannelRegistry, runner: asyncio.Runner
) -> bool:
    """Ask between two runs of the event loop, which would catch the Ctrl-C."""
    resender, held = runner.run(_prepared(context, found, channels))
    if context.options.drop_over:
        return _drop_over(context, held, found.unread)
    held_back = [each for each, _ in held]
    sendable = [each for each in found.letters if each not in held_back]
    letters = count(len(sendable), "notice")
    if context.options.dry_run:
        context.console.print(f"would send {letters}; this was a dry run")
        return context.end(held, found.unread)
    if not sendable:
        return context.end(held, found.unread)
    if not context.agreed(f"send {letters} again?"):
        context.console.print("nothing sent")
        return False
    done = runner.run(resender.send(sendable))
    context.console.print(f"{count(sum(outcome.sent for outcome in done), 'notice')} sent")
    stay = [(outcome.letter, outcome.obstacle) for outcome in done if not outcome.sent]
    well = context.end([*held, *stay], found.unread)
    return well and not any(outcome.failed for outcome in done)


async def _prepared(
    context: Context, found: QueueContents, channels: ChannelRegistry
) -> tuple[Resender, Left]:
    """Load the channels, show each notice, and find those that are held back."""
    source = SsmSource(context.aws.ssm, context.stack.prefix, ttl=0, clock=time.monotonic)
    resender = Resender(
        context.queue,
        DynamoState(context.aws.dynamodb, context.stack.table, clock=system_clock),
        channels(await source.load()),
        clock=system_clock,
        sleep=asyncio.sleep,
        reported=partial(output.show_outcome, context.console),
    )
    held: list[tuple[DeadLetter, Obstacle | None]] = []
    for each, obstacle in zip(found.letters, await resender.obstacles(found.letters), strict=True):
        context.console.print(output.entry(each, obstacle))
        held += [(each, obstacle)] if obstacle else []
    return resender, held


def _drop_over(context: Context, held: Left, unread: Sequence[Message]) -> bool:
    past = [each for each, obstacle in held if obstacle and obstacle.past]
    if not past:
        context.console.print("no notices of ended incidents are left")
    deleted = context.delete([copy for each in past for copy in each.copies])
    rest = [(each, obstacle) for each, obstacle in held if each not in past]
    return context.end(rest, unread) and deleted
