"""`headroom watch` goes on whatever happens to its file, its state, its screen; and ends well."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from headroom.app import App
from headroom.bootstrap import system_clock
from headroom.pipeline.report import Report
from headroom.ports import Deadline
from headroom_cli.laptop.application import application, file_source
from headroom_cli.laptop.edits import hold
from headroom_cli.laptop.watch import Screen
from headroom_cli.signals import Stop
from tests.unit.cli.laptop import Laptop, a_laptop

COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); from headroom_cli.main import run; run()"
)
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _not_ignored() -> Iterator[None]:
    """Signals count, also where the tests run in the background or under nohup."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@dataclass
class Watching:
    """A watch whose minutes a test calls."""

    laptop: Laptop
    screen: Screen
    app: App
    file: io.StringIO

    def minute(self) -> list[str]:
        """What one check adds to the screen."""
        before = len(self.file.getvalue())
        self.screen.check_again(self.app)
        return self.file.getvalue()[before:].splitlines()


@contextmanager
def watched(laptop: Laptop) -> Iterator[Watching]:
    file = io.StringIO()
    source = file_source(laptop.config, laptop.state, hold)
    screen = Screen(Console(file=file, width=2000), source)
    place = laptop.config, laptop.state, screen.default, laptop.polyai
    with application(*place, source=source) as app:
        yield Watching(laptop, screen, app, file)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    with a_laptop(tmp_path) as laptop, watched(laptop) as made:
        assert "WARNING " in made.minute()[0]
        yield made


STRICTER = '>= 80%", critical: ">= 85%'
"""Escalates at once, as nothing but this edit can."""


def deleted(laptop: Laptop) -> None:
    laptop.config.unlink()


def a_folder(laptop: Laptop) -> None:
    laptop.config.unlink()
    laptop.config.mkdir()


def half_written(laptop: Laptop) -> None:
    text = laptop.config.read_text("utf-8")
    laptop.edit(text[: text.index("type: slack")])


def emptied(laptop: Laptop) -> None:
    laptop.edit("")


def without_projects(laptop: Laptop) -> None:
    laptop.edit("channels:\n")


def cut_after_the_projects(laptop: Laptop) -> None:
    text = laptop.config.read_text("utf-8")
    laptop.edit(text[: text.index("channels:\n  ops-slack")])


def a_typo(laptop: Laptop) -> None:
    laptop.write(condition=">= 80 %%")


def a_typo_in_the_channel(laptop: Laptop) -> None:
    laptop.edit(laptop.config.read_text("utf-8").replace("type: slack", "type: slak"))


def a_typo_in_the_defaults(laptop: Laptop) -> None:
    laptop.edit(laptop.config.read_text("utf-8").replace("region: uk-1", "region: uk-l"))


HARM = {
    deleted: "No such file",
    a_folder: "Is a directory",
    half_written: "is it cut off?",
    emptied: "is empty",
    without_projects: "it has no projects",
    cut_after_the_projects: "ops-slack",
    a_typo: "near-limit.warning: '>= 80 %%'",
    a_typo_in_the_channel: "type 'slak' is not known",
    a_typo_in_the_defaults: 'did you mean "uk-1"?',
}


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_whatever_becomes_of_the_file_what_was_read_before_stays_in_force_and_each_check_says_so(
    watching: Watching, harm: object
) -> None:
    laptop = watching.laptop
    text = laptop.config.read_text("utf-8")
    harm(laptop)  # type: ignore[operator] # one of the functions above
    for said in (watching.minute(), watching.minute()):
        (held,) = [line for line in said if "the previous version stays in force" in line]
        assert HARM[harm] in held  # type: ignore[index] # as above
        assert said[1].endswith("0 notices sent"), "one line, and the sum of the check"
        assert "1 project checked" in said[1]
    assert len(laptop.inbox.received) == 1, "nobody is notified of a typo"
    if laptop.config.is_dir():
        laptop.config.rmdir()
    laptop.edit(text)
    assert watching.minute()[0].endswith("the file is in force again")


def test_an_edit_is_taken_up_once_it_is_whole(watching: Watching) -> None:
    """An editor may still be writing, and half a file may look like a whole one."""
    laptop = watching.laptop
    laptop.write(condition=STRICTER)
    os.utime(laptop.config)
    assert "it was changed a moment ago" in watching.minute()[0]
    assert len(laptop.inbox.received) == 1
    os.utime(laptop.config, (system_clock() - 60,) * 2)
    watching.minute()
    assert laptop.inbox.received[-1].headline.startswith("CRITICAL")


def test_a_trouble_that_was_there_at_the_start_does_not_hold_back_edits(tmp_path: Path) -> None:
    with a_laptop(tmp_path) as laptop:
        bad = "projects:\n  broken: {limit: many}\n"
        text = laptop.config.read_text("utf-8")
        laptop.edit(text.replace("projects:\n", bad))
        with watched(laptop) as watching:
            watching.minute()
            laptop.edit(text.replace("projects:\n", bad).replace(">= 80%", STRICTER))
            watching.minute()
            assert laptop.inbox.received[-1].headline.startswith("CRITICAL")


def test_a_state_that_cannot_be_used_for_a_while_is_a_line(watching: Watching) -> None:
    state = watching.laptop.state
    state.rename(state.with_suffix(".away"))
    state.mkdir()
    first, later = watching.minute(), watching.minute()
    assert "SQLite load on" in first[0]
    assert first[1].endswith("  this check failed; the next one runs in a minute")
    assert [line[5:] for line in later] == [first[1][5:]], "the reason once, the failure each time"
    state.rmdir()
    state.with_suffix(".away").rename(state)
    assert watching.minute()[0].endswith("0 notices sent")
    assert len(watching.laptop.inbox.received) == 1


class Broken(App):
    """A bug outside every project."""

    def __init__(self) -> None:
        """Without any of the parts."""

    def run(self, *_: object, **__: object) -> Report:
        raise KeyError("sesame")


def test_a_check_that_breaks_as_a_whole_does_not_end_the_watch() -> None:
    file = io.StringIO()
    Screen(Console(file=file, width=200)).check_again(Broken())
    assert "a bug in Headroom broke part of the check: KeyError (test_watch.py" in file.getvalue()
    assert "sesame" not in file.getvalue()


@pytest.mark.parametrize("number", SIGNALS)
def test_watch_ends_well_and_says_goodbye(tmp_path: Path, number: signal.Signals) -> None:
    with a_laptop(tmp_path) as laptop:
        command = [sys.executable, "-c", COMMAND, "watch", *laptop.options]
        with subprocess.Popen(  # noqa: S603 (ours)
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as watch:
            assert watch.stdout is not None
            while "1 project checked" not in watch.stdout.readline():
                pass
            watch.send_signal(number)
            rest, errors = watch.communicate()
    assert rest.endswith("stopped; the next start continues from here\n")
    assert (watch.returncode, errors) == (0, "")


def test_a_check_that_is_under_way_gets_a_few_seconds_more_and_then_it_ends() -> None:
    stop = Stop()
    with stop.listening():
        deadline = stop.within(Deadline(lambda: 50.0))
        assert deadline.left() == 50.0
        signal.raise_signal(signal.SIGTERM)
        assert 0 < deadline.left() <= 5.0
        with pytest.raises(KeyboardInterrupt), stop.idle():
            raise AssertionError
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)  # a second one waits for nothing


@pytest.mark.parametrize("number", SIGNALS)
def test_between_two_checks_it_ends_at_once(number: signal.Signals) -> None:
    stop = Stop()
    with stop.listening(), pytest.raises(KeyboardInterrupt), stop.idle():
        signal.raise_signal(number)


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop().listening():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_second_signal_in_the_middle_of_a_check_leaves_nothing_running() -> None:
    """As after a crash: the state holds what was not sent."""
    stop = Stop()

    async def check() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        signal.raise_signal(signal.SIGTERM)

    with stop.listening(), asyncio.Runner() as runner, pytest.raises(KeyboardInterrupt):
        runner.run(check())
