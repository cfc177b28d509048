"""Printing stops nothing: neither a character, nor a full disk, nor a reader who has gone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.laptop import Laptop, a_laptop

COMMAND = [sys.executable, "-c", "from headroom_cli.main import run; run()"]


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    with a_laptop(tmp_path) as made:
        yield made


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_terminal_gets_the_last_hour_in_characters_that_it_has(
    laptop: Laptop, encoding: str
) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(  # noqa: S603 (ours)
        [*COMMAND, "check", *laptop.options], env=environment, capture_output=True, check=True
    )
    said = done.stdout.decode(encoding)
    bar, none = ("█", "·") if encoding == "utf-8" else ("#", "?")
    hour = rf"{bar}{{11,12}}\[[{bar}{none}]{{1,2}}\]"  # the newest window may have no reading yet
    assert re.search(
        rf"^WARNING +support-line  \d+/20  1\d\d%  {hour} +near-limit$", said, re.MULTILINE
    )
    assert done.stderr == b""


def test_a_character_that_the_terminal_lacks_is_a_question_mark_and_ends_nothing(
    laptop: Laptop,
) -> None:
    laptop.write(condition=">= \u0414\u0432\u0430")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(  # noqa: S603 (ours)
        [*COMMAND, "check", *laptop.options], env=environment, capture_output=True, check=False
    )
    (line,) = [each for each in done.stdout.splitlines() if each.startswith(b"invalid config ")]
    assert b"near-limit.warning: '>= ???'" in line
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.parametrize("command", [["check", "--dry-run"], ["check", "--json"], ["schema"]])
def test_a_reader_who_has_gone_ends_a_command_quietly(laptop: Laptop, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    options = laptop.options if "check" in command else []
    try:
        done = subprocess.run(  # noqa: S603 (ours)
            [*COMMAND, *command, *options], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_who_has_gone_does_not_end_the_watch(laptop: Laptop) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(  # noqa: S603 (ours)
        [*COMMAND, "watch", *laptop.options], stdout=writing, stderr=subprocess.PIPE
    ) as watch:
        os.close(writing)
        ends = time.monotonic() + 20
        while not laptop.inbox.received and time.monotonic() < ends:
            assert watch.poll() is None
        assert len(laptop.inbox.received) == 1
        watch.send_signal(signal.SIGTERM)
        _, errors = watch.communicate()
    assert (watch.returncode, errors) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to offer")
def test_a_full_disk_does_not_change_what_a_check_does(laptop: Laptop) -> None:
    with Path("/dev/full").open("wb") as full:
        subprocess.run(  # noqa: S603 (ours)
            [*COMMAND, "check", *laptop.options], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert len(laptop.inbox.received) == 1
