"""The Concurrent Calls client: readings of a line, or why there are none."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import httpx

from headroom.domain.lines import Line
from headroom.domain.readings import Answer, Failure, FailureCode, Query
from headroom.domain.regions import api_url
from headroom.domain.windows import Instant
from headroom.net.guarded_backend import GuardedBackend
from headroom.net.responses import packed
from headroom.net.transport import GuardedTransport, tls
from headroom.polyai.answers import InvalidAnswer, Row, gather, read
from headroom.polyai.connection import LARGEST_ANSWER, LIMITS, Host
from headroom.polyai.failures import Reply, redacted
from headroom.polyai.retries import Keys, Pacing, Session
from headroom.polyai.urls import Ranges, address
from headroom.ports import Deadline

__all__ = ["Keys", "PolyAI"]


class PolyAI:
    """Reads concurrent calls; keeps one client for each host from check to check.

    `base_url` replaces every region's host; `loopback` allows it to be on this machine, for
    development. Use it within one event loop.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        base_url: str | None = None,
        loopback: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._keys = keys
        self._base_url = base_url.rstrip("/") if base_url else None
        self._transport = transport
        self._backend = GuardedBackend(loopback=loopback)
        self._pacing = Pacing(jitter, sleep)
        self._hosts: dict[str, Host] = {}

    async def fetch(
        self,
        line: Line,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        """Readings from window `first` to the one that holds `until`, which may still be open.

        No attempt starts that would not fit before the deadline.
        """
        base = self._base_url or api_url(line.region)
        session = Session(self._host(base), self._keys, line.api_key, deadline, self._pacing)
        ranges = Ranges(first, until, sliced=bool(query.slice_by))
        rows: list[Row] = []
        for start, end in ranges:
            reply = await session.get(address(base, line, query, start, end))
            if isinstance(reply, Reply) and not reply.whole and ranges.halve():
                continue
            found = _rows(reply, line, query, first, until)
            if isinstance(found, Failure):
                return redacted(found, *session.secrets)
            rows += found
        return gather(rows, query, first, until)

    async def close(self) -> None:
        """Close every connection; a later fetch opens new ones."""
        hosts, self._hosts = self._hosts, {}
        for host in hosts.values():
            await host.close()

    def _host(self, base: str) -> Host:
        if base not in self._hosts:
            transport = self._transport or GuardedTransport(tls(), LIMITS, self._backend)
            self._hosts[base] = Host(base, transport)
        return self._hosts[base]


def _rows(
    reply: Reply | Failure, line: Line, query: Query, first: Instant, until: Instant
) -> list[Row] | Failure:
    if isinstance(reply, Failure):
        return reply
    try:
        return _checked(reply, line, query, first, until)
    except InvalidAnswer as error:
        detail = f"PolyAI's answer is invalid: {error}"
        return Failure(FailureCode.INVALID, detail, correlation_id=reply.correlation_id)


def _checked(reply: Reply, line: Line, query: Query, first: Instant, until: Instant) -> list[Row]:
    if not reply.whole:
        raise InvalidAnswer(f"it is over {LARGEST_ANSWER // 1024 // 1024} MiB")
    if coding := packed(reply.headers):
        raise InvalidAnswer(f"it is packed ({coding}), which was not asked for")
    rows = read(reply.body, line, query)
    if rows and not any(first <= window <= until for window, *_ in rows):
        # Taken for an answer without windows, it would say that nobody calls.
        raise InvalidAnswer("none of its windows was asked for")
    return rows
