"""Channels as operators write them: `channels/<name>` in SSM, `channels` in the file."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from headroom.config.addresses import safe_address
from headroom.config.types import (
    kind,
    matching,
    one_of,
    parsed,
    pasted_text,
    secret_text,
    yes_or_no,
)
from headroom.config.validation import Written

_TOPIC = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?"
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_ADDRESS = {"type": "string", "pattern": r"^(https?://|env:)", "examples": ["env:OPS_SLACK_URL"]}


def _topic(value: object) -> str:
    example = "arn:aws:sns:eu-west-2:123456789012:calls"
    arn = pasted_text(matching(_TOPIC, example, "the ARN of an SNS topic"))(value)
    if arn.endswith(".fifo"):
        raise ValueError("a FIFO topic reaches no email, SMS or web address: use a standard topic")
    return arn


def _webhook(value: object) -> SecretStr:
    address = safe_address(secret_text(value))
    if urlsplit(address).path.startswith(("/workflows/", "/triggers/")):
        raise ValueError(
            "this is a Workflow Builder address, which takes no blocks: make an incoming webhook "
            "(https://hooks.slack.com/services/...)"
        )
    return SecretStr(address)


def _routing_key(value: object) -> SecretStr:
    key = secret_text(value)
    if not _ROUTING_KEY.fullmatch(key):
        raise ValueError(
            f"expected the 32 letters and digits of an Events API v2 integration, found {len(key)}"
            " characters"
        )
    return SecretStr(key)


_api_url = pasted_text(parsed(safe_address, "https://..."))


class SnsModel(Written):
    """An SNS topic of the operator's own. `chatbot` adds Amazon Q Developer's form."""

    type: Literal["sns"]
    topic_arn: Annotated[str, *kind(_topic, type="string", pattern=f"^({_TOPIC}|env:.+)$")]
    chatbot: Annotated[bool, *kind(yes_or_no, type="boolean")] = False


class SlackModel(Written):
    """A Slack channel, by its incoming webhook."""

    later: ClassVar[frozenset[str]] = frozenset({"bot_token", "channel", "api_url"})

    type: Literal["slack"]
    webhook_url: Annotated[SecretStr, *kind(_webhook, **_ADDRESS)]


class PagerDutyModel(Written):
    """A PagerDuty service, by its Events API v2 integration."""

    type: Literal["pagerduty"]
    routing_key: Annotated[
        SecretStr, *kind(_routing_key, type="string", pattern=r"^([A-Za-z0-9]{32}|env:.+)$")
    ]
    service_region: Annotated[Literal["us", "eu"], *kind(one_of("us", "eu"), enum=["us", "eu"])] = (
        "us"
    )
    api_url: Annotated[
        str | None, *kind(pasted_text(parsed(safe_address, "https://...")), **_ADDRESS)
    ] = None


ChannelModel = SnsModel | SlackModel | PagerDutyModel
"""What `type` chooses between (`MODELS`)."""

MODELS: dict[str, type[SnsModel | SlackModel | PagerDutyModel]] = {
    "sns": SnsModel,
    "slack": SlackModel,
    "pagerduty": PagerDutyModel,
}
LATER = frozenset({"webhook"})
"""Types that DESIGN describes and a later version takes."""
