"""The making of baselines: what is due, what is asked, and what failures leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from headroom.domain.baseline import Baseline
from headroom.domain.hours import Hours
from headroom.domain.lines import Line
from headroom.domain.readings import WHOLE, Answer, Failure, Query
from headroom.domain.rules import Basis, Project
from headroom.domain.stored_baselines import DAY, BaselineKey, Times, needed
from headroom.domain.usual import usual_at
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, instant, iso, span, window_of
from headroom.errors import BrokenCheck, StateUnavailable
from headroom.pipeline import making
from headroom.pipeline.baseline_report import NO_ROOM, YOUNG, BaselineReport
from headroom.pipeline.making import BUDGET, make_baselines
from headroom.pipeline.making_plan import due, targets
from headroom.ports import Deadline
from headroom.state.sqlite_baselines import SqliteBaselines
from tests.builders import T0, failure, group, notice, project, query, renamed, unusual, watch
from tests.support.loops import run
from tests.support.world import World

UNUSUAL = unusual()
NOW = T0 + 1860
"""The newest window that is no longer awaited at this instant is `NEWEST`."""
NEWEST = T0 + 600
LONDON = ZoneInfo("Europe/London")
DOWN = failure(code=503, detail="down", lasting=False)


def line(name: str) -> Project:
    """A project of its own line, with a rule of usual."""
    return project(name=name, project_id=f"team-{name}", rules=(UNUSUAL,))


def key(of: Project) -> BaselineKey:
    (found,) = needed(of)
    return found


@dataclass
class Asked:
    """PolyAI: every window has three calls; remembers what it was asked."""

    ranges: list[tuple[str, Instant, Instant]] = field(default_factory=list)
    failing: dict[str, Failure | Exception] = field(default_factory=dict)
    """What lines get, by name."""
    began: dict[str, Instant] = field(default_factory=dict)
    """The first window that a line has."""

    async def fetch(
        self,
        line: Line,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        assert deadline.left() > 0
        assert until - first <= WEEK
        self.ranges.append((line.name, first, until))
        error = self.failing.get(line.name)
        if self.good is not None and len(self.ranges) > self.good:
            error = DOWN
        if isinstance(error, Exception):
            raise error
        if error is not None:
            return error
        known = span(max(first, self.began.get(line.name, 0)), window_of(until))
        names = ("a", "b") if query.slice_by else (WHOLE,)
        return Answer({name: {at: self.calls(at) for at in known} for name in names})

    good: int | None = None
    """After so many requests they all fail."""
    calls: Callable[[Instant], int] = lambda _: 3

    @property
    def names(self) -> list[str]:
        """The projects in the order in which they were asked for."""
        return list(dict.fromkeys(name for name, *_ in self.ranges))


class Lines(World):
    """A world that makes baselines."""

    def __init__(self, path: Path, *projects: Project) -> None:
        super().__init__(path, *projects)
        self.polyai = Asked()
        self.remaining = 300.0

    def make(self, at: Instant = NOW, budget: int = BUDGET) -> BaselineReport:
        """Make what is due."""
        self.now = at
        self.polyai.ranges.clear()
        ports = replace(self.ports(), readings=self.polyai)
        return run(make_baselines(ports, at, Deadline(lambda: self.remaining), budget))

    def baseline(self, of: Project) -> Baseline:
        """What is stored."""
        found = run(self.baselines.read([key(of)]))[key(of)]
        assert isinstance(found, Baseline)
        return found

    def times(self, of: Project) -> Times:
        return run(self.baselines.times([key(of)]))[key(of)]


A, B, C = (line(name) for name in "abc")


def test_a_first_making_asks_five_weeks_in_requests_of_a_week(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)

    report = lines.make()

    first = NEWEST - 5 * WEEK + WINDOW
    weeks = [first + week * WEEK for week in range(5)]
    assert lines.polyai.ranges == [("a", each, each + WEEK - WINDOW) for each in weeks]
    made = lines.baseline(A)
    assert (made.first, made.until, made.made) == (first, NEWEST, NOW)
    assert list(made.peaks[WHOLE]) == [3] * 5 * 2016
    assert report.as_json() == {
        "at": "2026-11-23T10:36:00Z",
        "wanted": 1,
        "made": ["a (client_env=live)"],
        "due": 0,
        "failed": {},
        "abstaining": {},
        "new_levels": {},
        "oldest_seconds": 0,
        "requests": 5,
        "problems": [],
    }


def test_a_check_in_the_same_process_reads_what_was_made(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    lines.memory.keep([key(A)], {}, NOW)
    assert lines.memory.due([key(A)], NOW) == []

    lines.make()

    assert lines.memory.due([key(A)], NOW) == [key(A)]


def test_a_day_later_only_the_new_day_is_asked(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    lines.make()

    for hour in range(1, 24):
        assert lines.make(NOW + hour * HOUR).requests == 0
    report = lines.make(NOW + DAY)

    assert lines.polyai.ranges == [("a", NEWEST + WINDOW, NEWEST + DAY)]
    assert report.requests == 1
    made = lines.baseline(A)
    assert (made.until - made.first) // WINDOW + 1 == 5 * 2016
    assert (made.until, made.made) == (NEWEST + DAY, NOW + DAY)


def test_after_weeks_without_a_run_only_five_weeks_are_asked(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    lines.make()

    assert lines.make(NOW + 8 * WEEK).requests == 5


def test_a_sliced_query_costs_a_request_a_day(tmp_path: Path) -> None:
    sliced = watch(query=query(slice_by="variant"), series=None)
    lines = Lines(tmp_path, project(rules=(replace(UNUSUAL, watches=(sliced,)),)))

    report = lines.make()

    assert report.requests == 35
    assert len(lines.polyai.ranges) == 5
    assert lines.make(NOW + DAY).requests == 1


def test_rules_without_usual_make_nothing(tmp_path: Path) -> None:
    lines = Lines(tmp_path, project())

    assert lines.make() == BaselineReport(at=NOW)


def test_missing_ones_come_first_then_those_last_attempted_the_longest_ago() -> None:
    times = {
        "new": Times(),
        "old": Times(made=NOW - 3 * DAY),
        "failed": Times(made=NOW - 9 * DAY, tried=NOW - HOUR),
        "day": Times(made=NOW - DAY),
        "fresh": Times(made=NOW - DAY + 1),
        "never": Times(tried=NOW - HOUR - 1, wanted=NOW - DAY),
    }
    wanted = [replace(each, times=times[each.key.project]) for each in targets(map(line, times))]

    assert [each.key.project for each in due(wanted, NOW)] == [
        "new",
        "old",
        "day",
        "never",
        "failed",
    ]


def test_a_run_keeps_to_its_budget_and_the_next_goes_on(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A, B, C)

    first = lines.make(budget=12)

    assert first.requests == 12
    assert first.due == 3 - len(first.made) > 0
    assert first.failed == {}
    second = lines.make(NOW + HOUR)
    assert second.requests < 15
    assert second.due == 0
    for each in (A, B, C):
        assert list(lines.baseline(each).peaks[WHOLE]) == [3] * 5 * 2016


def test_without_time_nothing_is_asked_and_everything_is_still_due(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A, B)
    lines.remaining = making.RESERVE

    report = lines.make()

    assert lines.polyai.ranges == []
    assert (report.due, report.failed) == (2, {})


def test_one_projects_failure_stops_no_other_and_is_tried_in_the_next_hour(
    tmp_path: Path,
) -> None:
    lines = Lines(tmp_path, A, B)
    lines.polyai.failing["a"] = DOWN

    report = lines.make()

    assert report.failed == {"a (client_env=live)": "503 down"}
    assert [str(each.project) for each in report.made] == ["b"]
    assert lines.times(A) == Times(tried=NOW, wanted=NOW)
    lines.polyai.failing.clear()
    assert [str(each.project) for each in lines.make(NOW + HOUR).made] == ["a"]


def test_what_fails_every_time_starves_nobody(tmp_path: Path) -> None:
    broken = [line(f"broken-{number}") for number in range(6)]
    lines = Lines(tmp_path, *broken, line("z"))
    lines.polyai.failing = {each.name: DOWN for each in broken}

    made = [lines.make(NOW + hour * HOUR, budget=5).made for hour in range(4)]

    assert [str(key.project) for keys in made for key in keys] == ["z"]


def test_a_failure_keeps_what_was_read_before_it(tmp_path: Path) -> None:
    """The next run asks for the rest only."""
    lines = Lines(tmp_path, A)
    lines.polyai.good = 2

    report = lines.make()

    assert report.failed == {"a (client_env=live)": "503 down"}
    assert report.due == 1
    assert lines.baseline(A).until == NEWEST - 3 * WEEK
    lines.polyai.good = None
    assert lines.make(NOW + HOUR).requests == 4


def test_a_bug_in_one_stops_no_other_and_is_raised_at_the_end(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A, B)
    lines.polyai.failing["a"] = ZeroDivisionError()

    report = lines.make()

    assert [str(each.project) for each in report.made] == ["b"]
    assert report.failed == {"a (client_env=live)": "Headroom broke on it: ZeroDivisionError"}
    with pytest.raises(BrokenCheck, match="ZeroDivisionError"):
        report.raise_bugs()


def test_where_polyai_asks_to_wait_nothing_more_is_asked_with_that_key(tmp_path: Path) -> None:
    other = renamed(A, "other", api_key="other")
    lines = Lines(tmp_path, A, B, C, *(line(f"d{n}") for n in range(5)), other)
    limited = failure(code=429, detail="slow down", lasting=False, retry_after=30.0)
    lines.polyai.failing = dict.fromkeys(lines.source.configuration.projects, limited)
    del lines.polyai.failing["other"]

    report = lines.make()

    assert [str(each.project) for each in report.made] == ["other"]
    assert len(lines.polyai.names) <= making.AT_ONCE + 1
    assert report.due == 8


def test_equal_queries_of_two_projects_are_asked_once(tmp_path: Path) -> None:
    twin = replace(A, name="twin")
    lines = Lines(tmp_path, A, twin)

    assert lines.make().requests == 5

    assert lines.baseline(A) == lines.baseline(twin)
    assert lines.make(NOW + DAY).requests == 1


def test_equal_queries_are_made_together_from_the_second_time_on(tmp_path: Path) -> None:
    twin = replace(A, name="twin")
    lines = Lines(tmp_path, A)
    lines.make()
    lines.configure(A, twin)

    lines.make(NOW + HOUR)

    assert lines.times(A).made == lines.times(twin).made == NOW + HOUR
    assert lines.make(NOW + HOUR + DAY).requests == 1


EMEA = group("a", "b", rules=(unusual(watches=(watch(query=query(client_env="")),)),))
"""A group of the lines of two projects, which it asks the same."""
PARTLY_KNOWN = replace(
    EMEA, lines=(EMEA.lines[0], replace(EMEA.lines[1], problem="projects.b is invalid"))
)
OF_LINES = [renamed(A, name, project_id=name) for name in ("a", "b")]


def test_the_baseline_of_a_group_has_its_lines_added_up(tmp_path: Path) -> None:
    lines = Lines(tmp_path, EMEA)

    report = lines.make()

    assert report.requests == 10
    assert [str(each) for each in report.made] == ["emea"]
    assert list(lines.baseline(EMEA).peaks[WHOLE]) == [6] * 5 * 2016


def test_a_group_and_the_projects_of_its_lines_are_asked_for_once(tmp_path: Path) -> None:
    lines = Lines(tmp_path, EMEA, *OF_LINES)

    assert lines.make().requests == 10
    assert lines.make(NOW + DAY).requests == 2

    assert lines.baseline(OF_LINES[0]).peaks[WHOLE][-1] == 3
    assert lines.baseline(EMEA).peaks[WHOLE][-1] == 6


def test_a_group_is_not_made_of_some_of_its_lines(tmp_path: Path) -> None:
    """A sum that lacks a line would be usual for weeks."""
    lines = Lines(tmp_path, EMEA, *OF_LINES)
    lines.polyai.failing["b"] = DOWN

    report = lines.make()

    assert [str(each) for each in report.made] == ["a (client_env=live)"]
    assert report.failed == {"emea": "b: 503 down", "b (client_env=live)": "503 down"}


def test_a_line_that_is_not_known_is_named(tmp_path: Path) -> None:
    report = Lines(tmp_path, PARTLY_KNOWN).make()

    assert report.failed == {"emea": "b: projects.b is invalid"}


def test_a_mistake_in_a_members_configuration_costs_the_group_no_baseline(tmp_path: Path) -> None:
    lines = Lines(tmp_path, EMEA)
    lines.make()
    lines.configure(PARTLY_KNOWN)

    assert lines.make(NOW + DAY).failed == {"emea": "b: projects.b is invalid"}

    assert lines.baseline(PARTLY_KNOWN).made == NOW
    lines.configure(EMEA)
    assert lines.make(NOW + DAY + HOUR).requests == 2


def test_a_group_with_other_lines_or_another_basis_starts_anew(tmp_path: Path) -> None:
    lines = Lines(tmp_path, EMEA)
    lines.make()
    for other in (replace(EMEA, basis=Basis.MAX), group("a", "c", rules=EMEA.rules)):
        lines.configure(other)
        assert lines.make(NOW + HOUR).requests == 10


def test_a_group_whose_line_is_read_in_another_environment_starts_anew() -> None:
    """A rule of several environments does not say which, so its query stays the same."""
    of_two = replace(
        group(), rules=(replace(UNUSUAL, watches=(watch(query=query(client_env="")),)),)
    )
    first, second = of_two.lines
    edited = replace(of_two, lines=(first, replace(second, client_env="draft")))
    assert key(of_two).query == key(edited).query
    assert key(of_two) != key(edited)


def test_a_baseline_that_is_invalid_is_made_again_in_the_next_run(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    lines.make()
    lines.sql("UPDATE baselines SET body = substr(body, 1, 40)")

    report = lines.make(NOW + HOUR)

    assert report.requests == 5
    assert list(lines.baseline(A).peaks[WHOLE]) == [3] * 5 * 2016


def test_windows_that_may_still_come_are_not_read_yet(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    late = lines.source.configuration.late

    lines.make()

    assert NEWEST + WINDOW + late <= NOW < NEWEST + 2 * WINDOW + late


UNUSUAL_NOTICE = notice(rule="unusual", project="a")


def told(lines: Lines, *changes: dict[str, Any]) -> None:
    """Have this in the history of project `a`."""
    for at, each in enumerate(changes):
        json = {**UNUSUAL_NOTICE.as_json(), "usual": 71.0, **each}
        lines.sql(
            "INSERT INTO history VALUES ('a', ?, ?, ?, ?)", T0 + at, str(at), dumps(json), 2**40
        )


def test_incidents_of_usual_are_left_out_until_the_window_that_ended_them(
    tmp_path: Path,
) -> None:
    """Whenever a check saw it: the second was told three days late."""
    lines = Lines(tmp_path, A)
    lines.load()
    told(
        lines,
        {"incident_id": "1", "since": iso(T0 - DAY)},
        {
            "incident_id": "1",
            "kind": "resolved",
            "since": iso(T0 - DAY),
            "at": iso(T0 - DAY + HOUR),
            "duration_seconds": 1800,
        },
        {
            "incident_id": "2",
            "kind": "missed",
            "since": iso(T0 - 4 * DAY),
            "at": iso(T0 - DAY),
            "duration_seconds": 900,
        },
        {"incident_id": "3", "since": iso(T0)},
        {"incident_id": "4", "since": iso(T0 - 2 * DAY), "usual": None},
        {"incident_id": "5", "since": iso(T0 - 2 * DAY), "rule": "gone"},
        {"incident_id": "6", "since": iso(T0 - 2 * DAY), "client_env": "draft"},
        {"incident_id": "7", "since": "yesterday"},
    )

    lines.make()

    assert lines.baseline(A).left_out == {
        WHOLE: (
            (T0 - 4 * DAY, T0 - 4 * DAY + 900),
            (T0 - DAY, T0 - DAY + 1800),
            (T0, NEWEST + WINDOW),
        )
    }


def test_an_incident_is_over_where_nothing_was_usual_at_its_end(tmp_path: Path) -> None:
    """As on a line without readings after the hours of its rule; else it would go on for weeks."""
    lines = Lines(tmp_path, A)
    lines.load()
    told(
        lines,
        {"incident_id": "1", "since": iso(T0 - DAY)},
        {
            "incident_id": "1",
            "kind": "resolved",
            "since": iso(T0 - DAY),
            "duration_seconds": 1800,
            "usual": None,
        },
    )

    lines.make()

    assert lines.baseline(A).left_out == {WHOLE: ((T0 - DAY, T0 - DAY + 1800),)}


def test_an_incident_of_one_series_leaves_out_that_series(tmp_path: Path) -> None:
    sliced = watch(query=query(slice_by="variant"), series=None)
    of_variants = replace(A, rules=(replace(UNUSUAL, watches=(sliced,)),))
    lines = Lines(tmp_path, of_variants)
    lines.load()
    told(lines, {"since": iso(T0), "series": "b"})

    lines.make()

    assert lines.baseline(of_variants).left_out == {"b": ((T0, NEWEST + WINDOW),)}


def test_an_incident_of_a_language_leaves_out_its_query(tmp_path: Path) -> None:
    spanish = watch(query=query(language="es-ES"), series="es-ES", label="es-ES")
    of_spanish = replace(A, rules=(replace(UNUSUAL, watches=(spanish,)),))
    lines = Lines(tmp_path, of_spanish)
    lines.load()
    told(lines, {"since": iso(T0), "series": "es-ES"}, {"since": iso(T0), "series": "es-MX"})

    lines.make()

    assert lines.baseline(of_spanish).left_out == {WHOLE: ((T0, NEWEST + WINDOW),)}


def test_the_report_names_series_that_abstain(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A)
    lines.polyai.began["a"] = NEWEST - 13 * DAY

    report = lines.make()

    assert report.abstaining == {"a (client_env=live)": {"": YOUNG}}
    assert lines.make(NOW + 2 * DAY).abstaining == {}


def test_the_age_of_what_was_never_made_counts_from_the_first_attempt(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A, B)
    lines.make()
    lines.polyai.failing = {"a": DOWN, "b": DOWN}
    lines.configure(A, C)
    lines.polyai.failing["c"] = DOWN
    lines.make(NOW + HOUR)

    assert lines.make(NOW + 3 * DAY).oldest_seconds == 3 * DAY
    lines.configure(C)
    assert lines.make(NOW + 3 * DAY).oldest_seconds == 3 * DAY - HOUR


class Unwritable(SqliteBaselines):
    """A store that takes no baseline of project `a`."""

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        if key.project == "a":
            raise StateUnavailable("too large")
        return ["quiet", *await super().store(key, baseline)]


def test_a_baseline_that_cannot_be_stored_stops_no_other(tmp_path: Path) -> None:
    lines = Lines(tmp_path, A, B)
    lines.baselines = Unwritable(lines.path, clock=lambda: lines.now)

    report = lines.make()

    assert report.failed == {"a (client_env=live)": "too large"}
    assert report.abstaining == {"b (client_env=live)": {"quiet": NO_ROOM}}
    assert lines.times(A).tried == NOW


def test_a_clock_change_shifts_no_week(tmp_path: Path) -> None:
    """London's clocks went back on 25 October: the same local hour is another UTC hour."""
    lines = Lines(tmp_path, A)
    at = instant("2026-11-03T12:00:00Z")
    lines.polyai.calls = lambda window: datetime.fromtimestamp(window, LONDON).hour

    lines.make(at)

    tuesday_at_ten = instant("2026-11-03T10:30:00Z")
    usual = usual_at(lines.baseline(A), WHOLE, tuesday_at_ten, Hours("Europe/London"))
    assert usual is not None
    assert usual.calls == 10
