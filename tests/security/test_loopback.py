"""This machine is called in development only: on AWS the function's own runtime listens on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.heartbeat import HttpHeartbeat
from headroom.channels.pagerduty import PagerDuty
from headroom.channels.slack import SlackWebhook
from headroom.config.parameter_store import Stored
from headroom.config.raw import from_parameters
from headroom.config.resolve import resolve
from headroom.net.guarded_backend import PrivateAddress
from headroom.net.transport import GuardedTransport, client, tls
from headroom.polyai.client import PolyAI
from headroom.settings import Settings, aws_on_loopback
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.lines import Line
from tests.builders import failed, notice
from tests.deployment import of_type
from tests.integration.runtime_setup import HERE as CODE
from tests.integration.runtime_setup import NEAR_LIMIT, put, surroundings
from tests.local.sandbox import Sandbox
from tests.unit.config.test_settings import GOOD
from tests.unit.polyai.helpers import FakeKeys
from tests.unit.polyai.wire import failing, fetch_from

NEXT = "/2018-06-01/runtime/invocation/next"
"""Where Lambda's runtime API gives an event, once, to any caller:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""
WHY = "is on loopback, but AWS_ENDPOINT_URL is not: give a public address"
HERE = ("http://127.0.0.1:4566", "http://localhost:4566", "https://LOCALHOST", "http://[::1]:4566/")
ELSEWHERE = (
    "",
    "https://sqs.eu-west-2.amazonaws.com",
    "https://vpce-0a1b.ssm.eu-west-2.vpce.amazonaws.com",
    "http://aws.local:4566",
    "http://localhost.example.com",
    "http://10.0.0.1/127.0.0.1",
    "localhost:4566",
    "http://[::1",
)


@dataclass
class RuntimeApi:
    """The runtime API that a function on AWS has on loopback; remembers requests for events."""

    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        self.asked.append(request.path)
        return Reply(200, b"{}")


@pytest.fixture
def runtime_api() -> Iterator[tuple[RuntimeApi, str]]:
    api = RuntimeApi()
    with Loopback(api.answer) as server:
        yield api, server.url


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_on_aws_nothing_calls_this_machine(runtime_api: tuple[RuntimeApi, str], name: str) -> None:
    """Configuration accepts the addresses; what counts is where a connection leads."""
    api, url = runtime_api
    url = url.replace("127.0.0.1", name)
    pager = {"type": "pagerduty", "routing_key": "k" * 32, "api_url": url + NEXT}
    stored = [
        Stored("heartbeat", json.dumps({"url": url + NEXT}), secure=True, version=1),
        Stored("channels/c", json.dumps(pager), secure=True, version=1),
    ]
    written = resolve(from_parameters(stored))
    assert written.heartbeat
    assert not written.faults

    async def scenario(heartbeat: SecretStr) -> None:
        async with client() as http:
            for send in (
                HttpHeartbeat(lambda: http).beat(heartbeat, 5.0),
                SlackWebhook(SecretStr(url + NEXT), http).send(notice()),
                PagerDuty(SecretStr("k" * 32), http, api_url=url + NEXT).send(notice()),
            ):
                failed_send = failed(await send)
                assert failed_send.detail == f"its address {WHY}"
                assert (failed_send.retryable, failed_send.ambiguous) == (True, False)
        polyai = PolyAI(FakeKeys(), base_url=url)
        failure = await failing(fetch_from(polyai))
        await polyai.close()
        assert (failure.code, failure.detail) == ("network", f"not asked: {name} {WHY}")

    asyncio.run(scenario(written.heartbeat.url))
    assert api.asked == []


def test_what_is_not_told_of_development_does_not_call_this_machine(
    runtime_api: tuple[RuntimeApi, str],
) -> None:
    api, url = runtime_api
    request = httpx.Request("GET", url + NEXT)
    with pytest.raises(PrivateAddress, match=WHY):
        asyncio.run(GuardedTransport(tls()).handle_async_request(request))
    assert api.asked == []


@pytest.mark.parametrize("endpoint", HERE)
def test_development_is_where_aws_itself_is_on_this_machine(endpoint: str) -> None:
    assert Settings.from_environment(GOOD | {"AWS_ENDPOINT_URL": endpoint}).loopback


@pytest.mark.parametrize("endpoint", ELSEWHERE)
def test_it_is_nowhere_else(endpoint: str) -> None:
    assert not Settings.from_environment(GOOD | {"AWS_ENDPOINT_URL": endpoint}).loopback
    assert not aws_on_loopback({"AWS_ENDPOINT_URL": endpoint})


def test_no_variable_of_headrooms_own_says_so_and_none_of_the_template() -> None:
    assert not Settings.from_environment(GOOD | {"HEADROOM_LOOPBACK": "true"}).loopback
    for function in of_type("AWS::Lambda::Function").values():
        assert not [
            name
            for name in function["Environment"]["Variables"]
            if name.startswith("AWS_") or name.endswith("LOOPBACK")
        ]


def test_the_function_on_aws_calls_neither_polyai_nor_a_channel_on_its_machine(
    tmp_path: Path,
) -> None:
    """Only the services' own variables point to AWS here; they do not mean development."""
    full = Line((), (), night=118, peak=118, noise=0)
    with surroundings(full, {"support-line": NEAR_LIMIT}) as around:
        put(around.cloud, "projects/broken", json.dumps({"channels": ["on-call"]}), "String")
        url = around.environment["AWS_ENDPOINT_URL"]
        services = {f"AWS_ENDPOINT_URL_{name}": url for name in ("SSM", "DYNAMODB", "SNS", "SQS")}
        on_aws = {**around.environment, "AWS_ENDPOINT_URL": "", **services}
        with Sandbox(CODE, on_aws, tmp_path / "log") as sandbox:
            report = around.check(sandbox, 0)
    assert report["unreachable"] == {"support-line": f"not asked: 127.0.0.1 {WHY}"}
    assert [line for line in report["problems"] if f"its address {WHY}" in line]
    assert around.simulator.requests == {}
    assert around.pager.ids == []
