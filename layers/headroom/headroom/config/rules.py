"""From a rule as written to a rule as evaluated: percentages worked out, queries spelled out."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.config.models import RuleModel
from headroom.config.per import watches
from headroom.config.types import EXPECTED, NAME, is_name
from headroom.config.validation import Partly, Problem, read_partly
from headroom.config.wording import shown, step
from headroom.domain.conditions import Base, Condition
from headroom.domain.formatting import duration
from headroom.domain.headline import BUILT_IN
from headroom.domain.hours import Hours, longest
from headroom.domain.readings import Query
from headroom.domain.rules import Level, Rule, Severity
from headroom.domain.thresholds import BeyondLimit, level, ordered
from headroom.domain.windows import WINDOW
from headroom.domain.zones import UTC_ZONE

RESERVED = frozenset(BUILT_IN)
"""Names of Headroom's own alerts."""
BEYOND_LIMIT = "beyond_limit"
"""The code of a threshold that is more than the limit, which may be the mistake."""


def read_rules(content: object, where: str) -> dict[str, Partly[RuleModel]]:
    """Each rule as far as it can be read, by its name."""
    written = content.items() if isinstance(content, dict) else ()
    return {str(name): _read(name, each, f"{where}.{step(str(name))}") for name, each in written}


def _read(name: object, written: object, where: str) -> Partly[RuleModel]:
    if isinstance(name, str) and is_name(name):
        return read_partly(RuleModel, written, where)
    expected = EXPECTED[NAME] if isinstance(name, str) else 'text in quotes, such as "near-limit"'
    return Partly(None, [Problem(where, f"expected {expected}, found {shown(name)}")])


def rule(
    name: str,
    written: RuleModel,
    *,
    limit: int | None,
    client_env: str,
    timezone: str | None,
    where: str,
) -> Rule | list[Problem]:
    """The domain's rule, or why it cannot be judged.

    `limit`, `client_env` and `timezone` are the project's; `timezone` None: it is not usable.
    """
    if name in RESERVED:
        return [Problem(where, f'the name "{name}" is one of Headroom\'s own: choose another')]
    conditions = _conditions(written)
    if not conditions:
        return [Problem(where, "it has no condition: give warning, critical or both")]
    zone = written.timezone or timezone
    if zone is None and needs_zone(written):
        return [Problem(where, "its hours are not known without the project's timezone")]
    resolved, problems = _levels(written, limit, where)
    if problems := [*problems, *_too_short(written, where)]:
        return problems
    try:
        levels = ordered(resolved)
        watched = watches(_query(written, client_env), written.per)
    except ValueError as error:
        return [Problem(where, str(error))]
    needed, among = _windows(written)
    return Rule(
        name=name,
        levels=levels,
        upper=conditions[0][1].upper,
        watches=watched,
        needed=needed,
        among=among,
        missing=written.missing,
        hours=Hours(zone or UTC_ZONE, written.during, written.holidays),
        remind=written.remind,
        routing=written.channels,
        runbook=written.runbook,
        description=written.description,
    )


def _levels(
    written: RuleModel, limit: int | None, where: str
) -> tuple[list[tuple[Condition, Level]], list[Problem]]:
    """The levels that can be judged, and why the others cannot."""
    resolved: list[tuple[Condition, Level]] = []
    problems: list[Problem] = []
    for severity, condition in _conditions(written):
        try:
            resolved.append((condition, level(condition, severity, written.hysteresis, limit)))
        except BeyondLimit as error:
            problems.append(Problem(f"{where}.{severity}", str(error), BEYOND_LIMIT))
        except ValueError as error:
            problems.append(Problem(f"{where}.{severity}", str(error)))
    return resolved, problems


def _windows(written: RuleModel) -> tuple[int, int]:
    """M and N; one unusual reading says little, so a rule of usual waits for three."""
    given = "windows" in written.model_fields_set
    unusual = any(condition.base is Base.USUAL for _, condition in _conditions(written))
    return written.windows if given or not unusual else (3, 3)


def _too_short(written: RuleModel, where: str) -> Iterator[Problem]:
    """Hours in which it could never fire."""
    needed, most = _windows(written)[0], longest(written.during)
    if most < needed:
        needs, has = (duration(count * WINDOW) for count in (needed, most))
        text = (
            f"it could never fire: {needed} windows need {needs} without a break, and the longest "
            f"hours have {has}: give longer hours, or fewer windows in for"
        )
        yield Problem(f"{where}.during", text)


def needs_limit(written: RuleModel) -> bool:
    """Whether it can only be judged with a limit."""
    bases = {each.base for _, each in _conditions(written)}
    return Base.LIMIT in bases or (written.hysteresis.percent and Base.USUAL not in bases)


def needs_zone(written: RuleModel) -> bool:
    """Whether the project's time zone decides when it is active."""
    return not written.timezone and bool(written.during or written.holidays)


def _conditions(written: RuleModel) -> list[tuple[Severity, Condition]]:
    pairs = ((Severity.CRITICAL, written.critical), (Severity.WARNING, written.warning))
    return [(severity, condition) for severity, condition in pairs if condition is not None]


def _query(written: RuleModel, client_env: str) -> Query:
    return Query(
        client_env=written.client_env or client_env,
        variant_id=written.variant_id,
        variant_name=written.variant_name,
        language=written.language,
        phone_number=written.phone_number,
    )
