"""What no try could deliver is sent again once, in order, and never pages for what is over."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from headroom.bootstrap import system_clock
from headroom.domain.notices import Kind, Notice, Reading
from headroom.domain.windows import WINDOW, window_of
from headroom.state.document import Document
from headroom_cli.asking import Declined
from headroom_cli.aws import Aws
from headroom_cli.console import terminal
from headroom_cli.demo.cloud import Cloud
from headroom_cli.demo.wiring import made_up
from headroom_cli.inbox import Inbox
from headroom_cli.redrive.command import redrive
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.wish import Wish
from headroom_cli.simulator.faults import Fault, Trouble
from tests.builders import document, incident, notice
from tests.unit.cli.deployed import Deployed, aws, deploy

DAY = 24 * 3600
AGO = 2 * DAY
"""When the default incident fired: two days before the test."""
FAILED_CHECK = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {}}


@dataclass(frozen=True)
class Night:
    """A stack whose channels are well again, and letters in its queue."""

    deployed: Deployed
    aws: Aws
    inbox: Inbox
    capsys: pytest.CaptureFixture[str]
    refuses: list[str] = field(default_factory=list)
    """The questions, by a word in them, that are answered with no."""

    def agreed(self, question: str) -> bool:
        if any(word in question for word in self.refuses):
            raise Declined
        return True

    def redrive(self, *channels: str, **wishes: bool) -> tuple[int, str]:
        wish = Wish(channels=channels, agreed=self.agreed, wait=0, **wishes)
        code = redrive(terminal(), self.aws, self.deployed.stack, wish)
        return code, self.capsys.readouterr().out

    def process(self, *more: str, **streams: int) -> subprocess.Popen[bytes]:
        """The same command in a process of its own, to be ended."""
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        entry = heard + "from headroom_cli.main import run; run()"
        command = [sys.executable, "-c", entry, "redrive", "--stack", self.deployed.stack.name]
        return subprocess.Popen([*command, *more], **streams)  # type: ignore[call-overload,no-any-return] # noqa: S603 (ours)

    @property
    def received(self) -> list[tuple[str, str]]:
        return [(each.channel, each.headline) for each in self.inbox.received]

    @property
    def command(self) -> str:
        return f"headroom redrive --stack {self.deployed.stack.name}"

    def left(self) -> list[str]:
        return [str(letter.get("channel")) for letter in self.deployed.lying()]

    def fault(self, channel: str, trouble: Trouble, retry_after: int = 30) -> None:
        self.inbox.faults = (Fault(channel, 0, DAY, trouble, retry_after=retry_after),)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with aws() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def operator(cloud: Cloud) -> Aws:  # noqa: ARG001 (whose account it is)
    return Aws()


@pytest.fixture
def night(cloud: Cloud, operator: Aws, capsys: pytest.CaptureFixture[str]) -> Iterator[Night]:
    inbox = Inbox({"hook": "ops-slack"}, {made_up("key"): "on-call"})
    deployed = deploy(cloud)
    with inbox.serve() as server:
        slack = {"type": "slack", "webhook_url": f"{server.url}/services/T/B/hook"}
        pager = {"type": "pagerduty", "routing_key": made_up("key"), "api_url": server.url}
        deployed.put("channels/ops-slack", slack, secure=True)
        deployed.put("channels/on-call", pager, secure=True)
        yield Night(deployed, operator, inbox, capsys)


def told(kind: Kind = Kind.FIRED, later: int = 0, **changes: object) -> Notice:
    """A notice of the default incident, which fired two days ago."""
    since = window_of(system_clock() - AGO)
    made = notice(kind)
    moved = since - made.since
    at = made.at + moved + later
    return replace(notice(kind, since=since, at=at), **changes)  # type: ignore[arg-type]


def open_for(each: Notice) -> Document:
    """Headroom still has the incident of this notice open."""
    return document(incidents={each.alert_id: incident(last=each, window=each.since)})


def test_a_notice_is_sent_with_the_same_id_says_how_late_it_is_and_leaves_the_queue(
    night: Night,
) -> None:
    fired = told()
    night.deployed.store(open_for(fired))
    night.deployed.letter(fired, "on-call")
    code, said = night.redrive()
    (page,) = night.inbox.received
    assert page.identity == fired.id
    assert page.headline == f"LATE 2 d: {fired.summary}"
    assert (code, night.left()) == (0, [])
    assert "1 notice sent\n" in said


def test_what_lies_there_is_shown_with_channel_reason_and_first_line_and_a_dry_run_leaves_it(
    night: Night,
) -> None:
    fired = told()
    night.deployed.letter(fired, "ops-slack", "404 no_service")
    night.deployed.message(FAILED_CHECK)
    night.deployed.message({"time": "2026-11-23T10:05:00Z"})
    night.deployed.message("hello there")
    code, said = night.redrive(dry_run=True)
    assert code == 0
    assert "1 failed check, 1 event that reached no check, 1 message that Headroom did not" in said
    assert f"UTC  ops-slack           {fired.summary}\n" in said
    assert "          404 no_service\n" in said
    assert night.received == []
    assert (
        len(
            night.deployed.client("sqs").receive_message(
                QueueUrl=night.deployed.stack.queue_url, MaxNumberOfMessages=10
            )["Messages"]
        )
        == 4
    )


def test_only_what_the_channel_took_leaves_the_queue_and_the_rest_says_why(night: Night) -> None:
    night.deployed.letter(told(), "on-call")
    night.deployed.letter(told(), "ops-slack")
    night.deployed.message(FAILED_CHECK)
    night.deployed.store(open_for(told()))
    night.fault("ops-slack", Trouble.GONE)
    code, said = night.redrive()
    assert code == 1
    assert [channel for channel, _ in night.received] == ["on-call"]
    assert "stays  ops-slack           CRITICAL" in said
    assert "410 channel_is_archived" in said
    assert sorted(map(str, night.left())) == ["None", "ops-slack"]


def test_an_alert_is_told_in_the_order_of_time_whatever_the_queue_says(night: Night) -> None:
    for kind, later in ((Kind.RESOLVED, 0), (Kind.ESCALATED, 300), (Kind.FIRED, 0)):
        night.deployed.letter(told(kind, later), "ops-slack")
    night.redrive()
    words = [headline.split(": ")[1].split()[0] for _, headline in night.received]
    assert words == ["CRITICAL", "CRITICAL", "RESOLVED"]
    assert night.left() == []


def test_what_stays_keeps_the_later_ones_of_its_alert_and_of_a_busy_channel_all(
    night: Night,
) -> None:
    """A second of waiting is worth it, an hour is not."""
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(Kind.RESOLVED), "ops-slack")
    night.fault("ops-slack", Trouble.BUSY, retry_after=3600)
    code, said = night.redrive()
    assert (code, night.received, len(night.left())) == (1, [], 2)
    assert night.inbox.refused == {429: 1}
    assert said.count("not tried, for the one before it stays") == 1


def test_copies_are_sent_once_and_leave_together(night: Night) -> None:
    for _ in range(3):
        night.deployed.letter(told(), "ops-slack")
    code, said = night.redrive()
    assert (code, len(night.received), night.left()) == (0, 1, [])
    assert "(3 copies, sent once)" in said


@pytest.mark.parametrize("kind", [Kind.FIRED, Kind.ESCALATED, Kind.EASED, Kind.REMINDER])
def test_a_pager_hears_no_trigger_of_what_is_over_and_people_do(night: Night, kind: Kind) -> None:
    """PagerDuty would open a new alert; nobody would ever resolve it."""
    for channel in ("on-call", "ops-slack"):
        night.deployed.letter(told(kind), channel)
    code, said = night.redrive()
    assert [channel for channel, _ in night.received] == ["ops-slack"]
    assert night.received[0][1].startswith(f"LATE 2 d, over: {told(kind).summary[:60]}")
    assert night.left() == ["on-call"]
    assert "stays: its incident is over: nobody is paged for it" in said
    assert f"-> delete what is over: {night.command} --channel on-call --drop-over\n" in said
    assert code == 0


def test_the_end_goes_to_the_pager_unless_a_newer_incident_of_its_alert_is_open(
    night: Night,
) -> None:
    """It would close the page that is burning now."""
    end = told(Kind.RESOLVED)
    newer = told(Kind.FIRED, DAY, since=end.since + DAY, incident_id="newer")
    night.deployed.store(open_for(newer))
    night.deployed.letter(end, "on-call")
    _, said = night.redrive()
    assert night.received == []
    assert "stays: a newer incident of its alert is open" in said
    other = told(Kind.RESOLVED, rule="dead-line", id="other")
    night.deployed.letter(other, "on-call")
    night.redrive()
    assert [headline.split(":")[0] for _, headline in night.received] == ["resolve"]


def test_one_channel_alone_and_what_is_gone_for_good_is_dropped_unsent(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(), "old-slack")
    code, said = night.redrive("old-slack")
    assert "no such channel is configured" in said
    assert "there is 1 for ops-slack" in said
    assert len(night.left()) == 2
    code, said = night.redrive("old-slack", drop=True)
    assert (code, night.received, night.left()) == (0, [], ["ops-slack"])
    assert "1 message deleted" in said


def test_failed_checks_go_only_if_that_is_asked_for_and_nothing_else_goes_with_them(
    night: Night,
) -> None:
    night.deployed.letter(told(), "old-slack")
    for body in (FAILED_CHECK, {"time": "2026-11-23T10:05:00Z"}, {"notice": 7}, "hello"):
        night.deployed.message(body)
    night.redrive()
    assert len(night.deployed.lying()) == 5
    _, said = night.redrive(tidy=True)
    assert "2 messages deleted" in said
    assert len(night.deployed.lying()) == 3


def test_a_letter_that_was_cut_to_fit_is_sent_too(night: Night) -> None:
    huge = told(readings=tuple(Reading(WINDOW * n, 10**9) for n in range(6_000)))
    night.deployed.letter(replace(huge, description="x" * 300_000), "ops-slack")
    night.redrive()
    assert [line for _, line in night.received] == [f"LATE 2 d, over: {huge.summary}"]


def test_who_cannot_be_asked_is_told_how_and_nothing_is_sent_or_kept_hidden(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.deployed.letter(told(), "ops-slack")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert night.deployed.run("redrive") == 1
    assert "--yes goes on without asking" in night.capsys.readouterr().err
    assert (night.received, night.left()) == ([], ["ops-slack"])


def test_a_stack_that_is_not_there_is_told_in_a_line(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = replace(night.deployed, stack=replace(night.deployed.stack, name="headroom-pord"))
    assert nowhere.run("redrive") == 1
    assert capsys.readouterr().err.startswith("headroom: there is no stack 'headroom-pord' in eu-")


def test_what_another_redrive_holds_is_no_empty_queue(night: Night) -> None:
    """It may have been killed at its question."""
    night.deployed.letter(told(), "ops-slack")
    Queue(night.aws.sqs, night.deployed.stack.queue_url).take(0)
    code, said = night.redrive()
    assert (code, said.count("no notices")) == (1, 0)
    assert "about 1 message is hidden: another redrive has them, or was ended; run this" in said


def test_only_what_is_over_is_dropped_and_what_may_be_sent_waits(night: Night) -> None:
    night.deployed.letter(told(), "on-call")
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(), "old-slack")
    code, said = night.redrive(drop_over=True)
    assert "1 message deleted" in said
    assert f"run this again, or {night.command} --channel old-slack --drop\n" in said
    assert (code, night.received, sorted(night.left())) == (1, [], ["old-slack", "ops-slack"])


def test_a_notice_of_another_version_is_told_and_goes_only_with_tidy_and_drop(
    night: Night,
) -> None:
    night.deployed.message({"notice": {"id": 7}, "channel": "ops-slack", "reason": "404"})
    night.deployed.message("hello there")
    for wishes in ({}, {"drop": True}, {"tidy": True}):
        code, said = night.redrive(**wishes)
        assert (code, len(night.deployed.lying())) == (1, 2)
        assert "1 left: a notice of another version, message " in said
        assert "aws sqs receive-message --queue-url http" in said
        assert f"{night.command} --channel ops-slack --tidy --drop\n" in said
    code, said = night.redrive("ops-slack", tidy=True, drop=True)
    assert (code, "1 message deleted" in said, len(night.deployed.lying())) == (0, True, 1)


def test_a_channel_that_has_nothing_is_named_beside_those_that_have(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    code, said = night.redrive("ops-slak")
    assert (code, "none for ops-slak; there is 1 for ops-slack\n" in said) == (1, True)


def test_no_to_tidying_still_asks_to_send_and_no_to_both_does_nothing(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    night.deployed.message(FAILED_CHECK)
    night.refuses[:] = ["delete", "send"]
    code, said = night.redrive(tidy=True)
    assert (code, "nothing sent" in said, len(night.deployed.lying())) == (1, True, 2)
    night.refuses.remove("send")
    code, _ = night.redrive(tidy=True)
    assert (code, len(night.received), night.left()) == (1, 1, ["None"])


def ended_by(process: subprocess.Popen[bytes], number: signal.Signals) -> int:
    """Send it, and again: one that comes between the prompt and the read of its answer waits."""
    for _ in range(3):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(10)
    process.kill()
    return process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_redrive_that_is_ended_at_its_question_ends_and_hands_back(
    night: Night, number: signal.Signals
) -> None:
    """On a terminal of its own, as a person would see it."""
    night.deployed.letter(told(), "ops-slack")
    ours, its = pty.openpty()
    with night.process(stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        said = b""
        while b"again? [y/N]" not in said:
            said += os.read(ours, 4096)
        assert ended_by(process, number) in (1, 130)
    with contextlib.suppress(OSError):  # so a terminal ends
        said += os.read(ours, 4096)
    os.close(ours)
    assert b"nobody answered" not in said
    assert b"Traceback" not in said
    assert (night.received, night.left()) == ([], ["ops-slack"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_redrive_that_is_ended_while_it_waits_for_a_channel_hands_back(
    night: Night, number: signal.Signals
) -> None:
    night.deployed.letter(told(), "ops-slack")
    night.fault("ops-slack", Trouble.BUSY, retry_after=25)
    pause = threading.Event()
    with night.process("--yes", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while not night.inbox.refused:
            assert process.poll() is None, "it ended by itself"
            pause.wait(0.05)
        process.send_signal(number)
        assert process.wait(10) in (1, 130)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert (night.received, night.left()) == ([], ["ops-slack"])
