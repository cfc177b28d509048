"""The configuration from Parameter Store: one listing for everything, cached for a time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.keyring import KeyDeleted, Keyring
from headroom.config.last_good import History, in_force
from headroom.config.parameter_store import Stored, clean_prefix, one, stored
from headroom.config.pasted import pasted
from headroom.config.raw import RawConfig, from_parameters, stored_key_problem
from headroom.config.resolve import resolve
from headroom.errors import ConfigError, ConfigUnavailable
from headroom.net.threads import Threads

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

THREADS = 4
"""One listing at a time, and keys that PolyAI rejected are read again beside it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    written: RawConfig
    configuration: Configuration
    digest: str
    at: float
    settled: bool
    """Whether earlier versions could be read where they were wanted."""
    denied: bool
    """Whether AWS denied reading them."""


class SsmSource:
    """A `Source` over Parameter Store.

    `prefix` is such as `/headroom/prod`; `ttl` is the seconds that a listing is used for (0: every
    load reads); `clock` is monotonic seconds; `installation` becomes part of every fingerprint.
    When SSM fails later on, what is known stays in force for as long as it must, and
    `Configuration.unread` says why.
    """

    def __init__(
        self,
        client: SSMClient,
        prefix: str,
        *,
        ttl: int,
        clock: Callable[[], float],
        installation: str = "",
    ) -> None:
        self._client = client
        self._prefix = clean_prefix(prefix)
        self._ttl = ttl
        self._clock = clock
        self._installation = installation
        self._kept: _Kept | None = None
        self._lock = asyncio.Lock()
        self._keys = Keyring(self._fetch_key, clock)
        self._threads = Threads(THREADS, "parameters")
        self._history = History(client, self._prefix)

    async def load(self, *, fresh: bool = False) -> Configuration:
        """See `Source.load`; one listing for all who ask at the same time."""
        async with self._lock:
            kept = self._kept
            if kept is None or fresh or self._expired(kept):
                return await self._read(kept)
            return replace(kept.configuration, fresh=False)

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """See `Source.key`."""
        if self._kept is None:
            await self.load()
        if rejected is None:
            return self._keys.known(name)
        return await self._keys.renewed(name, rejected)

    async def close(self) -> None:
        """Begin no further call."""
        await self._threads.close()

    def _expired(self, kept: _Kept) -> bool:
        """A project that waits for its last good version is not judged: the next check goes on."""
        unfinished = not kept.settled and not kept.denied
        return unfinished or self._clock() - kept.at >= self._ttl

    async def _read(self, kept: _Kept | None) -> Configuration:
        at = self._clock()
        try:
            parameters = await self._threads.run(stored, self._client, self._prefix)
        except ConfigUnavailable as error:
            if kept is None:
                raise
            return kept.configuration.kept(str(error))
        digest = _digest(parameters)
        if kept is None or kept.digest != digest or not kept.settled:
            kept = await self._resolved(parameters, digest, at)
        self._kept = replace(kept, at=at)
        self._keys.replace(kept.written.keys, kept.written.bad_keys)
        return kept.configuration

    async def _resolved(self, parameters: list[Stored], digest: str, at: float) -> _Kept:
        written = from_parameters(parameters)
        configuration = resolve(written, self._installation)
        if configuration.wants:
            written, configuration = await self._threads.run(
                in_force, parameters, self._history, self._installation
            )
        settled = not any(each.problem for each in written.earlier.values())
        return _Kept(written, configuration, digest, at, settled, self._history.denied)

    async def _fetch_key(self, name: str) -> SecretStr:
        found = await self._threads.run(one, self._client, self._prefix, f"keys/{name}")
        if found is None:
            raise KeyDeleted(f"keys.{name}", f"there is no parameter {self._prefix}/keys/{name}")
        if problem := stored_key_problem(found):
            raise ConfigError(f"keys.{name}", problem)
        return SecretStr(pasted(found.value))


def _digest(parameters: list[Stored]) -> str:
    """Of everything that was read."""
    whole = repr(sorted((p.name, p.value, p.secure, p.version) for p in parameters))
    return hashlib.sha256(whole.encode()).hexdigest()
