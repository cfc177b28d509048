"""What the command says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from headroom.channels.message import first_line, minute, plain
from headroom_cli.console import count, styled
from headroom_cli.redrive.letters import Letter, Sort
from headroom_cli.redrive.plan import Found, Obstacle
from headroom_cli.redrive.sending import Outcome

INDENT = " " * 22
ROOM = 300
"""Characters of another's words."""


def show_found(console: Console, found: Found, *, more: bool = False) -> None:
    """Print how much lies there; `more`: there may be others that were not taken this time."""
    letters = count(len(found.letters), "notice")
    console.print(f"{letters} that no try could deliver" if found.letters else "no notices")
    if more:
        console.print("there may be more: run this again afterwards")
    if found.others:
        sorts = {sort: len(messages) for sort, messages in found.others.items()}
        console.print(f"beside that: {others(sorts)}")


def show_elsewhere(console: Console, missing: Iterable[str], found: Found) -> None:
    """Print what was not asked for; `missing`: channels that were, and have nothing."""
    names = ", ".join(sorted(missing))
    there = sorted(found.elsewhere.items())
    numbers = ", ".join(f"{number} for {plain(name, 64)}" for name, number in there)
    told = f"there {'is' if sum(found.elsewhere.values()) == 1 else 'are'} {numbers}"
    console.print(f"none for {names}; {told}" if names else told)


def show_unknown(
    console: Console, unknown: Iterable[str], configured: Iterable[str], found: Found
) -> None:
    """Print which of the channels that were named there are not, and which there are."""
    waiting = {*found.elsewhere, *(each.channel for each in found.letters)}
    told = f"no channel {_names(unknown)}; configured: {_names(configured)}; "
    console.print(Text(f"{told}with dead letters: {_names(waiting) or 'none'}", style="yellow"))


def _names(channels: Iterable[str]) -> str:
    return ", ".join(plain(each, 64) for each in sorted(channels))


def show_hidden(console: Console, number: int) -> None:
    """Print that others hold some; SQS counts about."""
    are = f"about {count(number, 'message')} {'is' if number == 1 else 'are'} hidden"
    console.print(f"{are}: another redrive has them, or was ended; run this again in 5 minutes")


def others(sorts: Mapping[Sort, int]) -> str:
    """As in `2 failed checks, 1 event that reached no check`."""
    return ", ".join(_counted(sort, number) for sort, number in sorts.items())


def _counted(sort: Sort, number: int) -> str:
    noun, joint, rest = sort.partition(" of ") if sort is Sort.VERSION else sort.partition(" that ")
    return count(number, noun) + joint + rest


def entry(letter: Letter, obstacle: Obstacle | None = None) -> Text:
    """When, where, the first line; why it was given up; why it is not sent."""
    why = plain(letter.reason, ROOM)
    if len(letter.copies) > 1:
        why += f" ({len(letter.copies)} copies, sent once)"
    shown = Text.assemble(
        (f"{minute(letter.notice.at):<22}", "dim"),
        f"{plain(letter.channel, 64):<18}  ",
        styled(first_line(letter.notice)),
        (f"\n{INDENT}{why}", "dim"),
    )
    return shown.append(f"\n{INDENT}stays: {obstacle}", "yellow") if obstacle else shown


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Print what became of one letter."""
    word = "sent" if outcome.sent else "stays"
    why = f": {plain(outcome.why, ROOM)}" if outcome.why else ""
    where = f"{plain(outcome.letter.channel, 64):<18}  {first_line(outcome.letter.notice)}"
    console.print(Text(f"{word:<6} {where}{why}", style="yellow" if why else "green"))
