"""Rules as evaluation needs them: every percentage already worked out, every word already checked.

`config/` makes these from what operators write; nothing here parses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.last_good import NOTHING, Meanwhile
from headroom.domain.lines import SEVERAL, Line, LineQuery
from headroom.domain.readings import WHOLE, Query
from headroom.domain.windows import Instant

DEFAULT_CHANNEL = "default"
"""The built-in channel: used where a project names none, and for Headroom's own alerts."""
HEADROOM = "headroom"
"""In place of a project's name, where an alert is about Headroom itself."""


class Severity(StrEnum):
    """How bad it is: `CRITICAL` wakes somebody, `WARNING` does not."""

    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """For comparing: the higher, the worse."""
        return 2 if self is Severity.CRITICAL else 1


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two severities."""
    return max(one, other, key=lambda each: each.rank)


class Missing(StrEnum):
    """How to read a closed window that has no reading in a successful answer."""

    ZERO = "zero"
    IGNORE = "ignore"
    BREACH = "breach"
    OK = "ok"


WHOLE_SHARE = 100_000
"""Shares of what is usual are whole thousandths of a percent, so that arithmetic is exact."""


@dataclass(frozen=True, slots=True)
class UsualBound:
    """A threshold as a share of what is usual, in thousandths of a percent: 40% is 40,000.

    A reading passes it at `fires` or beyond, and while firing at `holds` or beyond, which is nearer
    to usual by the hysteresis. A hysteresis in calls is `slack`, in the same fractions of a call.
    """

    op: str
    fires: int
    holds: int
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """One threshold of a rule, in whole calls, the threshold itself included.

    Readings are whole numbers, so `> 113.5` is `at least 114`. A reading passes an upper bound at
    or above `fires`, and while firing at or above `holds` (less by the hysteresis). It passes a
    lower bound at or below them.
    """

    severity: Severity
    condition: str
    """As the operator wrote it: `>= 95%`."""
    fires: int = 0
    holds: int = 0
    threshold: float = 0.0
    """For people: the threshold in calls before rounding."""
    usual: UsualBound | None = None
    """In place of `fires` and `holds`: each window has its own threshold."""
    ahead: int = 0
    """Windows that the trend is followed: its value there is compared, not the reading."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One query of a rule, and which of its series the rule is about: one key, or all when None."""

    query: Query
    series: str | None = WHOLE
    label: str = ""
    """What people call the series: `es-ES`. The answer names sliced series."""


class Basis(StrEnum):
    """What the calls of a group are, by those of its lines."""

    SUM = "sum"
    """The sum of their peaks: at least the group's peak."""
    MAX = "max"
    """The largest of their peaks: at most the group's peak."""


Routing = Mapping[Severity, tuple[str, ...]]
"""The channels of each severity; both severities are always there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on series, and how long they must hold: `needed` of the last `among` windows."""

    name: str
    levels: tuple[Level, ...]
    """The most severe first; one for each severity at most; all upper or all lower bounds."""
    upper: bool
    watches: tuple[Watch, ...]
    needed: int = 1
    among: int = 1
    missing: Missing = Missing.ZERO
    hours: Hours = ALWAYS
    """When it is active: windows outside count for nothing."""
    remind: int | None = 4 * 3600
    """Seconds between reminders; None: never."""
    routing: Routing | None = None
    """None: where the project's notices go."""
    runbook: str = ""
    description: str = ""
    always: bool = field(init=False, repr=False, compare=False)
    """Whether it is active around the clock, every day."""
    needs_usual: bool = field(init=False, repr=False, compare=False)
    """Whether it is judged by what is usual: a trend is compared with it too."""

    def __post_init__(self) -> None:
        """Work out once what every window asks for."""
        needs_usual = any(level.usual or level.ahead for level in self.levels)
        object.__setattr__(self, "always", not (self.hours.ranges or self.hours.holidays))
        object.__setattr__(self, "needs_usual", needs_usual)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one part of the configuration: a project, the defaults, a channel."""

    reason: str
    """One line that names the value and the fix."""
    place: str = ""
    """The first place inside the part that it is about: `rules.near-limit.warning`."""
    meanwhile: Meanwhile = NOTHING
    harmless: bool = False
    """Every rule is judged all the same: it is about reminders, the text of notices, or days to
    come."""

    def __str__(self) -> str:
        """One line for readers who know which part it is about."""
        reason = f"{self.place}: {self.reason}" if self.place else self.reason
        return f"{reason}{self.meanwhile.told()}"


@dataclass(frozen=True, slots=True)
class Project:
    """What is judged, as configured: one line, or a group of lines that share a limit."""

    name: str
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]
    routing: Routing
    limit: int | None = None
    basis: Basis = Basis.SUM
    """Of a group of several lines."""
    group: bool = False
    """It is written under `groups`, whether it has several lines or one."""
    elsewhere: frozenset[str] = frozenset()
    """Its queries, by their keys, that another project has too: that one's alert says that they
    fail, so that nobody is notified twice of one cause."""
    alerted: Routing | None = None
    """Where it is told that its lines cannot be read; None: where its notices go. The groups of a
    project's line are told with it."""
    version: int = 0
    """Rises with every change of the configuration that this was made from."""
    changed: Instant = 0
    """When that configuration was written last."""
    installation: str = ""
    """Which Headroom watches it: part of every fingerprint."""
    fault: Fault | None = None
    """What is invalid in its configuration and what is in force meanwhile; None: it is valid."""
    unjudged: frozenset[str] = frozenset()
    """Rules that are written and cannot be judged: what fires of them keeps its state."""
    holidays_until: date | None = None
    """The last day on which the dates of all its rules' calendars are known; None: it uses none."""
    incomplete: bool = False
    """Earlier versions could not be read: rules may be in force that we do not know."""

    @property
    def line(self) -> Line:
        """Its only line; `SEVERAL` where it has several."""
        return self.lines[0] if len(self.lines) == 1 else SEVERAL

    @property
    def watched(self) -> tuple[str, ...]:
        """What it reads, for fingerprints and identities.

        Several lines go by their names: a member whose configuration is invalid has no known ids.
        """
        if len(self.lines) == 1:
            return self.line.ids
        return tuple(sorted(each.name for each in self.lines))

    def asked(self, query: Query) -> tuple[LineQuery, ...]:
        """The query as each of its lines is asked it, in the line's environment unless given."""
        if len(self.lines) == 1:
            return (LineQuery(self.line, query, query.key),)
        return tuple(_of_member(line, query) for line in self.lines)

    def queries(self) -> dict[str, LineQuery]:
        """Each distinct query of its rules, by its key."""
        watches = (watch for rule in self.rules for watch in rule.watches)
        return {each.key: each for watch in watches for each in self.asked(watch.query)}


def _of_member(line: Line, query: Query) -> LineQuery:
    own = query if query.client_env else replace(query, client_env=line.client_env)
    return LineQuery(line, own, f"{line.name}?{own.key}")


@dataclass(frozen=True, slots=True)
class InvalidProject:
    """A project whose configuration is invalid as a whole: why, and where its notices go."""

    name: str
    problem: Fault
    routing: Routing = field(
        default_factory=lambda: dict.fromkeys(Severity, (DEFAULT_CHANNEL,)),
    )
    version: int = 0
    installation: str = ""
    shared: str = ""
    """The place of the fault that is the cause (`defaults`), where that is reported by itself."""
    effect: str = ""
    """What is not judged because of it, to be said after `problem`."""
    group: bool = False
    """It is written under `groups`."""

    @property
    def own_problem(self) -> Fault | None:
        """The project's own problem; None where the cause is shared."""
        if self.shared:
            return None
        return replace(self.problem, meanwhile=self.problem.meanwhile.also(self.effect))
