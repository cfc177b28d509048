"""Asking for confirmation before something changes."""

from __future__ import annotations

from collections.abc import Callable

import typer

from headroom.errors import HeadroomError


class Declined(typer.Abort):
    """Somebody answered no. Unless it is caught, the command ends."""


def agreement(*, yes: bool) -> Callable[[str], bool]:
    """Return a function that asks a person, or agrees at once with `yes`.

    It raises Declined, typer.Abort at Ctrl-C, and HeadroomError. Do not call it inside an event
    loop, which would catch the Ctrl-C.
    """

    def agreed(question: str) -> bool:
        if yes:
            return True
        try:
            if typer.confirm(question, err=True):  # visible even if stdout is a pipe
                return True
        except typer.Abort as error:
            if not isinstance(error.__context__, EOFError):
                raise
            raise HeadroomError(  # the input has ended: nobody is there to answer
                "nobody answered, so nothing was done: give --yes to continue without asking"
            ) from None
        raise Declined

    return agreed
