"""What is usual, on a laptop: made by a command and by `watch`, seen by `check` and `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.domain.stored_baselines import BaselineKey
from headroom.domain.windows import HOUR
from headroom.pipeline.baseline_report import NO_ROOM, BaselineReport
from headroom.ports import Deadline
from headroom_cli.laptop.making import MINUTE, Making, made, not_made, summary
from tests.builders import T0, baseline_key
from tests.unit.cli.laptop import a_laptop, headroom
from tests.unit.cli.test_watch import watched

A_MINUTE = Deadline(lambda: 60.0)
NEW = "1.6 x usual since 2026-11-20T00:00:00Z"
OF_USUAL = ">= 150% of usual"


def test_a_command_makes_what_is_due_and_a_check_then_knows_what_is_usual(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_laptop(tmp_path) as laptop:
        assert headroom("baseline", *laptop.options) == 0
        assert capsys.readouterr().out == "no rule needs to know what is usual\n"
        laptop.write(OF_USUAL)
        assert laptop.check() == 0
        laptop.check("--json")
        assert '"baselines_overdue": 1' in capsys.readouterr().out

        assert headroom("baseline", *laptop.options) == 0

        assert capsys.readouterr().out.splitlines() == [
            "usual: 1 baseline made with 5 requests",
            "1 baseline, none is due: each is made once a day",
        ]
        laptop.check("--json")
        assert '"baselines_overdue": 0' in capsys.readouterr().out
        assert headroom("baseline", *laptop.options) == 0
        assert "made with" not in capsys.readouterr().out


def test_a_rule_that_is_invalid_is_named_and_ends_with_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_laptop(tmp_path) as laptop:
        laptop.write("<= 40 of usual")

        assert headroom("baseline", *laptop.options) == 2

        assert 'did you mean "<= 40% of usual"' in capsys.readouterr().out


def test_a_baseline_that_cannot_be_made_is_told_with_why_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_laptop(tmp_path) as laptop:
        laptop.write(OF_USUAL, key="another-key")

        assert headroom("baseline", *laptop.options) == 1

        first, last = capsys.readouterr().out.splitlines()
        assert first.startswith(
            'usual: support-line (client_env=live) could not be made: 401 key "default" '
        )
        assert "another-key" not in first
        assert last == "1 baseline, 1 still due"


def test_doctor_says_that_a_baseline_is_missing_and_how_to_make_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_laptop(tmp_path) as laptop:
        laptop.write(OF_USUAL)
        laptop.check()
        headroom("doctor", *laptop.options)
        said = capsys.readouterr().out
        assert (
            "warn  baselines          1 of 1 (support-line (client_env=live)) not made yet" in said
        )
        assert f"-> headroom baseline --config {laptop.config} --state {laptop.state}\n" in said

        headroom("baseline", *laptop.options)
        headroom("doctor", *laptop.options)

        assert "ok    baselines          1 baseline, the oldest made 0 min ago" in (
            capsys.readouterr().out
        )


def test_a_watch_makes_what_is_usual_and_its_next_check_knows_it(tmp_path: Path) -> None:
    with a_laptop(tmp_path) as laptop:
        laptop.write(OF_USUAL)
        with watched(laptop) as watching:
            watching.minute()
            watching.screen.make_baselines(watching.app, A_MINUTE)
            assert "usual: 1 baseline made with 5 requests" in watching.file.getvalue()
            assert not any("not known yet" in line for line in watching.minute())
            said = watching.file.getvalue()
            watching.screen.make_baselines(watching.app, A_MINUTE)
            assert watching.file.getvalue() == said, "not again within the hour"


def test_a_watch_goes_on_when_what_is_usual_cannot_be_made(tmp_path: Path) -> None:
    with a_laptop(tmp_path) as laptop:
        laptop.write(OF_USUAL, key="another-key")
        with watched(laptop) as watching:
            watching.minute()
            watching.screen.make_baselines(watching.app, A_MINUTE)
            assert "could not be made: 401" in watching.file.getvalue()
            laptop.state.unlink()
            laptop.state.mkdir()
            watching.screen._making.look(2)  # noqa: SLF001 (a second rule that is new)
            watching.screen.make_baselines(watching.app, A_MINUTE)
            assert "SQLite read of baselines" in watching.file.getvalue()


def test_a_watch_makes_every_hour_and_goes_on_in_a_minute_where_time_was_short() -> None:
    making = Making()
    assert making.due(T0)
    making.done(BaselineReport(at=T0, due=2, unreached=1))
    assert [making.due(T0 + MINUTE - 1), making.due(T0 + MINUTE)] == [False, True]
    making.done(BaselineReport(at=T0, due=1))
    assert [making.due(T0 + HOUR - 1), making.due(T0 + HOUR)] == [False, True]
    making.failed(T0)
    assert [making.due(T0 + HOUR - 1), making.due(T0 + HOUR)] == [False, True]


def test_a_rule_that_is_new_does_not_wait_for_the_hour() -> None:
    making = Making()
    making.look(1)
    making.done(BaselineReport(at=T0))
    making.look(1)
    assert not making.due(T0 + MINUTE)
    making.look(2)
    assert making.due(T0 + MINUTE)


def test_the_lines_name_what_abstains_and_new_levels() -> None:
    key: BaselineKey = baseline_key()
    report = BaselineReport(
        at=T0,
        wanted=3,
        made=[key, key],
        due=1,
        requests=12,
        failed={"sales (client_env=live)": "503 down"},
        abstaining={str(key): {"b": NO_ROOM, "a": NO_ROOM}},
        new_levels={str(key): {"": NEW}},
    )
    assert [*made(report), *not_made(report), summary(report)] == [
        "usual: 2 baselines made with 12 requests",
        f"usual: support-line (client_env=live) abstains for a, b: {NO_ROOM}",
        f"usual: support-line (client_env=live): a lasting new level, {NEW}",
        "usual: sales (client_env=live) could not be made: 503 down",
        "3 baselines, 1 still due",
    ]
