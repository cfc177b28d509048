"""What the command says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from headroom.channels.message import first_line, minute
from headroom.channels.text import plain
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
    if found.elsewhere:
        names = ", ".join(sorted(plain(name, 64) for name in found.elsewhere))
        console.print(f"there are more for {names}")
    if found.others:
        sorts = {sort: len(messages) for sort, messages in found.others.items()}
        console.print(f"beside that: {others(sorts)}")


def others(sorts: Mapping[Sort, int]) -> str:
    """As in `2 failed checks, 1 event that reached no check`."""
    return ", ".join(_counted(sort, number) for sort, number in sorts.items())


def _counted(sort: Sort, number: int) -> str:
    noun, _, rest = sort.partition(" that ")
    return count(number, noun) + (f" that {rest}" if rest else "")


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


def summary(done: Sequence[Outcome], found: Found) -> str:
    """How it ended, and how to go on."""
    sent = sum(outcome.sent for outcome in done)
    stay = len(found.letters) - sent
    if not stay:
        return f"{count(sent, 'notice')} sent"
    return (
        f"{count(sent, 'notice')} sent, {stay} still in the queue: run this again once the channel "
        "is mended, or with --channel NAME --drop to delete what nobody needs any more"
    )
