"""Lambda's side of a function: the real runtime client in a process, and the API that it asks.

The API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
The client, that of Lambda's own Python runtimes:
https://github.com/aws/aws-lambda-python-runtime-interface-client
The time-out, and that the start before the first event has a time of its own:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import math
import queue
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from headroom_cli.simulator.http_server import Loopback, Reply, Request

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
    """What the process told the API: `response`, `error` or `init/error`.

    Or what Lambda saw of it: `timeout`, it had to be killed at the deadline, or it was `gone`.
    """

    kind: str
    body: Any = None
    error_type: str = ""
    """As the header has it."""


@dataclass(slots=True)
class Invocation:
    """One event, and the time to handle it."""

    event: object
    seconds: float
    id: str = field(default_factory=lambda: str(uuid4()))
    until: float = math.inf
    """By `time.monotonic`, once the process has it."""

    def hand_over(self) -> Reply:
        """The API's answer to who asks for an event; the time begins here."""
        self.until = time.monotonic() + self.seconds
        head = {
            "Lambda-Runtime-Aws-Request-Id": self.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": (
                "arn:aws:lambda:eu-west-2:000000000000:function:headroom-check"
            ),
        }
        return Reply(200, json.dumps(self.event).encode(), headers=head)

    def timed_out(self) -> Answer:
        """What Lambda answers for a process that it had to kill."""
        message = f"{self.id} Task timed out after {self.seconds:.2f} seconds"
        return Answer("timeout", {"errorMessage": message})


class Sandbox:
    """One execution environment, while it is entered; `log` takes what the function prints."""

    def __init__(self, code: Code, environment: Mapping[str, str], log: Path) -> None:
        self._code = code
        self._log = log
        self._invocations: queue.Queue[Invocation | None] = queue.Queue()
        self._running: Invocation | None = None
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
        self._invocations.put(None)  # lets go of a request that waits for an event
        self._api.__exit__(*how)

    def kill(self) -> None:
        """What Lambda does at the time-out: the process gets no chance to say or do anything."""
        self._process.kill()

    def invoke(self, event: object, seconds: float = TIMEOUT) -> Answer:
        """Hand over one event with so many seconds to handle it; returns what came of it.

        The seconds begin when the process takes the event, not while it still starts.
        """
        self._invocations.put(Invocation(event, seconds))
        return self.answer()

    def answer(self) -> Answer:
        """Wait for what the process says, or for its end; one that is over its time is killed."""
        until = time.monotonic() + PATIENCE + TIMEOUT
        while time.monotonic() < until:
            try:
                return self._answers.get(timeout=0.05)
            except queue.Empty:
                if self._process.poll() is not None and self._answers.empty():
                    return Answer("gone")
                running = self._running  # it may end meanwhile
                if running and time.monotonic() > running.until:
                    self.kill()
                    self._process.wait()
                    return running.timed_out()
        raise TimeoutError(f"no answer in {PATIENCE + TIMEOUT} s: {self._log.read_text('utf-8')}")

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix(API)
        if path == "/invocation/next":
            self._running = self._invocations.get()
            return self._running.hand_over() if self._running else Reply(410, b"")
        kind = "init/error" if path == "/init/error" else path.rpartition("/")[2]
        told = request.headers.get("Lambda-Runtime-Function-Error-Type", "")
        self._running = None
        self._answers.put(Answer(kind, json.loads(request.body or b"null"), told))
        return Reply(202, b'{"status": "OK"}')
