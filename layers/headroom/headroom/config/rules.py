"""From a rule as written to a rule as evaluated: percentages worked out, queries spelled out."""

from __future__ import annotations

from headroom.config.models import RuleModel
from headroom.config.per import watches
from headroom.domain.conditions import Condition
from headroom.domain.headline import BUILT_IN
from headroom.domain.readings import Query
from headroom.domain.rules import Level, Rule, Severity, Watch
from headroom.domain.thresholds import level, ordered, unmeant
from headroom.errors import ConfigError

RESERVED = frozenset(BUILT_IN)
"""Names of Headroom's own alerts."""


def rule(name: str, written: RuleModel, *, limit: int | None, client_env: str, where: str) -> Rule:
    """The domain's rule. `limit` and `client_env` are the project's. Raises ConfigError."""
    if name in RESERVED:
        raise ConfigError(where, f'the name "{name}" is one of Headroom\'s own: choose another')
    levels = _levels(written, limit, where)
    return Rule(
        name=name,
        levels=levels,
        upper=_conditions(written)[0][1].upper,
        watches=_watches(written, client_env, where),
        needed=written.windows[0],
        among=written.windows[1],
        missing=written.missing,
        remind=written.remind,
        routing=written.channels,
        runbook=written.runbook,
        description=written.description,
    )


def doubts(written: RuleModel, *, limit: int | None, where: str) -> list[ConfigError]:
    """Thresholds that can be judged and that nobody means."""
    found = ((sev, unmeant(condition, limit)) for sev, condition in _conditions(written))
    return [ConfigError(f"{where}.{sev}", why) for sev, why in found if why]


def _conditions(written: RuleModel) -> list[tuple[Severity, Condition]]:
    pairs = ((Severity.CRITICAL, written.critical), (Severity.WARNING, written.warning))
    return [(severity, condition) for severity, condition in pairs if condition is not None]


def _levels(written: RuleModel, limit: int | None, where: str) -> tuple[Level, ...]:
    conditions = _conditions(written)
    if not conditions:
        raise ConfigError(where, "it has no condition: give warning, critical or both")
    resolved = []
    for severity, condition in conditions:
        try:
            resolved.append((condition, level(condition, severity, written.hysteresis, limit)))
        except ValueError as error:
            raise ConfigError(f"{where}.{severity}", str(error)) from error
    try:
        return ordered(resolved)
    except ValueError as error:
        raise ConfigError(where, str(error)) from error


def _watches(written: RuleModel, client_env: str, where: str) -> tuple[Watch, ...]:
    query = Query(
        client_env=written.client_env or client_env,
        variant_id=written.variant_id or "",
        variant_name=written.variant_name or "",
        language=written.language or "",
        phone_number=written.phone_number or "",
    )
    try:
        return watches(query, written.per)
    except ValueError as error:
        raise ConfigError(where, str(error)) from error
