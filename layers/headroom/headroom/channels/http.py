"""One request to somebody else's service: what it answered, or why there is no answer.

Addresses are secrets here (a Slack webhook's is its password), and httpx puts them into its
exceptions and its log. So errors are made afresh, outside the `except` that caught the cause (even
`from None` leaves the cause in `__context__`), and `bootstrap.hush` holds back httpx's log line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from headroom.domain.formatting import ascii_line, shorten
from headroom.errors import DeliveryError
from headroom.net.guarded_backend import PrivateAddress
from headroom.net.redaction import redact_known, redact_unknown
from headroom.net.responses import PLAIN, packed, retry_after, start_of

TIMEOUT = 10.0
"""Seconds for one request in all: connection, request, answer and its body."""

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; the rest is left, and so is all that comes packed."""

LONGEST_REASON = 80
"""Characters of what is said of a failure."""

_LONGEST_LOOK = 2000
_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service answered."""

    status: int
    body: str
    retry_after: float | None
    """Seconds; None when it does not say."""
    location: str = ""
    """The host that a redirect names; '' when it names none."""

    @property
    def title(self) -> str:
        """As in `404 Not Found`."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    @property
    def succeeded(self) -> bool:
        """Whether the status is a 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def redirects(self) -> bool:
        """Whether the status is a 3xx."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST


async def post(
    client: httpx.AsyncClient, url: SecretStr, payload: Mapping[str, Any], seconds: float
) -> Reply:
    """Send JSON and return what was answered, whatever its status; redirects are not followed.

    Raises DeliveryError when there is no answer within so many seconds.
    """
    # Escaped to ASCII: a name with half a surrogate pair must not stop a notice.
    content = json.dumps(payload).encode("ascii")
    return await _sent(client, url, content, seconds)


async def get(client: httpx.AsyncClient, url: SecretStr, seconds: float) -> Reply:
    """Ask for an address and return what was answered; otherwise as `post`."""
    return await _sent(client, url, None, seconds)


async def _sent(
    client: httpx.AsyncClient, url: SecretStr, content: bytes | None, seconds: float
) -> Reply:
    outcome = await _attempt(client, url, content, seconds)
    if isinstance(outcome, DeliveryError):
        raise outcome
    return outcome


def safe(text: str, *secrets: SecretStr) -> str:
    """Make a service's words fit for logs: one short ASCII line without secrets (`redaction`)."""
    known = (secret.get_secret_value() for secret in secrets)
    text = redact_unknown(redact_known(text[:_LONGEST_LOOK], *known))
    return shorten(ascii_line(text), LONGEST_REASON)


async def _attempt(
    client: httpx.AsyncClient, url: SecretStr, content: bytes | None, seconds: float
) -> Reply | DeliveryError:
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(client, url, content, seconds)
    except PrivateAddress as error:
        # A name server may be wrong for a while: better tried for 24 hours than lost.
        return _lost(f"its address {error}", ambiguous=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return _lost(f"no connection ({type(error).__name__})", ambiguous=False)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return _lost("its address is not a valid URL", ambiguous=False)
    except (TimeoutError, httpx.TimeoutException):
        return _lost("no answer in time", ambiguous=True)
    except (httpx.HTTPError, OSError) as error:  # TLS that breaks off later is an OSError
        return _lost(f"connection lost ({type(error).__name__})", ambiguous=True)


def _lost(reason: str, *, ambiguous: bool) -> DeliveryError:
    """Without an answer: what was certainly not sent failed for the channel's sake."""
    return DeliveryError(
        reason, retryable=True, ambiguous=ambiguous, channel_at_fault=not ambiguous
    )


async def _exchange(
    client: httpx.AsyncClient, url: SecretStr, content: bytes | None, seconds: float
) -> Reply:
    async with client.stream(
        "GET" if content is None else "POST",
        url.get_secret_value(),
        content=content,
        headers=PLAIN if content is None else PLAIN | _JSON,
        timeout=_timeouts(seconds),
        follow_redirects=False,
    ) as response:
        body = b"" if packed(response.headers) else (await start_of(response, LONGEST_ANSWER))[0]
        said = body.decode("utf-8", errors="replace")
        headers = response.headers
        return Reply(response.status_code, said, retry_after(headers), _host(headers))


def _host(headers: httpx.Headers) -> str:
    """The host of `Location`: all of it that may be repeated, since its path may be a password."""
    try:
        return urlsplit(headers.get("location", "")).hostname or ""
    except ValueError:
        return ""


def _timeouts(seconds: float) -> httpx.Timeout:
    """Leave waiting for a connection, TCP and TLS a quarter each.

    When the whole time is up, the connection was therefore open: that end is ambiguous.
    """
    quarter = seconds / 4
    return httpx.Timeout(seconds, connect=quarter, pool=quarter)
