"""One cause, one notice: a shared cause is notified once on each channel (DESIGN 5)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from headroom.check import check
from headroom.domain.lines import Line
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answer, Failure, FailureCode, Query
from headroom.domain.rules import Fault, Project, Severity
from headroom.domain.self_monitoring import OWN_DOCUMENT, SPARE_DOCUMENT
from headroom.ports import Deadline
from headroom.state.sqlite import SqliteState
from tests.builders import T0, delivery_failure, failure, invalid_project, project, renamed
from tests.support.broken_store import broken
from tests.support.world import FakeReadings, World

MINUTE, HOUR = 60, 3600
EXPIRED = failure(detail="expired or rotated, or of another region")
DOWN = Failure(503, "PolyAI failed")
WRONG = Failure(404, "no such account or project: often the wrong region", lasting=True)


def many(count: int = 40, **changes: object) -> list[Project]:
    return [project(name=f"line-{number:02}", **changes) for number in range(count)]


def fail(world: World, reason: Failure, *names: str) -> None:
    for name in names or world.source.configuration.projects:
        world.readings.failing[name] = reason


def checks(world: World, *minutes: int) -> None:
    for minute in minutes:
        world.check(T0 + minute * MINUTE)


def two_queries(world: World) -> Query:
    """Configure a project with a second query, beside two others; the second query."""
    spanish = replace(project().rules[0].watches[0].query, language="es-ES")
    watch = replace(project().rules[0].watches[0], query=spanish)
    rules = (*project().rules, replace(project().rules[0], name="spanish", watches=(watch,)))
    world.configure(project(rules=rules), *many(2))
    checks(world, -4)
    return spanish


def waits_for_a_notice(world: World, slow: str) -> None:
    """Let a project have its answer once the chat has had a notice, or after a second."""
    heard, ask = asyncio.Event(), world.readings.fetch

    class Slow(FakeReadings):
        async def fetch(self, line: Line, *rest: object, **more: object) -> Answer | Failure:
            if line.name == slow:
                async with asyncio.timeout(1):
                    await heard.wait()
            return await ask(line, *rest, **more)  # type: ignore[arg-type]  # passed on as they are

    async def hear() -> None:
        heard.set()

    world.readings = Slow()
    world.chat.peek = hear


def test_one_expired_key_over_40_projects_is_one_message_and_one_page(world: World) -> None:
    world.configure(*many())
    checks(world, 0)
    fail(world, EXPIRED)
    checks(world, *range(1, 40))
    assert world.chat.lines == [
        'WARNING cannot read 40 projects: 401 key "default" expired or rotated, or of...',
        'CRITICAL cannot read 40 projects: 401 key "default" expired or rotated, or of...',
    ]
    assert world.pager.kinds == ["escalated"]
    assert "line-00, line-01, " in world.chat.accepted[0].reason
    assert world.chat.accepted[0].reason.endswith(" and 30 more")
    world.readings.failing.clear()
    checks(world, 40, 41)
    assert world.chat.lines[2:] == [
        "RESOLVED after 39 min no more failures because of key default in uk-1"
    ]
    assert world.pager.kinds == ["escalated", "resolved"]
    assert world.stored(OWN_DOCUMENT).quiet


def test_a_region_that_is_down_is_one_notice_whatever_its_projects_answer(world: World) -> None:
    world.configure(
        *many(6), *[renamed(each, f"us-{each.name}", region="us-1") for each in many(6)]
    )
    checks(world, 0)
    fail(world, DOWN, "line-00", "line-01")
    fail(world, Failure(FailureCode.TIMEOUT, "no answer within 10 s"), "line-02", "line-03")
    fail(world, Failure(FailureCode.NETWORK, "no answer: Connection refused"), "line-04", "line-05")
    checks(world, *range(1, 15))
    (told,) = world.chat.accepted
    assert (told.series, told.series_name, told.at) == (
        "region uk-1",
        "6 projects",
        T0 + 11 * MINUTE,
    )


def test_two_keys_that_expire_are_two_notices(world: World) -> None:
    first, second = many(2), [renamed(each, f"b-{each.name}", api_key="b") for each in many(2)]
    world.configure(*first, *second)
    checks(world, 0)
    fail(world, EXPIRED)
    checks(world, 1, 2)
    assert sorted(each.series for each in world.chat.accepted) == [
        "key b in uk-1",
        "key default in uk-1",
    ]


def test_a_key_of_one_region_hides_nothing_of_the_same_key_in_another(world: World) -> None:
    """It was never accepted there; when it expires at home that is news."""
    world.configure(
        *many(3), *[renamed(each, f"us-{each.name}", region="us-1") for each in many(2)]
    )
    fail(world, EXPIRED, "us-line-00", "us-line-01")
    checks(world, 0, 1)
    fail(world, EXPIRED)
    checks(world, 2)
    assert [each.series for each in world.chat.accepted] == [
        "key default in us-1",
        "key default in uk-1",
    ]


def test_a_project_that_fails_alone_has_its_own_alert(world: World) -> None:
    world.configure(*many(3))
    checks(world, 0)
    fail(world, EXPIRED, "line-01")
    checks(world, 1)
    assert world.chat.lines == [
        'WARNING cannot read line-01: 401 key "default" expired or rotated, or of anot...'
    ]


def test_the_failure_of_each_project_alone_is_reported_by_each(world: World) -> None:
    world.configure(*many(3))
    fail(world, WRONG)
    checks(world, 0)
    assert sorted(each.project for each in world.chat.accepted) == ["line-00", "line-01", "line-02"]


def test_each_channel_that_needs_to_know_is_notified_of_a_cause_once(world: World) -> None:
    to_default = dict.fromkeys(Severity, ("default",))
    world.configure(
        *many(3),
        *[replace(renamed(each, f"b-{each.name}"), routing=to_default) for each in many(3)],
    )
    fail(world, EXPIRED)
    checks(world, 0, 1)
    assert (world.chat.kinds, world.default.kinds) == (["fired"], ["fired"])


def test_a_project_that_joins_is_news_only_for_a_channel_that_did_not_know(world: World) -> None:
    late = replace(project(name="z"), routing=dict.fromkeys(Severity, ("default",)))
    world.configure(*many(4), late)
    checks(world, 0)
    fail(world, EXPIRED, "line-00", "line-01")
    checks(world, 1)
    fail(world, EXPIRED)
    checks(world, 2, 3)
    assert world.chat.kinds == ["fired"]
    assert world.default.lines == [
        'WARNING cannot read 5 projects: 401 key "default" expired or rotated, or of a...'
    ]
    world.readings.failing.clear()
    checks(world, 4)
    assert (world.chat.kinds, world.default.kinds) == (["fired", "resolved"], ["fired", "resolved"])


def test_a_reminder_names_those_that_joined(world: World) -> None:
    world.configure(*many(4))
    fail(world, EXPIRED, "line-00", "line-01")
    checks(world, 0)
    fail(world, EXPIRED)
    checks(world, 1, 31, 31 + 241)
    assert world.chat.kinds == ["fired", "escalated", "reminder"]
    assert world.chat.accepted[2].series_name == "4 projects"


def test_the_last_project_of_a_cause_stays_covered_until_it_can_be_read(world: World) -> None:
    world.configure(*many(4))
    fail(world, EXPIRED)
    checks(world, 0)
    world.readings.failing = {"line-03": EXPIRED}
    checks(world, 1, 2)
    assert world.chat.kinds == ["fired"]
    world.readings.failing.clear()
    checks(world, 3)
    assert world.chat.kinds == ["fired", "resolved"]


def test_an_alert_of_one_project_that_others_join_is_not_notified_again(world: World) -> None:
    """It goes on to its own end; the others have one alert together."""
    world.configure(*many(4))
    fail(world, EXPIRED, "line-00")
    checks(world, 0)
    fail(world, EXPIRED)
    checks(world, 1, 2)
    assert [each.series_name or each.project for each in world.chat.accepted] == [
        "line-00",
        "3 projects",
    ]
    world.readings.failing.clear()
    checks(world, 3)
    assert world.chat.kinds == ["fired", "fired", "resolved", "resolved"]


def test_a_covered_project_that_fails_by_itself_then_is_notified(world: World) -> None:
    world.configure(*many(3))
    fail(world, EXPIRED)
    checks(world, 0)
    world.readings.failing = {"line-01": WRONG}
    checks(world, 1)
    assert [each.kind.value for each in world.chat.accepted[1:]] == ["fired", "resolved"]
    assert world.chat.accepted[1].project == "line-01"


def test_a_cause_that_comes_back_for_a_project_that_fails_still_is_an_incident_of_its_own(
    world: World,
) -> None:
    world.configure(*many(3))
    for minute, reason in enumerate((EXPIRED, WRONG, EXPIRED)):
        fail(world, EXPIRED if reason is EXPIRED else WRONG)
        checks(world, minute)
    shared = {each.incident_id for each in world.chat.accepted if each.series}
    assert len(shared) == 1, "those with an alert of their own keep it"


def test_a_removed_project_is_no_part_of_the_cause_any_more(world: World) -> None:
    world.configure(*many(3))
    fail(world, EXPIRED)
    checks(world, 0)
    world.configure(*many(1))
    del world.readings.failing["line-00"]
    checks(world, 1)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_check_that_ran_out_of_time_ends_no_alert_of_what_it_did_not_reach(world: World) -> None:
    world.configure(*many(4))
    fail(world, EXPIRED, "line-02", "line-03")
    checks(world, 0)
    world.readings.asked.clear()
    world.readings.limit = 2
    checks(world, 1)
    assert world.chat.kinds == ["fired"]
    world.readings.limit = 10_000
    world.readings.failing.clear()
    checks(world, 2)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_query_that_can_be_read_is_judged_at_once_beside_one_that_cannot(world: World) -> None:
    """A failure that is worth no notice yet makes no other notice of the project wait."""
    spanish = two_queries(world)
    world.readings.failing_queries[spanish.key] = DOWN
    world.calls(T0, 118)
    checks(world, 1)
    assert [each.rule for each in world.chat.accepted] == ["near-limit"]


def test_a_healthy_projects_notice_does_not_wait_for_who_cannot_be_read(world: World) -> None:
    """The failing ones wait for the slowest answer, and nobody else does."""
    world.configure(*many(3), project())
    checks(world, -4)
    fail(world, EXPIRED, "line-00", "line-01")
    world.calls(T0, 118)
    waits_for_a_notice(world, "line-02")
    checks(world, 1)
    assert [each.rule for each in world.chat.accepted] == ["near-limit", "unreachable"]


@pytest.mark.parametrize("overtaken", [range(0), range(2, 4)])
def test_a_query_that_can_be_read_is_notified_while_others_are_still_asked(
    world: World, overtaken: range
) -> None:
    """Only the refused query's notice waits, in the same check whatever is recorded meanwhile.

    Each record of a delivery overtakes the second write; PolyAI is not asked again for it.
    """
    spanish = two_queries(world)
    world.readings.failing_queries[spanish.key] = EXPIRED
    world.calls(T0, 118)
    waits_for_a_notice(world, "line-01")
    broken(world).races = ("support-line", overtaken)
    asked = len(world.readings.asked)
    checks(world, 1)
    assert len(world.readings.asked) - asked <= 4
    checks(world, 2)
    assert [each.rule for each in world.chat.accepted] == ["near-limit", "unreachable"]
    assert [each.rule for each in world.pager.accepted] == ["near-limit"]
    assert [each.at for each in world.chat.accepted] == [T0 + MINUTE] * 2


def test_a_shared_alert_that_an_hour_without_data_ends_does_not_say_that_all_is_well(
    world: World,
) -> None:
    world.configure(*many(3))
    world.source.configuration = replace(world.source.configuration, late=900)
    checks(world, *range(-10, 0))
    world.readings.published = lambda window, _: window < T0
    checks(world, *range(90))
    assert [each.kind.value for each in world.chat.accepted] == ["fired", "escalated", "resolved"]
    end = world.chat.accepted[-1]
    assert end.summary.startswith("CLOSED (no data for 1 h) after 40 min")


@pytest.mark.parametrize("count", [1, 2, 40])
def test_an_alert_goes_on_while_its_projects_fail_by_something_else(
    world: World, count: int
) -> None:
    """A 503 does not say that the key is accepted again, and is no cause of 39 minutes either."""
    world.configure(*many(count))
    checks(world, 0)
    for minute in range(1, 60):
        fail(world, DOWN if minute % 3 == 0 or minute == 40 else EXPIRED)
        checks(world, minute)
    assert (world.chat.kinds, world.pager.kinds) == (["fired", "escalated"], ["escalated"])
    world.readings.failing.clear()
    checks(world, 60)
    assert (world.chat.kinds[2:], world.pager.kinds[1:]) == (["resolved"], ["resolved"])


def test_a_cause_that_follows_another_is_as_old_as_itself(world: World) -> None:
    world.configure(*many(3))
    fail(world, EXPIRED)
    checks(world, *range(40))
    fail(world, DOWN)
    told = len(world.chat.accepted)
    checks(world, *range(40, 50))
    assert len(world.chat.accepted) == told
    checks(world, 50, 51)
    (fired,) = world.chat.accepted[told:]
    assert (fired.series, fired.severity, fired.since) == (
        "region uk-1",
        "warning",
        T0 + 40 * MINUTE,
    )


def test_a_region_that_refuses_the_key_answers(world: World) -> None:
    world.configure(*many(3))
    fail(world, DOWN)
    checks(world, *range(12))
    fail(world, EXPIRED)
    checks(world, 12)
    told = [(each.kind, each.series) for each in world.chat.accepted]
    assert sorted(told) == [
        ("fired", "key default in uk-1"),
        ("fired", "region uk-1"),
        ("resolved", "region uk-1"),
    ]


def test_a_project_left_to_itself_is_not_blamed_for_what_was_covered(world: World) -> None:
    """39 minutes of a shared cause, then something of its own: a warning, not a page."""
    world.configure(*many(3))
    fail(world, EXPIRED)
    checks(world, *range(40))
    paged = len(world.pager.accepted)
    fail(world, WRONG, "line-01")
    checks(world, 40, 41)
    alone = [each for each in world.chat.accepted if each.project == "line-01"]
    assert [(each.kind, each.severity) for each in alone] == [("fired", "warning")]
    assert len(world.pager.accepted) == paged


def test_causes_that_take_turns_are_reported_all_the_same(world: World) -> None:
    world.configure(*many(3))
    for minute in range(13):
        fail(world, DOWN if minute % 2 else Failure(FailureCode.BUG, "Headroom broke on it"))
        checks(world, minute)
    assert world.chat.kinds[0] == "fired"
    assert world.chat.accepted[0].since == T0


def test_an_alert_goes_on_while_its_projects_cannot_be_judged(world: World) -> None:
    world.configure(*many(2))
    fail(world, EXPIRED)
    checks(world, 0)
    left = {each.name: invalid_project(name=each.name, routing=each.routing) for each in many(2)}
    world.configure(invalid=left)
    checks(world, *range(1, 40))
    world.configure(*many(2))
    world.readings.failing.clear()
    checks(world, 40)
    shared = [each.kind for each in world.chat.accepted if each.series]
    assert shared == ["fired", "escalated", "resolved"]


def test_a_notice_stored_before_a_crash_is_sent_by_the_next_check(world: World) -> None:
    """All projects are stored, and our own document is not."""
    world.configure(*many(4))
    checks(world, 0)
    fail(world, EXPIRED)
    store = broken(world)
    store.unwritable = OWN_DOCUMENT
    checks(world, 1)
    assert world.chat.kinds == []
    store.unwritable = ""
    checks(world, 2)
    assert world.chat.kinds == ["fired"]
    assert world.chat.accepted[0].since == T0 + MINUTE


def test_without_a_readable_document_of_headroom_each_project_reports_itself(world: World) -> None:
    world.configure(*many(3))
    fail(world, EXPIRED)
    checks(world, 0)
    world.sql("UPDATE documents SET body = '{' WHERE project = ?", OWN_DOCUMENT)
    checks(world, 1)
    assert [each.project for each in world.chat.accepted[1:]] == ["headroom"], "in the spare one"
    world.sql("UPDATE documents SET body = '{' WHERE project = ?", SPARE_DOCUMENT)
    checks(world, 2)
    assert sorted(each.project for each in world.chat.accepted[2:]) == [
        "line-00",
        "line-01",
        "line-02",
    ]


def test_documents_that_cannot_be_read_are_one_alert(world: World) -> None:
    """After a rollback that is all of them."""
    world.configure(*many(3))
    fail(world, WRONG)
    checks(world, 0)
    world.sql("UPDATE documents SET body = '{'")
    told = len(world.chat.accepted)
    checks(world, 1, 2, 32)
    assert [(each.kind.value, each.series_name) for each in world.chat.accepted[told:]] == [
        ("fired", "3 projects"),
        ("escalated", "3 projects"),
    ]
    world.sql("DELETE FROM documents WHERE project != ?", OWN_DOCUMENT)
    world.readings.failing.clear()
    checks(world, 33)
    assert world.chat.kinds[-1] == "resolved"


def test_a_bug_in_headroom_on_many_projects_is_one_alert(world: World) -> None:
    world.configure(*many(5))
    for each in many(5):
        world.readings.bugs[each.name] = ZeroDivisionError("a bug in Headroom")
    for minute in range(13):
        with pytest.raises(Exception, match="broke"):
            world.check(T0 + minute * MINUTE)
    assert [each.series for each in world.chat.accepted] == ["Headroom itself"]


def test_the_report_still_names_each_project(world: World) -> None:
    world.configure(*many(3))
    fail(world, EXPIRED)
    report = world.check(T0)
    assert report.unreachable.keys() == {"line-00", "line-01", "line-02"}


def test_a_notice_pending_in_an_outage_says_how_many_projects_cannot_be_read_now(
    world: World,
) -> None:
    world.configure(*many(5))
    checks(world, 0)
    world.chat.down = delivery_failure("503", retryable=True)
    fail(world, EXPIRED, "line-00", "line-01")
    checks(world, 1, 2)
    fail(world, EXPIRED)
    checks(world, *range(3, 12))
    world.chat.down = None
    checks(world, 13, 14)
    (told,) = world.chat.lines
    assert told.startswith('WARNING cannot read 5 projects: 401 key "default"')


def test_a_notice_pending_in_an_outage_says_what_is_wrong_with_the_configuration_now(
    world: World,
) -> None:
    world.configure(invalid={"support-line": invalid_project(problem=Fault("is missing", "rules"))})
    world.default.down = delivery_failure("503", retryable=True)
    checks(world, 0, 1)
    world.configure(
        invalid={"support-line": invalid_project(problem=Fault("is no number", "limit"))}
    )
    checks(world, *range(2, 12))
    world.default.down = None
    checks(world, 13, 14)
    (told,) = world.default.lines
    assert "support-line: limit: is no number" in told


class BuggyStore(SqliteState):
    """Breaks once: when `support-line` is read between its two writes."""

    broken = False

    async def read(self, project: str) -> ProjectState | None:
        if project == "support-line" and not self.broken:
            self.broken = True
            raise RuntimeError("a bug in Headroom")
        return await super().read(project)


def test_what_was_stored_and_sent_before_a_bug_is_in_the_report(world: World) -> None:
    """Also in the count of what is pending."""
    spanish = two_queries(world)
    world.readings.failing_queries[spanish.key] = EXPIRED
    for name in ("line-00", "line-01"):
        world.readings.failing[name] = EXPIRED
    world.calls(T0, 118)
    waits_for_a_notice(world, "line-01")
    world.now = T0 + MINUTE
    world.state = BuggyStore(world.path, clock=lambda: world.now)
    report = asyncio.run(check(world.ports(), world.now, Deadline(lambda: 60.0)))
    assert len(report.bugs) == 1
    heard = {each.id for each in (*world.chat.accepted, *world.pager.accepted)}
    assert heard <= {each.notice.id for each in report.notices}
    assert report.pending == 0


def test_a_check_that_runs_late_ends_no_shared_alert_for_projects_that_failed_after_it(
    world: World,
) -> None:
    """Its own answers are older than what a later check has stored of them."""
    world.configure(*many(4))
    checks(world, 0)
    fail(world, DOWN)
    checks(world, *range(1, 13))
    assert world.chat.kinds == ["fired"]
    world.readings.retry_after = 60
    checks(world, 14)
    world.readings.failing.clear()
    world.now = T0 + 16 * MINUTE
    world.check_as_of(T0 + 13 * MINUTE)
    assert world.chat.kinds == ["fired"]
    checks(world, 17)
    assert world.chat.kinds == ["fired", "resolved"]
