"""Everything that Headroom raises on purpose.

HeadroomError
├── InvalidInput               what somebody gave us is invalid: no later try helps
│   ├── SettingsError          the environment of the function
│   ├── EventError             the event that started the check
│   └── ConfigError            one part of the configuration
├── Unavailable                something outside does not answer: a later try may help
│   ├── ConfigUnavailable      the configuration could not be read at all
│   └── StateUnavailable       the table (or the file) could not be read or written
├── LostRace                   another writer changed the document first
└── BrokenCheck                a bug in Headroom broke part of a check; the rest was done

A failed query (`Failure`) and a failed send (`DeliveryFailure`) are values: they stop no check.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path


class HeadroomError(Exception):
    """The root of the tree: catch it where one project or channel must not stop another."""


class InvalidInput(HeadroomError):
    """What somebody gave us is invalid; says what, the value, and the fix."""


class Unavailable(HeadroomError):
    """Something outside does not answer; a later try may succeed."""


class SettingsError(InvalidInput):
    """The environment of the function is not usable; says which variable and why."""


class EventError(InvalidInput):
    """The event that started the check cannot be taken; says what was expected."""


class ConfigError(InvalidInput):
    """One part of the configuration is invalid.

    `where` names it from the outside in, dotted: `projects.support-line.rules.near-limit.warning`.
    `problem` is one sentence that names the value and the fix. Never holds a secret.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class ConfigUnavailable(Unavailable):
    """The configuration could not be read at all (SSM refused, the file is missing)."""


class LostRace(HeadroomError):
    """Another writer changed the document first: load again, evaluate again."""


class StateUnavailable(Unavailable):
    """The table (or the file) could not be read or written."""


class BrokenCheck(HeadroomError):
    """A bug in Headroom broke part of a check. `lines`: one for each bug, with its place.

    It stands for them: their own texts may hold a secret, and whoever runs the check prints it.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def places(bugs: Iterable[BaseException]) -> list[str]:
    """A line for each; of Headroom's own errors their text, which holds no secret."""
    lines: list[str] = []
    for each in bugs:
        if isinstance(each, BaseExceptionGroup):
            lines += places(each.exceptions)
        else:
            lines.append(str(each) if isinstance(each, HeadroomError) else _place(each))
    return lines


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"a bug in Headroom broke part of the check: {type(error).__name__}{place}"
