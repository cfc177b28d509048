"""Whether the stack is there, and whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.stack import Stack


@dataclass(frozen=True, slots=True)
class StackProbe:
    """CloudFormation's word on it."""

    stack: Callable[[], Stack]
    name: str = "stack"

    def look(self) -> Findings:
        """See `Probe`.

        Statuses: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
        """
        found = self.stack()
        detail = f"{found.name} is {found.status}"
        events = f"aws cloudformation describe-stack-events --stack-name {found.name}"
        if found.status.endswith("_IN_PROGRESS"):
            yield warn(self.name, f"{detail}: somebody is changing it", "wait, then run this again")
        elif found.status == "UPDATE_ROLLBACK_COMPLETE":
            yield warn(self.name, f"{detail}: the last update failed, the one before runs", events)
        elif found.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
            yield ok(self.name, detail)
        else:
            yield fail(self.name, detail, events)
