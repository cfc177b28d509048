"""The event that starts a check: when, and nothing else."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError

from headroom.domain.windows import Instant
from headroom.errors import EventError

EXPECTED = 'expected an object with the UTC time of the check, {"time": "2026-11-22T10:05:00Z"}'


def _written(time: object) -> object:
    """Only text that reads as a date and time: pydantic would take numbers for seconds too."""
    if isinstance(time, str) and "T" in time:
        return time
    raise ValueError(EXPECTED)


class CheckEvent(BaseModel):
    """What EventBridge Scheduler sends, its scheduled time as the template asks for it.

    Other fields are let be, so an EventBridge rule's event starts a check too:
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """

    time: Annotated[AwareDatetime, BeforeValidator(_written)]

    @classmethod
    def parse(cls, event: object) -> Instant:
        """The instant of the check. Raises EventError, which shows what came instead."""
        try:
            # To UTC first, which refuses what falls out of the years that a time can have.
            return int(cls.model_validate(event).time.astimezone(UTC).timestamp())
        except (ValidationError, OverflowError):
            shown = event.get("time", event) if isinstance(event, dict) else event
            raise EventError(f"cannot start a check from {shown!r:.200}: {EXPECTED}") from None
