"""Whether the hosts of Slack, PagerDuty and the heartbeat accept connections. No request is sent.

Addresses are secrets: only the host is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
import httpx

from headroom.channels.registry import called_url
from headroom.config.port import Configuration
from headroom.net.guarded_backend import GuardedBackend
from headroom.net.transport import tls
from headroom.polyai.failures import from_error
from headroom_cli.doctor.configuration import OperatorConfig
from headroom_cli.doctor.engine import Findings, fail, ok

SECONDS = 6.0
FIX = "is the name right, and the network up? Other channels are not affected"


@dataclass(frozen=True, slots=True)
class Host:
    """The target of a connection."""

    name: str
    port: int
    secure: bool

    @classmethod
    def of(cls, url: str) -> Host:
        """Take the host of an address, without its secret parts."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if secure else 80), secure)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Name resolution, connection and certificate, once per host."""

    setup: Callable[[], OperatorConfig]
    loopback: bool
    """Whether hosts on this machine are allowed, as for the function."""
    name: str = "hosts of channels"

    def look(self) -> Findings:
        """See `Probe`."""
        config = self.setup().configuration
        places = dict(_places(config))
        guard = GuardedBackend(loopback=self.loopback)
        reached = asyncio.run(_reach_all(set(places.values()), guard))
        for subject, host in places.items():
            if why := reached[host]:
                yield fail(subject, why, FIX)
            else:
                yield ok(subject, f"{host.name} can be reached (nothing was sent)")
        if config.heartbeat is None and "heartbeat" not in config.faults:
            yield ok(
                "heartbeat", "not set; a heartbeat service would alert you if Headroom stopped"
            )


def _places(config: Configuration) -> Iterator[tuple[str, Host]]:
    for name, model in config.channels.items():
        if url := called_url(model):
            yield f"channel {name}", Host.of(url)
    if config.heartbeat:
        yield "heartbeat", Host.of(config.heartbeat.url.get_secret_value())


async def _reach_all(hosts: set[Host], guard: GuardedBackend) -> Mapping[Host, str]:
    listed = list(hosts)
    found = await asyncio.gather(*(_reach(host, guard) for host in listed))
    return dict(zip(listed, found, strict=True))


async def _reach(host: Host, guard: GuardedBackend) -> str:
    """Return why there is no connection; empty if there is one."""
    try:
        async with asyncio.timeout(SECONDS):
            await _connect(host, guard)
    except (httpcore.ConnectError, httpcore.TimeoutException, httpx.ConnectError, OSError) as error:
        return from_error(error, host.name, SECONDS).failure.detail
    return ""


async def _connect(host: Host, guard: GuardedBackend) -> None:
    stream = await guard.connect_tcp(host.name, host.port)
    try:
        if host.secure:
            stream = await stream.start_tls(tls(), server_hostname=host.name)
    finally:
        await stream.aclose()
