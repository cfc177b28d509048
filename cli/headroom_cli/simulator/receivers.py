"""Simulated Slack and PagerDuty: they validate messages as the vendors do, and keep them.

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
_CALLS = re.compile(
    r"((limit|\d+ calls) (reached|in \d+( to \d+)? min), )?"  # where a trend leads
    r"(up to |at least )?\d+(/\d+)? calls( \(\d+%\)| \(usual \d+\))?( at \d\d:\d\d UTC)?"
)
_DRIVER = re.compile(r" \([^() ]+ \d+(, \d+ unread)?\)$")
"""The line of a group that has the most calls."""


@dataclass(frozen=True, slots=True)
class Received:
    """A notice that one channel accepted."""

    at: Instant
    channel: str
    headline: str
    """The notice's first line."""
    identity: str
    """Equal for duplicates: the notice's id; for a resolve, its incident; for Slack, which carries
    no id, the headline without its calls."""


def without_calls(headline: str) -> str:
    """Remove the calls from a headline: a delayed notice names the current ones.

    With them goes what they are compared with: usual, the forecast, the line that drives a group.
    """
    return _DRIVER.sub("", _CALLS.sub("calls", headline))


@dataclass
class Inbox:
    """All simulated channels at `now`, which the caller sets. A fault's target is a channel.

    `hooks` maps the last segment of a webhook's path to a channel, `routing_keys` PagerDuty's keys.
    """

    hooks: Mapping[str, str]
    routing_keys: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    now: Instant = 0
    received: list[Received] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    """Number of error answers by status."""
    pages: dict[str, Body] = field(default_factory=dict)
    """PagerDuty's open events by `dedup_key`."""

    def serve(self) -> Loopback:
        """The HTTP server; enter it to start."""
        return Loopback(self.answer)

    def answer(self, request: Request) -> Reply:
        """Answer as PagerDuty at `/v2/enqueue`, as Slack elsewhere."""
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
        if reply := self._fault_reply(channel):
            return reply
        text = html.unescape(body["text"])
        self.received.append(Received(self.now, channel, text, without_calls(text)))
        return _text(200, "ok")

    def _pagerduty(self, request: Request) -> Reply:
        body = _object(request.body)
        if problem := pagerduty_problem(body, self.routing_keys):
            invalid = {"status": "invalid event", "message": "Event object is invalid"}
            return _json(400, {**invalid, "errors": [problem]})
        channel = self.routing_keys[body["routing_key"]]
        if reply := self._fault_reply(channel):
            return reply
        key = body.get("dedup_key") or hashlib.sha256(request.body).hexdigest()[:32]
        self.received.append(self._page(key, channel, body))
        return _json(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _page(self, key: str, channel: str, body: Body) -> Received:
        """Record an event. A resolve carries only the key, so the trigger's details are used."""
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
    """Name an event's project and rule."""
    return f"{payload['source']} {payload.get('component', '')}".strip()


def _detail(event: Body, name: str) -> str:
    """Return one of the notice's fields from an event; empty if missing."""
    details = event.get("payload", {}).get("custom_details", {})
    return str(details.get(name, "")) if isinstance(details, dict) else ""


def _object(body: bytes) -> Body:
    """Parse a body's JSON object; empty if it is not one."""
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
    """Return Slack's error code for a webhook's message; empty if it is valid."""
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
    """Return PagerDuty's error for an Events v2 event; empty if it is valid."""
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
