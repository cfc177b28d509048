"""Findings, the probes that make them, and values that several probes share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from headroom.errors import HeadroomError


class Status(StrEnum):
    """`FAIL`: somebody may miss a notice. `warn`: nobody misses anything yet, or it is unknown."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the state of one thing, and the fix. Never holds a secret."""

    status: Status
    subject: str
    detail: str
    fix: str = ""
    """A command to type, or a sentence; '' when there is nothing to do."""


class Probe(Protocol):
    """Looks at one thing, in a thread of its own."""

    @property
    def name(self) -> str:
        """What it looks at, in a word or two."""
        ...

    def look(self) -> Iterable[Finding]:
        """Give each finding as it is made; what fails ends the look (`troubles.py` words it)."""
        ...


Findings = Iterator[Finding]


def ok(subject: str, detail: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, subject, detail)


def warn(subject: str, detail: str, fix: str = "") -> Finding:
    """Somebody should look at it by day."""
    return Finding(Status.WARN, subject, detail, fix)


def fail(subject: str, detail: str, fix: str = "") -> Finding:
    """Somebody should look at it now."""
    return Finding(Status.FAIL, subject, detail, fix)


T = TypeVar("T")


class MissingDependency(HeadroomError):
    """What a probe builds on could not be had; the probe of that name says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SharedValue(Generic[T]):
    """One value, or why there is none. Its own probe calls `own`, all others the thing itself."""

    def __init__(self, name: str, make: Callable[[], T]) -> None:
        self._name = name
        self._make = make
        self._turn = threading.Lock()
        self._made: Future[T] = Future()

    def own(self) -> T:
        """The value. Raises what stood in its way."""
        with self._turn:
            if not self._made.done():
                self._try()
        return self._made.result()

    def __call__(self) -> T:
        """The value. Raises Blind."""
        try:
            return self.own()
        except MissingDependency:
            raise
        except (HeadroomError, ClientError, BotoCoreError):
            raise MissingDependency(self._name) from None

    def _try(self) -> None:
        try:
            self._made.set_result(self._make())
        except (HeadroomError, ClientError, BotoCoreError) as error:
            self._made.set_exception(error)
