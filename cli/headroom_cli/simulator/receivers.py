"""Slack and PagerDuty on loopback: they check notices as the vendors do, and keep what they accept.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and, for errors,
https://docs.slack.dev/changelog/2016/05/17/changes-to-errors-for-incoming-webhooks.
PagerDuty: https://developer.pagerduty.com/docs/events-api-v2/overview.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from headroom.domain.windows import Instant
from headroom_cli.simulator.faults import Fault, FaultKind, fault_of
from headroom_cli.simulator.http_server import Loopback, Reply, Request

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
        if kind := self._fault_reply(channel):
            return kind
        said = html.unescape(body["text"])
        self.received.append(Received(self.now, channel, said, without_calls(said)))
        return _text(200, "ok")

    def _pagerduty(self, request: Request) -> Reply:
        body = _object(request.body)
        if problem := pagerduty_problem(body, self.routing_keys):
            told = {"status": "invalid event", "message": "Event object is invalid"}
            return _json(400, {**told, "errors": [problem]})
        channel = self.routing_keys[body["routing_key"]]
        if kind := self._fault_reply(channel):
            return kind
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

    def _fault_reply(self, channel: str) -> Reply | None:
        fault = fault_of(self.faults, (channel,), self.now)
        match fault.kind:
            case FaultKind.NONE:
                return None
            case FaultKind.BUSY:
                waits = {"Retry-After": str(fault.retry_after)}
                return replace(_text(429, "rate_limited"), headers=waits)
            case FaultKind.GONE:
                return _text(410, "channel_is_archived")
            case FaultKind.SILENT:
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


Body = Mapping[str, Any]

MOST_BLOCKS = 50
MOST_ATTACHMENTS = 100
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")


def slack_problem(body: Body) -> str:
    """Slack's word for what is wrong with a webhook's message, '' when nothing is."""
    text, attachments = body.get("text"), body.get("attachments", [])
    if not body:
        return "invalid_payload"
    if not isinstance(text, str) or not text.strip():
        return "missing_text_or_fallback_or_attachments"
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        return "invalid_payload"
    if len(attachments) > MOST_ATTACHMENTS:
        return "too_many_attachments"
    blocks = [part.get("blocks", []) for part in (body, *attachments)]
    return "" if all(map(_are_blocks, blocks)) else "invalid_blocks"


def _are_blocks(blocks: object) -> bool:
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        return False
    return all(isinstance(block, dict) and bool(block.get("type")) for block in blocks)


def pagerduty_problem(body: Body, routing_keys: Collection[str]) -> str:
    """A sentence on what is wrong with an Events v2 event, '' when nothing is."""
    if body.get("routing_key") not in routing_keys:
        return "'routing_key' is missing or invalid"
    if body.get("event_action") not in ACTIONS:
        return f"'event_action' must be one of {', '.join(ACTIONS)}"
    if body["event_action"] == "trigger":
        return _payload_problem(body.get("payload"))
    return "" if body.get("dedup_key") else "'dedup_key' is missing or blank"


def _payload_problem(payload: object) -> str:
    if not isinstance(payload, dict):
        return "'payload' is missing or blank"
    for name in ("summary", "source", "severity"):
        if not payload.get(name):
            return f"'payload.{name}' is missing or blank"
    return "" if payload["severity"] in SEVERITIES else "'payload.severity' is invalid"
