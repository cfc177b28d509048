"""A small HTTP server on loopback, for the simulated PolyAI, Slack and PagerDuty.

It extends the standard library's server: connections are kept alive, Nagle's algorithm is off, and
an answer can misbehave on request (wait, or break off half-way).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request. If a parameter is repeated, the last one counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `wait`: seconds before it; `cut`: send half of the body, then disconnect."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0
    cut: bool = False


class Loopback:
    """A context manager that serves on a port of 127.0.0.1, by default a free one.

    Connections are served in parallel, but `answer` is called one request at a time.
    """

    def __init__(self, answer: Callable[[Request], Reply], port: int = 0) -> None:
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler(_in_turn(answer), self._closing))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering; waiting answers are sent at once."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients that disconnect are normal here."""


def _in_turn(answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    turn = threading.Lock()

    def answer_in_turn(request: Request) -> Reply:
        with turn:
            return answer(request)

    return answer_in_turn


def _handler(
    answer: Callable[[Request], Reply],
    closing: threading.Event,
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave in one packet

        def _serve(self) -> None:
            reply = answer(self._request())
            if reply.wait:
                closing.wait(reply.wait)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
            self.close_connection = self.close_connection or reply.cut

        def _request(self) -> Request:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            return Request(
                method=self.command,
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers=self.headers,
                body=self.rfile.read(length) if length else b"",
            )

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the names that http.server calls)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its parameter's name)
            """Print nothing: the servers keep their own records."""

    return Handler
