"""What happened in one run, in plain values: `run_log` writes it, the judges read it.

Nothing here comes from `headroom`: a judge must not inherit a mistake of the code it judges.
Instants are whole seconds since 1970 UTC; windows are named by their start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulation.outcomes import Commit, DeadLetter, Recorded, Reported, Send, Stored

Window = int
Series = tuple[str, str, str]
"""Project, query (`all`, or a filter such as `language=es-ES`, or `by variant`), and the series in
its answer ('' where the query is not sliced)."""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One rule as an operator wrote it, thresholds in calls."""

    name: str
    query: str
    upper: bool
    warning: int | None
    critical: int | None
    needed: int = 1
    among: int = 1
    margin: int = 0
    """The hysteresis."""
    missing: str = "zero"
    remind: int | None = None
    """Seconds."""
    channels: Mapping[str, tuple[str, ...]] | None = None
    """By severity; None: the project's."""
    broken: bool = False
    """Invalid: the version before stays in force."""
    during: tuple[str, ...] = ()
    """Its hours, as `Mon-Fri 08:00-20:00` or `22:00-06:00`; none: around the clock."""
    holidays: tuple[str, ...] = ()
    """Dates, as `2026-12-24`."""
    zone: str = "UTC"
    of_usual: bool = False
    """Thresholds and the hysteresis are percentages of what is usual."""
    within: int = 0
    """Seconds ahead that the trend is followed; 0: the reading itself is compared."""

    @property
    def at_once(self) -> bool:
        """Whether it may fire on an open window: a maximum can only grow."""
        return self.upper and not self.of_usual and not self.within

    @property
    def waits_for_usual(self) -> bool:
        """Whether it is not judged while the stored weeks cannot be read."""
        return self.of_usual or bool(self.within)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """One project's configuration from one moment on."""

    rules: tuple[RuleFacts, ...]
    channels: Mapping[str, tuple[str, ...]]
    """By severity."""
    key: str = "default"
    """The API key's name."""
    region: str = "uk-1"


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One group of lines, which nobody edits: the sum of their calls is judged."""

    name: str
    members: tuple[str, ...]
    """Projects that nobody edits, each of which asks what the group asks."""
    rules: tuple[RuleFacts, ...]
    channels: Mapping[str, tuple[str, ...]]
    """By severity; those of its members are the same."""


@dataclass(frozen=True, slots=True)
class InvalidProject:
    """In place of a project: its parameter is invalid."""


@dataclass(frozen=True, slots=True)
class Edit:
    """From `at` on a fresh read of the configuration finds this; None: the project is gone."""

    at: int
    project: str
    now: ProjectFacts | InvalidProject | None


@dataclass(frozen=True, slots=True)
class InvalidParameter:
    """From `at` until `until` a parameter that projects share is invalid; None: to the end."""

    at: int
    until: int | None
    part: str
    """The parameter: `defaults`, `channels/ops-slack`."""
    deleted: bool = False
    """Deleted, not only invalid: no earlier version stays in force."""

    @property
    def place(self) -> str:
        """How notices name it."""
        return self.part.replace("/", ".")


@dataclass(frozen=True, slots=True)
class Fetch:
    """One query of one check, and its answer; `failure` is '' when it was answered."""

    check: int
    at: int
    """The event's time."""
    project: str
    query: str
    failure: str = ""
    """`lasting` (400, 401, 403, 404, 501) or `passing` (429, 5xx, time-out, invalid)."""
    kind: str = ""
    """Which of these: `401`, `timeout`."""
    newest: Window | None = None
    """The newest window with a reading in the answer; None: there was none."""
    gaps: int = 0
    """Windows without any reading in the hour up to that one."""
    closed: Window | None = None
    """The newest closed window with a reading."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One check: the event's time, and whether it came to its end."""

    check: int
    at: int
    how: str
    """`done`, `crashed` (killed on the way), `failed` (raised) or `dropped` (too old)."""
    ended: int = 0
    """By the clock."""
    order: int = 0
    """See `Commit`."""


@dataclass(slots=True)
class Facts:
    """One whole run. All lists are in the order in which things happened."""

    seed: int
    began: int
    """The instant of the first check."""
    calm: int
    """From here on nothing fails any more, and checks come every minute until `ended`."""
    ended: int
    """The instant of the last check."""
    settle: int
    late: int
    """Seconds after its end that a window without a reading is waited for."""
    people: frozenset[str]
    pagers: frozenset[str]
    edits: list[Edit] = field(default_factory=list)
    """The first ones, at or before `began`, are the configuration at the start."""
    groups: list[GroupFacts] = field(default_factory=list)
    invalid_parameters: list[InvalidParameter] = field(default_factory=list)
    config_age: int | None = None
    """The greatest age of the configuration that a check holds, in seconds; None: not known."""
    history_read: bool = True
    """Whether earlier versions of parameters could always be read."""
    peaks: dict[Series, dict[Window, int]] = field(default_factory=dict)
    """The final value of each window; a window without one is missing from every answer."""
    published: dict[tuple[str, str], dict[Window, int]] = field(default_factory=dict)
    """By project and query, when a window was published that was not while it was open."""
    corrected: dict[Series, dict[Window, int]] = field(default_factory=dict)
    """When a window got its final value that had said less until then."""
    weeks: dict[Series, dict[Window, int]] = field(default_factory=dict)
    """The readings of the weeks before, of the series that usual is worked out of."""
    fired_before: dict[Series, list[tuple[Window, Window]]] = field(default_factory=dict)
    """From and until: when an alert of usual fired in these weeks."""
    weeks_from: dict[tuple[str, str], int] = field(default_factory=dict)
    """By project and query, from when on these weeks are known, where nothing fails."""
    unread_weeks: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    """By project and query, from and until: checks may have been unable to read what is stored."""
    fetches: list[Fetch] = field(default_factory=list)
    checks: list[Ended] = field(default_factory=list)
    loads: dict[int, int] = field(default_factory=dict)
    """By check, the place (see `Commit`) at which it began to load what is stored."""
    began_at: dict[int, int] = field(default_factory=dict)
    """By check, when it began, by the clock."""
    troubled: set[int] = field(default_factory=set)
    """Checks in which something failed beside single notices."""
    seen: dict[str, int] = field(default_factory=dict)
    """By project, when a check of it was first stored, by the clock."""
    commits: list[Commit] = field(default_factory=list)
    unstored: set[tuple[int, str]] = field(default_factory=set)
    """The checks that could not store what they made of a project, as far as they know."""
    sends: list[Send] = field(default_factory=list)
    records: list[Recorded] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    reports: list[Reported] = field(default_factory=list)
    versions: list[Stored] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    """Sends of one notice to one channel that were under way at the same time."""
    broken: list[str] = field(default_factory=list)
    """Checks that ended with an error that none may raise."""
    still_pending: dict[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By project, what is pending in the stored documents at the end."""
    watermarks: dict[str, Window] = field(default_factory=dict)
    """By project, up to which window it counts as evaluated at the end."""
