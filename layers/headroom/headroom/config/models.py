"""Defaults, projects and rules as operators write them; `docs/rules.md` explains each key."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from headroom.config.channels import ChannelModel, PagerDutyModel, SlackModel, SnsModel
from headroom.config.per import Per
from headroom.config.routes import Routes
from headroom.config.types import (
    ClientEnv,
    ConditionText,
    Id,
    KeyName,
    Label,
    Language,
    Late,
    Limit,
    MarginText,
    MissingWord,
    Name,
    PhoneNumber,
    Region,
    Remind,
    Runbook,
    Sentence,
    Settle,
    Timezone,
    Windows,
)
from headroom.config.validation import Written
from headroom.domain.conditions import Margin
from headroom.domain.rules import Missing
from headroom.domain.windows import LATE, SETTLE

__all__ = [
    "ChannelModel",
    "DefaultsModel",
    "PagerDutyModel",
    "ProjectModel",
    "RuleModel",
    "SlackModel",
    "SnsModel",
]


class RuleModel(Written):
    """One rule: at least one of `warning` and `critical`, and how long they must hold."""

    later: ClassVar[frozenset[str]] = frozenset({"during", "groups"})
    lenient: ClassVar[frozenset[str]] = frozenset({"remind", "runbook", "description"})

    warning: ConditionText | None = None
    critical: ConditionText | None = None
    windows: Windows = Field(default=(1, 1), alias="for")
    hysteresis: MarginText = Margin()
    missing: MissingWord = Missing.ZERO
    remind: Remind = 4 * 3600
    per: Per | None = None
    client_env: ClientEnv | None = None
    variant_id: Label | None = None
    variant_name: Label | None = None
    language: Language | None = None
    phone_number: PhoneNumber | None = None
    runbook: Runbook = ""
    description: Sentence = ""
    channels: Routes | None = None


class _Shared(Written):
    """What a project may leave to the defaults."""

    region: Region | None = None
    account_id: Id | None = None
    client_env: ClientEnv | None = None
    timezone: Timezone | None = None
    channels: Routes | None = None
    api_key: KeyName | None = None
    limit: Limit | None = None


class DefaultsModel(_Shared):
    """What holds for every project that does not say otherwise."""

    settle: Settle = SETTLE
    late: Late = LATE

    @field_validator("late")
    @classmethod
    def _in_order(cls, late: int, info: ValidationInfo) -> int:
        settle = info.data.get("settle", 0)  # 0: it is invalid, and reported by itself
        if late < settle:
            raise ValueError(
                f"{late} s is shorter than settle ({settle} s): a window cannot be late before "
                f"it has settled, so give at least {settle}s"
            )
        return late


class ProjectModel(_Shared):
    """One PolyAI project that is watched."""

    later: ClassVar[frozenset[str]] = frozenset({"groups"})
    inner: ClassVar[dict[str, tuple[int, type[Written]]]] = {"rules": (1, RuleModel)}

    project_id: Id
    rules: Annotated[dict[Name, RuleModel], Field(min_length=1)]
