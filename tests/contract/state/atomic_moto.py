"""The demo's AWS on loopback, which takes one request at a time; here it can also be made to fail.

Every single DynamoDB request is atomic; moto's are not while threads run. There they are, so that
what races is what races in DynamoDB: one writer's requests with those of another.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from headroom_cli.demo.cloud import Cloud

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


class AtomicMoto(Cloud):
    """It remembers the requests, and answers differently when it is configured to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.instead: list[Instead] = []
        self._moto, self._server.app = self._server.app, self._serve

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """All requests of this operation."""
        return [body for name, body in self.asked if name == operation]

    def dynamodb(self) -> DynamoDBClient:
        """Make a client that talks to this server."""
        return boto3.client("dynamodb", **access(self.url))

    def sqs(self) -> SQSClient:
        """Make a client that talks to this server."""
        return boto3.client("sqs", **access(self.url))

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        operation = self._remember(environ)
        planned = next((plan for plan in self.instead if plan.operation == operation), None)
        if planned is None:
            return self._moto(environ, start_response)
        if planned.done:
            self._moto(environ, lambda *_: lambda _: None)
        self.instead.remove(planned)
        start_response(planned.status, [("Content-Type", "application/x-amz-json-1.0")])
        return [json.dumps({"__type": planned.code, "message": "as planned"}).encode()]

    def _remember(self, environ: WSGIEnvironment) -> str:
        operation: str = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked.append((operation, json.loads(body or b"{}")))
        return operation


def access(url: str) -> dict[str, Any]:
    """Say where the server is, with credentials that are nobody's."""
    return {
        "endpoint_url": url,
        "region_name": "eu-west-2",
        "aws_access_key_id": "nobody",
        "aws_secret_access_key": "nothing",
        "config": Config(retries={"total_max_attempts": 2, "mode": "standard"}),
    }
