"""The baselines of a check: what is read of them, when, and what happens when that fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headroom.domain.baselines import Unread
from headroom.domain.rules import Project
from headroom.domain.stored_baselines import OVERDUE, RETRY, STALE, BaselineKey, needed
from headroom.errors import BrokenCheck, StateUnavailable
from headroom.pipeline.baselines import KnownBaselines, load_baselines
from tests.builders import T0, baseline, project, query, rule, unusual, watch
from tests.support.baselines import FakeBaselines
from tests.support.loops import run
from tests.support.world import World

UNUSUAL = unusual()
LIVE = query().key


def line(name: str = "support-line", project_id: str = "acme-team-4") -> Project:
    """A project with a rule of usual, beside one without."""
    return project(name=name, project_id=project_id, rules=(rule(), UNUSUAL))


def key(of: Project) -> BaselineKey:
    (found,) = needed(of)
    return found


class Lines:
    """A world whose baselines are in memory, and what its checks know."""

    def __init__(self, path: Path, *projects: Project) -> None:
        self.world = World(path, *projects)
        self.world.baselines = self.fake = FakeBaselines()

    def at(self, now: int) -> KnownBaselines:
        self.world.now = now
        return run(load_baselines(self.world.ports(), self.world.source.configuration))


def test_only_queries_of_rules_that_need_usual_are_read(tmp_path: Path) -> None:
    spanish = watch(query=query(language="es-ES"), series="es-ES")
    mixed = project(rules=(rule(watches=(spanish,)), UNUSUAL, replace(UNUSUAL, name="again")))
    lines = Lines(tmp_path, mixed, project(name="sales"))

    lines.at(T0)

    assert lines.fake.asked == [[BaselineKey("support-line", LIVE, "uk-1/acme-uk/acme-team-4")]]


def test_without_such_a_rule_nothing_is_read(tmp_path: Path) -> None:
    lines = Lines(tmp_path, project())

    assert lines.at(T0) == KnownBaselines()
    assert lines.fake.asked == []


def test_a_baseline_is_read_once_until_it_is_made_anew(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    made = baseline(made=T0)
    lines.fake.stored[key(line())] = made

    for now in range(T0, T0 + STALE, 60):
        assert lines.at(now).of("support-line") == {LIVE: made}
    assert len(lines.fake.asked) == 1

    lines.fake.stored[key(line())] = newer = baseline(made=T0 + STALE - 60)
    assert lines.at(T0 + STALE).of("support-line") == {LIVE: newer}
    assert len(lines.fake.asked) == 2


def test_one_that_is_missing_is_looked_for_every_ten_minutes(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())

    for now in range(T0, T0 + RETRY, 60):
        assert lines.at(now).of("support-line") == {}
    assert len(lines.fake.asked) == 1

    lines.fake.stored[key(line())] = baseline()
    assert lines.at(T0 + RETRY).of("support-line") == {LIVE: baseline()}


def test_an_old_one_is_still_used_while_none_is_made(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    lines.fake.stored[key(line())] = old = baseline(made=T0 - 3 * STALE)

    for now in range(T0, T0 + 2 * RETRY, 60):
        assert lines.at(now).of("support-line") == {LIVE: old}
    assert len(lines.fake.asked) == 2


def test_a_store_that_fails_makes_the_rules_wait_and_the_report_says_so(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line(), line("sales", "acme-team-5"))
    lines.fake.error = StateUnavailable("throttled")

    known = lines.at(T0)

    assert known.of("support-line") == known.of("sales") == {LIVE: Unread("throttled")}
    (problem,) = known.problems
    assert (
        problem == "what is usual could not be read, rules of sales, support-line wait: throttled"
    )
    report = lines.world.check()
    assert problem in report.as_json()["problems"]

    lines.fake.error = None
    assert lines.at(T0 + 60).of("support-line") == {}


def test_a_store_that_fails_later_takes_nothing_away(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    lines.fake.stored[key(line())] = old = baseline(made=T0)
    lines.at(T0)
    lines.fake.error = StateUnavailable("throttled")

    known = lines.at(T0 + STALE)

    assert known == KnownBaselines({"support-line": {LIVE: old}})


def test_missing_invalid_and_old_baselines_are_overdue_and_counted_in_the_report(
    tmp_path: Path,
) -> None:
    projects = [line(name, name) for name in ("missing", "invalid", "old", "new")]
    lines = Lines(tmp_path, *projects)
    _, invalid, old, new = map(key, projects)
    lines.fake.stored = {
        invalid: Unread("cut off"),
        old: baseline(made=T0 - OVERDUE),
        new: baseline(made=T0 - OVERDUE + 1),
    }

    assert lines.world.check(T0).as_json()["baselines_overdue"] == 3
    assert Lines(tmp_path, project()).world.check(T0).baselines_overdue == 0


def test_an_invalid_item_makes_only_its_own_rules_wait(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line(), line("sales", "acme-team-5"))
    lines.fake.stored[key(line())] = Unread("cut off")
    lines.fake.stored[key(line("sales", "acme-team-5"))] = baseline()

    known = lines.at(T0)

    assert known.of("support-line") == {LIVE: Unread("cut off")}
    assert known.of("sales") == {LIVE: baseline()}
    assert known.problems == (
        "support-line (client_env=live): what is usual could not be read, its rules wait: cut off",
    )


def test_a_bug_in_reading_stops_no_check_and_is_raised_at_its_end(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    lines.fake.error = ZeroDivisionError()

    with pytest.raises(BrokenCheck, match="ZeroDivisionError"):
        lines.world.check(T0)

    assert lines.world.load().watermark is not None


def test_a_project_that_reads_another_line_has_no_baseline_yet(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    lines.fake.stored[key(line())] = baseline()
    lines.at(T0)

    lines.world.configure(line(project_id="acme-team-9"))

    assert lines.at(T0 + 60).of("support-line") == {}


def test_what_the_configuration_no_longer_needs_is_forgotten(tmp_path: Path) -> None:
    lines = Lines(tmp_path, line())
    lines.fake.stored[key(line())] = baseline(made=T0)
    lines.at(T0)
    lines.world.configure(line("sales", "acme-team-5"))
    lines.at(T0 + 60)
    lines.world.configure(line())

    lines.at(T0 + 120)

    assert [each[0].project for each in lines.fake.asked] == [
        "support-line",
        "sales",
        "support-line",
    ]
