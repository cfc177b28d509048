"""A redrive that cannot begin, or is ended in its midst, says so and keeps nothing hidden."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import subprocess
import threading
from dataclasses import replace

import pytest

from headroom_cli.redrive.queue import Queue
from headroom_cli.simulator.faults import FaultKind
from tests.unit.cli.redrive_night import Night, told


def test_who_cannot_be_asked_is_told_how_and_nothing_is_sent_or_kept_hidden(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.deployed.letter(told(), "ops-slack")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert night.deployed.run("redrive") == 1
    assert "give --yes to continue without asking" in night.capsys.readouterr().err
    assert (night.received, night.left()) == ([], ["ops-slack"])


def test_a_stack_that_is_not_there_is_told_in_a_line(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = replace(night.deployed, stack=replace(night.deployed.stack, name="headroom-pord"))
    assert nowhere.run("redrive") == 2
    assert capsys.readouterr().err.startswith("headroom: there is no stack 'headroom-pord' in eu-")


def test_what_another_redrive_holds_is_no_empty_queue(night: Night) -> None:
    """It may have been killed at its question."""
    night.deployed.letter(told(), "ops-slack")
    Queue(night.aws.sqs, night.deployed.stack.queue_url).take(0)
    code, said = night.redrive()
    assert (code, said.count("no notices")) == (1, 0)
    assert (
        "about 1 message is hidden: another redrive is running or was interrupted; run this" in said
    )


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
    night.fault("ops-slack", FaultKind.BUSY, retry_after=25)
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
