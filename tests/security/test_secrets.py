"""Every status of every service, each with an echo: no secret in what Headroom says or keeps."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.bootstrap import local
from headroom.channels.console import Console
from headroom.ports import Deadline
from headroom.state.sqlite_stores import sqlite_stores
from headroom_cli.config_file.source import FileSource
from tests.builders import T0
from tests.security.trouble import EVERY_STATUS, Trouble, trouble

MINUTE, DAY = 60, 24 * 3600
TIMES = (T0, T0 + 12 * MINUTE, T0 + DAY + 20 * MINUTE, T0 + DAY + 21 * MINUTE)


@dataclass
class Day:
    """What a day of it left behind on a laptop."""

    trouble: Trouble
    reports: list[dict[str, object]]
    log: str
    default: list[str]
    stored: str

    @property
    def problems(self) -> str:
        return "\n".join(str(report["problems"]) for report in self.reports)


@contextmanager
def logged(path: Path) -> Iterator[Path]:
    """All that any logger says meanwhile, down to DEBUG."""
    root, handler = logging.getLogger(), logging.FileHandler(path, encoding="utf-8")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield path
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day")
    with trouble(folder, EVERY_STATUS) as made, logged(folder / "log") as log:
        file, state = folder / "alerts.yaml", folder / "state.sqlite"
        file.write_text(json.dumps(made.written))
        now, default = [T0], list[str]()
        app = local(
            FileSource(file),
            sqlite_stores(state, lambda: now[0]),
            default=Console(default.append),
            polyai_url=made.polyai.url,
            clock=lambda: now[0],
            beats=True,
        )
        reports = []
        for now[0] in TIMES:
            reports.append(app.run(now[0], Deadline(lambda: 22.0)).as_json())
        app.close()
        stored = state.read_bytes().decode("utf-8", "replace")
        yield Day(made, reports, log.read_text("utf-8"), default, stored)


def test_the_day_had_every_trouble_in_it(day: Day) -> None:
    """Guards the next tests against looking at nothing."""
    silent = {200}
    asked = {f"ask-{status}" for status in (*EVERY_STATUS, 0) if status not in silent}
    unreachable = day.reports[0]["unreachable"]
    assert isinstance(unreachable, dict)
    assert asked <= unreachable.keys()
    for status in {*EVERY_STATUS} - {*range(200, 300)}:  # which a stand-in accepts with
        assert f"line-s{status}: notice" in day.problems
        assert f"to slack-s{status}: " in day.problems
    for words in (
        "no connection",
        "connection lost",
        "resolves to a private address",
        "heartbeat: 401 Unauthorized",
        "given up after 24 hours: 503",
        "given up, now in the dead-letter queue: given up after 24 hours: 404 Not Found: no ...",
    ):
        assert words in day.problems, words
    assert any("404" in line for line in day.default)
    assert "dead_letters" in day.stored
    assert "given up after 24 hours" in day.stored


def test_no_report_tells_a_secret(day: Day) -> None:
    for report in day.reports:
        assert day.trouble.secrets.found_in(json.dumps(report)) == set()


def test_no_logger_tells_a_secret_even_where_all_is_logged(day: Day) -> None:
    assert day.trouble.secrets.found_in(day.log) == set()


def test_nothing_that_is_stored_tells_a_secret(day: Day) -> None:
    """Documents, history and dead letters: one file has them all."""
    assert day.trouble.secrets.found_in(day.stored) == set()


def test_nothing_on_the_default_channel_tells_a_secret(day: Day) -> None:
    assert len(day.default) > 10, "one alert for each channel and each cause, and their fixes"
    assert day.trouble.secrets.found_in("\n".join(day.default)) == set()


def test_a_channel_is_sent_its_own_secret_alone_and_only_where_it_belongs(day: Day) -> None:
    found_in, asked = day.trouble.secrets.found_in, day.trouble.channels.requests
    assert len(asked) > 3 * len(EVERY_STATUS)
    for each in asked:
        name, headers = f"s{each.path.split('/')[1]}", json.dumps(each.headers)
        if "/pager/" in each.path:
            assert found_in(each.path + headers) == set()
            assert found_in(each.text) == {f"{name}: routing key"}
        elif "/services/" in each.path:
            assert found_in(each.text + headers) == set()
            assert found_in(each.path) == {f"{name}: {part}" for part in ("team", "hook", "token")}
        else:
            assert found_in(each.text + headers) == set()
            assert found_in(each.path) == {"heartbeat"}


def test_polyai_is_sent_its_key_in_its_header_and_no_other_secret(day: Day) -> None:
    found_in = day.trouble.secrets.found_in
    for each in day.trouble.polyai.requests:
        others = {name: value for name, value in each.headers.items() if name != "x-api-key"}
        assert found_in(each.path + each.text + json.dumps(others)) == set()
        assert found_in(each.headers["x-api-key"]) == {"API key"}


def test_who_has_no_good_certificate_is_sent_nothing(day: Day) -> None:
    assert day.trouble.tls.requests == []
