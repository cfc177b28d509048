"""`make run`, for some of its hours: the real functions on embedded parts, through outages."""

from __future__ import annotations

import re
from pathlib import Path

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
LOST = range(11 * 60 + 20, 12 * 60 + 35)
"""Minutes in which most calls of booking get lost."""
STORM = range(20 * 60 + 20, 21 * 60 + 10)
"""Minutes in which booking fills up slowly."""


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

    def of(self, channel: str, about: str = "") -> list[tuple[Instant, str]]:
        """When and with which first word the channel got each notice that names this."""
        return [
            (each.at, each.headline.split(" ", 1)[0])
            for each in self.notices
            if each.channel == channel and about in each.headline
        ]


def played(minutes: range, folder: Path) -> tuple[Notes, Outcome]:
    notes, config = Notes(), DemoConfig(read(ALERTS, lambda _: "made up"))
    with started(ROOT, config, folder / "log") as services:
        return notes, Day(services, Audit(config.kinds), notes).run(minutes)


@pytest.fixture(scope="module")
def surge(tmp_path_factory: pytest.TempPathFactory) -> tuple[Notes, Outcome]:
    return played(SURGE, tmp_path_factory.mktemp("demo"))


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
    kinds = [word for _, word in notes.of("ops-slack", "support-line near-limit")]
    assert kinds == ["WARNING", "CRITICAL", "EASED", "RESOLVED"]
    assert [word for _, word in notes.of("ops-slack", "emea")] == ["WARNING", "RESOLVED"]
    assert [word for _, word in notes.of("on-call")] == ["CRITICAL", "EASED", "resolve:"]
    assert outcome.result.delivered["escalated", "on-call"] == 1


def test_what_a_channel_refused_reaches_it_soon_after(surge: tuple[Notes, Outcome]) -> None:
    notes, outcome = surge
    paged, eased = notes.of("on-call")[0][0], notes.of("ops-slack", "EASED")[0][0]
    assert clock("10:03") <= paged <= clock("10:06")
    assert clock("10:55") <= eased <= clock("11:10")
    assert outcome.refused[429] > 0
    assert outcome.refused[500] > 0


def test_every_line_is_asked_every_minute(surge: tuple[Notes, Outcome]) -> None:
    notes, outcome = surge
    assert notes.requests == outcome.requests.total() >= 5 * len(SURGE)
    assert set(outcome.requests) == {200}
    assert "Slack is down for twenty minutes" in notes.scenes


def test_lost_calls_are_noticed_by_what_is_usual_alone(tmp_path: Path) -> None:
    notes, outcome = played(LOST, tmp_path)
    told = [each for each in notes.notices if "booking" in each.headline]
    assert [each.headline.partition(" ")[0] for each in told] == ["WARNING", "RESOLVED"]
    assert re.fullmatch(r"WARNING 1\d calls \(usual 4\d\) booking unusual", told[0].headline)
    assert clock("11:40") <= told[0].at <= clock("11:46")
    assert outcome.baselines == 1
    assert "what is usual on booking" in notes.scenes[0]


def test_a_line_that_fills_up_slowly_is_told_before_it_is_at_its_threshold(tmp_path: Path) -> None:
    notes, outcome = played(STORM, tmp_path)
    trend, limit = "booking filling-up", "booking near-limit"
    warned, resolved = notes.of("ops-slack", trend)
    critical, over = notes.of("ops-slack", limit)
    assert [warned[1], critical[1]] == ["WARNING", "CRITICAL"]
    assert {resolved[1], over[1]} == {"RESOLVED"}
    assert critical[0] - warned[0] >= 10 * 60
    first = next(each.headline for each in notes.notices if trend in each.headline)
    assert re.fullmatch(r"WARNING limit in \d+ to \d+ min, 7\d/100 calls .*", first)
    assert (outcome.result.lost, outcome.result.duplicates) == ((), ())
