"""What the client's tests share: keys, scripted answers, one fetch in its own loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import SecretStr

from headroom.domain.lines import Line
from headroom.domain.readings import Answer, Failure, Query
from headroom.domain.windows import Instant, iso
from headroom.errors import ConfigError
from headroom.polyai.client import PolyAI
from headroom.ports import Deadline
from tests.builders import T0, line

KEY = "pk-live-4f9a8c1e7b2d"
LINE = line()
WHOLE_PROJECT = Query()
BY_VARIANT = Query(slice_by="variant")


@dataclass
class FakeKeys:
    """Gives the values in turn: the next one only when the one before was rejected."""

    values: list[str] = field(default_factory=lambda: [KEY])
    asked: list[str | None] = field(default_factory=list)

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        self.asked.append(rejected.get_secret_value() if rejected else None)
        if not self.values:
            raise ConfigError(f"keys.{name}", "there is no such key; push one")
        if rejected and len(self.values) > 1:
            del self.values[0]
        return SecretStr(self.values[0])


@dataclass
class Script:
    """Answers request after request, the last answer for ever; remembers what was asked."""

    answers: list[httpx.Response | Exception]
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    base_url: str | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def interval(window: Instant, peak: object, **more: object) -> dict[str, Any]:
    return {"time": iso(window), "max_concurrent_conversations": peak, **more}


def body(*intervals: object, **changes: object) -> dict[str, Any]:
    owner = {"account_id": LINE.account_id, "project_id": LINE.project_id}
    return {**owner, "intervals": list(intervals), **changes}


def ok(*intervals: object, **changes: object) -> httpx.Response:
    return httpx.Response(200, json=body(*intervals, **changes))


def raw(content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, content=content, headers=named)


def as_bytes(*intervals: object) -> bytes:
    return json.dumps(body(*intervals)).encode()


def always(seconds: float) -> Deadline:
    return Deadline(lambda: seconds)


PLENTY = always(50)


def in_turn(*seconds: float) -> Deadline:
    """Time left that runs out: each value once, the last for ever."""
    values: Iterator[float] = iter(seconds[:-1])
    return Deadline(lambda: next(values, seconds[-1]))


def fetch(
    script: Script,
    query: Query = WHOLE_PROJECT,
    *,
    of: Line = LINE,
    first: Instant = T0,
    until: Instant = T0 + 200,
    keys: FakeKeys | None = None,
    deadline: Deadline = PLENTY,
    jitter: float = 0.5,
) -> Answer | Failure:
    """One fetch of a scripted API."""

    async def once() -> Answer | Failure:
        client = PolyAI(
            keys or FakeKeys(),
            base_url=script.base_url,
            transport=httpx.MockTransport(script),
            jitter=lambda: jitter,
            sleep=script.sleep,
        )
        try:
            return await client.fetch(of, query, first, until, deadline=deadline)
        finally:
            await client.close()

    return asyncio.run(once())


def answered(found: Answer | Failure) -> Answer:
    """The answer; a failure is a fault."""
    assert isinstance(found, Answer), found
    return found


def failed(found: Answer | Failure) -> Failure:
    """The failure; an answer is a fault."""
    assert isinstance(found, Failure), found
    return found


def refusal(answer: httpx.Response | Exception, query: Query = WHOLE_PROJECT) -> Failure:
    """The failure that one answer, given for ever, ends in."""
    return failed(fetch(Script([answer]), query))
