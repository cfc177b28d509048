"""A notice as an SNS publication: JSON for programs, text for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from headroom.channels.amazon_q import custom_notification
from headroom.channels.email import email_body
from headroom.channels.message import RUNBOOK, STUDIO, first_line, links, plain, sms
from headroom.domain.notices import Notice
from headroom.domain.reasons import NO_DETAILS

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

LARGEST = 262_144
"""Bytes of message and attributes together (docs.aws.amazon.com, SNS, "Publish")."""

PROGRAMS = ("default", "sqs", "lambda", "http", "https", "email-json")
"""The protocols that get the notice as JSON."""

_NAME = 200
_TEXT = 500
_SPARE = 1024
"""Bytes kept free for what AWS counts without documenting it."""


class Publication(TypedDict):
    """The arguments of `publish`, except the topic."""

    Subject: str
    Message: str
    MessageStructure: str
    MessageAttributes: dict[str, MessageAttributeValueTypeDef]


def publication(notice: Notice, *, chatbot: bool = False) -> Publication:
    """The arguments of `publish`, with as much of the notice as `LARGEST` allows.

    The subject is ASCII under 100 characters, valid under both the old and the new rule of SNS.
    """
    made = (_publication(smaller, chatbot=chatbot) for smaller in _ever_smaller(notice))
    return next(one for one in made if size(one) <= LARGEST - _SPARE)


def size(made: Publication) -> int:
    """The bytes that SNS counts: the message, and each attribute's name, type and value."""
    attributes = made["MessageAttributes"].items()
    texts = (name + value["DataType"] + value.get("StringValue", "") for name, value in attributes)
    return len(made["Message"].encode()) + sum(len(text.encode()) for text in texts)


def _publication(notice: Notice, *, chatbot: bool) -> Publication:
    return {
        "Subject": first_line(notice),
        "Message": json.dumps(_by_protocol(notice, chatbot=chatbot)),
        "MessageStructure": "json",
        "MessageAttributes": _attributes(notice),
    }


def _by_protocol(notice: Notice, *, chatbot: bool) -> dict[str, str]:
    whole = json.dumps(notice.as_json())
    texts = {**dict.fromkeys(PROGRAMS, whole), "email": email_body(notice), "sms": sms(notice)}
    return {**texts, "https": json.dumps(custom_notification(notice))} if chatbot else texts


def _attributes(notice: Notice) -> dict[str, MessageAttributeValueTypeDef]:
    """The attributes that filter policies use; SNS refuses empty values, so none is empty."""
    values = {
        "id": notice.id,
        "incident_id": notice.incident_id,
        "kind": notice.kind.value,
        "severity": notice.severity.value,
        "status": notice.status,
        "project": notice.project,
        "rule": notice.rule,
    }
    return {
        name: {"DataType": "String", "StringValue": plain(value, _NAME) or "-"}
        for name, value in values.items()
    }


def _ever_smaller(notice: Notice) -> Iterator[Notice]:
    """Drop the readings first, then shorten long texts, then long names.

    A link is kept whole or left out: a shortened one would lead somewhere else.
    """
    yield notice
    notice = replace(notice, readings=())
    yield notice
    notice = _shortened(notice, ("description", "reason"), _TEXT)
    yield notice
    whole = {link.label: link.url for link in links(notice)}
    notice = replace(notice, runbook=whole.get(RUNBOOK, ""), studio_url=whole.get(STUDIO, ""))
    notice = replace(notice, details=NO_DETAILS)
    yield _shortened(notice, _STRINGS, _NAME)


_STRINGS = (
    "project", "rule", "series", "series_name", "region", "account_id", "project_id",
    "client_env", "condition", "description", "reason", "summary",
)  # fmt: skip


def _shortened(notice: Notice, names: tuple[str, ...], room: int) -> Notice:
    short: dict[str, Any] = {name: plain(getattr(notice, name), room) for name in names}
    return replace(notice, **short)
