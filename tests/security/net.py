"""A private name service and network for a test: it alone knows their names and addresses."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpcore
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headroom.net.address_policy import Address
from headroom.net.guarded_backend import GuardedBackend
from headroom.net.transport import GuardedTransport

PUBLIC = "93.184.215.14"
"""A public address; in a test's network it leads to a server on loopback."""


@dataclass
class Names:
    """A resolver that gives its answers in turn, the last one for ever; remembers the names."""

    answers: list[list[str] | Exception]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _: int) -> list[Address]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return [ip_address(each) for each in answer]


@dataclass
class Network(httpcore.AsyncNetworkBackend):
    """Connects each address in `routes` to a port on loopback; others do not answer."""

    routes: dict[str, int]
    reached: list[str] = field(default_factory=list)

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.reached.append(host)
        if host not in self.routes:
            raise httpcore.ConnectError("nobody")
        real = httpcore.AnyIOBackend()
        there = self.routes[host]
        return await real.connect_tcp("127.0.0.1", there, timeout, local_address, socket_options)


def through(
    names: Names,
    network: Network,
    context: ssl.SSLContext | None = None,
    *,
    loopback: bool = False,
) -> httpx.AsyncClient:
    """A client like the channels', in this network."""
    tls = context or ssl.create_default_context()
    transport = GuardedTransport(tls, backend=GuardedBackend(names, network, loopback=loopback))
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def certificate(path: Path, *hosts: str) -> Path:
    """A self-signed certificate for these names and addresses, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([_named(host) for host in hosts]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(pem))
    return path


def server_side(pem: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(pem)
    return made


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
