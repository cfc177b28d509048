"""A configuration in which nearly everything fails, and the servers that make it fail.

Each status has a project with a Slack channel and a pager of its own, and another project that
PolyAI answers so: one check meets them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from headroom.domain.windows import WINDOW, Instant, instant, iso
from tests.security.echoes import echo, loud
from tests.security.leaks import Secrets
from tests.security.net import certificate, server_side
from tests.support.http_server import HANG_UP, Answer, Request, Said, Server, answering, nobody

Json = dict[str, Any]

EVERY_STATUS = (*(each.value for each in HTTPStatus if each >= HTTPStatus.OK), 520, 599)
NO_STATUS = 0
"""In place of a status: it hangs up."""


@dataclass
class Trouble:
    """The configuration, and the servers that answer."""

    secrets: Secrets
    polyai: Server
    channels: Server
    tls: Server
    """Has a self-signed certificate."""
    written: dict[str, Json] = field(default_factory=dict)
    """The sections of the file."""


@contextmanager
def trouble(folder: Path, statuses: Iterable[int]) -> Iterator[Trouble]:
    """All of it, while the block lasts."""
    pem = certificate(folder / "pem", "127.0.0.1")
    with ExitStack() as stack:
        made = Trouble(
            Secrets(),
            stack.enter_context(answering(_polyai)),
            stack.enter_context(answering(_channel)),
            stack.enter_context(answering(_channel, server_side(pem))),
        )
        _write(made, [*statuses, NO_STATUS])
        yield made


def _write(trouble: Trouble, statuses: list[int]) -> None:
    new, channels, tls = trouble.secrets.new, trouble.channels.url, trouble.tls.url
    places = {f"s{status}": f"{channels}/{status}" for status in statuses}
    places |= {
        "tls": f"{tls}/200",
        "nobody": nobody(),
        "private": f"https://0x7f000001:{urlsplit(tls).port}/200",
    }
    sections: dict[str, Json] = {
        "defaults": {"region": "uk-1", "account_id": "acme", "channels": ["default"]},
        "heartbeat": {"url": f"{channels}/401/{new('heartbeat')}"},
        "keys": {"default": 'pk+/="\\' + new("API key", 40)},
        "channels": {},
        "projects": {},
    }
    for name, place in places.items():
        sections["channels"] |= {
            f"slack-{name}": {"type": "slack", "webhook_url": f"{place}/{_webhook(trouble, name)}"},
            f"pager-{name}": {
                "type": "pagerduty",
                "api_url": f"{place}/pager",
                "routing_key": new(f"{name}: routing key", 32),
            },
        }
        sections["projects"][f"line-{name}"] = _project("full", f"slack-{name}", f"pager-{name}")
    for status in statuses:
        sections["projects"][f"ask-{status}"] = _project(str(status), "default")
    trouble.written = sections


def _webhook(trouble: Trouble, name: str) -> str:
    """The path of Slack's: a team, a hook, a token; each a secret of its own."""
    team, hook = (trouble.secrets.new(f"{name}: {part}", 11) for part in ("team", "hook"))
    return f"services/{team}/{hook}/{trouble.secrets.new(f'{name}: token')}"


def _project(project_id: str, *channels: str) -> Json:
    rule = {"warning": ">= 50%", "critical": ">= 90%", "hysteresis": "5%"}
    return {"project_id": project_id, "limit": 100, "channels": [*channels], "rules": {"r": rule}}


def _polyai(asked: Request) -> Said:
    """By the project's id: `full` is full at every window, any other is the status to answer."""
    parts = urlsplit(asked.path)
    _, _, account, project, *_ = parts.path.split("/")
    if project != "full":
        status = int(project)
        told = echo(asked, status)
        bodies: tuple[Json, ...] = (
            {"error_message": told},
            {"error": {"message": told, "correlation_id": told}},
            {"message": told},
        )
        return _said(status, json.dumps(bodies[status % 3]), asked)
    body = {"account_id": account, "project_id": project, "intervals": list(_full(parts.query))}
    return Answer(200, json.dumps(body), {"X-PolyAI-Correlation-Id": echo(asked, 0)[:500]})


def _full(query: str) -> Iterator[Json]:
    start, end = (_window(parse_qs(query)[name][0]) for name in ("start_time", "end_time"))
    for at in range(start, end + WINDOW, WINDOW):
        yield {"time": iso(at), "max_concurrent_conversations": 95}


def _window(time: str) -> Instant:
    at = instant(time.replace(".000Z", "Z"))
    return at - at % WINDOW


def _channel(asked: Request) -> Said:
    """By the first part of the path: the status to answer."""
    status = int(asked.path.split("/")[1])
    told = echo(asked, status)
    if "/pager/" in asked.path:
        return _said(status, json.dumps({"message": told, "errors": [told, asked.text]}), asked)
    return _said(status, told, asked)


def _said(status: int, body: str, asked: Request) -> Said:
    if status == NO_STATUS:
        return HANG_UP
    without = status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
    return Answer(status, "" if without else body, loud(asked, status))
