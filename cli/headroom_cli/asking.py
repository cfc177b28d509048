"""Asking before something is changed."""

from __future__ import annotations

from collections.abc import Callable

import typer

from headroom.errors import HeadroomError


def agreement(*, yes: bool) -> Callable[[str], bool]:
    """Asks a person, unless `yes`; who says no ends the command."""

    def agreed(question: str) -> bool:
        if yes:
            return True
        try:
            if typer.confirm(question):
                return True
        except typer.Abort:  # the input has ended: nobody is there
            raise HeadroomError(
                "nothing was done, for nobody answered: --yes goes on without asking"
            ) from None
        raise typer.Abort

    return agreed
