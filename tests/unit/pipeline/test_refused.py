"""A channel that refuses notices for good is one alert on `default`, and no report is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Notice
from headroom.domain.rules import Severity
from headroom.domain.self_monitoring import OWN_DOCUMENT
from tests.builders import T0, delivery_failure, failure, project
from tests.support.broken_store import broken
from tests.support.world import World

MINUTE, HOUR = 60, 3600
REVOKED = delivery_failure("404 no_service", retryable=False)
POISON = delivery_failure("400 invalid_blocks", retryable=False)


def many(count: int) -> list[str]:
    return [f"line-{number:02}" for number in range(count)]


def breach(world: World, *names: str) -> None:
    """Let each of them have a notice for the chat one minute later."""
    for name in names:
        world.calls(T0, 100, name)


def begin(world: World, count: int) -> None:
    world.configure(*(project(name=name) for name in many(count)))
    world.check(T0 - 4 * MINUTE)


def checks(world: World, *minutes: int) -> None:
    for minute in minutes:
        world.check(T0 + minute * MINUTE)


def refused(world: World) -> int:
    loaded = world.load()
    deliveries = [
        o
        for d in loaded.documents.values()
        for p in d.outbox.values()
        for o in p.deliveries.values()
    ]
    return sum(bool(each.dead_letter) for each in deliveries)


def test_twelve_projects_on_one_revoked_webhook_are_one_report(world: World) -> None:
    begin(world, 12)
    world.chat.down = REVOKED
    breach(world, *many(12))
    checks(world, *range(1, 30))
    (told,) = world.default.accepted
    assert told.summary.startswith(
        "WARNING delivery to ops-slack failed: 404 no_service: 12 notices"
    )
    assert "line-00, line-01, " in told.reason
    assert told.reason.endswith("headroom redrive.")
    assert refused(world) == 0
    assert len(world.dead_letters.letters) == 24


def test_a_reminder_counts_what_was_refused_since(world: World) -> None:
    begin(world, 2)
    world.chat.down = REVOKED
    breach(world, *many(1))
    checks(world, 1, 2, 3, 20, 21, 22, 23, 250)
    assert world.default.kinds == ["fired", "reminder"]
    assert ": 1 notice of line-00 " in world.default.accepted[0].reason
    assert ": 2 notices of line-00 " in world.default.accepted[1].reason


def test_a_lost_page_is_worth_another_notice_after_a_lost_warning(world: World) -> None:
    begin(world, 2)
    world.chat.down = REVOKED
    breach(world, "line-00")
    checks(world, 1, 2, 3)
    world.calls(T0, 119, "line-01")
    checks(world, 4, 5, 6)
    assert world.default.kinds == ["fired", "escalated"]


def test_it_is_over_once_the_channel_has_accepted_something_and_refused_nothing_for_an_hour(
    world: World,
) -> None:
    begin(world, 1)
    world.chat.errors = [REVOKED]
    breach(world, "line-00")
    checks(world, *range(1, 60))
    assert world.chat.kinds == ["resolved"]
    assert world.default.kinds == ["fired"]
    checks(world, *range(60, 65))
    assert world.default.lines[1:] == ["RESOLVED after 1 h ops-slack accepts notices again"]


def test_a_notice_that_is_refused_between_others_that_are_accepted_is_one_report(
    world: World,
) -> None:
    begin(world, 2)

    def poisoned(notice: Notice) -> DeliveryFailure | None:
        return POISON if notice.project == "line-00" else None

    world.chat.rejects = poisoned
    for hour in range(6):
        for part in range(3):
            for name in many(2):
                world.calls(T0 + hour * HOUR + part * 20 * MINUTE, 100, name)
        checks(world, *range(60 * hour, 60 * hour + 60))
    assert set(world.default.kinds) == {"fired", "reminder"}
    assert world.default.kinds.count("fired") == 1


def test_an_alert_of_a_channel_unused_for_a_day_is_over_and_says_why(world: World) -> None:
    begin(world, 1)
    world.chat.down = REVOKED
    breach(world, "line-00")
    checks(world, 1, 2, 3)
    world.readings.peaks.clear()
    checks(world, *range(20, 26 * 60, 20))
    assert world.default.kinds[-1] == "resolved"
    assert world.default.lines[-1].startswith("CLOSED (no refusal in 24 h) after 1 d")


def test_what_default_refuses_is_reported_nowhere_and_does_not_stay(world: World) -> None:
    routing = dict.fromkeys(Severity, ("default",))
    world.configure(replace(project(), routing=routing))
    world.check(T0 - 4 * MINUTE)
    world.default.down = REVOKED
    world.calls(T0, 118)
    checks(world, 1, 2, 3)
    assert world.dead_letters.letters
    assert refused(world) == 0


@pytest.mark.parametrize("lost", ["headroom/own", "line-00"])
def test_a_crash_between_the_documents_loses_no_report(world: World, lost: str) -> None:
    """The refused notice stays in its document until the alert is stored."""
    begin(world, 1)
    world.chat.down = REVOKED
    breach(world, "line-00")
    checks(world, 1)
    store = broken(world)
    store.unwritable = lost
    checks(world, 2, 3)
    assert refused(world) == 1
    store.unwritable = ""
    checks(world, 4, 5)
    assert world.default.kinds == ["fired"]
    assert refused(world) == 0


def test_what_is_refused_and_stays_is_not_pending(world: World) -> None:
    begin(world, 1)
    world.chat.down = REVOKED
    breach(world, "line-00")
    checks(world, 1)
    assert refused(world) == 1
    assert world.check(T0 + 2 * MINUTE).pending == 0


def test_a_shared_alert_on_a_revoked_channel_is_reported_too(world: World) -> None:
    """It is refused in Headroom's own document."""
    begin(world, 3)
    world.chat.down = REVOKED
    world.readings.failing = dict.fromkeys(many(3), failure())
    checks(world, 1, 2, 3)
    assert [each.rule for each in world.default.accepted] == ["undeliverable"]
    assert "1 notice of headroom" in world.default.accepted[0].reason
    assert refused(world) == 0
    own = asyncio.run(world.state.read(OWN_DOCUMENT))
    assert own is not None
    assert own.refusals["ops-slack"].count == 1


def test_a_refusal_is_reported_although_the_incident_ends_before_the_queue_takes_it(
    world: World,
) -> None:
    """What is out of date is not sent, but that a channel refuses is never out of date."""
    begin(world, 1)
    world.chat.down, world.dead_letters.broken = REVOKED, True
    breach(world, *many(1))
    checks(world, 1)
    world.chat.down, world.dead_letters.broken = None, False
    checks(world, *range(11, 15))
    assert [each.rule for each in world.default.accepted] == ["undeliverable"]
    assert len(world.dead_letters.letters) == 1
