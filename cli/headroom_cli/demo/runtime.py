"""The demo's Lambda runtime: a process that calls a function's handler.

`function.py` runs it as `python -m headroom_cli.demo.runtime functions/check/app.py`. It reads
events as lines of JSON from standard input and writes the results to standard output. The
function's own output, its log, goes to standard error.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

TIMEOUT = 50.0
"""Seconds; the template gives the check function as many, and the baseline function more."""

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass
class Context:
    """Lambda's context of one invocation."""

    aws_request_id: str
    function_name: str
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN in an account that nobody has."""
        return f"arn:aws:lambda:eu-west-2:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left, as Lambda's context does."""
        return int(1000 * (TIMEOUT - (time.monotonic() - self.started)))


def load(path: Path) -> Handler:
    """Import a function's module as Lambda does, with its folder on the path."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler


def serve(name: str, handler: Handler, events: TextIO, replies: TextIO) -> None:
    """Answer each event with `report` or `error`, until there are no more."""
    for number, line in enumerate(events):
        try:
            reply: dict[str, Any] = {
                "report": handler(json.loads(line), Context(f"demo-{number:06d}", name))
            }
        except Exception as error:  # noqa: BLE001 (as Lambda does: an error is the answer)
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if not number:
            gc.freeze()  # imported modules stay: the garbage collector need not search them


def main() -> None:
    """Reserve standard output for replies; the handler's output goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    app = Path(sys.argv[1])
    serve(f"headroom-demo-{app.parent.name}", load(app), sys.stdin, replies)


if __name__ == "__main__":
    main()
