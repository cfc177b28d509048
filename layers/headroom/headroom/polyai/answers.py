"""What PolyAI answers: one body to rows, all rows of a fetch to the Answer.

Nothing beyond the endpoint's description is assumed: rows come in any order, windows may come
twice, times with and without milliseconds; unknown fields are ignored, values of another type
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, NamedTuple, NotRequired

from pydantic import FailFast, Field, StringConstraints, TypeAdapter, ValidationError

# pydantic takes the standard library's TypedDict only from Python 3.12 on.
from typing_extensions import TypedDict

from headroom.domain.lines import Line
from headroom.domain.readings import WHOLE, Answer, Query
from headroom.domain.windows import WINDOW, Instant

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_TIME = rf"^{_DATE}T{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?$"
_NAME_LENGTH = 200
_KINDS = ("PROJECT-", "ACCOUNT-", "ws-")
"""Prefixes of ids; one without is a slug. PolyAI accepts both forms and may answer with either."""


class InvalidAnswer(ValueError):
    """An answer is not what PolyAI promises; the client turns it into a Failure."""


class _Interval(TypedDict):
    time: Annotated[str, StringConstraints(pattern=_TIME)]
    max_concurrent_conversations: Annotated[int, Field(ge=0, le=1_000_000_000)]
    variant_id: NotRequired[Annotated[str, Field(max_length=_NAME_LENGTH)] | None]
    variant_name: NotRequired[str | None]


class _Body(TypedDict):
    account_id: str
    project_id: str
    # The first fault is enough: 4 MiB hold a million, and pydantic would list them all.
    intervals: Annotated[list[_Interval], FailFast()]


class Row(NamedTuple):
    """One interval of an answer, checked."""

    window: Instant
    peak: int
    series: str
    name: str


def read(body: bytes | bytearray, line: Line, query: Query) -> list[Row]:
    """The rows of one 200 answer. Raises InvalidAnswer."""
    try:
        answer = _adapter().validate_json(body, strict=True)
    except ValidationError as error:
        raise InvalidAnswer(_first_problem(error, body)) from None
    _check_owner("account", line.account_id, answer["account_id"])
    _check_owner("project", line.project_id, answer["project_id"])
    intervals, sliced = answer["intervals"], bool(query.slice_by)
    # Each time is read once: eighty variants share it, and reading it is most of the work.
    windows = {text: _window(text) for text in dict.fromkeys(each["time"] for each in intervals)}
    return [_row(each, windows[each["time"]], sliced=sliced) for each in intervals]


def gather(rows: Iterable[Row], query: Query, first: Instant, until: Instant) -> Answer:
    """Rows in any order to readings; windows outside the range asked for are left out.

    The greater peak of a window that comes twice counts: a maximum can only grow.
    """
    series: dict[str, dict[Instant, int]] = {} if query.slice_by else {WHOLE: {}}
    newest: dict[str, tuple[Instant, str]] = {}
    for window, peak, key, name in rows:
        if not first <= window <= until:
            continue
        peaks = series.setdefault(key, {})
        peaks[window] = max(peak, peaks.get(window, 0))
        if name:
            newest[key] = max(newest.get(key, (window, name)), (window, name))
    return Answer(series, {key: name for key, (_, name) in newest.items()})


@cache
def _adapter() -> TypeAdapter[_Body]:
    # Built at the first answer and not at import: it takes milliseconds.
    return TypeAdapter(_Body)


def _row(interval: _Interval, window: Instant, *, sliced: bool) -> Row:
    peak = interval["max_concurrent_conversations"]
    if not sliced:
        return Row(window, peak, WHOLE, "")
    if not (variant := interval.get("variant_id")):
        raise InvalidAnswer("an interval of a sliced answer names no variant_id")
    return Row(window, peak, variant, (interval.get("variant_name") or "")[:_NAME_LENGTH])


def _window(text: str) -> Instant:
    """The window that starts at a time as PolyAI writes it (UTC where it names no zone)."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidAnswer(f"no such time as {text}") from None
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if seconds % WINDOW:
        raise InvalidAnswer(f"time {text} is not on 5 minutes")
    return int(seconds)


def _check_owner(what: str, asked: str, answered: str) -> None:
    if asked.casefold() != answered.casefold() and _kind(asked) == _kind(answered):
        raise InvalidAnswer(f"it is about {what} {answered}, not {asked}")


def _kind(identifier: str) -> str:
    return next((kind for kind in _KINDS if identifier.startswith(kind)), "")


def _first_problem(error: ValidationError, body: bytes | bytearray) -> str:
    if body.lstrip()[:1] == b"<":
        return "a page of HTML or XML in place of JSON"
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
