"""Channels as operators write them: `channels/<name>` in SSM, `channels` in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, TypeAdapter, ValidationError
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails

from headroom.config.types import Pasted
from headroom.config.validation import LATER, Problem, Written, problem_of, together
from headroom.config.wording import shown, suggestion
from headroom.net.urls import safe_address

_TOPIC = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?"
_ROUTING_KEY = r"[A-Za-z0-9]{32}"
_ADDRESS: JsonDict = {"pattern": "^(https?://|env:)"}
_LATER_TYPES = frozenset({"webhook", "teams"})
"""Types that DESIGN describes and a later version takes."""


def _topic(arn: str) -> str:
    if not re.fullmatch(_TOPIC, arn):
        example = "arn:aws:sns:eu-west-2:123456789012:calls"
        raise ValueError(f"expected the ARN of an SNS topic, such as {example}, found {shown(arn)}")
    if arn.endswith(".fifo"):
        raise ValueError("a FIFO topic reaches no email, SMS or web address: use a standard topic")
    return arn


def _webhook(value: SecretStr) -> SecretStr:
    address = safe_address(value.get_secret_value())
    if urlsplit(address).path.startswith(("/workflows/", "/triggers/")):
        raise ValueError(
            "this is a Workflow Builder address, which takes no blocks: make an incoming webhook "
            "(https://hooks.slack.com/services/...)"
        )
    return value


def _routing_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value()
    if not re.fullmatch(_ROUTING_KEY, key):
        raise ValueError(
            f"expected the 32 letters and digits of an Events API v2 integration, found {len(key)}"
            " characters"
        )
    return value


class SnsModel(Written):
    """An SNS topic of the operator's own. `chatbot` adds Amazon Q Developer's form."""

    is_pager: ClassVar[bool] = False

    type: Literal["sns"] = Field(description="sns, slack or pagerduty.")
    topic_arn: Annotated[str, Pasted, AfterValidator(_topic)] = Field(
        description="The ARN of a standard SNS topic.",
        examples=["arn:aws:sns:eu-west-2:123456789012:calls"],
        json_schema_extra={"pattern": f"^({_TOPIC}|env:.+)$"},
    )
    chatbot: bool = Field(
        default=False,
        description="Adds the form that Amazon Q Developer in chat applications reads.",
    )


class SlackModel(Written):
    """A Slack channel, by its incoming webhook."""

    later: ClassVar[Mapping[str, str]] = dict.fromkeys(("bot_token", "channel", "api_url"), "")
    is_pager: ClassVar[bool] = False

    type: Literal["slack"] = Field(description="sns, slack or pagerduty.")
    webhook_url: Annotated[SecretStr, Pasted, AfterValidator(_webhook)] = Field(
        description="A Slack incoming webhook; better env:NAME than the address itself.",
        examples=["env:OPS_SLACK_URL"],
        json_schema_extra=_ADDRESS,
    )


class PagerDutyModel(Written):
    """A PagerDuty service, by its Events API v2 integration."""

    is_pager: ClassVar[bool] = True

    type: Literal["pagerduty"] = Field(description="sns, slack or pagerduty.")
    routing_key: Annotated[SecretStr, Pasted, AfterValidator(_routing_key)] = Field(
        description="The integration key of Events API v2; better env:NAME than the key itself.",
        examples=["env:ON_CALL_KEY"],
        json_schema_extra={"pattern": f"^({_ROUTING_KEY}|env:.+)$"},
    )
    service_region: Literal["us", "eu"] = Field(
        "us", description="PagerDuty's service region: us unless given."
    )
    api_url: Annotated[str, Pasted, AfterValidator(safe_address)] = Field(
        "",
        description="In place of PagerDuty's host; /v2/enqueue is added.",
        examples=["https://events.example.com"],
        json_schema_extra=_ADDRESS,
    )


ChannelModel = SnsModel | SlackModel | PagerDutyModel
OneChannel = Annotated[ChannelModel, Field(discriminator="type")]
MODELS: dict[str, type[ChannelModel]] = {
    "sns": SnsModel,
    "slack": SlackModel,
    "pagerduty": PagerDutyModel,
}


@cache
def _adapter() -> TypeAdapter[ChannelModel]:
    return TypeAdapter(OneChannel)


def read_channel(content: object, where: str) -> ChannelModel | Problem:
    """One channel, or all that is wrong with it in one sentence."""
    if isinstance(content, dict) and content.get("type") is None:
        return Problem(where, f"type is missing: {suggestion('', MODELS)}", "missing")
    try:
        return _adapter().validate_python(content)
    except ValidationError as error:
        details = error.errors(include_url=False)
    return together(where, [_problem(where, detail) for detail in details])


def _problem(where: str, detail: ErrorDetails) -> Problem:
    sort, *place = detail["loc"] or ("",)
    if detail["type"] == "union_tag_invalid" and detail["ctx"]["tag"] in _LATER_TYPES:
        return Problem(where, f'type "{detail["ctx"]["tag"]}" is not supported yet', LATER)
    written = detail["input"]
    if detail["type"] == "union_tag_invalid":
        written = written["type"]
        place = [] if isinstance(written, str) else ["type"]
    detail = {**detail, "loc": tuple(place), "input": written}
    return problem_of(MODELS.get(str(sort), Written), where, detail)


def pages(content: object) -> bool | None:
    """Whether a channel that cannot be used is a pager; None where its type is not known."""
    sort = content.get("type") if isinstance(content, dict) else None
    model = MODELS.get(sort) if isinstance(sort, str) else None
    return model.is_pager if model else None
