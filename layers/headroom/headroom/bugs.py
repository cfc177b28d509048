"""What may be said of a bug of ours: its sort and its place, for its text may hold a secret."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

from headroom.errors import HeadroomError


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
