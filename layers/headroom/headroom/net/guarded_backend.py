"""Opens connections, and only to addresses that the address policy allows (SSRF).

A name is resolved once, here; the policy checks the result, and the connection goes to that very
address. So a name cannot resolve to one address for the check and to another for the connection
(DNS rebinding). TLS and the Host header keep the name: httpcore takes both from the request.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial

import httpcore
import httpx

from headroom.net.address_policy import Address, is_loopback, literal, may_reach
from headroom.net.threads import Threads

PATIENCE = 1.0
"""Seconds for each address of a name but the last: one may belong to an unreachable network."""

LOOKUPS = 32
"""Names that are looked up at once, at most; a thread is made only when the others are busy."""

ON_LOOPBACK = "is on loopback, but AWS_ENDPOINT_URL is not: give a public address"
"""Why an address of this machine is refused outside development."""

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""Returns every address of a name. Raises OSError or UnicodeError when it has none."""


class PrivateAddress(httpx.ConnectError):
    """No connection was opened: the address policy allows no address of the host.

    It is one of httpx's errors, since httpcore passes on what its backends raise.
    """

    def __init__(self, why: str = "resolves to a private address") -> None:
        super().__init__(why)


class SystemResolver:
    """The system's resolver: each address once, in its order.

    It has threads of its own: a name server that hangs keeps one busy until the system gives up
    (https://man7.org/linux/man-pages/man5/resolv.conf.5.html), even if the caller gave up before.
    """

    def __init__(self) -> None:
        self._threads = Threads(LOOKUPS, "names")

    async def __call__(self, host: str, port: int) -> list[Address]:
        """See `Resolve`."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(where[0]) for *_, where in await self._threads.run(look_up))
        return [known for known in map(literal, addresses) if known]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's own backend behind the address policy; `resolve` and `inner` are for tests.

    `loopback` allows connections to this machine (`may_reach`).
    """

    def __init__(
        self,
        resolve: Resolve | None = None,
        inner: httpcore.AsyncNetworkBackend | None = None,
        *,
        loopback: bool = False,
    ) -> None:
        self._loopback = loopback
        self._resolve = resolve or SystemResolver()
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. Raises PrivateAddress, or as httpcore does."""

        async def connect(address: Address, patience: float | None) -> httpcore.AsyncNetworkStream:
            return await self._inner.connect_tcp(
                str(address), port, patience, local_address, socket_options
            )

        try:
            async with asyncio.timeout(timeout):
                *first, last = await self._allowed(host, port)
                for address in first:
                    with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                        return await connect(address, PATIENCE)
                return await connect(last, None)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error

    async def _allowed(self, host: str, port: int) -> list[Address]:
        """The host's addresses that the policy allows, at least one. Raises PrivateAddress."""
        known = literal(host)
        try:
            found = [known] if known else await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if reachable := [each for each in found if may_reach(host, each, loopback=self._loopback)]:
            return reachable
        if is_loopback(host) and not self._loopback:
            raise PrivateAddress(ON_LOOPBACK)
        raise PrivateAddress

    async def sleep(self, seconds: float) -> None:
        """Part of httpcore's interface: it waits between retries, which are off here."""
        await self._inner.sleep(seconds)
