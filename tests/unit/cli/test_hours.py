"""`headroom hours` prints what a check goes by, day by day, in 80 columns."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from headroom.domain.windows import instant
from headroom.errors import InvalidInput
from headroom_cli.demo.cloud import Cloud
from headroom_cli.hours.command import days_of, show_hours
from headroom_cli.hours.configured import Configured, of_file, of_stack
from headroom_cli.push.command import push
from tests.unit.cli.laptop import headroom

ALERTS = """
defaults: {region: uk-1, account_id: acme, timezone: Europe/London}
projects:
  support-line:
    project_id: support
    limit: 100
    rules:
      dead-line:
        critical: "<= 0"
        during: [Mon-Fri 08:00-20:00, "Sat,Sun 10:00-16:00"]
        holidays: [GB-ENG, 2026-12-24]
      quiet:
        warning: "<= 1"
        during: [Mon-Fri 08:00-20:00, "Sat,Sun 10:00-16:00"]
        holidays: [GB-ENG, 2026-12-24]
      night: {critical: "<= 0", during: 22:00-06:00}
      near-limit: {warning: ">= 80%"}
  sales-line: {project_id: sales, rules: {dead-line: {critical: "<= 0", holidays: GB-ENGG}}}
channels: {ops-slack: {type: slack, webhook_url: env:NOT_SET_HERE}}
keys: {default: env:NOT_SET_HERE}
"""

CHRISTMAS = """\
dead-line, quiet: Mon-Fri 08:00-20:00, Sat,Sun 10:00-16:00 (Europe/London)
  now Wed 21:30, inactive until Sun 27 Dec 10:00
  Wed 23 Dec  08:00-20:00
  Thu 24 Dec  -                         holiday
  Fri 25 Dec  -                         holiday: Christmas Day
  Sat 26 Dec  -                         holiday: Boxing Day
  Sun 27 Dec  10:00-16:00
  Mon 28 Dec  -                         holiday: Boxing Day (observed)
  Tue 29 Dec  08:00-20:00

night: 22:00-06:00 (Europe/London)
  now Wed 21:30, inactive until Wed 23 Dec 22:00
  Wed 23 Dec  00:00-06:00, 22:00-24:00
  Thu 24 Dec  00:00-06:00, 22:00-24:00
  Fri 25 Dec  00:00-06:00, 22:00-24:00
  Sat 26 Dec  00:00-06:00, 22:00-24:00
  Sun 27 Dec  00:00-06:00, 22:00-24:00
  Mon 28 Dec  00:00-06:00, 22:00-24:00
  Tue 29 Dec  00:00-06:00, 22:00-24:00

always active: near-limit
"""
OCTOBER = """\
  now Sun 00:30, active until Sun 25 Oct 06:00
  Sun 25 Oct  00:00-06:00, 22:00-24:00
              clocks go back 1 h: 01:00-02:00 happens twice
  Mon 26 Oct  00:00-06:00, 22:00-24:00
"""

MARCH = """\
  now Sat 23:00, active until Sun 29 Mar 06:00
  Sat 28 Mar  00:00-06:00, 22:00-24:00
  Sun 29 Mar  00:00-06:00, 22:00-24:00
              clocks go forward 1 h: 01:00-02:00 does not exist
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.yaml"
    path.write_text(ALERTS, "utf-8")
    return path


def show(
    configured: Configured,
    now: str,
    number: int,
    name: str = "support-line",
    *,
    as_json: bool = False,
) -> str:
    console = Console(file=io.StringIO(), width=80, soft_wrap=True)
    assert show_hours(console, configured, name, instant(now), number, as_json=as_json) == 0
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def of(config: Path, now: str) -> Configured:
    return of_file(config, date.fromisoformat(now[:10]))


def test_rules_of_the_same_hours_are_shown_together_with_their_holidays(config: Path) -> None:
    now = "2026-12-23T21:30:00Z"
    said = show(of(config, now), now, 7)
    assert said == CHRISTMAS
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize(
    ("now", "said"), [("2026-10-24T23:30:00Z", OCTOBER), ("2026-03-28T23:00:00Z", MARCH)]
)
def test_clock_changes_are_marked(config: Path, now: str, said: str) -> None:
    assert said in show(of(config, now), now, 2)


def test_the_rules_calendar_counts_and_not_that_of_utc(config: Path) -> None:
    text = ALERTS.replace("Europe/London", "Pacific/Chatham")
    config.write_text(text, "utf-8")
    now = "2026-11-30T19:00:00Z"  # Tue 1 Dec, 08:45
    said = show(of(config, now), now, 1)
    assert "  now Tue 08:45, active until Tue 01 Dec 20:00\n  Tue 01 Dec  08:00-20:00\n" in said


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_last_day_is_shown_to_its_local_end(config: Path, zone: str) -> None:
    text = ALERTS.replace("Europe/London", zone).replace("22:00-06:00", "00:00-24:00")
    config.write_text(text, "utf-8")
    now = "2026-12-21T12:00:00Z"
    assert show(of(config, now), now, 2).count("  00:00-24:00\n") == 2


def test_programs_get_instants(config: Path) -> None:
    now = "2026-10-24T23:30:00Z"
    found = json.loads(show(of(config, now), now, 1, as_json=True))
    office, night = found["schedules"]
    assert (office["rules"], night["rules"]) == (["dead-line", "quiet"], ["night"])
    assert (night["timezone"], night["active"], night["until"]) == (
        "Europe/London",
        True,
        "2026-10-25T06:00:00Z",
    )
    (sunday,) = night["days"]
    assert sunday["date"] == "2026-10-25"
    assert [each["local"] for each in sunday["active"]] == ["00:00-06:00", "22:00-24:00"]
    assert sunday["active"][0]["from"] == "2026-10-24T23:00:00Z"
    assert sunday["active"][0]["until"] == "2026-10-25T06:00:00Z"
    assert sunday["clock_changes"] == [
        {"at": "2026-10-25T01:00:00Z", "seconds": -3600, "local": "01:00-02:00"}
    ]
    assert found["always_active"] == ["near-limit"]
    assert found["holidays_until"] == "2028-12-31"


def test_what_is_deployed_has_the_same_hours_and_no_names(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOT_SET_HERE", "https://hooks.slack.com/services/T0/B0/x")
    now = "2026-12-23T21:30:00Z"
    good = ALERTS.replace("GB-ENGG", "GB-ENG")
    config.write_text(good, "utf-8")
    with Cloud() as cloud:
        ssm = cloud.client("ssm")
        console = Console(file=io.StringIO())
        push(
            console,
            lambda: ssm,
            config,
            "/headroom/test",
            dry_run=False,
            prune=False,
            agreed=lambda _: True,
        )
        said = show(of_stack(ssm, "/headroom/test"), now, 7)
    names = (": Christmas Day", ": Boxing Day (observed)", ": Boxing Day")
    expected = CHRISTMAS
    for each in names:
        expected = expected.replace(each, "")
    assert said == expected


def test_a_project_that_does_not_exist_or_is_invalid_says_so(config: Path) -> None:
    configured = of(config, "2026-11-30T00:00:00Z")
    with pytest.raises(InvalidInput, match='no project support: did you mean "support-line"'):
        show(configured, "2026-11-30T00:00:00Z", 1, "support")
    with pytest.raises(InvalidInput, match=r"sales-line is invalid: .*did you mean .GB-ENG"):
        show(configured, "2026-11-30T00:00:00Z", 1, "sales-line")


@pytest.mark.parametrize(("text", "number"), [("14d", 14), ("36h", 2), ("1s", 1), ("400d", 400)])
def test_how_far_ahead_is_whole_days(text: str, number: int) -> None:
    assert days_of(text) == number


@pytest.mark.parametrize("text", ["0d", "401d", "3w", "", "two weeks"])
def test_other_lengths_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--next: "):
        days_of(text)


def test_the_command_needs_no_secrets(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert headroom("hours", "support-line", "--config", str(config), "--next", "1d") == 0
    said = capsys.readouterr()
    assert said.out.startswith("dead-line, quiet: Mon-Fri 08:00-20:00, Sat,Sun 10:00-16:00 (Euro")
    assert said.err == ""


def test_the_command_takes_a_file_or_a_stack(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert headroom("hours", "support-line") == 2
    assert headroom("hours", "x", "--config", str(config), "--stack", "headroom-prod") == 2
    assert capsys.readouterr().err.count("give --config FILE, or --stack NAME") == 2
