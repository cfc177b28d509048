"""Lambda's side of a function: the real runtime client in a process, and the API that it asks.

The API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
The client, that of Lambda's own Python runtimes:
https://github.com/aws/aws-lambda-python-runtime-interface-client
"""

from __future__ import annotations

import json
import queue
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from headroom_cli.loopback import Loopback, Reply, Request

API = "/2018-06-01/runtime"
TIMEOUT = 50.0
"""Seconds; the template's."""
PATIENCE = 60.0
"""Seconds that a start may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Code:
    """What Lambda unpacks, and the Python that runs it: the function's folder, and its layers."""

    python: Path
    task: Path
    layers: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the process told the API: `response`, `error` or `init/error`; or that it is `gone`."""

    kind: str
    body: Any = None
    error_type: str = ""
    """As the header has it."""


class Sandbox:
    """One execution environment, while it is entered; `log` takes what the function prints."""

    def __init__(self, code: Code, environment: Mapping[str, str], log: Path) -> None:
        self._code = code
        self._log = log
        self._events: queue.Queue[Reply] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._api = Loopback(self._answer)
        self._environment = {
            **environment,
            "AWS_LAMBDA_FUNCTION_NAME": "headroom-check",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_RUNTIME_API": self._api.url.removeprefix("http://"),
            "LAMBDA_TASK_ROOT": str(code.task),
            "PYTHONPATH": ":".join(map(str, code.layers)),
            "PYTHONDONTWRITEBYTECODE": "1",  # as on Lambda, where the folders cannot be written to
        }

    def __enter__(self) -> Self:
        """Start the process."""
        self._api.__enter__()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (the runtime client and our handler)
                [self._code.python, "-m", "awslambdaric", "app.handler"],
                cwd=self._code.task,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *how: object) -> None:
        """End it."""
        self.kill()
        self._process.wait()
        self._events.put(Reply(410, b""))  # lets go of a request that waits for an event
        self._api.__exit__(*how)

    def kill(self) -> None:
        """What Lambda does at the time-out: the process gets no chance to say or do anything."""
        self._process.kill()

    def invoke(self, event: object) -> Answer:
        """Hand over one event; returns what came of it."""
        deadline = time.time() + TIMEOUT
        head = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(round(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": (
                "arn:aws:lambda:eu-west-2:000000000000:function:headroom-check"
            ),
        }
        self._events.put(Reply(200, json.dumps(event).encode(), headers=head))
        return self.answer()

    def answer(self) -> Answer:
        """Wait for what the process says, or for its end."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                return self._answers.get(timeout=0.05)
            except queue.Empty:
                if self._process.poll() is not None and self._answers.empty():
                    return Answer("gone")
        raise TimeoutError(f"no answer in {PATIENCE} s: {self._log.read_text('utf-8')}")

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix(API)
        if path == "/invocation/next":
            return self._events.get()
        kind = "init/error" if path == "/init/error" else path.rpartition("/")[2]
        told = request.headers.get("Lambda-Runtime-Function-Error-Type", "")
        self._answers.put(Answer(kind, json.loads(request.body or b"null"), told))
        return Reply(202, b'{"status": "OK"}')
