"""The event that starts a check: it holds the time, and nothing else."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError

from headroom.domain.windows import Instant
from headroom.errors import EventError

EXPECTED = 'expected an object with the UTC time of the check, {"time": "2026-11-22T10:05:00Z"}'


def _written(time: object) -> object:
    """Accept only text with a date and a time: pydantic would take a number for seconds."""
    if isinstance(time, str) and "T" in time:
        return time
    raise ValueError(EXPECTED)


class CheckEvent(BaseModel):
    """The event of EventBridge Scheduler, with its scheduled time, as the template defines it.

    Other fields are ignored, so the event of an EventBridge rule starts a check too:
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """

    time: Annotated[AwareDatetime, BeforeValidator(_written)]

    @classmethod
    def parse(cls, event: object) -> Instant:
        """Return the instant of the check. Raises EventError, which shows what was sent."""
        try:
            # The conversion to UTC first: it fails for a time outside the years 1 to 9999.
            return int(cls.model_validate(event).time.astimezone(UTC).timestamp())
        except (ValidationError, OverflowError):
            shown = event.get("time", event) if isinstance(event, dict) else event
            raise EventError(f"cannot start a check from {shown!r:.200}: {EXPECTED}") from None
