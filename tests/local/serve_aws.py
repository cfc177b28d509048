"""MiniStack as we start it, under the Python of `.venv-local`: mended where the template needs it.

Version 1.5 hands a schedule's input on as it is written; EventBridge Scheduler replaces the context
attributes in it each time it invokes the target:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from ministack import app  # type: ignore[import-not-found]  # it has an environment of its own
from ministack.services import eventbridge, scheduler  # type: ignore[import-not-found]

EVERY = 1
"""Seconds between two looks at the schedules: AWS starts a check within its minute, soon."""


def attributes(event: Mapping[str, Any]) -> dict[str, str]:
    """What replaces each keyword. A cron expression's times are whole minutes; no retries here."""
    minute = event["Time"] - event["Time"] % 60
    return {
        "<aws.scheduler.schedule-arn>": event["Resources"][0],
        "<aws.scheduler.scheduled-time>": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(minute)),
        "<aws.scheduler.execution-id>": event["EventId"],
        "<aws.scheduler.attempt-number>": "1",
    }


def mend_schedules() -> None:
    """Let every schedule's target get its input with the keywords replaced."""
    invoke = eventbridge._invoke_target  # noqa: SLF001 (what its scheduler calls)

    def invoke_with_attributes(
        target: Mapping[str, Any], event: Mapping[str, Any], *rest: object
    ) -> None:
        if event["Source"] == "aws.scheduler":
            text = target.get("Input", "")
            for keyword, value in attributes(event).items():
                text = text.replace(keyword, value)
            target = {**target, "Input": text}
        invoke(target, event, *rest)

    eventbridge._invoke_target = invoke_with_attributes  # noqa: SLF001
    scheduler._SCHEDULE_TICK_INTERVAL = EVERY  # noqa: SLF001


def end_with_starter() -> None:
    """Stop once standard input ends: with who started it, however that came to its end."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until the end."""
    mend_schedules()
    threading.Thread(target=end_with_starter, daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
