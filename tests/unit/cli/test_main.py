"""The operator's command: what it prints, how it ends, and what it leaves behind."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws
from rich.console import Console

from headroom import __version__
from headroom.app import App
from headroom.bootstrap import system_clock
from headroom.errors import StateUnavailable
from headroom.pipeline.report import Report
from headroom_cli.config_file.source import read
from headroom_cli.laptop.watch import Screen
from headroom_cli.main import errors_as_lines, run
from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.lines import HOUR
from tests.support.http_server import Answer, answering
from tests.unit.cli.laptop import Laptop, a_laptop, headroom


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    with a_laptop(tmp_path) as made:
        yield made


def test_a_dry_run_tells_what_would_be_sent_and_does_nothing(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert laptop.check("--dry-run") == 0
    said = capsys.readouterr().out
    assert " UTC  ops-slack           WARNING " in said
    assert said.endswith("1 project checked; 1 notice would be sent\n")
    assert laptop.inbox.received == []
    assert not laptop.state.exists()


def test_a_dry_run_gives_alerts_the_fingerprints_that_the_check_gives_them(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    """They depend on the installation, and so on where the state is: not on where its copy is."""

    def alerts(*options: str) -> list[str]:
        assert laptop.check("--json", *options) == 0
        return [each["alert"] for each in json.loads(capsys.readouterr().out)["notices"]]

    assert alerts("--dry-run") == alerts() != []


def test_a_check_sends_once_and_remembers(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert laptop.check() == 0
    assert "1 notice sent" in capsys.readouterr().out
    assert laptop.check() == 0
    assert "0 notices sent" in capsys.readouterr().out
    assert laptop.check("--dry-run") == 0
    assert "0 notices would be sent" in capsys.readouterr().out
    assert len(laptop.inbox.received) == 1


def test_the_whole_report_is_there_for_programs(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert laptop.check("--dry-run", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["notices"][0]["channels"] == ["ops-slack"]


def test_a_refused_rule_names_its_place_and_ends_with_2(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is told once, in full, though a notice would go out."""
    laptop.write(condition=">= 80 %%")
    assert laptop.check("--dry-run") == 2
    said = capsys.readouterr().out
    assert said.count("rules.near-limit.warning") == 1
    assert said.startswith("invalid config support-line: ")
    assert said.endswith("0 of 1 project checked (1 invalid config); 1 notice would be sent\n")


def test_variables_that_are_not_set_are_named_once_and_before_all_that_follows_from_it(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop.write(key="env:NOT_SET_HERE")
    assert laptop.check("--dry-run") == 2
    assert capsys.readouterr().err == (
        "headroom: not set: NOT_SET_HERE; export them: everything that uses them is invalid\n"
    )


def test_a_variable_that_holds_only_what_cannot_be_seen_is_not_set(
    laptop: Laptop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_A_BOM", "\ufeff")
    laptop.write(key="env:ONLY_A_BOM")
    assert laptop.check("--dry-run") == 2
    assert capsys.readouterr().err.startswith("headroom: not set: ONLY_A_BOM; ")


@pytest.mark.parametrize("more", [("--dry-run",), ()])
def test_a_notice_counts_for_each_of_its_channels_in_both_runs(
    laptop: Laptop, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    text = laptop.config.read_text("utf-8")
    laptop.config.write_text(text.replace("[ops-slack]", "[ops-slack, default]"), "utf-8")
    assert laptop.check(*more) == 0
    assert "; 2 notices " in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "watch"])
def test_a_file_without_projects_is_refused(
    laptop: Laptop, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    laptop.config.write_text("keys: {default: polyai-key}\n", "utf-8")
    assert headroom(command, *laptop.options) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"headroom: {laptop.config} has no projects, so nothing is watched: ")
    laptop.config.write_text(said.partition("such as ")[2] + "keys: {default: polyai-key}", "utf-8")
    assert list(read(laptop.config).projects) == ["support-line"], "the example can be pasted"
    assert not laptop.state.exists()


def test_a_line_that_cannot_be_read_ends_with_1_and_shows_no_key(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop.write(key="wrong-key")
    assert laptop.check("--dry-run") == 1
    said = capsys.readouterr().out
    assert "0 of 1 project checked (1 cannot be read); 1 notice would" in said
    assert "cannot read support-line: 401" in said
    assert "wrong-key" not in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [(None, "No such file"), ("projects: [", "line 1"), ("- a", "expected defaults")],
)
def test_a_file_that_is_none_is_one_line_on_stderr_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, problem: str
) -> None:
    config, state = tmp_path / "alerts.yaml", tmp_path / "new" / "state.sqlite"
    if text is not None:
        config.write_text(text, "utf-8")
    assert headroom("check", "--config", str(config), "--state", str(state)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("headroom: ")
    assert problem in said.err
    assert said.err.count("\n") == 1
    assert not state.parent.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.2:18555",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://[::1]x",
        "foo",
        "",
        "https://me:sesame@polyai.test",
        "https://polyai.test/v1",
    ],
)
@pytest.mark.parametrize("command", ["check", "watch"])
def test_an_address_that_no_key_may_go_to_is_refused_in_one_line(
    laptop: Laptop, capsys: pytest.CaptureFixture[str], command: str, address: str
) -> None:
    where = ["--config", str(laptop.config), "--state", str(laptop.state)]
    assert headroom(command, *where, "--polyai-url", address) == 2
    told = capsys.readouterr().err
    assert told.startswith("headroom: --polyai-url (or HEADROOM_POLYAI_URL): ")
    assert told.count("\n") == 1
    assert "sesame" not in told
    assert not laptop.state.exists()


def test_a_notice_that_is_still_to_be_sent_ends_with_1(
    laptop: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop.inbox.faults = (Fault("ops-slack", 0, system_clock() + HOUR, FaultKind.BUSY),)
    assert laptop.check() == 1
    assert "rate_limited" in capsys.readouterr().out
    assert laptop.check() == 1  # too early for another try: nothing but the wait to tell
    said = capsys.readouterr().out
    assert "rate_limited" not in said
    assert "0 notices sent, 1 still to be sent" in said


def raised() -> KeyError:
    try:
        dict[str, str]()["sesame"]
    except KeyError as error:
        return error
    raise AssertionError


WATCH = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from headroom_cli.main import run; run()"
)
"""Ctrl-C counts, also where a shell that starts the tests in the background ignores it."""

BUGS: list[BaseException] = [ExceptionGroup("inner", [raised(), StateUnavailable("no table")])]


class Broken(App):
    """A check in which two projects meet bugs."""

    def __init__(self) -> None:
        """Without any of the parts."""

    def run(self, *_: object, **__: object) -> Report:
        return Report(at=0, bugs=BUGS)


def test_a_bug_in_one_project_is_a_line_on_the_screen_of_watch() -> None:
    console = Console(file=io.StringIO(), width=200)
    screen, app = Screen(console), Broken()
    screen.check(app)
    screen.check(app)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue().splitlines()
    assert "a bug in Headroom broke part of the check: KeyError (test_main.py, line " in said[0]
    assert said[1].endswith("no table")
    assert len(said) == 4, "the bugs once, however often, and a line for each check"


def test_a_bug_in_one_project_ends_a_check_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^1$"), errors_as_lines():
        Report(at=0, bugs=BUGS).raise_bugs()
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(
        "headroom: a bug in Headroom broke part of the check: KeyError (test_main.py, line "
    )
    assert told[1:] == ["headroom: no table"]


def test_watch_checks_at_once_and_ends_well_with_ctrl_c(laptop: Laptop) -> None:
    command = [sys.executable, "-c", WATCH, "watch", *laptop.options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:  # noqa: S603
        assert watching.stdout is not None
        said = [watching.stdout.readline() for _ in range(4)]
        watching.send_signal(signal.SIGINT)
        rest, _ = watching.communicate()
    assert "ops-slack           WARNING " in said[2]
    assert "1 project checked" in said[3]
    assert rest.endswith("stopped; the next start continues from here\n")
    assert watching.returncode == 0
    assert len(laptop.inbox.received) == 1


def test_watch_calls_the_heartbeat_and_a_check_by_hand_does_not(laptop: Laptop) -> None:
    """A check by hand shall not hide that those on schedule have stopped."""
    with answering(Answer(200, "OK")) as outside:
        with laptop.config.open("a", encoding="utf-8") as file:
            file.write(f"heartbeat: {{url: '{outside.url}/ping/sesame'}}\n")
        assert laptop.check() == 0
        assert laptop.check("--dry-run") == 0
        assert outside.requests == []
        command = [sys.executable, "-c", WATCH, "watch", *laptop.options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:  # noqa: S603
            assert watching.stdout is not None
            said = [watching.stdout.readline() for _ in range(3)]
            watching.send_signal(signal.SIGINT)
            rest, _ = watching.communicate()
    assert [each.path for each in outside.requests] == ["/ping/sesame"]
    assert "1 project checked" in said[2]
    assert "sesame" not in "".join([*said, rest])


def test_watch_goes_by_the_same_file_and_refuses_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert headroom("watch", "--config", str(tmp_path / "none.yaml")) == 2
    assert "none.yaml could not be read" in capsys.readouterr().err


def test_the_version_and_the_schema_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert headroom("--version") == 0
    assert capsys.readouterr().out == f"headroom {__version__}\n"
    assert headroom("schema") == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_a_bare_command_helps() -> None:
    assert headroom() in (0, 2)  # click 8.2 counts it as a mistake, earlier ones did not


def test_a_prefix_that_is_no_path_is_refused_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert headroom("push", "--config", "none.yaml", "--prefix", "headroom/dev") == 2
    assert "--prefix: 'headroom/dev' is not a path" in capsys.readouterr().err


def test_a_push_that_nobody_can_agree_to_says_how_to_go_on(
    laptop: Laptop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    with mock_aws():
        assert headroom("push", "--config", str(laptop.config)) == 1
    assert "give --yes to continue without asking" in capsys.readouterr().err


def test_a_redrive_without_a_stack_says_where_a_laptop_keeps_its_notices_and_how_to_see_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        run(["redrive"])
    assert capsys.readouterr().err == (
        "headroom: give --stack NAME: only the notices of a deployed stack can be sent again; "
        "`headroom watch` keeps undeliverable ones in its state file, and headroom doctor "
        "--config FILE lists them\n"
    )
