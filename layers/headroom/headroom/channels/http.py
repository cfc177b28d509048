"""One request to a vendor's service: its answer, or why there is none.

URLs are secrets here (a Slack webhook's is its password), and httpx puts them into its exceptions
and its log. So a failure is a value with a text of its own, and `bootstrap.limit_loggers` holds
back httpx's log line.
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

from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.formatting import ascii_line, shorten
from headroom.net.guarded_backend import PrivateAddress
from headroom.net.redaction import redact_known, redact_unknown
from headroom.net.responses import PLAIN, packed, retry_after, start_of
from headroom.net.system_errors import why

TIMEOUT = 10.0
"""Seconds for one whole request: connection, request, answer and its body."""

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; the rest, and any compressed body, is ignored."""

LONGEST_DETAIL = 80
"""Characters of a failure's detail."""

_LONGEST_LOOK = 2000
_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of the service."""

    status: int
    body: str
    retry_after: float | None
    """Seconds; None without the header."""
    location: str = ""
    """The host that a redirect points to; '' without one."""

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
) -> Reply | DeliveryFailure:
    """Send JSON and return the answer, whatever its status; redirects are not followed.

    A failure: no answer within so many seconds.
    """
    # Escaped to ASCII: a name with invalid Unicode must not stop a notice.
    content = json.dumps(payload).encode("ascii")
    return await _attempt(client, url, content, seconds)


async def get(client: httpx.AsyncClient, url: SecretStr, seconds: float) -> Reply | DeliveryFailure:
    """As `post`, by GET and without a body."""
    return await _attempt(client, url, None, seconds)


def safe(text: str, *secrets: SecretStr) -> str:
    """Make a service's words fit for logs: one short ASCII line without secrets (`redaction`)."""
    known = (secret.get_secret_value() for secret in secrets)
    text = redact_unknown(redact_known(text[:_LONGEST_LOOK], *known))
    return shorten(ascii_line(text), LONGEST_DETAIL)


async def _attempt(
    client: httpx.AsyncClient, url: SecretStr, content: bytes | None, seconds: float
) -> Reply | DeliveryFailure:
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(client, url, content, seconds)
    except PrivateAddress as error:
        # A name server may be wrong for a while, so this is tried again like any other.
        return _unsent(FailureReason.NETWORK, f"its address {error}")
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return _unsent(FailureReason.NETWORK, _network("no connection", url, error))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return _unsent(FailureReason.NOT_CONFIGURED, "its address is not a valid URL")
    except (TimeoutError, httpx.TimeoutException):
        return _unanswered(FailureReason.TIMEOUT, "no answer in time")
    except (httpx.HTTPError, OSError) as error:  # TLS that breaks off later is an OSError
        return _unanswered(FailureReason.NETWORK, _network("connection lost", url, error))


def _network(what: str, url: SecretStr, error: BaseException) -> str:
    """What happened and why; of the address the host alone, since the rest may be a secret."""
    host = redact_unknown(_host(url.get_secret_value()))
    return shorten(": ".join(filter(None, (what, host, safe(why(error), url)))), LONGEST_DETAIL)


def _unsent(reason: FailureReason, detail: str) -> DeliveryFailure:
    """The request was certainly not sent; any other would fail as well."""
    return DeliveryFailure(reason, detail, retryable=True, channel_at_fault=True)


def _unanswered(reason: FailureReason, detail: str) -> DeliveryFailure:
    """The request may have arrived."""
    return DeliveryFailure(reason, detail, retryable=True, ambiguous=True)


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
        location = _host(headers.get("location", ""))
        return Reply(response.status_code, said, retry_after(headers), location)


def _host(url: str) -> str:
    """The host of an address; its path may be a secret."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _timeouts(seconds: float) -> httpx.Timeout:
    """A quarter of the time each for a free connection, TCP and TLS.

    So when the whole time is up, the connection was open, and the outcome is ambiguous.
    """
    quarter = seconds / 4
    return httpx.Timeout(seconds, connect=quarter, pool=quarter)
