"""A host that a channel's notices go to is reached when TLS is, not when something listens."""

from __future__ import annotations

import asyncio
from pathlib import Path

from headroom_cli.doctor.configuration import of_file
from headroom_cli.doctor.engine import Finding, Status
from headroom_cli.doctor.probes.hosts import Hosts
from tests.security.net import certificate, server_side
from tests.support.http_server import HANG, NO_TLS, serving

SECRET = "sesame-sesame"
ALERTS = """
defaults: {{region: uk-1, account_id: acme}}
projects: {{}}
channels:
  ops-slack: {{type: slack, webhook_url: "{url}/services/T/B/{secret}"}}
"""


async def looked(url: str, folder: Path) -> Finding:
    """What the probe says of a channel there, and that its address is not shown."""
    alerts = folder / "alerts.yaml"
    alerts.write_text(ALERTS.format(url=url, secret=SECRET), "utf-8")
    setup = of_file(alerts, lambda _: None)
    found = await asyncio.to_thread(lambda: list(Hosts(lambda: setup, loopback=True).look()))
    assert SECRET not in str(found)
    (channel,) = [each for each in found if each.subject == "channel ops-slack"]
    return channel


async def nothing(writer: asyncio.StreamWriter) -> None:
    raise AssertionError(f"a request came through: {writer}")


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    pem = certificate(tmp_path / "pem", "127.0.0.1")

    async def scenario() -> Finding:
        async with serving(nothing, server_side(pem)) as server:
            return await looked(server.url, tmp_path)

    found = asyncio.run(scenario())
    assert found.status is Status.FAIL
    assert "self-signed certificate" in found.detail


def test_a_host_that_listens_and_speaks_no_tls_is_told(tmp_path: Path) -> None:
    async def scenario() -> Finding:
        async with serving(HANG, greeting=NO_TLS) as server:
            return await looked(server.url.replace("http:", "https:"), tmp_path)

    assert asyncio.run(scenario()).status is Status.FAIL
