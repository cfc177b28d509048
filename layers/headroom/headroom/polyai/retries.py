"""One fetch's requests: its API key, its attempts, and the time it has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import httpx
from pydantic import SecretStr

from headroom.domain.readings import Failure, FailureCode
from headroom.errors import ConfigError, ConfigUnavailable
from headroom.polyai.connection import SHORTEST_ATTEMPT, Host
from headroom.polyai.failures import NO_TIME, FailedAttempt, Reply
from headroom.ports import Deadline

ATTEMPTS = 3
"""For one request, at most."""
_FIRST_WAIT = 1.0
_LONGEST_PAUSE = 8.0


class Keys(Protocol):
    """Where API keys come from."""

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """The key of that name; with `rejected`, read past every cache. Raises ConfigError."""
        ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How attempts are spread: `jitter` returns 0 to 1, `sleep` waits so many seconds."""

    jitter: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    def wait(self, failure: Failure, attempt: int) -> float:
        """Seconds before the next attempt: what PolyAI asked for, and a share of a growing span.

        Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        spread = self.jitter() * min(_LONGEST_PAUSE, _FIRST_WAIT * 2.0 ** (attempt - 1))
        return (failure.retry_after or 0.0) + spread


class Session:
    """Sends the requests of one fetch, one after another."""

    def __init__(
        self, host: Host, keys: Keys, key_name: str, deadline: Deadline, pacing: Pacing
    ) -> None:
        self._host = host
        self._keys = keys
        self._key_name = key_name
        self._deadline = deadline
        self._pacing = pacing
        self._key: SecretStr | None = None
        self._renewed = False
        self._sent = False
        self.secrets: list[str] = []
        """Every key that was read for this fetch, to redact."""

    async def get(self, address: str) -> Reply | Failure:
        """An answer with status 200, after as many attempts as fit; otherwise why there is none.

        `UNASKED` only when the fetch had no time to send anything.
        """
        if self._key is None and (failure := await self._read_key(None)):
            return failure
        outcome = await self._try(address)
        if outcome is NO_TIME and self._sent:
            return replace(NO_TIME.failure, code=FailureCode.TIMEOUT)
        self._sent = True
        attempt = 1
        while isinstance(outcome, FailedAttempt):
            wait = self._pacing.wait(outcome.failure, attempt)
            fits = wait + SHORTEST_ATTEMPT <= self._deadline.left()
            if not (outcome.retryable and attempt < ATTEMPTS and fits):
                return outcome.failure
            await self._pacing.sleep(wait)
            attempt += 1
            # Requeue behind requests that have not been tried, so a hanging PolyAI starves nobody.
            later = await self._try(address)
            outcome = _waited(outcome) if later is NO_TIME else later
        return outcome

    async def _try(self, address: str) -> Reply | FailedAttempt:
        """One attempt; at the first 401 of a fetch, another with the key read past every cache."""
        key = self._key
        outcome = await self._send(address)
        if self._renewed or isinstance(outcome, Reply):
            return outcome
        if outcome.failure.code != httpx.codes.UNAUTHORIZED:
            return outcome
        self._renewed = True
        if failure := await self._read_key(key):
            return FailedAttempt(failure)
        if self._key == key:
            return outcome
        later = await self._send(address)
        return outcome if later is NO_TIME else later

    async def _send(self, address: str) -> Reply | FailedAttempt:
        return await self._host.get(address, self.secrets[-1], self._deadline)

    async def _read_key(self, rejected: SecretStr | None) -> Failure | None:
        """Take the key from its source; returns why it cannot be used."""
        try:
            self._key = await self._keys.key(self._key_name, rejected=rejected)
        except ConfigError as error:
            return Failure(FailureCode.KEY, str(error), lasting=True)
        except ConfigUnavailable as error:
            return Failure(FailureCode.KEY, str(error))
        self.secrets.append(secret := self._key.get_secret_value())
        if secret.isascii() and secret.isprintable() and secret.strip():
            return None
        problem = "is empty or holds characters that no header may hold; write it again"
        return Failure(FailureCode.KEY, f"API key {self._key_name!r} {problem}", lasting=True)


def _waited(outcome: FailedAttempt) -> FailedAttempt:
    """The first failure, its wait over: it says more than that no time was left for a retry."""
    return replace(outcome, failure=replace(outcome.failure, retry_after=None))
