"""PagerDuty by the Events API v2 (developer.pagerduty.com, "Send an alert event").

One `dedup_key` for each alert, so that trigger and resolve are safe to repeat. What must not happen
is a trigger after the resolve; delivery sees to the order.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Literal

import httpx
from pydantic import SecretStr

from headroom.channels.http import TIMEOUT, Reply, post, refused, safe
from headroom.channels.message import first_line, links
from headroom.channels.text import plain
from headroom.domain.notices import Kind, Notice
from headroom.domain.windows import iso

HOSTS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
PATH = "/v2/enqueue"

LARGEST = 512_000
"""Bytes of one event; PagerDuty takes 512 KB."""

_NAME = 255
"""Characters; PagerDuty states no length for these, Headroom keeps to that of `dedup_key`."""


class PagerDuty:
    """One PagerDuty service."""

    pages = True
    timeout = TIMEOUT

    def __init__(
        self,
        name: str,
        routing_key: SecretStr,
        client: httpx.AsyncClient,
        *,
        service_region: Literal["us", "eu"] = "us",
        api_url: str | None = None,
    ) -> None:
        self._name = name
        self._routing_key = routing_key
        self._client = client
        self._url = SecretStr(f"{(api_url or HOSTS[service_region]).rstrip('/')}{PATH}")

    @property
    def name(self) -> str:
        """As projects name it."""
        return self._name

    async def send(self, notice: Notice) -> None:
        """Return when PagerDuty took the event. Raises DeliveryError.

        What is already over when it is first told (`missed`) wakes nobody: nothing is sent.
        """
        if notice.kind is Kind.MISSED:
            return
        event = payload(notice, self._routing_key)
        reply = await post(self._client, self._url, event, self.timeout)
        if reply.status != HTTPStatus.ACCEPTED:
            raise refused(reply, _reason(reply, self._routing_key))


def payload(notice: Notice, routing_key: SecretStr) -> dict[str, Any]:
    """Make the event: a resolve for the end, else a trigger, within `LARGEST` bytes."""
    base = {
        "routing_key": routing_key.get_secret_value(),
        "dedup_key": f"headroom-{notice.alert or notice.alert_id}",
    }
    if notice.kind.ends:
        return {**base, "event_action": "resolve"}
    event = {**base, "event_action": "trigger", **_alert(notice)}
    if len(json.dumps(event)) > LARGEST:
        del event["payload"]["custom_details"]
    return event


def _alert(notice: Notice) -> dict[str, Any]:
    details = {
        "summary": first_line(notice),
        "source": plain(notice.project, _NAME) or "headroom",
        "severity": notice.severity.value,
        "timestamp": iso(notice.at),
        "component": plain(notice.rule, _NAME),
        "group": plain(notice.account_id, _NAME),
        "class": notice.kind.value,
        "custom_details": notice.as_json(),
    }
    shown = [{"href": link.url, "text": link.label} for link in links(notice)]
    studio = next((link.url for link in links(notice) if link.url == notice.studio_url), "")
    alert = {"payload": _present(details), "client": "Headroom", "client_url": studio}
    return _present({**alert, "links": shown})


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _reason(reply: Reply, routing_key: SecretStr) -> str:
    said = safe("; ".join(_complaints(reply.body)), routing_key)
    status = reply.instead_of(HTTPStatus.ACCEPTED)
    if not said:
        return status
    return f"{status}: {said}" if status != reply.title else f"{reply.status} {said}"


def _complaints(body: str) -> list[str]:
    """Read `{"message": ..., "errors": [...]}`, the errors where there are any."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(answer, dict):
        return []
    errors = answer.get("errors")
    found = errors if isinstance(errors, list) and errors else [answer.get("message")]
    return [text for text in found if isinstance(text, str)]
