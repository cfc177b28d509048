"""A function in a process of its own, as on Lambda."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Self

from headroom.errors import HeadroomError

RUNTIME = "headroom_cli.demo.runtime"


class FunctionFailed(HeadroomError):
    """The handler raised or its process ended; names the error and the log."""


class Function:
    """One warm instance of a function; its output is added to `log`."""

    def __init__(self, app: Path, environment: Mapping[str, str], log: Path) -> None:
        self._name = app.parent.name
        self._command = [sys.executable, "-m", RUNTIME, str(app)]
        self._environment = dict(environment)
        self._log = log

    def __enter__(self) -> Self:
        """Start the process."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (this Python, our module)
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Stop the process; after an error or Ctrl-C, at once."""
        if kind is not None:
            self._process.kill()
        self._process.communicate()

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Call the handler and return its report. Raises FunctionFailed."""
        try:
            self._pipe(self._process.stdin).write(json.dumps(event) + "\n")
            self._pipe(self._process.stdin).flush()
            line = self._pipe(self._process.stdout).readline()
        except BrokenPipeError:
            line = ""
        reply: dict[str, Any] = json.loads(line) if line else {"error": "its process ended"}
        if "error" in reply:
            raise FunctionFailed(
                f"the {self._name} function failed: {reply['error']} (log: {self._log})"
            )
        report: dict[str, Any] = reply["report"]
        return report

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:  # for the type checker: both are piped
            raise FunctionFailed("the function was not started")
        return pipe
