"""The Concurrent Calls client: readings of a project, or why there are none."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx

from headroom.domain.readings import Answer, Query
from headroom.domain.regions import api_url
from headroom.domain.rules import Project
from headroom.domain.windows import Instant
from headroom.errors import Unreadable
from headroom.net.guarded_backend import GuardedBackend
from headroom.net.responses import packed
from headroom.net.transport import GuardedTransport, tls
from headroom.polyai.answers import Row, gather, nonsense, read
from headroom.polyai.connection import LARGEST_ANSWER, LIMITS, Host, Remaining
from headroom.polyai.failures import scrubbed
from headroom.polyai.replies import Reply
from headroom.polyai.retries import Errand, Keys, Pacing
from headroom.polyai.urls import Ranges, address

__all__ = ["Keys", "PolyAI"]


class PolyAI:
    """Reads concurrent calls; keeps one client for each host from check to check.

    `base_url` takes the place of every region's host; `loopback`: it may be on this machine, as
    development needs it. Use it within one event loop.
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
        project: Project,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        remaining: Remaining,
    ) -> Answer:
        """Readings from window `first` to the one that holds `until`, which may be open still.

        `remaining` gives the seconds that the check still has: nothing begins that would not fit.
        Raises Unreadable; OutOfTime when the query was never sent; and nothing else.
        """
        base = self._base_url or api_url(project.region)
        errand = Errand(self._host(base), self._keys, project.api_key, remaining, self._pacing)
        ranges = Ranges(first, until, sliced=bool(query.slice_by))
        rows: list[Row] = []
        try:
            for start, end in ranges:
                reply = await errand.get(address(base, project, query, start, end))
                if reply.whole or not ranges.halve():
                    rows += _rows(reply, project, query, first, until)
        except Unreadable as refusal:
            failure, retry_after = scrubbed(refusal.failure, errand.secret), refusal.retry_after
        else:
            return gather(rows, query, first, until)
        # Raised out here, so that no cause with a body or a header in it hangs on to it.
        raise Unreadable(failure, retry_after=retry_after)

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
    reply: Reply, project: Project, query: Query, first: Instant, until: Instant
) -> list[Row]:
    try:
        _check(reply)
        rows = read(reply.body, project, query)
        if rows and not any(first <= window <= until for window, *_ in rows):
            # Taken for an answer without windows it would say that nobody calls.
            raise nonsense("none of its windows was asked for")
    except Unreadable as refusal:
        failure = replace(refusal.failure, correlation_id=reply.correlation_id)
    else:
        return rows
    raise Unreadable(failure)


def _check(reply: Reply) -> None:
    if not reply.whole:
        raise nonsense(f"it is over {LARGEST_ANSWER // 1024 // 1024} MiB")
    if coding := packed(reply.headers):
        raise nonsense(f"it is packed ({coding}), which was not asked for")
