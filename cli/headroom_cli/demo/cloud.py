"""An embedded AWS on loopback: moto's server with the resources of the template."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import yaml
from botocore.config import Config
from botocore.session import Session
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REGION = "eu-west-2"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "demo"),  # moto takes any
    # The machine's own AWS configuration is not read: the demo must not reach a real account.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack's resources, by name, ARN or address."""

    table: str
    topic_arn: str
    inbox_url: str
    """The queue that subscribes to the topic: the receiver of the channel `default`."""
    dead_letter_url: str


class Cloud:
    """DynamoDB, SSM, SNS and SQS on a free port of 127.0.0.1 while it is entered."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto = DomainDispatcherApplication(create_backend_app)
        # It would list its own folder for each request.
        moto.get_backend_for_host = cache(moto.get_backend_for_host)  # type: ignore[method-assign]
        app = _one_at_a_time(moto)
        self._server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._session = _isolated_session()
        self._clients: dict[str, Any] = {}
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Delete everything (https://docs.getmoto.org/en/latest/docs/server_mode.html) and stop."""
        httpx.post(f"{self.url}/moto-api/reset", trust_env=False)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def client(self, service: str) -> Any:  # noqa: ANN401 (made at run time, from AWS's models)
        """Return a client that reaches only this cloud."""
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service, region_name=REGION, endpoint_url=self.url, config=Config(proxies={})
            )
        return self._clients[service]

    def deploy(self, template: Path) -> Stack:
        """Create the template's table, the topic and the queues."""
        resources = yaml.load(template.read_text("utf-8"), _Template)["Resources"]  # noqa: S506 (safe)
        sqs, sns = self.client("sqs"), self.client("sns")
        topic = sns.create_topic(Name="headroom-demo")["TopicArn"]
        inbox = sqs.create_queue(QueueName="headroom-demo-inbox")["QueueUrl"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=_arn(sqs, inbox),
            Attributes={"RawMessageDelivery": "true"},
        )
        return Stack(
            table=self._table(resources["StateTable"]["Properties"]),
            topic_arn=topic,
            inbox_url=inbox,
            dead_letter_url=sqs.create_queue(QueueName="headroom-demo-failures")["QueueUrl"],
        )

    def _table(self, properties: dict[str, Any]) -> str:
        names = ("AttributeDefinitions", "KeySchema", "BillingMode")
        wanted = {name: properties[name] for name in names}
        self.client("dynamodb").create_table(TableName="headroom-demo", **wanted)
        return "headroom-demo"


def _isolated_session() -> Session:
    """Return a session that does not read this machine's AWS configuration."""
    nothing, nobody = (None, None, os.devnull, None), (None, None, None, None)
    session = Session({"config_file": nothing, "credentials_file": nothing, "profile": nobody})
    session.set_credentials("demo", "demo")
    return session


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's YAML; functions such as `!Ref` become None."""


_Template.add_multi_constructor("!", lambda *_: None)


def _arn(sqs: Any, url: str) -> str:  # noqa: ANN401 (as above)
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def _one_at_a_time(app: Any) -> Any:  # noqa: ANN401 (moto has no types)
    """Answer one request at a time: moto checks and writes in two steps, DynamoDB in one."""
    turn = threading.Lock()

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with turn:
            return list(app(environ, start))

    return answer
