"""Servers that repeat every request, in as many ways as a careless service might."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.security.net import server_side

WAYS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(f"a:{text}".encode()).decode(),
    lambda text: quote(text, safe=""),
    lambda text: text.encode().hex(),
    str.upper,
    lambda text: json.dumps(json.dumps(text)),
    lambda text: text[-14:],
    lambda text: f"{text[:16]}***",
)
"""How a secret may be repeated."""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def secret(self) -> str:
        """The secret in it: a key in a header or the body, otherwise the path's end."""
        try:
            in_body: Any = json.loads(self.body)["routing_key"]
        except (ValueError, KeyError):
            in_body = ""
        return str(self.headers.get("x-api-key") or in_body or self.path.rpartition("/")[2])

    def echo(self, way: int) -> str:
        """The secret in one form, first so that no cut removes it; then the whole request."""
        secret = WAYS[way % len(WAYS)](self.secret)
        rest = " ".join((self.path, json.dumps(self.headers), self.body[:500]))
        return f"no {secret} here | {rest} | {quote(rest, safe='')}"


@dataclass(frozen=True)
class Said:
    """One answer; status 0 hangs up."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


Answerer = Callable[[Asked], Said]


class Echo:
    """Where it is, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []


@contextmanager
def echoing(answer: Answerer, pem: Path | None = None) -> Iterator[Echo]:
    """Answer every request while the block lasts, with TLS when there is a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.path, headers, body)
            made.asked.append(asked)
            self.say(answer(asked))

        do_GET = do_POST = serve  # noqa: N815  (http.server's names)

        def say(self, said: Said) -> None:
            self.close_connection = True
            if not said.status:
                return
            content = said.body.encode()
            self.send_response(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = _Server(("127.0.0.1", 0), Handler)
    if pem:
        server.socket = server_side(pem).wrap_socket(server.socket, server_side=True)
    made = Echo(f"{'https' if pem else 'http'}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that hang up or reject the certificate: tests want that."""


def loud(asked: Asked, way: int) -> tuple[tuple[str, str], ...]:
    """Headers that repeat the request."""
    echo = asked.echo(way)[:3000].replace("\n", " ")
    return (
        ("X-PolyAI-Correlation-Id", echo),
        ("Location", f"https://elsewhere.example/{quote(echo, safe='')[:2000]}"),
        ("Retry-After", echo),
        ("Set-Cookie", f"echo={quote(echo, safe='')[:2000]}"),
    )
