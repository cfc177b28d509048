"""What `redrive` prints: the notices in the queue, each outcome, what is left and how to fix it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from headroom.channels.message import first_line, minute, plain
from headroom_cli.console import count, styled
from headroom_cli.redrive.messages import DeadLetter, Message, MessageKind
from headroom_cli.redrive.plan import Obstacle, QueueContents, channel_of
from headroom_cli.redrive.resend import Outcome
from headroom_cli.stack import Stack

INDENT = " " * 22
ROOM = 300
"""Characters of a reason, which may quote a vendor."""


def show_found(console: Console, found: QueueContents, *, more: bool = False) -> None:
    """Print what is in the queue; `more`: there may be messages beyond this run."""
    letters = count(len(found.letters), "notice")
    console.print(f"{letters} that could not be delivered" if found.letters else "no notices")
    if more:
        console.print("there may be more: run this again afterwards")
    if found.others:
        numbers = {kind: len(messages) for kind, messages in found.others.items()}
        console.print(f"also in the queue: {others(numbers)}")


def show_elsewhere(console: Console, missing: Iterable[str], found: QueueContents) -> None:
    """Print what other channels have; `missing`: named channels that have nothing."""
    names = ", ".join(sorted(missing))
    there = sorted(found.elsewhere.items())
    numbers = ", ".join(f"{number} for {plain(name, 64)}" for name, number in there)
    there_are = f"there {'is' if sum(found.elsewhere.values()) == 1 else 'are'} {numbers}"
    console.print(f"none for {names}; {there_are}" if names else there_are)


def show_unknown(
    console: Console, unknown: Iterable[str], configured: Iterable[str], found: QueueContents
) -> None:
    """Print which named channels do not exist, and which channels do."""
    waiting = {*found.elsewhere, *(each.channel for each in found.letters)}
    names = f"no channel {_names(unknown)}; configured: {_names(configured)}; with dead letters"
    console.print(Text(f"{names}: {_names(waiting) or 'none'}", style="yellow"))


def _names(channels: Iterable[str]) -> str:
    return ", ".join(plain(each, 64) for each in sorted(channels))


def show_hidden(console: Console, number: int) -> None:
    """Print that others hold messages; SQS counts approximately."""
    are = f"about {count(number, 'message')} {'is' if number == 1 else 'are'} hidden"
    console.print(
        f"{are}: another redrive is running or was interrupted; run this again in 5 minutes"
    )


def others(numbers: Mapping[MessageKind, int]) -> str:
    """Count messages: `2 failed checks, 1 event that reached no check`."""
    return ", ".join(kind.counted(number) for kind, number in numbers.items())


def entry(dead_letter: DeadLetter, obstacle: Obstacle | None = None) -> Text:
    """Format a notice: time, channel, first line; below why it failed and why it is held back."""
    why = plain(dead_letter.reason, ROOM)
    if len(dead_letter.copies) > 1:
        why += f" ({len(dead_letter.copies)} copies, sent once)"
    shown = Text.assemble(
        (f"{minute(dead_letter.notice.at):<22}", "dim"),
        f"{plain(dead_letter.channel, 64):<18}  ",
        styled(first_line(dead_letter.notice)),
        (f"\n{INDENT}{why}", "dim"),
    )
    return shown.append(f"\n{INDENT}held back: {obstacle}", "yellow") if obstacle else shown


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Print the result for one notice."""
    word = "sent" if outcome.sent else "kept"
    why = f": {plain(outcome.why, ROOM)}" if outcome.why else ""
    where = f"{plain(outcome.letter.channel, 64):<18}  {first_line(outcome.letter.notice)}"
    console.print(Text(f"{word:<6} {where}{why}", style="yellow" if why else "green"))


Left = Sequence[tuple[DeadLetter, Obstacle | None]]
"""Notices that were not sent; None: the channel did not accept it, or it was not tried."""


def leftovers(stack: Stack, left: Left, unread: Sequence[Message]) -> Iterator[str]:
    """Yield a line for each reason, and one with the fix below."""
    option = f"--stack {shlex.quote(stack.name)}"
    again = f"headroom redrive {option}"
    reasons = Counter(_reason(option, each.channel, obstacle) for each, obstacle in left)
    for (why, fix), number in reasons.items():
        yield f"{number} left: {why}"
        yield f"  -> {fix}"
    for message in unread:
        yield f"1 left: a notice of another version, message {message.id}"
        yield f"  -> read it: {_reading(stack, message)}"
        yield f"  -> then delete it: {again}{_to(channel_of(message) or '')} --tidy --drop"


def _reason(option: str, channel: str, obstacle: Obstacle | None) -> tuple[str, str]:
    """Return why a notice is left, and the fix."""
    again = f"headroom redrive {option}"
    if obstacle is Obstacle.UNREAD:
        return obstacle, f"headroom doctor {option}, then {again}"
    if obstacle is Obstacle.NO_CHANNEL:
        why = f"no channel {plain(channel, 64)} is configured"
        return why, f"configure it and run this again, or {again}{_to(channel)} --drop"
    if obstacle:
        return obstacle, f"delete them: {again}{_to(channel)} --drop-over"
    return f"not sent to {plain(channel, 64)}", f"after fixing the channel: {again}{_to(channel)}"


def _to(channel: str) -> str:
    return f" --channel {shlex.quote(plain(channel, 64))}"


def _reading(stack: Stack, message: Message) -> str:
    """Return a command that shows one message without hiding it; SQS cannot fetch by id."""
    return shlex.join(
        [
            *("aws", "sqs", "receive-message", "--queue-url", stack.queue_url),
            *("--visibility-timeout", "0", "--wait-time-seconds", "1"),
            *("--max-number-of-messages", "10", "--output", "text"),
            *("--query", f"Messages[?MessageId=='{message.id}'].Body"),
        ]
    )
