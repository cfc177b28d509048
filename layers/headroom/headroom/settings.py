"""The environment of the functions as a model; the only module that reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from headroom.errors import SettingsError
from headroom.net.address_policy import is_loopback
from headroom.net.urls import safe_host

_PREFIX = "HEADROOM_"
_NOT_SHOWN = frozenset({"polyai_url"})
"""The values that messages do not show: a URL may hold a password."""
_FIXES = {
    "ssm_prefix": "give a path such as /headroom/prod, without a slash at its end",
    "table": "give the name of the DynamoDB table",
    "topic_arn": "give the ARN of the SNS topic of the channel default",
    "installation": "give one line of at most 200 characters, such as the stack's name",
    "dead_letter_url": "give the URL of the dead-letter SQS queue",
    "config_ttl": "give whole seconds from 0 to 86400",
    "clock": "give system or event",
    "project_metrics": "give true or false",
    "polyai_url": "give an https address without a path, or http to loopback",
}


def _matching(pattern: str) -> AfterValidator:
    shape = re.compile(pattern)

    def check(value: str) -> str:
        if shape.fullmatch(value):
            return value
        raise ValueError(value)

    return AfterValidator(check)


def _true_or_false(value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(value)


class Settings(BaseModel):
    """The settings that the template gives the functions. None is secret."""

    model_config = ConfigDict(frozen=True)

    ssm_prefix: Annotated[str, _matching(r"(/[A-Za-z0-9_.-]+)+")]
    table: Annotated[str, _matching(r"[A-Za-z0-9_.-]{3,255}")]
    topic_arn: Annotated[str, _matching(r"arn:aws[a-z-]*:sns:[^:\s]+:[0-9]{12}:[A-Za-z0-9_-]+")]
    dead_letter_url: Annotated[str, _matching(r"https?://[^\s/]+/\S+")]
    installation: Annotated[str, _matching(r"[ -~]{1,200}")] = ""
    """The name that tells this Headroom from others; the topic's ARN unless given."""
    config_ttl: Annotated[int, Field(ge=0, le=86400)] = 300
    """Seconds that the configuration is cached; 0 reads it in every check."""
    clock: Literal["system", "event"] = "system"
    """The clock for leases, retries and expiry; `event` for simulations and replays."""
    project_metrics: Annotated[bool, BeforeValidator(_true_or_false)] = False
    """Whether each project has metrics of its own; CloudWatch charges for each."""
    polyai_url: Annotated[str, AfterValidator(safe_host)] | None = None
    """The URL that replaces every region's host."""
    loopback: bool = False
    """Whether addresses on this machine are allowed: only when AWS itself runs on it."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read `HEADROOM_*` of this process, or of a mapping. Raises SettingsError.

        An empty variable counts as not set: a template cannot leave one out.
        """
        variables = os.environ if environment is None else environment
        written = {
            name: value
            for name in _FIXES
            if (value := variables.get(_PREFIX + name.upper(), "").strip())
        }
        try:
            written.setdefault("installation", written.get("topic_arn", ""))
            return cls.model_validate({**written, "loopback": aws_on_loopback(variables)})
        except ValidationError as error:
            names = [str(detail["loc"][0]) for detail in error.errors(include_url=False)]
        raise SettingsError("; ".join(_sentence(name, written) for name in names))


def aws_on_loopback(environment: Mapping[str, str] | None = None) -> bool:
    """Whether AWS itself runs on this machine, by `AWS_ENDPOINT_URL`: only in development.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    variables = os.environ if environment is None else environment
    try:
        return is_loopback(urlsplit(variables.get("AWS_ENDPOINT_URL", "").strip()).hostname or "")
    except ValueError:
        return False


def _sentence(name: str, written: Mapping[str, str]) -> str:
    value = "not usable" if name in _NOT_SHOWN else repr(written.get(name))
    what = f"is {value}" if name in written else "is not set"
    return f"{_PREFIX}{name.upper()} {what}: {_FIXES[name]}"
