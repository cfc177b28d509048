"""PagerDuty's events: one key for an alert, and never too large."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr

from headroom.channels.pagerduty import LARGEST, PagerDuty, payload
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import Severity
from tests.builders import failed, notice
from tests.unit.channels.cases import CASES, LONGEST, notices

KEY = SecretStr("0123456789abcdef0123456789abcdef")


def test_every_kind_but_the_end_is_a_trigger_with_the_severity_of_now() -> None:
    for kind in (Kind.FIRED, Kind.ESCALATED, Kind.EASED, Kind.REMINDER):
        event = payload(notice(kind, severity=Severity.WARNING), KEY)
        assert (event["event_action"], event["payload"]["severity"]) == ("trigger", "warning")


def test_an_alert_keeps_its_key_over_incidents_and_another_series_has_another() -> None:
    first, later = notice(), notice(Kind.RESOLVED, since=2_000_000_000)
    assert payload(first, KEY)["dedup_key"] == payload(later, KEY)["dedup_key"]
    other = notice(series="es-ES")
    assert payload(first, KEY)["dedup_key"] != payload(other, KEY)["dedup_key"]


def test_what_is_over_before_it_is_told_wakes_nobody() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    async def send() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
            assert await PagerDuty(KEY, client).send(notice(Kind.MISSED)) is None

    asyncio.run(send())


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "", "200 without acceptance"),
        (200, '{"message": "done"}', "200 without acceptance: done"),
        (400, '{"status": "invalid event", "errors": ["no key"]}', "400 no key"),
        (400, '{"status": "invalid event"}', "400 invalid event"),
        (400, '{"message": "bad gateway"}', "400 Bad Request: bad gateway"),
        (404, "<html></html>", "404 Not Found"),
    ],
)
def test_a_failure_is_told_in_pagerduty_s_words_and_does_not_sound_like_success(
    status: int, body: str, reason: str
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))

    async def send() -> DeliveryFailure | None:
        async with httpx.AsyncClient(transport=transport) as client:
            return await PagerDuty(KEY, client).send(notice())

    assert failed(asyncio.run(send())).detail == reason


def test_the_service_region_or_the_operator_chooses_the_host() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(202)

    async def send() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
            await PagerDuty(KEY, client).send(notice())
            await PagerDuty(KEY, client, service_region="eu").send(notice())
            await PagerDuty(KEY, client, api_url="http://127.0.0.1:9/").send(notice())

    asyncio.run(send())
    assert seen == [
        "https://events.pagerduty.com/v2/enqueue",
        "https://events.eu.pagerduty.com/v2/enqueue",
        "http://127.0.0.1:9/v2/enqueue",
    ]


def test_the_runbook_is_the_first_link() -> None:
    assert [link["text"] for link in payload(CASES["fired"], KEY)["links"]] == [
        "Runbook",
        "Agent Studio",
    ]


def test_the_details_are_dropped_before_an_event_is_too_large() -> None:
    huge = replace(LONGEST, description="x" * LARGEST)
    event = payload(huge, KEY)
    assert "custom_details" not in event["payload"]
    assert len(json.dumps(event)) < LARGEST
    assert "custom_details" in payload(LONGEST, KEY)["payload"]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(notices())
def test_any_event_keeps_to_pagerduty_s_lengths(made: Notice) -> None:
    event = payload(made, KEY)
    assert len(event["dedup_key"]) <= 255
    assert len(json.dumps(event).encode()) <= LARGEST
    if event["event_action"] == "trigger":
        assert 0 < len(event["payload"]["summary"]) <= 1024
        assert event["payload"]["source"]
        assert event["payload"]["severity"] in {"critical", "warning"}
