"""PagerDuty's Events API v2 (developer.pagerduty.com, "Send an alert event").

Each alert has one `dedup_key`, so trigger and resolve are safe to repeat. A trigger after the
resolve would open a new page; delivery keeps the order.
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
"""Characters; PagerDuty states no limit for these, so the limit of `dedup_key` is used."""


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
            detail = f"{reply.status} {safe(said or _INVALID, self._routing_key)}"
            return refused(detail, channel_at_fault=bool(_ABOUT_THE_KEY.search(said)))
        return not_accepted(reply, describe(reply, said, self._routing_key))


def payload(notice: Notice, routing_key: SecretStr) -> dict[str, Any]:
    """The event: a resolve for the end, else a trigger, of at most `LARGEST` bytes."""
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
    """Whether a 2xx accepts the event: PagerDuty answers 202 or `"status": "success"`.

    After any other the event is sent again; its `dedup_key` prevents a second page. A receiver in
    PagerDuty's place accepts with any 2xx, unless the body denies.
    """
    if denies(reply.body):
        return False
    usual = reply.status == HTTPStatus.ACCEPTED
    return not own or usual or as_object(reply.body).get("status") == "success"


def _invalid(reply: Reply) -> bool:
    """Whether PagerDuty itself says that the event is invalid; any other 400 is not its own."""
    invalid = as_object(reply.body).get("status") == _INVALID
    return invalid and (reply.succeeded or reply.status == HTTPStatus.BAD_REQUEST)


def _complaints(body: str) -> list[str]:
    """The `errors` of the answer, or its `message` where there are none."""
    answer = as_object(body)
    errors = answer.get("errors")
    found = errors if isinstance(errors, list) and errors else [answer.get("message")]
    return [text for text in found if isinstance(text, str)]
