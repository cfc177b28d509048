"""Defaults, projects, rules and the heartbeat as operators write them; see `docs/rules.md`.

An editor shows the descriptions of the keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from headroom.config.hours import During, Holidays, LastDay, Timezone
from headroom.config.per import Per
from headroom.config.routes import Routes
from headroom.config.types import (
    MOST_CALLS,
    ClientEnv,
    ConditionText,
    Id,
    KeyName,
    Label,
    Language,
    Late,
    MarginText,
    MissingWord,
    Name,
    Pasted,
    PhoneNumber,
    Region,
    Remind,
    Runbook,
    Sentence,
    Settle,
    Windows,
)
from headroom.config.validation import Written
from headroom.config.wording import duration
from headroom.domain.conditions import Margin
from headroom.domain.lines import DEFAULT_KEY
from headroom.domain.rules import Basis, Missing
from headroom.domain.windows import LATE, SETTLE
from headroom.net.urls import safe_address

_CONDITION = (
    "OP NUMBER[%] [of limit|of usual] [within DURATION], OP one of > >= < <=. A % is of the limit "
    "unless it is of usual: the calls at this time of the week."
)


class RuleModel(Written):
    """One rule: at least one of `warning` and `critical`, and how long they must hold."""

    later: ClassVar[Mapping[str, str]] = {
        "unacknowledged": "it waits for acknowledgements, which come with a later version; leave "
        "it out, or list its channels under channels",
    }
    lenient: ClassVar[frozenset[str]] = frozenset({"remind", "runbook", "description"})
    """Keys that cost themselves alone where they are invalid: their defaults stand in."""

    warning: ConditionText = Field(None, description=_CONDITION)
    critical: ConditionText = Field(None, description=_CONDITION)
    windows: Windows = Field(
        (1, 1),
        alias="for",
        description="M of N: how many of the last N 5-minute windows must breach; 1 of 1 unless "
        "given, 3 of 3 for conditions of usual.",
    )
    hysteresis: MarginText = Field(
        Margin(),
        description="How far past the threshold the calls must be before it is over; 0 unless "
        "given.",
    )
    missing: MissingWord = Field(
        Missing.ZERO, description="What a window without a reading means: zero unless given."
    )
    during: During = Field(
        (),
        description="Active hours, such as Mon-Fri 08:00-20:00: one range or a list; always unless "
        "given.",
    )
    holidays: Holidays = Field(
        frozenset(),
        description="Days without active hours: dates, dates such as 2026-12-24 to 2026-12-31, and "
        "public calendars such as GB-ENG, which `headroom push` turns into dates.",
    )
    holidays_until: LastDay = Field(
        None,
        description="Until when the dates of calendars are known: `headroom push` writes it.",
    )
    timezone: Timezone = Field(
        "", description="The time zone of hours and holidays: the project's unless given."
    )
    remind: Remind = Field(
        4 * 3600, description="How often to repeat while it fires: 4h unless given, or never."
    )
    per: Per = Field(None, description="One alert for each variant, language or phone number.")
    client_env: ClientEnv = Field(
        "", description="Which environment's calls are counted: the project's unless given."
    )
    variant_id: Label = Field("", description="Only calls of this variant.")
    variant_name: Label = Field("", description="Only calls of the variant of this name.")
    language: Language = Field("", description="Only calls in this language.")
    phone_number: PhoneNumber = Field(
        "", description="Only calls to this number, in E.164 form and in quotes."
    )
    runbook: Runbook = Field("", description="An address that the notice links to.")
    description: Sentence = Field("", description="A sentence that the notice carries.")
    channels: Routes = Field(
        None, description="Where this rule's notices go: a list, or a list for each severity."
    )


class Shared(Written):
    """What a project may leave to the defaults."""

    region: Region = Field(
        "", description="Where the workspace is; api.<region>.platform.polyai.app."
    )
    account_id: Id = Field("", description="The first part of the path in Agent Studio's address.")
    client_env: ClientEnv = Field(
        "live", description="Which environment's calls are counted; live unless given."
    )
    channels: Routes = Field(
        None, description="Where notices go: a list, or a list for each severity."
    )
    api_key: KeyName = Field(
        DEFAULT_KEY, description="The name of the API key, not the key; default unless given."
    )
    limit: int = Field(
        0,
        ge=1,
        le=MOST_CALLS,
        description="Contracted concurrent calls: what a percentage is of.",
    )
    timezone: Timezone = Field(
        "",
        description="The time zone of hours and holidays, such as Europe/London; UTC unless given.",
    )


class DefaultsModel(Shared):
    """What holds for every project that does not say otherwise."""

    settle: Settle = Field(
        SETTLE, description="How long after its end a window may still change: 60s unless given."
    )
    late: Late = Field(
        LATE,
        description="How long after its end a window without a reading is waited for: 15m unless "
        "given.",
    )

    @field_validator("late")
    @classmethod
    def _in_order(cls, late: int, info: ValidationInfo) -> int:
        settle = info.data.get("settle", 0)  # 0: it is invalid, and reported by itself
        if late < settle:
            least = duration(settle)
            raise ValueError(
                f"{duration(late)} is shorter than settle ({least}): a window cannot be late "
                f"before it has settled, so give at least {least}"
            )
        return late


class ProjectModel(Shared):
    """One project, merged with the defaults; its rules are read one by one (`RuleModel`)."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("settle", "late"), "under defaults"),
        **dict.fromkeys(RuleModel.known_keys().keys() - Shared.known_keys().keys(), "in a rule"),
    }

    project_id: Id = Field(description="The second part of the path in Agent Studio's address.")
    rules: dict[Any, Any] = Field(
        min_length=1, description="When somebody is notified, by the names that notices use."
    )


class MemberModel(ProjectModel):
    """A project that a group names: it needs no rules of its own."""

    rules: dict[Any, Any] = Field(default_factory=dict)


class GroupModel(Written):
    """A group of lines that share a limit; its rules are read one by one (`RuleModel`)."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        **ProjectModel.elsewhere,
        **dict.fromkeys(
            ("region", "account_id", "client_env", "api_key", "project_id"),
            "in the projects that the group names",
        ),
    }

    projects: list[Name] = Field(
        min_length=1,
        description="The projects whose lines it has, by their names.",
        examples=["support-line, claims-line"],
    )
    basis: Annotated[Basis, Field(strict=False)] = Field(
        Basis.SUM,
        description="What the calls of the group are: the sum of its lines' peaks (an upper bound "
        "of the group's peak), or max, the largest of them; sum unless given.",
    )
    limit: int = Field(
        0,
        ge=1,
        le=MOST_CALLS,
        description="Contracted concurrent calls of all lines together: what a percentage is of.",
    )
    timezone: Timezone = Field(
        "", description="The time zone of hours and holidays: the defaults' unless given."
    )
    channels: Routes = Field(
        None, description="Where notices go: a list, or a list for each severity."
    )
    rules: dict[Any, Any] = Field(
        min_length=1, description="When somebody is notified, by the names that notices use."
    )


def _address(value: SecretStr) -> SecretStr:
    safe_address(value.get_secret_value())
    return value


class HeartbeatModel(Written):
    """What to call after each complete check: a secret, for any call keeps the alarm quiet."""

    url: Annotated[SecretStr, Pasted, AfterValidator(_address)] = Field(
        description="The address that is called; better env:NAME than the address itself.",
        examples=["env:HEARTBEAT_URL"],
        json_schema_extra={"pattern": "^(https?://|env:)"},
    )


class NoHeartbeat(Written):
    """An empty mapping: none is wanted, and `push --prune` deletes one that is stored."""
