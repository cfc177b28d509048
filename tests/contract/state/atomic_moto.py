"""DynamoDB and SQS on loopback: moto behind a real HTTP server that takes one request at a time.

Every single DynamoDB request is atomic; moto's are not while threads run. Here they are, so that
what races is what races in DynamoDB: one writer's requests with those of another.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Instead:
    """The answer to the next request of one operation; `done`: after doing what it asked."""

    operation: str
    status: str
    code: str
    done: bool = False


@dataclass
class AtomicMoto:
    """The application: it remembers what it was asked, and answers otherwise when told to."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    instead: list[Instead] = field(default_factory=list)
    moto: Any = field(default_factory=lambda: DomainDispatcherApplication(create_backend_app))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        operation = self._remember(environ)
        planned = next((plan for plan in self.instead if plan.operation == operation), None)
        if planned is None:
            return self._ask(environ, start_response)
        if planned.done:
            self._ask(environ, lambda *_: lambda _: None)
        self.instead.remove(planned)
        start_response(planned.status, [("Content-Type", "application/x-amz-json-1.0")])
        return [json.dumps({"__type": planned.code, "message": "as planned"}).encode()]

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """All requests of this operation."""
        return [body for name, body in self.asked if name == operation]

    def dynamodb(self) -> DynamoDBClient:
        """Make a client that talks to this server."""
        return boto3.client("dynamodb", **access(self.url))

    def sqs(self) -> SQSClient:
        """Make a client that talks to this server."""
        return boto3.client("sqs", **access(self.url))

    def _remember(self, environ: WSGIEnvironment) -> str:
        operation: str = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked.append((operation, json.loads(body)))
        return operation

    def _ask(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.moto(environ, start_response)
        return answer


def access(url: str) -> dict[str, Any]:
    """Say where the server is, with credentials that are nobody's."""
    return {
        "endpoint_url": url,
        "region_name": "eu-west-2",
        "aws_access_key_id": "nobody",
        "aws_secret_access_key": "nothing",
        "config": Config(retries={"total_max_attempts": 2, "mode": "standard"}),
    }


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # its name
        """Say nothing."""


@contextmanager
def serving() -> Iterator[AtomicMoto]:
    """Run the server while the block lasts."""
    moto = AtomicMoto()
    server = make_server("127.0.0.1", 0, moto, threaded=False, request_handler=Quiet)
    moto.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield moto
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
