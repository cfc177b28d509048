"""PagerDuty by the Events API v2 (developer.pagerduty.com, "Send an alert event").

One `dedup_key` for each alert, so that trigger and resolve are safe to repeat. What must not happen
is a trigger after the resolve; delivery sees to the order.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from headroom.channels.http import TIMEOUT, Reply, post, safe
from headroom.channels.message import STUDIO, first_line, links, plain
from headroom.channels.outcomes import as_object, denies, describe, not_accepted, refused
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Kind, Notice
from headroom.domain.windows import iso

HOSTS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
PATH = "/v2/enqueue"

_NAMES = frozenset(urlsplit(host).hostname for host in HOSTS.values())
_INVALID = "invalid event"
_ABOUT_THE_KEY = re.compile(r"routing[ _]?key", re.IGNORECASE)

LARGEST = 512_000
"""Bytes of one event; PagerDuty takes 512 KB."""

_NAME = 255
"""Characters; PagerDuty states no length for these, Headroom keeps to that of `dedup_key`."""


class PagerDuty:
    """One PagerDuty service."""

    is_pager = True
    timeout = TIMEOUT

    def __init__(
        self,
        routing_key: SecretStr,
        client: httpx.AsyncClient,
        *,
        service_region: Literal["us", "eu"] = "us",
        api_url: str | None = None,
    ) -> None:
        self._routing_key = routing_key
        self._client = client
        self._at_pagerduty = api_url is None or urlsplit(api_url).hostname in _NAMES
        self._url = SecretStr(f"{(api_url or HOSTS[service_region]).rstrip('/')}{PATH}")

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """See `Channel.send`; a `missed` notice pages nobody, so nothing is sent for it."""
        if notice.kind is Kind.MISSED:
            return None
        event = payload(notice, self._routing_key)
        reply = await post(self._client, self._url, event, self.timeout)
        return reply if isinstance(reply, DeliveryFailure) else self._failure(reply)

    def _failure(self, reply: Reply) -> DeliveryFailure | None:
        if reply.succeeded and _accepts(reply, own=self._at_pagerduty):
            return None
        said = "; ".join(_complaints(reply.body))
        if _invalid(reply):
            told = f"{reply.status} {safe(said or _INVALID, self._routing_key)}"
            return refused(told, channel_at_fault=bool(_ABOUT_THE_KEY.search(said)))
        return not_accepted(reply, describe(reply, said, self._routing_key))


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
    studio = next((link.url for link in links(notice) if link.label == STUDIO), "")
    alert = {"payload": _present(details), "client": "Headroom", "client_url": studio}
    return _present({**alert, "links": shown})


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _accepts(reply: Reply, *, own: bool) -> bool:
    """Whether a 2xx is an acceptance: PagerDuty's is 202 or says `"status": "success"`.

    Without, the event is sent again: one `dedup_key` keeps a repeat from being a second page. From
    a receiver in PagerDuty's place any 2xx is one. Neither if the body says no.
    """
    if denies(reply.body):
        return False
    usual = reply.status == HTTPStatus.ACCEPTED
    return not own or usual or as_object(reply.body).get("status") == "success"


def _invalid(reply: Reply) -> bool:
    """PagerDuty's own word for an event that it never takes; any other 400 is somebody else's."""
    told = as_object(reply.body).get("status") == _INVALID
    return told and (reply.succeeded or reply.status == HTTPStatus.BAD_REQUEST)


def _complaints(body: str) -> list[str]:
    """Read `{"message": ..., "errors": [...]}`, the errors where there are any."""
    answer = as_object(body)
    errors = answer.get("errors")
    found = errors if isinstance(errors, list) and errors else [answer.get("message")]
    return [text for text in found if isinstance(text, str)]
