"""Names of public calendars become dates on the operator's side."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from headroom.config.resolve import problems, resolve
from headroom_cli.config_file.calendars import holiday_names
from headroom_cli.config_file.publish import parameters
from headroom_cli.config_file.source import FileSource, read

TODAY = date(2026, 11, 30)
FILE = """
defaults: {{region: uk-1, account_id: acme, timezone: Europe/London}}
projects:
  support-line:
    project_id: support
    rules:
      dead-line:
        critical: "<= 0"
        holidays: {holidays}
keys: {{default: a-polyai-key}}
"""


def written(folder: Path, holidays: str) -> Path:
    path = folder / "alerts.yaml"
    path.write_text(FILE.format(holidays=holidays), "utf-8")
    return path


def pushed(folder: Path, holidays: str, today: date = TODAY) -> dict[str, object]:
    """The rule as Parameter Store will hold it."""
    document = read(written(folder, holidays), today=lambda: today)
    (project,) = (each for each in parameters(document) if each.name == "projects/support-line")
    rule: dict[str, object] = json.loads(project.value.get_secret_value())["rules"]["dead-line"]
    return rule


def test_a_pushed_rule_holds_the_dates_of_its_calendar_and_until_when_they_are_known(
    tmp_path: Path,
) -> None:
    rule = pushed(tmp_path, "[GB-ENG]")
    dates = rule["holidays"]
    assert isinstance(dates, list)
    assert dates == sorted(set(dates))
    assert {"2026-12-25", "2026-12-28", "2027-03-29", "2028-12-25"} <= set(dates)
    assert "2025-12-25" in dates  # usual looks back on five weeks
    assert "2025-08-25" not in dates
    assert "2029-01-01" not in dates
    assert rule["holidays_until"] == "2028-12-31"


def test_dates_of_ones_own_stay_as_they_are_written_with_quotes_or_without(tmp_path: Path) -> None:
    """YAML takes an unquoted date for one."""
    plain = pushed(tmp_path, "[2026-12-24, '2026-12-25', 2026-12-27 to 2026-12-30]")
    assert plain["holidays"] == ["2026-12-24", "2026-12-25", "2026-12-27 to 2026-12-30"]
    assert "holidays_until" not in plain
    both = pushed(tmp_path, "[2026-12-24, 2026-12-25, GB-ENG]")["holidays"]
    assert isinstance(both, list)
    assert both[:2] == ["2026-12-24", "2026-12-25"]
    assert both.count("2026-12-25") == 1
    assert pushed(tmp_path, "2026-12-24")["holidays"] == "2026-12-24"


def test_several_calendars_are_added_up_and_one_needs_no_list(tmp_path: Path) -> None:
    bavaria = pushed(tmp_path, "DE-BY")["holidays"]
    both = pushed(tmp_path, "[DE-BY, GB-ENG]")["holidays"]
    assert isinstance(bavaria, list)
    assert isinstance(both, list)
    assert "2027-01-06" in bavaria  # Epiphany, no holiday in all of Germany
    assert set(bavaria) < set(both)


def test_a_push_in_the_same_year_changes_nothing_and_one_in_the_next_adds_a_year(
    tmp_path: Path,
) -> None:
    assert pushed(tmp_path, "[US]") == pushed(tmp_path, "[US]", date(2026, 1, 1))
    later = pushed(tmp_path, "[US]", date(2027, 1, 1))
    assert later["holidays_until"] == "2029-12-31"
    assert "2029-12-25" in str(later["holidays"])


def test_a_file_on_a_laptop_is_judged_by_the_same_dates(tmp_path: Path) -> None:
    day = [TODAY]
    source = FileSource(written(tmp_path, "[GB-ENG]"), today=lambda: day[0])
    project = asyncio.run(source.load()).projects["support-line"]
    assert date(2026, 12, 28) in project.rules[0].hours.holidays
    assert project.holidays_until == date(2028, 12, 31)
    day[0] = date(2027, 1, 1)  # a watch that runs on over New Year
    again = asyncio.run(source.load()).projects["support-line"]
    assert again.holidays_until == date(2029, 12, 31)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GB-ENGG", 'did you mean "GB-ENG"?'),
        ("gb-eng", 'did you mean "GB-ENG"?'),
        ("UK", 'did you mean "GB"?'),
        ("UK-ENG", 'did you mean "GB-ENG"?'),
        ("USA", 'did you mean "US"?'),
        ("GB-LON", "there are GB, GB-ENG, GB-NIR, GB-SCT, GB-WLS"),
        ("Germany", "give one such as GB-ENG, DE-BY or US"),
    ],
)
def test_an_unknown_calendar_is_refused_with_the_nearest(
    tmp_path: Path, name: str, hint: str
) -> None:
    document = read(written(tmp_path, f"[GB-ENG, {name}]"))
    (problem,) = problems(document)["support-line"]
    assert str(problem) == (
        f"projects.support-line.rules.dead-line.holidays: there is no calendar '{name}': {hint}"
    )


def test_a_date_that_does_not_exist_costs_its_own_rule_and_not_the_file(tmp_path: Path) -> None:
    (problem,) = problems(read(written(tmp_path, "[2026-02-30]")))["support-line"]
    assert problem.where == "projects.support-line.rules.dead-line.holidays"
    assert "there is no 2026-02-30 in the calendar" in problem.text


def test_what_is_wrong_in_other_ways_is_left_for_validation(tmp_path: Path) -> None:
    for holidays in ("[]", "{a: b}", "[5]", "[[GB-ENG]]", "null", "true"):
        document = read(written(tmp_path, holidays))
        assert resolve(document).invalid, holidays


def test_the_days_of_a_calendar_have_names() -> None:
    names = holiday_names(["2026-12-24", "GB-ENG", "nowhere"], TODAY)
    assert names[date(2026, 12, 25)] == "Christmas Day"
    assert date(2026, 12, 24) not in names


def test_calendars_are_not_loaded_where_no_rule_names_one(tmp_path: Path) -> None:
    path = written(tmp_path, "[2026-12-24]")
    code = (
        "import sys; from pathlib import Path; from headroom_cli.config_file.source import read; "
        f"read(Path({str(path)!r})); sys.exit('holidays' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 -- this Python
    assert ended.returncode == 0
