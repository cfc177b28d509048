"""DESIGN 5.5: a storm is one message, and the most severe comes first, whatever fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from headroom.delivery.channel_queue import SINGLY
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice
from headroom.domain.rules import Project, Severity
from headroom.domain.windows import WINDOW
from headroom.errors import BrokenCheck
from tests.builders import T0, delivery_failure, failed, failure, level, project, rule
from tests.support.world import FakeChannel, FakeChat, FakeDeadLetters, World

MINUTE = 60
MANY = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
BAD = delivery_failure("400 bad request", retryable=True)
GONE = delivery_failure("no connection", retryable=True, channel_at_fault=True)
REVOKED = delivery_failure("404 no_service", retryable=False, channel_at_fault=True)
INVALID = delivery_failure("400 invalid_blocks", retryable=False)
CHAT, PAGER, BOTH = ("ops-slack",), ("on-call",), ("ops-slack", "on-call")


def line(name: str, severity: Severity, channels: tuple[str, ...] = CHAT) -> Project:
    """A project of one rule, which breaches from 100 calls."""
    rules = (rule(levels=(level(severity, 100),)),)
    return project(name=name, rules=rules, routing=dict.fromkeys(Severity, channels))


def storm(world: World, lines: list[Project], minute: int = 1) -> None:
    """All of them breach at once."""
    world.configure(*lines)
    world.check(T0 + (minute - 5) * MINUTE)
    for each in lines:
        world.calls(T0 + minute // 5 * WINDOW, 118, each.name)
    world.check(T0 + minute * MINUTE)


def warnings(count: int = MANY, channels: tuple[str, ...] = CHAT) -> list[Project]:
    return [line(f"line-{number:02}", Severity.WARNING, channels) for number in range(count)]


def ids(notices: list[Notice]) -> list[str]:
    return sorted(each.id for each in notices)


def test_sixty_notices_at_once_are_five_messages_and_one_digest(world: World) -> None:
    storm(world, warnings())
    assert len(world.chat.accepted) == SINGLY == 5
    (digest,) = world.chat.digests
    assert len(digest.notices) == MANY - 5
    assert len(set(ids(world.chat.heard))) == MANY
    report = world.check(T0 + 2 * MINUTE)
    assert (report.sent, report.pending) == (0, 0), "each was recorded as delivered"


def test_what_is_pending_when_a_digest_would_name_five_at_most_is_sent_one_by_one(
    world: World,
) -> None:
    storm(world, warnings(5))
    assert (len(world.chat.accepted), world.chat.digests) == (5, [])


def test_a_digest_that_fails_is_a_failed_try_of_each_and_is_repeated_with_its_id(
    world: World,
) -> None:
    world.chat.digest_errors = [DOWN]
    world.chat.keeps_what_it_fails = True
    storm(world, warnings())
    assert world.check(T0 + 2 * MINUTE).sent == MANY - 5
    first, again = world.chat.digests
    assert first.id == again.id
    assert len(world.chat.accepted) == 5


def test_a_crash_between_the_digest_and_its_record_repeats_it_with_the_same_id(
    world: World,
) -> None:
    class Crash(BaseException):
        pass

    world.chat.digest_errors = [Crash("the process is gone")]
    world.chat.keeps_what_it_fails = True
    with pytest.raises(BrokenCheck):
        storm(world, warnings())
    world.check(T0 + 4 * MINUTE)
    first, again = world.chat.digests
    assert first.id == again.id


def test_a_digest_to_a_channel_that_refuses_for_good_puts_each_into_the_dead_letters_once(
    world: World,
) -> None:
    world.chat.digest_errors = [REVOKED]
    storm(world, warnings())
    world.check(T0 + 2 * MINUTE)
    assert world.dead_letters.letters == [("fired", "ops-slack", "404 no_service")] * (MANY - 5)


def test_a_digest_that_its_channel_never_accepts_is_sent_notice_by_notice_in_the_same_check(
    world: World,
) -> None:
    """Whatever the channel has against the digest."""
    world.chat.digest_errors = [BAD] * 1000
    storm(world, warnings(16))
    assert len(set(ids(world.chat.accepted))) == len(world.chat.accepted) == 16


@dataclass
class PoisonedChat(FakeChat):
    """Refuses what `rejects` a notice of, also in a digest."""

    posts: int = 0

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        self.posts += 1
        errors = [error for each in digest.notices if (error := self.rejects(each))]
        return failed(errors[0]) if errors else await super().send_digest(digest)


@pytest.mark.parametrize("error", [BAD, INVALID])
def test_one_poisoned_notice_in_a_digest_costs_itself_alone(
    world: World, error: DeliveryFailure
) -> None:
    world.chat = chat = PoisonedChat(
        "ops-slack", rejects=lambda told: error if told.project == "line-30" else None
    )
    storm(world, warnings())
    assert {each.project for each in chat.heard} == {each.name for each in warnings()} - {"line-30"}
    assert len(set(ids(chat.heard))) == len(chat.heard)
    assert chat.posts <= 12, "halving, not one by one"
    assert len(world.dead_letters.letters) == (error is INVALID)


def test_what_follows_a_poisoned_notice_of_a_digest_is_not_sent_before_it(world: World) -> None:
    lines = [line(f"line-{number}", Severity.WARNING) for number in range(8)]
    poisoned: set[str] = set()
    world.chat = chat = PoisonedChat(
        "ops-slack", rejects=lambda told: BAD if told.incident_id in poisoned else None
    )
    chat.down = GONE
    storm(world, lines)
    outbox = world.load().documents["line-7"].outbox
    poisoned.update(each.notice.incident_id for each in outbox.values())
    for each in lines:  # it is over, and begins again
        world.calls(T0 + 2 * WINDOW, 118, each.name)
    world.check(T0 + 11 * MINUTE)
    chat.down = None
    world.check(T0 + 13 * MINUTE)
    heard = [each.project for each in chat.heard]
    assert sorted(heard) == sorted(2 * [each.name for each in lines[:7]])


@pytest.mark.parametrize("away", [None, GONE])
def test_in_a_storm_a_report_of_headroom_itself_is_a_message_of_its_own(
    world: World, away: DeliveryFailure | None
) -> None:
    """A digest has no place for the projects that it lists, and for the fix."""
    blind = [project(name=f"blind-{number:02}") for number in range(40)]
    world.configure(*warnings(20), *blind)
    world.check(T0 - 4 * MINUTE)
    world.chat.down = away
    for each in blind:
        world.readings.failing[each.name] = failure(detail="expired or rotated")
    for each in warnings(20):
        world.calls(T0, 118, each.name)
    world.check(T0 + MINUTE)
    world.chat.down = None
    for minute in range(2, 5):
        world.check(T0 + minute * MINUTE)
    (report,) = (each for each in world.chat.accepted if each.project == "headroom")
    assert "40 projects" in report.summary
    (digest,) = world.chat.digests
    assert "headroom" not in {each.project for each in digest.notices}
    assert len(set(ids(world.chat.heard))) == len(world.chat.heard) == 21


@dataclass
class SlowChat(FakeChat):
    """Each message takes so many seconds of the check."""

    seconds: float = 2.0
    world: World | None = None

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        self._wait()
        return await super().send(notice)

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        self._wait()
        return await super().send_digest(digest)

    def _wait(self) -> None:
        assert self.world is not None
        self.world.remaining -= self.seconds


@dataclass
class SlowPager(FakeChannel):
    """The same, of a channel that gets each notice."""

    world: World | None = None

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        assert self.world is not None
        self.world.remaining -= 2.0
        return await super().send(notice)


@dataclass
class SlowDeadLetters(FakeDeadLetters):
    """Each notice takes half a second of the check."""

    world: World | None = None
    ids: list[object] = field(default_factory=list)

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        assert self.world is not None
        self.world.remaining -= 0.5
        self.ids.append(notice["id"])
        await super().put(notice, channel, reason)


@pytest.mark.parametrize("name", ["aa-first", "zz-last"])
def test_a_critical_behind_70_warnings_of_a_slow_channel_is_sent_in_that_check(
    world: World, name: str
) -> None:
    world.chat = SlowChat("ops-slack", world=world)
    world.pager = SlowPager("on-call", is_pager=True, world=world)
    storm(world, [*warnings(70, BOTH), line(name, Severity.CRITICAL, BOTH)])
    assert name in [each.project for each in world.chat.heard]
    assert name in [each.project for each in world.pager.accepted]
    assert len(world.pager.accepted) < 30, "time ran out: the rest is for the next checks"


def test_pagers_and_default_get_each_of_a_storm(world: World) -> None:
    storm(world, warnings(channels=("on-call", "default")))
    assert len(world.pager.accepted) == len(world.default.accepted) == MANY


def test_one_poisoned_notice_holds_back_what_follows_it_for_the_same_alert_and_nothing_else(
    world: World,
) -> None:
    """What its channel never takes; unrelated criticals fire before, beside and after it."""
    names = ["aa", "poisoned", "zz"]
    lines = [line(name, Severity.CRITICAL, PAGER) for name in names]
    later = [line(f"later-{number}", Severity.CRITICAL, PAGER) for number in range(2, 25)]
    world.pager.rejects = lambda told: BAD if told.project == "poisoned" else None
    world.configure(*lines, *later)
    world.check(T0 - 4 * MINUTE)
    for minute in range(1, 25):
        firing = names + [f"later-{number}" for number in range(2, minute + 1)]
        for name in firing:
            world.calls(T0 + minute // 5 * WINDOW, 118, name)
        world.check(T0 + minute * MINUTE)
        assert {each.project for each in world.pager.accepted} == {*firing} - {"poisoned"}


def test_many_poisoned_notices_hold_others_back_by_one_check_at_most(world: World) -> None:
    bad = [line(f"aa-poisoned-{number}", Severity.CRITICAL, PAGER) for number in range(12)]
    world.pager.rejects = lambda told: BAD if "poisoned" in told.project else None
    storm(world, bad)
    for minute in range(2, 5):  # each is tried once, four in a check
        world.check(T0 + minute * MINUTE)
    good = [line(f"zz-{number}", Severity.WARNING, PAGER) for number in range(12)]
    world.configure(*bad, *good)
    world.check(T0 + 5 * MINUTE)
    for minute in range(6, 18):
        firing = [each.name for each in good[: minute - 5]]
        for name in [each.name for each in bad] + firing:
            world.calls(T0 + minute // 5 * WINDOW, 118, name)
        world.check(T0 + minute * MINUTE)
        told = {each.project for each in world.pager.accepted}
        assert {*firing[:-1]} <= told <= {*firing}


def test_poisoned_notices_that_begin_in_every_check_do_not_starve_another(world: World) -> None:
    bad = [line(f"aa-poisoned-{number:02}", Severity.CRITICAL, PAGER) for number in range(60)]
    world.pager.rejects = lambda told: BAD if "poisoned" in told.project else None
    world.configure(*bad, line("zz", Severity.CRITICAL, PAGER))
    world.check(T0 - 4 * MINUTE)
    for minute in range(1, 18):  # two a check, beside the retry that it begins with
        firing = [each.name for each in bad[: 2 * minute + 10]] + ["zz"] * (minute >= 10)
        for name in firing:
            world.calls(T0 + minute // 5 * WINDOW, 118, name)
        world.check(T0 + minute * MINUTE)
    assert [each.project for each in world.pager.accepted] == ["zz"]


@pytest.mark.parametrize("after_outage", [False, True])
def test_three_new_poisoned_criticals_in_each_check_do_not_starve_an_older_warning(
    world: World,
    after_outage: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    """Neither one that was never tried nor one that failed once while the channel was down."""
    bad = [line(f"aa-poisoned-{number:02}", Severity.CRITICAL, PAGER) for number in range(60)]
    world.pager.rejects = lambda told: BAD if "poisoned" in told.project else None
    world.configure(*bad, line("zz", Severity.WARNING, PAGER))
    world.check(T0 - 4 * MINUTE)
    for minute in range(1, 5):
        world.pager.down = DOWN if after_outage and minute == 1 else None
        begun = [each.name for each in bad[: 3 * (minute - after_outage)]]
        for name in [*begun, "zz"]:
            world.calls(T0 + minute // 5 * WINDOW, 118, name)
        world.check(T0 + minute * MINUTE)
    assert [each.project for each in world.pager.accepted] == ["zz"]


def test_poisoned_notices_of_one_project_do_not_hold_back_another_project_for_one_check(
    world: World,
) -> None:
    rules = tuple(rule(name=f"rule-{number}") for number in range(20))
    poisoned = project(name="aa-poisoned", rules=rules, routing=dict.fromkeys(Severity, PAGER))
    world.pager.rejects = lambda told: BAD if "poisoned" in told.project else None
    storm(world, [poisoned, line("zz", Severity.WARNING, PAGER)])
    assert [each.project for each in world.pager.accepted] == ["zz"]


def test_a_channel_that_is_down_is_probed_by_one_notice_and_the_others_stay_untouched(
    world: World,
) -> None:
    world.pager.down = GONE
    tried: list[str] = []
    world.pager.rejects = lambda told: tried.append(told.id)
    storm(world, warnings(10, PAGER))
    assert len(tried) == 1
    documents = world.load().documents.values()
    owed = [each.deliveries["on-call"] for one in documents for each in one.outbox.values()]
    assert sorted(each.attempts for each in owed) == [0] * 9 + [1]
    assert not [each for each in owed if each.lease]
    world.pager.down = None
    world.check(T0 + 2 * MINUTE)
    assert len(world.pager.accepted) == 10


def test_a_channel_without_a_reason_counts_as_failing_after_three_notices_and_a_probe(
    world: World,
) -> None:
    world.pager.down = BAD
    tried: list[str] = []
    world.pager.rejects = lambda told: tried.append(told.id)
    storm(world, warnings(10, PAGER))
    assert len(set(tried)) == len(tried) == 4


def outage(world: World, down: DeliveryFailure, minutes: int, value: int = 118) -> None:
    """The channel is away while the line breaches."""
    world.chat.down = down
    for minute in range(minutes):
        world.calls(T0 + minute // 5 * WINDOW, value)
        if minute % (1 + minutes // 12) == 0:
            world.check(T0 + minute * MINUTE)


@pytest.mark.parametrize("down", [GONE, DOWN])
def test_a_reminder_that_aged_in_the_outbox_is_not_sent_beside_the_end(
    world: World, down: DeliveryFailure
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0)
    outage(world, down, 6 * 60)
    world.chat.down = None
    world.check(T0 + 6 * 60 * MINUTE + 11 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_channel_never_notified_of_an_incident_gets_how_it_is_now(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 100)
    outage(world, GONE, 5, 100)
    outage(world, GONE, 11, 118)
    world.chat.down = None
    world.check(T0 + 11 * MINUTE)
    assert world.chat.lines == ["CRITICAL 118/120 calls (98%) support-line near-limit"]
    assert world.chat.kinds == ["fired"]


def test_a_channel_notified_of_an_incident_gets_only_the_latest_of_it(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 100)
    world.check(T0)
    outage(world, GONE, 11, 118)
    world.calls(T0 + 2 * WINDOW, 100)
    world.calls(T0 + 3 * WINDOW, 100)
    world.check(T0 + 21 * MINUTE)
    world.chat.down = None
    world.check(T0 + 23 * MINUTE)
    assert world.chat.kinds == ["fired", "eased"]


@pytest.mark.parametrize(
    ("channel", "reason"),
    [("nowhere", "no such channel is configured"), ("ops-slack", "404 no_service")],
)
def test_however_slow_the_dead_letter_queue_is_it_gets_each_notice_once(
    world: World, channel: str, reason: str
) -> None:
    world.dead_letters = letters = SlowDeadLetters(world=world)
    world.chat.down = REVOKED
    world.remaining = 30.0
    storm(world, warnings(channels=(channel,)))
    for minute in range(2, 9):
        world.remaining = 30.0
        world.check(T0 + minute * MINUTE)
    assert len(letters.ids) == len(set(letters.ids))
    assert letters.letters.count(("fired", channel, reason)) == MANY


def test_poisoned_notices_of_a_digest_hold_back_nobody_after_an_outage(world: World) -> None:
    bad = [line(f"aa-poisoned-{number}", Severity.CRITICAL) for number in range(4)]
    good = [line(f"good-{number}", Severity.WARNING) for number in range(4)]
    world.chat = chat = PoisonedChat(
        "ops-slack", rejects=lambda told: BAD if "poisoned" in told.project else None
    )
    storm(world, [*bad, *good])
    chat.down = DOWN
    for minute in range(1, 6):
        chat.down = DOWN if minute <= 2 else None
        for each in (*bad, *good):
            world.calls(T0 + minute // 5 * WINDOW, 118, each.name)
        world.check(T0 + minute * MINUTE)
    assert {each.project for each in chat.heard} == {each.name for each in good}
