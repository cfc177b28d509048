"""What several probes build on: made once, by the first that asks, while the others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from headroom.errors import HeadroomError

T = TypeVar("T")


class Blind(HeadroomError):
    """What a probe builds on could not be had; the probe of that name says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Shared(Generic[T]):
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
        except Blind:
            raise
        except (HeadroomError, ClientError, BotoCoreError):
            raise Blind(self._name) from None

    def _try(self) -> None:
        try:
            self._made.set_result(self._make())
        except (HeadroomError, ClientError, BotoCoreError) as error:
            self._made.set_exception(error)
