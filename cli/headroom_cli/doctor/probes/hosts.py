"""Whether the hosts of Slack, PagerDuty and the heartbeat can be reached: no request is sent.

Their addresses are secrets: only the host is ever shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
import httpx

from headroom.channels.pagerduty import HOSTS
from headroom.config.channels import PagerDutyModel, SlackModel
from headroom.config.configuration import Configuration
from headroom.outgoing.backend import GuardedBackend
from headroom.outgoing.transport import tls
from headroom.polyai.failures import from_error
from headroom_cli.doctor.findings import Findings, fail, ok
from headroom_cli.doctor.setup import Setup

SECONDS = 6.0
WAY_OUT = "is the name right, and the network up? Other channels are not held up by this one"


@dataclass(frozen=True, slots=True)
class Host:
    """Where a connection would go."""

    name: str
    port: int
    secure: bool

    @classmethod
    def of(cls, url: str) -> Host:
        """The host of an address, without its secret parts."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if secure else 80), secure)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Name, connection and certificate of each host, each asked once."""

    setup: Callable[[], Setup]
    loopback: bool
    """Whether they may be on this machine, as the function would allow."""
    name: str = "hosts of channels"

    def look(self) -> Findings:
        """See `Probe`."""
        config = self.setup().configuration
        places = dict(_places(config))
        guard = GuardedBackend(loopback=self.loopback)
        reached = asyncio.run(_reach_all(set(places.values()), guard))
        for what, host in places.items():
            if why := reached[host]:
                yield fail(what, why, WAY_OUT)
            else:
                yield ok(what, f"{host.name} can be reached (nothing was sent)")
        if config.heartbeat is None and "heartbeat" not in config.faults:
            yield ok("heartbeat", "not set; it would tell when all of Headroom is silent")


def _places(config: Configuration) -> Iterator[tuple[str, Host]]:
    for name, model in config.channels.items():
        match model:
            case SlackModel():
                yield f"channel {name}", Host.of(model.webhook_url.get_secret_value())
            case PagerDutyModel():
                yield f"channel {name}", Host.of(model.api_url or HOSTS[model.service_region])
    if config.heartbeat:
        yield "heartbeat", Host.of(config.heartbeat.url.get_secret_value())


async def _reach_all(hosts: set[Host], guard: GuardedBackend) -> Mapping[Host, str]:
    listed = list(hosts)
    found = await asyncio.gather(*(_reach(host, guard) for host in listed))
    return dict(zip(listed, found, strict=True))


async def _reach(host: Host, guard: GuardedBackend) -> str:
    """Why there is no connection; '' when there is."""
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
