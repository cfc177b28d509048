"""Where the demo's notices arrive: answers as Slack and PagerDuty do, and keeps what it accepts."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.windows import Instant
from headroom_cli.simulator.faults import Fault, Trouble, fault_of
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.vendors import Body, pagerduty_problem, slack_problem

ENQUEUE = "/v2/enqueue"
_CALLS = re.compile(r"\d+(/\d+)? calls( \(\d+%\))?( at \d\d:\d\d UTC)?")


@dataclass(frozen=True, slots=True)
class Received:
    """What one channel accepted."""

    at: Instant
    channel: str
    headline: str
    """The line that people read first."""
    identity: str
    """Of what it tells: the notice's id; the end of which incident; for Slack, which has no place
    for an id, the headline without its calls. What arrives twice has the same twice."""


def without_calls(headline: str) -> str:
    """The headline but for the calls: a notice that waited for its channel names those of now."""
    return _CALLS.sub("calls", headline)


@dataclass
class Inbox:
    """All channels of the demo, as of `now`, which the driver sets; a fault's target is a channel.

    `hooks` says which channel the last part of a webhook's path means, `routing_keys` which one a
    key of PagerDuty's does.
    """

    hooks: Mapping[str, str]
    routing_keys: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    now: Instant = 0
    received: list[Received] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    """By status: requests that were answered with anything but success."""
    pages: dict[str, Body] = field(default_factory=dict)
    """The events that are open at PagerDuty, by their `dedup_key`."""

    def serve(self) -> Loopback:
        """The HTTP server; enter it to start."""
        return Loopback(self.answer)

    def answer(self, request: Request) -> Reply:
        """PagerDuty's answer at `/v2/enqueue`, Slack's anywhere else."""
        reply = self._pagerduty(request) if request.path == ENQUEUE else self._slack(request)
        if reply.status not in (200, 202):
            self.refused[reply.status] += 1
        return reply

    def _slack(self, request: Request) -> Reply:
        body = _object(request.body)
        channel = self.hooks.get(request.path.rpartition("/")[2])
        if channel is None:
            return _text(404, "no_service")
        if problem := slack_problem(body):
            return _text(400, problem)
        if trouble := self._trouble(channel):
            return trouble
        said = html.unescape(body["text"])
        self.received.append(Received(self.now, channel, said, without_calls(said)))
        return _text(200, "ok")

    def _pagerduty(self, request: Request) -> Reply:
        body = _object(request.body)
        if problem := pagerduty_problem(body, self.routing_keys):
            told = {"status": "invalid event", "message": "Event object is invalid"}
            return _json(400, {**told, "errors": [problem]})
        channel = self.routing_keys[body["routing_key"]]
        if trouble := self._trouble(channel):
            return trouble
        key = body.get("dedup_key") or hashlib.sha256(request.body).hexdigest()[:32]
        self.received.append(self._page(key, channel, body))
        return _json(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _page(self, key: str, channel: str, body: Body) -> Received:
        """An alert is open from a trigger to its resolve, which has nothing else to tell it by."""
        if body["event_action"] == "trigger":
            self.pages[key] = body
            return Received(self.now, channel, body["payload"]["summary"], _detail(body, "id"))
        action = body["event_action"]
        opened = self.pages.pop(key, {}) if action == "resolve" else self.pages.get(key, {})
        alert = opened.get("payload", {"source": "not open"})
        ended = _detail(opened, "incident_id") or key
        return Received(self.now, channel, f"{action}: {_about(alert)}", f"{action} {ended}")

    def _trouble(self, channel: str) -> Reply | None:
        fault = fault_of(self.faults, (channel,), self.now)
        match fault.trouble:
            case Trouble.NONE:
                return None
            case Trouble.BUSY:
                waits = {"Retry-After": str(fault.retry_after)}
                return replace(_text(429, "rate_limited"), headers=waits)
            case Trouble.GONE:
                return _text(410, "channel_is_archived")
            case Trouble.SILENT:
                return replace(_text(504, "time-out"), wait=fault.seconds)
        return _text(500, "rollup_error")


def _about(payload: Body) -> str:
    """What an event is about, in a few words: project and rule."""
    return f"{payload['source']} {payload.get('component', '')}".strip()


def _detail(event: Body, name: str) -> str:
    """One of the notice's own fields, as far as the event carries them."""
    details = event.get("payload", {}).get("custom_details", {})
    return str(details.get(name, "")) if isinstance(details, dict) else ""


def _object(body: bytes) -> Body:
    """The JSON object of a body, an empty one when it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/plain; charset=utf-8")


def _json(status: int, body: Body) -> Reply:
    return Reply(status, json.dumps(body).encode())
