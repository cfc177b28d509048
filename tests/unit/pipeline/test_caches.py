"""Two warm instances, each with a cache of its own: the older never undoes what the newer did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from headroom.config.channels import PagerDutyModel
from headroom.config.configuration import Configuration
from headroom.domain.reasons import Reason
from headroom.domain.rules import Severity
from headroom.ports import Channel, Ports
from tests.builders import T0, delivery_failure, invalid_project, project
from tests.support.world import FakeChannel, World

MINUTE = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
PAGER = PagerDutyModel.model_validate({"type": "pagerduty", "routing_key": "0" * 32})
LINE = project(routing=dict.fromkeys(Severity, ("on-night",)))
BEFORE = Configuration({}, invalid={"support-line": invalid_project()}, fresh=False)
"""Of before the channel was made; the project's own parameter is the same."""
AFTER = Configuration({"support-line": LINE}, channels={"on-night": PAGER})
CACHED = replace(AFTER, fresh=False)


class Night(World):
    """The channels are those of the configuration that a check holds."""

    def ports(self) -> Ports:
        return replace(super().ports(), channels=self._made)

    def _made(self, configuration: Configuration) -> Mapping[str, Channel]:
        night = {"on-night": self.pager} if "on-night" in configuration.channels else {}
        return {"default": self.default, **night}

    def hold(self, cached: Configuration, now: Configuration = AFTER) -> None:
        """Let the next check have this in its cache, while this is stored."""
        self.source.cached, self.source.configuration = cached, now


@pytest.fixture
def night(world: World) -> Night:
    made = Night(world.path.parent)
    made.pager = FakeChannel("on-night", is_pager=True)
    return made


def test_a_channel_that_an_older_cache_does_not_know_keeps_its_notice(night: Night) -> None:
    night.hold(AFTER)
    night.check(T0 - 4 * MINUTE)
    night.calls(T0, 118)
    night.pager.errors = [DOWN]
    night.hold(CACHED)
    night.check(T0 + MINUTE)
    night.hold(BEFORE)
    night.check(T0 + 2 * MINUTE)
    assert (night.pager.kinds, night.dead_letters.letters) == (["fired"], [])
    assert night.default.lines == []


def test_it_keeps_it_too_while_the_listing_cannot_be_read_again(night: Night) -> None:
    night.hold(AFTER)
    night.check(T0 - 4 * MINUTE)
    night.calls(T0, 118)
    night.pager.errors = [DOWN]
    night.check(T0 + MINUTE)
    unread = replace(BEFORE, unread="SSM: throttled")
    night.hold(unread, unread)
    night.check(T0 + 2 * MINUTE)
    assert night.dead_letters.letters == []
    night.hold(AFTER)
    night.check(T0 + 4 * MINUTE)
    assert night.pager.kinds == ["fired"]


def test_an_older_cache_fires_no_refusal_that_is_over(night: Night) -> None:
    for minute in range(4):
        night.hold(BEFORE if minute % 2 else CACHED)
        night.check(T0 + minute * MINUTE)
    assert night.default.lines == []


def test_an_older_cache_ends_no_refusal_that_goes_on(night: Night) -> None:
    """The channel is gone since; its refusal was reported on `default`."""
    gone = replace(BEFORE, fresh=True)
    night.hold(AFTER, gone)
    night.check(T0)
    for minute in range(1, 5):
        night.hold(BEFORE if minute % 2 else CACHED, gone)
        night.check(T0 + minute * MINUTE)
    assert [each.kind.value for each in night.default.accepted] == ["fired"]


def test_a_listing_that_cannot_be_read_is_asked_for_once_in_a_check(night: Night) -> None:
    night.hold(AFTER)
    night.check(T0)
    unread = replace(BEFORE, unread="SSM: throttled")
    night.hold(unread, unread)
    night.check(T0 + MINUTE)
    assert night.source.read_afresh == 0


def test_a_project_that_no_listing_at_hand_may_judge_is_not_blind_in_silence(night: Night) -> None:
    night.hold(AFTER)
    night.calls(T0, 118)
    night.check(T0)
    older = replace(LINE, version=0)
    unread = replace(CACHED, projects={"support-line": older}, unread="SSM: throttled")
    night.hold(unread, unread)
    report = night.check(T0 + MINUTE)
    assert report.unreachable == {
        "support-line": Reason("its configuration could not be read again")
    }


def test_a_refused_project_whose_document_cannot_be_read_makes_no_check_read_again(
    night: Night,
) -> None:
    night.hold(AFTER)
    night.calls(T0, 118)
    night.check(T0)
    night.sql("UPDATE documents SET body = '{}' WHERE project = 'support-line'")
    night.hold(BEFORE)
    night.source.read_afresh = 0
    night.check(T0 + MINUTE)
    assert night.source.read_afresh == 0
