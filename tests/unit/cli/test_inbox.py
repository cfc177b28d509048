"""The inbox answers as the vendors do, and counts honestly what arrives twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message
from typing import Any

import pytest

from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.http_server import Reply, Request
from headroom_cli.simulator.receivers import ENQUEUE, Inbox, without_calls

HOOK = "/services/T000/B000/hook"
KEY = "k" * 32
PAYLOAD = {
    "summary": "CRITICAL 114/120 calls",
    "source": "support-line",
    "severity": "critical",
    "custom_details": {"id": "n1", "incident_id": "i1"},
}
TRIGGER = {"routing_key": KEY, "event_action": "trigger", "dedup_key": "a1", "payload": PAYLOAD}
RESOLVE = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "a1"}


def inbox(*faults: Fault) -> Inbox:
    return Inbox({"hook": "ops-slack"}, {KEY: "on-call"}, faults)


def post(to: Inbox, path: str, body: Mapping[str, Any] | bytes) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return to.answer(Request("POST", path, {}, Message(), raw))


@pytest.mark.parametrize(
    ("path", "body", "status", "answer"),
    [
        (HOOK, {"text": "WARNING 97/120 calls"}, 200, b"ok"),
        ("/services/T000/B000/gone", {"text": "x"}, 404, b"no_service"),
        (HOOK, b'{"text": ', 400, b"invalid_payload"),
        (HOOK, {"text": " "}, 400, b"missing_text_or_fallback_or_attachments"),
        (HOOK, {"text": "x", "blocks": [{}]}, 400, b"invalid_blocks"),
        (HOOK, {"text": "x", "blocks": [{"type": "divider"}] * 51}, 400, b"invalid_blocks"),
        (HOOK, {"text": "x", "attachments": [{"blocks": [{"type": "divider"}]}]}, 200, b"ok"),
        (HOOK, {"text": "x", "attachments": [{"blocks": [{}]}]}, 400, b"invalid_blocks"),
        (HOOK, {"text": "x", "attachments": ["red"]}, 400, b"invalid_payload"),
        (HOOK, {"text": "x", "attachments": [{}] * 101}, 400, b"too_many_attachments"),
        (ENQUEUE, TRIGGER, 202, b'"dedup_key": "a1"'),
        (ENQUEUE, {**TRIGGER, "routing_key": "other"}, 400, b"routing_key"),
        (ENQUEUE, {**TRIGGER, "event_action": "tigger"}, 400, b"event_action"),
        (ENQUEUE, {**TRIGGER, "payload": {**PAYLOAD, "summary": ""}}, 400, b"payload.summary"),
        (ENQUEUE, {**TRIGGER, "payload": {**PAYLOAD, "severity": "bad"}}, 400, b"severity"),
        (ENQUEUE, {**RESOLVE, "dedup_key": ""}, 400, b"dedup_key"),
    ],
)
def test_each_vendor_answers_in_its_own_words(
    path: str, body: Mapping[str, Any] | bytes, status: int, answer: bytes
) -> None:
    into = inbox()
    reply = post(into, path, body)
    assert (reply.status, answer in reply.body) == (status, True)
    assert len(into.received) == (status < 300)


@pytest.mark.parametrize(
    ("told", "later"),
    [
        ("WARNING 97/120 calls (80%) a near", "WARNING 101/120 calls (84%) at 10:05 UTC a near"),
        ("WARNING 12 calls (usual 71) a odd", "WARNING 9 calls (usual 68) a odd"),
        (
            "WARNING limit in 10 to 30 min, 88/120 calls (73%) a full",
            "WARNING limit reached, 121/120 calls (100%) a full",
        ),
        (
            "WARNING 96 calls in 30 min, 60 calls a full",
            "WARNING 96 calls reached, 97 calls a full",
        ),
        (
            "CRITICAL up to 231/240 calls (96%) emea near (a 118)",
            "CRITICAL 229/240 calls (95%) emea near (b-2 121, 1 unread)",
        ),
    ],
)
def test_a_notice_that_waited_is_the_same_with_newer_calls(told: str, later: str) -> None:
    assert without_calls(told) == without_calls(later)
    assert without_calls(told) != without_calls(
        told.replace(" a", " other", 1).replace("emea", "x")
    )
    assert without_calls(told) != without_calls(told.replace("WARN", "STILL ").replace("CRIT", "X"))


def test_what_arrives_twice_has_the_same_identity_twice() -> None:
    into = inbox()
    for text in ("one", "two", "one"):
        post(into, HOOK, {"text": text})
    for _ in range(2):
        post(into, ENQUEUE, TRIGGER)
    assert [each.identity for each in into.received] == ["one", "two", "one", "n1", "n1"]


def test_a_page_is_open_until_its_resolve_which_ends_its_incident() -> None:
    into = inbox()
    post(into, ENQUEUE, TRIGGER)
    assert list(into.pages) == ["a1"]
    post(into, ENQUEUE, RESOLVE)
    assert not into.pages
    assert into.received[-1].identity == "resolve i1"
    post(into, ENQUEUE, RESOLVE)
    assert into.received[-1].identity == "resolve a1"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.BROKEN, 500),
        (FaultKind.BUSY, 429),
        (FaultKind.GONE, 410),
        (FaultKind.SILENT, 504),
    ],
)
def test_in_trouble_nothing_is_accepted_until_it_is_over(kind: FaultKind, status: int) -> None:
    into = inbox(Fault("ops-slack", 60, 120, kind))
    into.now = 60
    reply = post(into, HOOK, {"text": "x"})
    assert reply.status == status
    assert (reply.headers.get("Retry-After") == "30") == (kind is FaultKind.BUSY)
    assert not into.received
    assert into.refused[status] == 1
    into.now = 120
    assert post(into, HOOK, {"text": "x"}).status == 200
