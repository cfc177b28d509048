"""`make run`, for two of its hours: the real handler on embedded parts, through outages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headroom.domain.windows import Instant
from headroom_cli.config_file.source import read
from headroom_cli.demo import scenario
from headroom_cli.demo.audit import Audit
from headroom_cli.demo.command import ALERTS, ROOT
from headroom_cli.demo.config import DemoConfig
from headroom_cli.demo.day import Day, Outcome
from headroom_cli.demo.scenario import clock
from headroom_cli.demo.services import started
from headroom_cli.simulator.receivers import Received

SURGE = range(9 * 60 + 30, 11 * 60 + 20)
"""Minutes of the day in which support-line fills up, Slack fails and PagerDuty is busy."""


class Notes:
    """Keeps what a screen would show."""

    def __init__(self) -> None:
        self.scenes: list[str] = []
        self.notices: list[Received] = []
        self.requests = 0

    def scene(self, at: Instant, text: str) -> None:
        assert at >= scenario.START
        self.scenes.append(text)

    def notice(self, received: Received) -> None:
        self.notices.append(received)

    def progress(self, at: Instant, checks: int, requests: int) -> None:
        assert at >= scenario.START
        assert checks > 0
        self.requests = requests

    def of(self, channel: str) -> list[tuple[Instant, str]]:
        return [(n.at, n.headline.split(" ", 1)[0]) for n in self.notices if n.channel == channel]


@pytest.fixture(scope="module")
def surge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Notes, Outcome]]:
    notes, config = Notes(), DemoConfig(read(ALERTS, lambda _: "made up"))
    log = tmp_path_factory.mktemp("demo") / "log"
    with started(ROOT, config, log) as services:
        yield notes, Day(services, Audit(config.kinds), notes).run(SURGE)


def test_no_notice_is_lost_and_none_comes_twice(surge: tuple[Notes, Outcome]) -> None:
    _, outcome = surge
    assert outcome.result.lost == ()
    assert outcome.result.duplicates == ()
    assert outcome.open_pages == 0
    assert outcome.checks == len(SURGE)


def test_people_hear_of_the_surge_from_its_beginning_to_its_end(
    surge: tuple[Notes, Outcome],
) -> None:
    notes, outcome = surge
    kinds = [word for _, word in notes.of("ops-slack")][:4]
    assert kinds == ["WARNING", "CRITICAL", "EASED", "RESOLVED"]
    assert [word for _, word in notes.of("on-call")] == ["CRITICAL", "EASED", "resolve:"]
    assert outcome.result.delivered["escalated", "on-call"] == 1


def test_what_a_channel_refused_reaches_it_soon_after(surge: tuple[Notes, Outcome]) -> None:
    notes, outcome = surge
    paged, eased = notes.of("on-call")[0][0], notes.of("ops-slack")[2][0]
    assert clock("10:03") <= paged <= clock("10:06")
    assert clock("10:55") <= eased <= clock("11:10")
    assert outcome.refused[429] > 0
    assert outcome.refused[500] > 0


def test_every_line_is_asked_every_minute(surge: tuple[Notes, Outcome]) -> None:
    notes, outcome = surge
    assert notes.requests == outcome.requests.total() >= 5 * len(SURGE)
    assert set(outcome.requests) == {200}
    assert "Slack is down for twenty minutes" in notes.scenes
