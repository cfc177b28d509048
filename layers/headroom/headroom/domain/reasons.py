"""Why a project cannot be read or a configuration is invalid: a text, and its parts as fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from headroom.domain.windows import Instant, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the reason of a built-in alert is about, as fields, so that nobody reads its text."""

    code: str = ""
    """The HTTP status, or the word of `readings.Failure.code`."""
    key: str = ""
    """The name of the API key that was refused."""
    place: str = ""
    """Where in the project's configuration: `rules.near-limit.warning`."""
    correlation_id: str = ""
    """What PolyAI's support asks for."""
    until: Instant | None = None
    """PolyAI asked not to be called again before."""

    @property
    def wait(self) -> str:
        """The end of a sentence that says until when Headroom waits."""
        return f"; not asked again before {iso(self.until)}" if self.until else ""

    def placed(self, reason: str) -> str:
        """The reason behind its place."""
        return f"{self.place}: {reason}" if self.place else reason

    def complete(self, reason: str) -> str:
        """The reason with everything that is known beside it."""
        correlation = f" (correlation id {self.correlation_id})" if self.correlation_id else ""
        return f"{self.placed(reason)}{self.wait}{correlation}"

    def as_json(self, reason: str) -> dict[str, Any]:
        """The fields that are set, and as `text` the reason without them; {} where none is."""
        fields = {
            "code": self.code,
            "key": self.key,
            "place": self.place,
            "correlation_id": self.correlation_id,
            "until": iso(self.until) if self.until is not None else "",
        }
        known = {name: value for name, value in fields.items() if value}
        return {"text": reason, **known} if known else {}


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a project cannot be read, with what is known beside the text."""

    text: str
    details: Details = NO_DETAILS

    def __str__(self) -> str:
        """In one line, with everything that is known."""
        return self.details.complete(self.text)

    @property
    def shared(self) -> Reason:
        """Without what tells two failures of one cause apart."""
        return replace(self, details=replace(self.details, correlation_id=""))
