"""One fetch's requests: its key, its tries, and the time it has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import httpx
from pydantic import SecretStr

from headroom.domain.readings import Failure
from headroom.errors import ConfigError, ConfigUnavailable, OutOfTime, Unreadable
from headroom.polyai.connection import SHORTEST_ATTEMPT, Host, Remaining
from headroom.polyai.failures import NO_TIME, Setback
from headroom.polyai.replies import Reply

ATTEMPTS = 3
"""At one request."""
_FIRST_WAIT = 1.0
_LONGEST_PAUSE = 8.0


class Keys(Protocol):
    """Where API keys come from."""

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """The key of that name; with `rejected` read past every cache. Raises ConfigError."""
        ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How tries are spread: `jitter` gives 0 to 1, `sleep` waits so many seconds."""

    jitter: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    def wait(self, setback: Setback, attempt: int) -> float:
        """Seconds before the next try: what PolyAI asked for, and a share of a growing span.

        Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        spread = self.jitter() * min(_LONGEST_PAUSE, _FIRST_WAIT * 2.0 ** (attempt - 1))
        return (setback.retry_after or 0.0) + spread


class Errand:
    """Sends the requests of one fetch, one after another."""

    def __init__(
        self, host: Host, keys: Keys, key_name: str, remaining: Remaining, pacing: Pacing
    ) -> None:
        self._host = host
        self._keys = keys
        self._key_name = key_name
        self._remaining = remaining
        self._pacing = pacing
        self._key: SecretStr | None = None
        self._renewed = False
        self._asked = False

    @property
    def secret(self) -> str:
        """The key's bare value as sent, for taking it out of texts; '' before it is known."""
        return self._key.get_secret_value() if self._key else ""

    async def get(self, address: str) -> Reply:
        """A whole answer with status 200, after as many tries as fit.

        Raises Unreadable, and OutOfTime when there was no time to send anything of the fetch.
        """
        await self._take_key()
        outcome = await self._try(address)
        if outcome is NO_TIME and not self._asked:
            raise OutOfTime("the check had no time left to ask PolyAI")
        self._asked = True
        attempt = 1
        while isinstance(outcome, Setback):
            wait = self._pacing.wait(outcome, attempt)
            fits = wait + SHORTEST_ATTEMPT <= self._remaining()
            if not (outcome.retryable and attempt < ATTEMPTS and fits):
                wait_for = outcome.retry_after if outcome.retryable else None
                raise Unreadable(outcome.failure, retry_after=wait_for)
            await self._pacing.sleep(wait)
            attempt += 1
            # It joins the queue again: of a PolyAI that hangs, who was never asked is asked before.
            later = await self._try(address)
            # That there was no time for another try says less than why one was needed.
            outcome = replace(outcome, retry_after=None) if later is NO_TIME else later
        return outcome

    async def _try(self, address: str) -> Reply | Setback:
        """One attempt; at the first 401 of a fetch, one more with the key read afresh."""
        outcome = await self._host.get(address, self.secret, self._remaining)
        if self._renewed or isinstance(outcome, Reply):
            return outcome
        if outcome.failure.code != httpx.codes.UNAUTHORIZED:
            return outcome
        self._renewed, rejected = True, self.secret
        await self._read_key(self._key)
        if self.secret == rejected:
            return outcome
        later = await self._host.get(address, self.secret, self._remaining)
        return outcome if later is NO_TIME else later

    async def _take_key(self) -> None:
        if self._key is None:
            await self._read_key(None)

    async def _read_key(self, rejected: SecretStr | None) -> None:
        try:
            self._key = await self._keys.key(self._key_name, rejected=rejected)
        except ConfigError as error:
            raise Unreadable(Failure("key", str(error), lasting=True)) from None
        except ConfigUnavailable as error:
            raise Unreadable(Failure("key", str(error))) from None
        if not (self.secret.isascii() and self.secret.isprintable() and self.secret.strip()):
            problem = "is empty or holds characters that no header may hold; write it again"
            raise Unreadable(Failure("key", f"API key {self._key_name!r} {problem}", lasting=True))
