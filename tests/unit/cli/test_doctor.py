"""What holds for every probe, and what doctor says of a laptop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from headroom.bootstrap import system_clock
from headroom.errors import ConfigUnavailable
from headroom.state.sqlite import SqliteDeadLetters
from headroom_cli.console import listed_names
from headroom_cli.demo.config import made_up
from headroom_cli.doctor.command import line
from headroom_cli.doctor.engine import Finding, Findings, SharedValue, Status, ok, warn
from headroom_cli.doctor.examination import examine
from headroom_cli.doctor.explain import LOG_IN, explain
from headroom_cli.doctor.remedies import deploy
from headroom_cli.main import run
from headroom_cli.simulator.lines import Line
from headroom_cli.simulator.polyai import Key, Simulator
from tests.builders import notice

SECRET = "sesame-sesame"


@dataclass
class Fake:
    """Finds one thing and then does as planned."""

    name: str
    then: Callable[[], object] = str

    def look(self) -> Findings:
        yield ok(self.name, "first")
        self.then()
        yield ok(self.name, "second")


def broken() -> None:
    raise KeyError(SECRET)


def test_a_bug_in_one_probe_is_a_line_without_its_text_and_hides_nothing() -> None:
    found = list(examine([Fake("a", broken), Fake("b")]))
    assert [each.subject for each in found] == ["a", "a", "b", "b"]
    assert found[1].status is Status.FAIL
    assert "KeyError (test_doctor.py, line " in found[1].detail
    assert SECRET not in found[1].detail


def test_a_probe_that_hangs_is_told_when_the_time_is_over_and_nobody_waits_for_it() -> None:
    let_go = threading.Event()
    began = time.monotonic()
    found = list(examine([Fake("a", lambda: let_go.wait(10)), Fake("b")], seconds=0.2))
    took = time.monotonic() - began
    let_go.set()
    assert [(each.subject, each.detail) for each in found] == [
        ("a", "first"),
        ("a", "no answer within 0 s"),
        ("b", "first"),
        ("b", "second"),
    ]
    assert took < 5


def test_probes_look_side_by_side() -> None:
    """Each waits for all the others: one after another, none would ever end."""
    everybody = threading.Barrier(5, timeout=10)
    found = list(examine([Fake(str(number), everybody.wait) for number in range(5)]))
    assert [each.status for each in found] == [Status.OK] * 10


def test_what_several_build_on_is_made_once_and_its_trouble_told_once() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        raise ConfigUnavailable("no parameters")

    shared = SharedValue("parameters", make)
    found = list(examine([Fake("a", shared), Fake("parameters", shared.own), Fake("b", shared)]))
    told = [each.detail for each in found if each.status is not Status.OK]
    assert told == ["no parameters", "a, b: first fix parameters"]
    assert made == [1]


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetParametersByPath")


def test_of_what_aws_says_only_the_first_line_counts() -> None:
    """Below it a refused signature has the request's headers, and with them the session token."""
    error = refused("SignatureDoesNotMatch", f"not equal\nx-amz-security-token:{SECRET}")
    assert SECRET not in explain("parameters", error).detail


def test_a_permission_that_another_service_wants_is_named_as_that() -> None:
    error = refused("AccessDeniedException", "User: a is not authorized to perform: kms:Decrypt on")
    assert explain("parameters", error).detail == "not examined: your role lacks kms:Decrypt"


def test_names_of_others_are_text_on_one_line() -> None:
    shown = line(warn("channel x", "a\nb\x1b[31m", "rm\u202e -r")).plain
    assert shown == "warn  channel x          a b[31m\n" + " " * 25 + "-> rm -r"
    assert line(Finding(Status.OK, "table", "well")).plain == "ok    table              well"


def test_a_stack_is_deployed_again_by_its_own_name() -> None:
    """Without a stage `make deploy` would deploy dev."""
    assert deploy("headroom-prod-eu") == "make deploy STAGE=prod-eu"
    elsewhere = "make build && sam deploy --stack-name calls --resolve-s3 "
    assert deploy("calls") == f"{elsewhere}--capabilities CAPABILITY_IAM"
    assert deploy("calls", "A=b").endswith(" --parameter-overrides 'A=b'")


def test_of_many_names_the_first_are_told_so_that_there_is_room_for_the_reason() -> None:
    assert listed_names("abcde") == "a, b, c, d, e"
    assert listed_names("gfedcba") == "a, b, c, d, e and 2 more"


ALERTS = """
defaults: {{region: uk-1, account_id: acme}}
projects:
  support-line: {{project_id: support, limit: 20, rules: {{near: {{warning: ">= 80%"}}}}}}
channels:
  ops-slack: {{type: slack, webhook_url: "{url}/services/T/B/{secret}"}}
keys: {{default: {key}}}
"""


@pytest.fixture
def polyai() -> Iterator[str]:
    line = Line(("acme",), ("support",), 3, 10)
    keys = {made_up("key"): Key(frozenset({"acme"}))}
    with Simulator((line,), keys, now=system_clock()).serve() as server:
        yield server.url


def headroom(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    return int(ended.value.code or 0)


def test_a_laptop_is_looked_at_without_aws_and_nothing_is_left_behind(
    polyai: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, state = tmp_path / "alerts.yaml", tmp_path / "state.sqlite"
    config.write_text(ALERTS.format(url=polyai, secret=SECRET, key=made_up("key")), "utf-8")
    where = ["--config", str(config), "--state", str(state), "--polyai-url", polyai]
    assert headroom("doctor", *where) == 1
    said = capsys.readouterr().out
    assert f"FAIL  state              {state} does not exist: no check has run" in said
    assert f"-> headroom watch --config {config} --state {state}\n" in said
    assert not state.exists()
    assert headroom("check", *where) == 0
    before = state.read_bytes()
    capsys.readouterr()
    assert headroom("doctor", *where) == 0
    said = capsys.readouterr().out
    assert "ok    file               1 project, 1 channel, 1 API key in " in said
    assert "ok    projects           PolyAI answers for 1 project\n" in said
    assert "ok    channel ops-slack  127.0.0.1 can be reached (nothing was sent)\n" in said
    assert "ok    notices            none is pending\n" in said
    assert "ok    dead letters       none\n" in said
    assert "ok    baselines          no rule needs to know what is usual\n" in said
    assert said.endswith("\n9 ok\n")
    assert SECRET not in said
    assert made_up("key") not in said
    assert state.read_bytes() == before


def test_what_a_laptop_gave_up_is_told_by_doctor(
    polyai: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, state = tmp_path / "alerts.yaml", tmp_path / "state.sqlite"
    config.write_text(ALERTS.format(url=polyai, secret=SECRET, key=made_up("key")), "utf-8")
    letters = SqliteDeadLetters(state, clock=system_clock)
    asyncio.run(letters.put(notice().as_json(), "ops-slack", "404 no_service"))
    where = ["--config", str(config), "--state", str(state), "--polyai-url", polyai]
    assert headroom("doctor", *where) == 1
    said = capsys.readouterr().out
    assert "FAIL  dead letters       1 notice for ops-slack in two weeks: 404 no_service" in said
    assert f"fix channels.ops-slack in {config}" in said


def test_where_this_machine_gets_no_answer_the_fix_is_on_this_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "alerts.yaml"
    closed = "http://127.0.0.1:9"
    config.write_text(ALERTS.format(url=closed, secret=SECRET, key=made_up("key")), "utf-8")
    where = ["--config", str(config), "--state", str(tmp_path / "state"), "--polyai-url", closed]
    assert headroom("doctor", *where) == 1
    said = capsys.readouterr().out
    assert "no answer from 127.0.0.1: Connection refused" in said
    assert "-> check the DNS, network and proxy of this machine, then run this again" in said


def test_a_variable_that_is_not_set_is_the_fix_of_its_own_fault_only(
    polyai: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "alerts.yaml"
    written = ALERTS.format(url=polyai, secret=SECRET, key="env:NOT_SET_HERE")
    config.write_text(written.replace(">= 80%", ">= 80%%"), "utf-8")
    where = ["--config", str(config), "--state", str(tmp_path / "state"), "--polyai-url", polyai]
    assert headroom("doctor", *where) == 1
    said = capsys.readouterr().out.splitlines()
    fixes = {fault: fix for fault, fix in pairwise(said) if "FAIL  file" in fault}
    assert [fix.split("-> ")[1].replace(str(config), "FILE") for fix in fixes.values()] == [
        "fix it in FILE; a running headroom watch reads it again",
        "export NOT_SET_HERE, and restart headroom watch if it runs",
    ]


@pytest.mark.parametrize("options", [(), ("--stack", "headroom-dev", "--config", "alerts.yaml")])
def test_doctor_wants_a_stack_or_a_file(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert headroom("doctor", *options) == 2
    assert "give --stack NAME, or --config FILE" in capsys.readouterr().err


def aws_errors() -> Iterator[exceptions.BotoCoreError]:
    """One of each error that botocore raises without an answer from AWS."""
    for kind in vars(exceptions).values():
        if isinstance(kind, type) and issubclass(kind, exceptions.BotoCoreError):
            fields = [name for _, name, _, _ in Formatter().parse(kind.fmt) if name]
            if kind is not exceptions.WaiterError:  # nothing here waits
                yield kind(**dict.fromkeys(fields, "https://ssm.example"))


@pytest.mark.parametrize("error", [*aws_errors()], ids=lambda error: type(error).__name__)
def test_an_error_on_the_way_to_aws_has_one_fix_never_none_never_two(
    error: exceptions.BotoCoreError,
) -> None:
    finding = explain("stack", error)
    in_the_detail = "AWS_REGION" in finding.detail or "AWS_PROFILE" in finding.detail
    assert in_the_detail != (finding.fix == LOG_IN)
