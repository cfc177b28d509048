"""Asking before something is changed."""

from __future__ import annotations

from collections.abc import Callable

import typer

from headroom.errors import HeadroomError


class Declined(typer.Abort):
    """A person said no; unless somebody goes on with something else, the command ends."""


def agreement(*, yes: bool) -> Callable[[str], bool]:
    """Asks a person, unless `yes`. Raises Declined, typer.Abort at Ctrl-C, HeadroomError.

    Not to be called inside an event loop: it would keep Ctrl-C from the question.
    """

    def agreed(question: str) -> bool:
        if yes:
            return True
        try:
            if typer.confirm(question, err=True):  # seen also where stdout is a pipe
                return True
        except typer.Abort as error:
            if not isinstance(error.__context__, EOFError):
                raise
            raise HeadroomError(  # the input has ended: nobody is there
                "nothing was done, for nobody answered: --yes goes on without asking"
            ) from None
        raise Declined

    return agreed
