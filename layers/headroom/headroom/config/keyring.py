"""PolyAI's API keys: kept from the listing, and read again when PolyAI rejects one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from headroom.errors import ConfigError, ConfigUnavailable

PAUSE = 15.0
"""Seconds before a rejected value is read again: many projects share one key."""


class KeyDeleted(ConfigError):
    """The parameter of this key was deleted."""


@dataclass(frozen=True, slots=True)
class _Tried:
    value: SecretStr
    at: float


class Keyring:
    """The keys known now.

    `fetch` reads one past every cache; it raises KeyDeleted, ConfigError when the newest version is
    invalid, and ConfigUnavailable. `clock` is monotonic seconds.
    """

    def __init__(
        self, fetch: Callable[[str], Awaitable[SecretStr]], clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, SecretStr] = {}
        self._bad: dict[str, str] = {}
        self._tried: dict[str, _Tried] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def replace(self, known: Mapping[str, SecretStr], bad: Mapping[str, str]) -> None:
        """Take over what a new listing says."""
        self._known = dict(known)
        self._bad = dict(bad)

    def known(self, name: str) -> SecretStr:
        """The key as last read. Raises ConfigError when there is none."""
        if name in self._known:
            return self._known[name]
        raise ConfigError(f"keys.{name}", self._bad.get(name, "there is no API key of this name"))

    async def renewed(self, name: str, rejected: SecretStr) -> SecretStr:
        """The key read again, once for all concurrent callers; it may still be the same."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            if not self._settled(name, rejected):
                self._tried[name] = _Tried(rejected, self._clock())
                await self._renew(name)
            return self.known(name)

    async def _renew(self, name: str) -> None:
        """Read one key. What is known stays while SSM is out of reach or has only an invalid one.

        The known value may be the last good version, and PolyAI may take it from other projects.
        """
        try:
            self._known[name] = await self._fetch(name)
        except ConfigUnavailable:
            return
        except ConfigError as error:
            if isinstance(error, KeyDeleted):
                self._known.pop(name, None)
            self._bad[name] = error.problem

    def _settled(self, name: str, rejected: SecretStr) -> bool:
        """Whether another value is known already, or this one was confirmed a moment ago."""
        if name in self._known and self._known[name] != rejected:
            return True
        tried = self._tried.get(name)
        return tried is not None and tried.value == rejected and self._clock() - tried.at < PAUSE
