"""A `missed` for channels that may be pagers: it reaches people, once, when that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from headroom.check import check
from headroom.config.configuration import BadChannel, Configuration
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Severity
from headroom.ports import Channel, Deadline
from headroom.state.sqlite import SqliteState
from tests.builders import T0, delivery_failure, project, rule
from tests.support.world import FakeChannel, World

MINUTE = 60
INVALID = delivery_failure("its configuration is invalid", channel_at_fault=True)
ONCE = rule(needed=1, among=1)


class Line(World):
    """One line whose every severity goes to the given channels."""

    def __init__(self, path: Path, *routed: str) -> None:
        self.without: frozenset[str] = frozenset()
        """Channels that the instance's configuration does not have."""
        routing = dict.fromkeys(Severity, routed)
        super().__init__(path, project(version=5, routing=routing, rules=(ONCE,)))
        self.newest = self.source.configuration

    @property
    def channels(self) -> dict[str, Channel]:
        known = super().channels
        return {name: each for name, each in known.items() if name not in self.without}

    def make_unreadable(self, *names: str) -> None:
        """Let nobody know of these channels what they are; all others can be used."""
        bad = {name: BadChannel("?", is_pager=None) for name in names}
        self.source.configuration = replace(self.source.configuration, bad_channels=bad)
        self.chat.down = INVALID if "ops-slack" in names else None
        self.pager.down = INVALID if "on-call" in names else None
        self.pager.is_pager = "on-call" not in names

    def use_older_configuration(self) -> None:
        """Be an instance whose cache does not have the pager yet, while SSM fails."""
        older = project(version=1, rules=(ONCE,), routing=dict.fromkeys(Severity, ("ops-slack",)))
        self.source.configuration = replace(
            self.newest, projects={older.name: older}, fresh=False, unread="SSM throttles"
        )
        self.without = frozenset({"on-call"})

    def use_newest_configuration(self) -> None:
        """Be an instance that can read everything."""
        self.source.configuration, self.without = self.newest, frozenset()
        self.make_unreadable()

    def miss_an_incident(self) -> None:
        self.check(T0 - 4 * MINUTE)
        self.calls(T0, 118)
        self.check(T0 + 17 * MINUTE)

    def check_at(self, *minutes: int) -> None:
        for each in minutes:
            self.check(T0 + each * MINUTE)


def near_limit(channel: FakeChannel) -> list[str]:
    return [each.kind.value for each in channel.accepted if each.rule == "near-limit"]


def test_a_missed_for_a_pager_reaches_default_once_it_is_known_for_one(tmp_path: Path) -> None:
    line = Line(tmp_path, "on-call")
    line.make_unreadable("on-call")
    line.miss_an_incident()
    assert near_limit(line.default) == []
    line.make_unreadable()
    line.check_at(25, 35, 60)
    assert near_limit(line.default) == ["missed"]


def test_an_instance_with_an_older_configuration_takes_no_channel_for_one_of_people(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, "on-call")
    line.make_unreadable("on-call")
    line.miss_an_incident()
    line.use_older_configuration()
    line.check_at(18)
    line.use_newest_configuration()
    line.check_at(25, 35, 60)
    assert near_limit(line.default) == ["missed"]


class Overtaken(SqliteState):
    """Another instance, which has the newest configuration, checks just before the first commit."""

    def __init__(self, line: Line, newest: Configuration) -> None:
        super().__init__(line.path, clock=lambda: line.now)
        self.line, self.newest = line, newest
        self.overtaken = False

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        if not self.overtaken:
            self.overtaken = True
            line, mine = self.line, (self.line.source.configuration, self.line.without)
            line.source.configuration, line.without = self.newest, frozenset()
            await check(line.ports(), line.now, Deadline(lambda: 60.0))
            line.source.configuration, line.without = mine
        return await super().commit(document, history)


def test_an_older_instance_that_loses_a_race_to_a_newer_one_takes_no_channel_for_one_of_people(
    tmp_path: Path,
) -> None:
    """The document that it reads again has a channel that it does not know."""
    line = Line(tmp_path, "on-call")
    line.make_unreadable("on-call")
    unreadable = line.source.configuration
    line.use_older_configuration()
    line.check(T0 - 4 * MINUTE)
    line.calls(T0, 118)
    line.state = Overtaken(line, unreadable)
    line.check(T0 + 17 * MINUTE)
    line.use_newest_configuration()
    line.check_at(25, 35, 60)
    assert near_limit(line.default) == ["missed"]


def test_a_missed_that_people_got_goes_to_default_no_second_time(tmp_path: Path) -> None:
    line = Line(tmp_path, "ops-slack", "on-call")
    line.make_unreadable("ops-slack", "on-call")
    line.miss_an_incident()
    line.make_unreadable("on-call")
    line.check_at(25)
    line.make_unreadable()
    line.check_at(45, 60)
    assert (near_limit(line.chat), near_limit(line.default)) == (["missed"], [])
