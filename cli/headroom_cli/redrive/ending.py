"""What is left in the queue at the end, why, and the command that goes on with it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from headroom.channels.message import plain
from headroom_cli.redrive.letters import Letter, Message
from headroom_cli.redrive.plan import Obstacle, addressee
from headroom_cli.stack import Stack

Left = Sequence[tuple[Letter, Obstacle | None]]
"""What was not sent; None: its channel did not take it, or it was not tried."""


def ending(stack: Stack, left: Left, unread: Sequence[Message]) -> Iterator[str]:
    """A line for each reason, and one below it with the fix."""
    option = f"--stack {shlex.quote(stack.name)}"
    again = f"headroom redrive {option}"
    ways = Counter(_way(option, each.channel, obstacle) for each, obstacle in left)
    for (why, way), number in ways.items():
        yield f"{number} left: {why}"
        yield f"  -> {way}"
    for message in unread:
        yield f"1 left: a notice of another version, message {message.id}"
        yield f"  -> read it: {_reading(stack, message)}"
        yield f"  -> then delete it: {again}{_to(addressee(message) or '')} --tidy --drop"


def _way(option: str, channel: str, obstacle: Obstacle | None) -> tuple[str, str]:
    """Why, and the command."""
    again = f"headroom redrive {option}"
    if obstacle is Obstacle.UNREAD:
        return obstacle, f"headroom doctor {option}, then {again}"
    if obstacle is Obstacle.NO_CHANNEL:
        why = f"no channel {plain(channel, 64)} is configured"
        return why, f"configure it and run this again, or {again}{_to(channel)} --drop"
    if obstacle:
        return obstacle, f"delete what is over: {again}{_to(channel)} --drop-over"
    return f"not sent to {plain(channel, 64)}", f"once it is fixed: {again}{_to(channel)}"


def _to(channel: str) -> str:
    return f" --channel {shlex.quote(plain(channel, 64))}"


def _reading(stack: Stack, message: Message) -> str:
    """SQS hands out no message by its id; this shows it without hiding it from others."""
    return shlex.join(
        [
            *("aws", "sqs", "receive-message", "--queue-url", stack.queue_url),
            *("--visibility-timeout", "0", "--wait-time-seconds", "1"),
            *("--max-number-of-messages", "10", "--output", "text"),
            *("--query", f"Messages[?MessageId=='{message.id}'].Body"),
        ]
    )
