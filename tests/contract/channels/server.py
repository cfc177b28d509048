"""A real HTTP server on loopback that answers whatever a test says, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """What it says."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Nothing(Enum):
    """What it does instead."""

    HANG = auto()
    HANG_UP = auto()


@dataclass
class Server:
    """Where it is, and what it was sent."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The paths of its GETs."""


@contextmanager
def answering(answer: Answer | Nothing) -> Iterator[Server]:
    """Answer every POST and GET the same while the block lasts."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.answer()

        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.answer()

        def answer(self) -> None:
            if isinstance(answer, Answer):
                self.say(answer)
            elif answer is Nothing.HANG:
                over.wait(30)

        def say(self, said: Answer) -> None:
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body.encode())))
            self.end_headers()
            self.wfile.write(said.body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def nobody() -> str:
    """Find an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"
