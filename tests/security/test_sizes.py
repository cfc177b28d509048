"""Nothing that is read is assumed to be small: answers, configuration, events."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from pydantic import SecretStr

from headroom.channels.heartbeat import HttpHeartbeat
from headroom.channels.http import LONGEST_ANSWER, Reply, post
from headroom.channels.pagerduty import PagerDuty
from headroom.config.parameter_store import Stored
from headroom.config.raw import from_parameters
from headroom.config.resolve import problems
from headroom.domain.readings import Failure
from headroom.errors import ConfigError, ConfigUnavailable, EventError
from headroom.event import CheckEvent
from headroom.net.transport import client
from headroom.polyai.connection import LARGEST_ANSWER
from headroom_cli.config_file import source
from headroom_cli.config_file.publish import parameters
from tests.builders import T0, failed, notice
from tests.support.http_server import Answer, Script, answering, serving
from tests.unit.polyai.helpers import as_bytes, interval
from tests.unit.polyai.wire import client_of, failing, fetch_from, honest

MEGABYTE = 1024 * 1024
DEEP = "[" * 200_000 + "]" * 200_000
LONG = "7" * 100_000


class Page:
    """A page of 20 MB; counts the bytes that it sent."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.sent = 0

    async def say(self, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {self.status} .\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(320):
            writer.write(b"10000\r\n" + b"<p>" + b"x" * 0xFFFD + b"\r\n")
            await writer.drain()
            self.sent += 0x10000
        writer.write(b"0\r\n\r\n")


@cache
def bomb() -> bytes:
    return gzip.compress(bytes(64 * MEGABYTE))


def memory(run: Callable[[], object]) -> int:
    """The most additional bytes that Python held during the call."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def posted(say: Script, seconds: float = 10.0) -> str:
    async with serving(say) as server, client(loopback=True) as http:
        outcome = await post(http, SecretStr(server.url), {}, seconds)
        return outcome.body if isinstance(outcome, Reply) else outcome.detail


# What channels answer


def test_of_a_long_error_page_only_the_beginning_is_read() -> None:
    page = Page(500)
    assert len(asyncio.run(posted(page.say))) == LONGEST_ANSWER
    assert page.sent < 10 * MEGABYTE, "the line was cut before the end"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip", "GZIP", "br", "zstd"])
def test_what_comes_packed_stays_packed(coding: str) -> None:
    """64 MB of nothing in 64 kB, in an answer of a few milliseconds."""
    body = gzip.compress(bomb()) if "," in coding else bomb()
    say = Answer(200, body, {"Content-Encoding": coding})
    assert memory(lambda: asyncio.run(posted(say))) < 8 * MEGABYTE
    assert asyncio.run(posted(say)) == ""


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert asyncio.run(posted(drip, 0.3)) == "no answer in time"


@pytest.mark.parametrize("line", [b"X: " + b"y" * 1000 + b"\r\n", b"y"])
def test_a_head_that_never_ends_is_a_lost_connection(line: bytes) -> None:
    async def head(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(line * 1000)
            await writer.drain()

    assert asyncio.run(posted(head)).startswith("connection lost")


@pytest.mark.parametrize(
    "body", [DEEP, f'{{"errors": {DEEP}}}', f'{{"message": {LONG}}}', "[1e999, NaN]"]
)
def test_a_pagers_answer_that_breaks_json_is_a_refusal_by_its_status(body: str) -> None:
    async def scenario(url: str) -> None:
        async with client(loopback=True) as http:
            channel = PagerDuty(SecretStr("k" * 32), http, api_url=url)
            assert failed(await channel.send(notice())).detail == "400 Bad Request"

    with answering(Answer(400, body)) as server:
        asyncio.run(scenario(server.url))


def test_a_heartbeats_answer_is_not_read_whole_either() -> None:
    async def scenario() -> None:
        async with serving(say) as server, client(loopback=True) as http:
            beaten = await HttpHeartbeat(lambda: http).beat(SecretStr(server.url), 10.0)
            assert beaten is None

    say = Answer(200, bomb(), {"Content-Encoding": "gzip"})
    assert memory(lambda: asyncio.run(scenario())) < 8 * MEGABYTE


# What PolyAI answers


def polyai_on(say: Script) -> Failure:
    """The failure of one fetch; the next succeeds, so no bytes stayed on the connection."""

    async def scenario() -> Failure:
        async with serving(say) as server, client_of(server.url) as polyai:
            failure = await failing(fetch_from(polyai))
            server.answer = honest
            await fetch_from(polyai)
            return failure

    return asyncio.run(scenario())


@pytest.mark.parametrize("status", [200, 400, 401, 503])
def test_a_bomb_is_not_unpacked_whatever_the_status(status: int) -> None:
    say = Answer(status, bomb(), {"Content-Encoding": "gzip"})
    assert memory(lambda: polyai_on(say)) < 8 * MEGABYTE


@pytest.mark.parametrize(("status", "code"), [(200, "invalid"), (404, 404)])
def test_no_answer_is_read_beyond_the_cap(status: int, code: object) -> None:
    page = Page(status)
    assert polyai_on(page.say).code == code
    assert page.sent < LARGEST_ANSWER + 6 * MEGABYTE, "the line was cut before the end"


@pytest.mark.parametrize(
    "number", [LONG, "1e999", "-1e999", "NaN", "Infinity", "1e-999", "0." + LONG]
)
def test_a_number_out_of_this_world_makes_no_sense(number: str) -> None:
    body = as_bytes(interval(T0, "@")).replace(b'"@"', number.encode())
    failure = polyai_on(Answer(200, body))
    assert failure.code == "invalid"
    assert len(failure.detail) < 300


@pytest.mark.parametrize("where", ["", '"intervals": ', '"extra": '])
def test_json_nested_without_end_makes_no_sense(where: str) -> None:
    failure = polyai_on(Answer(200, f"{{{where}{DEEP}}}".encode() if where else DEEP.encode()))
    assert failure.code == "invalid"


@pytest.mark.parametrize("body", [DEEP, f'{{"error": {DEEP}}}', f'{{"error": {LONG}}}'])
def test_an_error_that_breaks_json_keeps_its_status(body: str) -> None:
    assert polyai_on(Answer(403, body.encode())).code == 403


# What operators write

GOOD = """
defaults: {region: uk-1, account_id: acme-uk}
keys: {default: "abcdefghijkl"}
projects: {line: {project_id: x, rules: {r: {warning: ">= 8", hysteresis: @}}}}
"""


def laughs(section: str, depth: int = 12) -> str:
    """Nine times nine times nine ... the same few words."""
    lines = (f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, depth))
    return "\n  ".join([f"{section}:", "a0: &a0 [ha]", *lines])


@pytest.mark.parametrize(
    "text",
    [
        *map(laughs, ("defaults", "projects", "channels", "keys")),
        "projects: &p {a: *p}",
        "projects: {a: &p {project_id: x, rules: *p}}",
        "channels: {a: &p {type: slack, webhook_url: *p}}",
        "projects: " + "[" * 1000,
        "projects: " + "{a: " * 1000,
        "- " * 50_000,
        "? " * 50_000,
        "projects:\n" + "".join(" " * i + "a:\n" for i in range(1, 1200)),
        "#" * 1_000_001,
        *(GOOD.replace("@", each) for each in (LONG, "0x" + LONG, ".inf", ".nan", "1.0e+999")),
        GOOD.replace("@", "1" + ":59" * 3000),
        GOOD.replace("@", '"' + LONG + '%"'),
    ],
    ids=lambda text: text.strip()[:20],
)
def test_a_file_that_would_grow_is_refused_by_push_in_a_moment(text: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(text)

    with pytest.raises((ConfigError, ConfigUnavailable)) as refused:
        parameters(source.read(path))
    assert len(str(refused.value)) < 20_000
    assert "set_int_max_str_digits" not in str(refused.value)


def in_ssm(value: str, name: str = "projects/line") -> str:
    """The problems of a parameter with this content."""
    there = {
        "defaults": '{"region": "uk-1", "account_id": "acme-uk", "channels": ["ops"]}',
        "channels/ops": '{"type": "slack", "webhook_url": "https://hooks.slack.com/services/a/b/c"}',
        "keys/default": "abcdefghijkl",
        "projects/line": '{"project_id": "x", "rules": {"r": {"warning": ">= 1"}}}',
        name: value,
    }
    stored = [Stored(each, text, True, 1) for each, text in there.items()]
    found = problems(from_parameters(stored)).get("line", [])
    return "; ".join(map(str, found))


@pytest.mark.parametrize("depth", [50, 900, 4000])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("projects/line", "@"),
        ("projects/line", '{"project_id": "x", "rules": @}'),
        ("projects/line", '{"project_id": "x", "rules": {"r": {"warning": @}}}'),
        ("projects/line", '{"project_id": "x", "rules": {"r": {"per": {"language": @}}}}'),
        ("projects/line", '{"project_id": "x", "channels": {"warning": @}}'),
        ("defaults", '{"region": @}'),
        ("channels/ops", '{"type": "slack", "webhook_url": @}'),
        ("channels/ops", '{"type": @}'),
    ],
)
def test_a_parameter_nested_as_deep_as_it_may_be_long_is_refused(
    name: str, value: str, depth: int
) -> None:
    """SSM itself keeps parameters under 8 KB: docs.aws.amazon.com, "Parameter Store quotas"."""
    assert in_ssm(value.replace("@", "[" * depth + "]" * depth), name)


@pytest.mark.parametrize("number", ["7" * 5000, "1e999", "-1e999", "NaN", "1e-999"])
def test_a_parameters_number_out_of_this_world_is_refused_in_our_own_words(number: str) -> None:
    problem = in_ssm(f'{{"project_id": "x", "limit": {number}}}')
    assert "set_int_max_str_digits" not in problem
    assert len(problem) < 500


# What starts a check


@pytest.mark.parametrize(
    "time",
    [
        "9" * 100_000 + "T",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        json.loads("[" * 900 + "]" * 900),
        {"time": ["x" * 100_000]},
        1e999,
    ],
    ids=lambda time: str(time)[:12],
)
def test_an_event_out_of_this_world_is_refused_in_a_line(time: object) -> None:
    for event in ({"time": time}, time):
        with pytest.raises(EventError) as refused:
            CheckEvent.parse(event)
        assert len(str(refused.value)) < 400
