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
    """`FAIL`: somebody may miss a notice. `warn`: nobody misses one yet, or it is unknown."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing, and how to fix it. Never contains a secret."""

    status: Status
    subject: str
    detail: str
    fix: str = ""
    """A command to type, or a sentence; empty if there is nothing to do."""


class Probe(Protocol):
    """Examines one thing, in a thread of its own."""

    @property
    def name(self) -> str:
        """Its subject, in a word or two."""
        ...

    def look(self) -> Iterable[Finding]:
        """Yield findings as they are made. An error ends the probe; `explain.py` words it."""
        ...


Findings = Iterator[Finding]


def ok(subject: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(Status.OK, subject, detail)


def warn(subject: str, detail: str, fix: str = "") -> Finding:
    """Look at it in working hours."""
    return Finding(Status.WARN, subject, detail, fix)


def fail(subject: str, detail: str, fix: str = "") -> Finding:
    """Look at it now."""
    return Finding(Status.FAIL, subject, detail, fix)


T = TypeVar("T")


class MissingDependency(HeadroomError):
    """A value that the probe needs is missing; the probe of that name says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SharedValue(Generic[T]):
    """A value that several probes need, made once, by the first that asks; or why it failed.

    The probe that reports on it calls `own`; the others call the object.
    """

    def __init__(self, name: str, make: Callable[[], T]) -> None:
        self._name = name
        self._make = make
        self._turn = threading.Lock()
        self._made: Future[T] = Future()

    def own(self) -> T:
        """Return the value. Raises the original error."""
        with self._turn:
            if not self._made.done():
                self._try()
        return self._made.result()

    def __call__(self) -> T:
        """Return the value. Raises MissingDependency."""
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
