"""PolyAI's answers: peaks of concurrent calls by series and window, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from headroom.domain.windows import Instant

Peaks = Mapping[Instant, int]
"""The peak of calls in each window of one series. A window without a peak is missing."""

WHOLE = ""
"""The key of the series of an unsliced query."""


@dataclass(frozen=True)
class Query:
    """One GET to the Concurrent Calls API, without the project and the time range.

    At most one of `variant_id` and `variant_name` is set. Rules with equal queries share a request.
    """

    client_env: str = "live"
    variant_id: str = ""
    variant_name: str = ""
    language: str = ""
    phone_number: str = ""
    slice_by: str = ""

    @cached_property
    def key(self) -> str:
        """The same for equal queries, in state and logs: `client_env=live&language=es-ES`."""
        return "&".join(f"{name}={value}" for name, value in self.parameters().items())

    def parameters(self) -> dict[str, str]:
        """The query's parameters as the API names them, without the empty ones."""
        names = ("client_env", "variant_id", "variant_name", "language", "phone_number", "slice_by")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Answer:
    """The readings of one query: by series key (`WHOLE`, or the `variant_id` when sliced)."""

    series: Mapping[str, Peaks]
    names: Mapping[str, str] = field(default_factory=dict)
    """The names that people know, by key of a sliced series; names can change, keys do not."""


@dataclass(frozen=True, slots=True)
class Members:
    """The readings of each line of a group, by its name."""

    peaks: Mapping[str, Peaks] = field(default_factory=dict)
    """Without the lines that were not answered; empty for a project of one line."""
    unread: tuple[str, ...] = ()
    """Lines that could not be read, or not far enough."""


ALONE = Members()
"""Of a project of one line."""


class FailureCode(StrEnum):
    """Why a query could not be read, where no HTTP status says it."""

    TIMEOUT = "timeout"
    NETWORK = "network"
    TLS = "tls"
    INVALID = "invalid"
    """The answer is not what the endpoint's description promises."""
    KEY = "key"
    """There is no usable API key."""
    LATE = "late"
    """The answer stops too long ago: see `lateness`."""
    UNASKED = "unasked"
    """The check's time ran out before the query was sent."""
    BUG = "bug"
    """A bug in Headroom."""
    CONFIG = "config"
    """The project's configuration became invalid meanwhile."""
    STATE = "state"
    """The project's stored document cannot be read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one query could not be read, as a value.

    `code` is the HTTP status or a `FailureCode`. `lasting` failures (400, 401, 403, 404, 501, key)
    do not pass by waiting. `detail` is PolyAI's own message, cut short; it never holds a secret.

    `retry_after` is the seconds that PolyAI asked to wait, None when it did not say. The fetch
    turns it into `until`, the instant before which PolyAI is not asked again.
    """

    code: int | FailureCode
    detail: str
    lasting: bool = False
    correlation_id: str = ""
    until: Instant | None = None
    retry_after: float | None = None


Answers = Mapping[str, Answer | Failure]
"""The answer to each query of a project, by the query's key."""

UNASKED = Failure(FailureCode.UNASKED, "the check had no time left to ask PolyAI")
"""The outcome of a query that was never sent: the project was not reached, it did not fail."""
