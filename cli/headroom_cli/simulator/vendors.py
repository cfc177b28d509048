"""What Slack and PagerDuty take, and what they say of what they do not take.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and, for errors,
https://docs.slack.dev/changelog/2016/05/17/changes-to-errors-for-incoming-webhooks.
PagerDuty: https://developer.pagerduty.com/docs/events-api-v2/overview.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

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
