"""The command: show what lies there, ask, send it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from headroom.bootstrap import Channels, system_clock
from headroom.channels.sns import Sns
from headroom.config.listing import reason
from headroom.config.ssm import SsmSource
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.errors import ConfigUnavailable
from headroom.quiet import hush
from headroom.state.dynamodb import DynamoState
from headroom_cli.aws import Aws
from headroom_cli.console import count
from headroom_cli.redrive import screen
from headroom_cli.redrive.letters import Letter, Message
from headroom_cli.redrive.plan import Found, Obstacle, sort_out
from headroom_cli.redrive.queue import MOST, Queue
from headroom_cli.redrive.sending import Sending
from headroom_cli.stack import Stack, find

OK, TROUBLE = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asked for."""

    channels: Collection[str] = ()
    """Only letters to these; all when empty."""
    dry_run: bool = False
    drop: bool = False
    """Delete instead of sending."""
    tidy: bool = False
    """Delete failed checks and events: later checks have caught up on them."""
    agreed: Callable[[str], bool]
    wait: int = 1
    """Seconds that SQS may take to ask all its servers; without, it asks some."""


def found(aws: Aws, name: str, *, queue_url: str | None, prefix: str | None) -> Stack:
    """The stack of that name, with what is given in place of its own.

    Raises HeadroomError, ConfigUnavailable.
    """
    try:
        stack = find(aws.cloudformation, name)
    except (ClientError, BotoCoreError) as error:
        raise ConfigUnavailable(f"the stack {name} could not be read: {reason(error)}") from None
    return replace(stack, queue_url=queue_url or stack.queue_url, prefix=prefix or stack.prefix)


def redrive(console: Console, aws: Aws, stack: Stack, wish: Wish) -> int:
    """Do it and return the exit code: 1 when something stays that should have been sent.

    Whatever is not deleted is handed back to the queue, also at an error and at Ctrl-C. Raises
    ConfigUnavailable, StateUnavailable.
    """
    hush()
    queue = Queue(aws.sqs, stack.queue_url)
    taken = queue.take(wish.wait)
    try:
        found = sort_out(taken, wish.channels)
        screen.show_found(console, found, more=len(taken) >= MOST)
        if wish.tidy and found.settled:
            _delete(console, queue, found.settled, wish)
        if not found.letters:
            return OK
        if wish.drop:
            return _drop(console, queue, found, wish)
        return asyncio.run(_send(console, aws, stack, queue, found, wish))
    finally:
        queue.hand_back(taken)


def _drop(console: Console, queue: Queue, found: Found, wish: Wish) -> int:
    for each in found.letters:
        console.print(screen.entry(each))
    copies = [copy for each in found.letters for copy in each.copies]
    _delete(console, queue, copies, wish)
    return OK


def _delete(console: Console, queue: Queue, messages: Sequence[Message], wish: Wish) -> None:
    """A notice is in the table's history for 90 days all the same."""
    number = count(len(messages), "message")
    if wish.dry_run:
        console.print(f"would delete {number} unsent; this was a dry run")
    elif wish.agreed(f"delete {number} without sending?"):
        for message in messages:
            queue.delete(message)
        console.print(f"{number} deleted")


async def _send(
    console: Console, aws: Aws, stack: Stack, queue: Queue, found: Found, wish: Wish
) -> int:
    source = SsmSource(aws.ssm, stack.prefix, ttl=0, clock=time.monotonic)
    channels = Channels(Sns(DEFAULT_CHANNEL, stack.topic_arn, lambda: aws.sns), lambda: aws.sns)
    sending = Sending(
        queue,
        DynamoState(aws.dynamodb, stack.table, clock=system_clock),
        channels(await source.load()),
        clock=system_clock,
        sleep=asyncio.sleep,
        told=partial(screen.show_outcome, console),
    )
    try:
        return await _ask_and_send(console, sending, found, wish)
    finally:
        await channels.close()


async def _ask_and_send(console: Console, sending: Sending, found: Found, wish: Wish) -> int:
    sendable: list[Letter] = []
    for each in found.letters:
        obstacle: Obstacle | None = await sending.obstacle(each)
        console.print(screen.entry(each, obstacle))
        sendable += [] if obstacle else [each]
    letters = count(len(sendable), "notice")
    if wish.dry_run:
        console.print(f"would send {letters}; this was a dry run")
        return OK
    if not sendable or not wish.agreed(f"send {letters} again?"):
        return OK
    done = await sending.send(sendable)
    console.print(Text(screen.summary(done, found)))
    return TROUBLE if any(outcome.failed for outcome in done) else OK
