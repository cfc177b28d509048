"""Self-monitoring: Headroom's own problems are notified once, on `default`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from headroom.config.validation import Problem
from headroom.domain.project_state import FORMAT
from headroom.domain.rules import Project
from headroom.domain.self_monitoring import own_document
from tests.builders import T0, delivery_failure, document, project
from tests.support.world import World

MINUTE = 60
NO_TYPE = {"channels.unused": "type 'slak' is not known: did you mean \"slack\"?"}


def spoil(world: World, name: str) -> None:
    """Let a newer Headroom have written this project's document."""
    restore(world, name, '{"project": 1}')


def restore(world: World, name: str, body: str) -> None:
    world.sql("UPDATE documents SET body = ? WHERE project = ?", body, name)


def fault(world: World, faults: dict[str, str], *, fresh: bool = True) -> None:
    known = {place: Problem(place, why) for place, why in faults.items()}
    world.source.configuration = replace(world.source.configuration, faults=known, fresh=fresh)


def test_an_invalid_document_is_reported_on_the_projects_channels(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    told = len(world.chat.lines)
    spoil(world, "support-line")
    for minute in range(2, 40):
        world.check(T0 + minute * MINUTE)
    warning, critical = world.chat.accepted[told:]
    assert (warning.kind, warning.severity, warning.rule) == ("fired", "warning", "unreachable")
    assert (critical.kind, critical.severity) == ("escalated", "critical")
    assert critical.summary.startswith("CRITICAL cannot read support-line: ")
    assert "deploy the newest version" in warning.reason
    assert world.pager.kinds[-1] == "escalated"


def test_it_is_over_once_the_document_is_gone(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    spoil(world, "support-line")
    world.check(T0 + 2 * MINUTE)
    world.sql("DELETE FROM documents WHERE project = 'support-line'")
    world.check(T0 + 3 * MINUTE)
    ends = [each for each in world.chat.accepted if each.rule == "unreachable"]
    assert [each.kind for each in ends] == ["fired", "resolved"]
    assert world.check(T0 + 4 * MINUTE).unreachable == {}


def test_a_fault_beside_the_projects_is_notified_once_and_its_end_too(world: World) -> None:
    fault(world, NO_TYPE)
    for minute in range(5):
        assert world.check(T0 + minute * MINUTE).faults == 1
    assert world.default.kinds == ["fired"]
    assert world.default.lines[0].startswith("WARNING invalid config channels.unused: type 'slak'")
    fault(world, {})
    world.check(T0 + 5 * MINUTE)
    assert world.default.kinds == ["fired", "resolved"]
    assert world.default.lines[1].startswith("RESOLVED")


def test_a_cached_listing_neither_reports_nor_ends_a_fault(world: World) -> None:
    """Two instances of the function may hold listings of different ages."""
    fault(world, NO_TYPE, fresh=False)
    world.check(T0)
    assert world.default.kinds == []
    fault(world, NO_TYPE)
    world.check(T0 + MINUTE)
    fault(world, {}, fresh=False)
    world.check(T0 + 2 * MINUTE)
    assert world.default.kinds == ["fired"]


def test_a_fault_changes_nothing_for_a_project_of_headrooms_own_name(world: World) -> None:
    namesake: Project = project(name="headroom")
    world.configure(namesake)
    fault(world, NO_TYPE)
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118, "headroom")
    world.check(T0 + MINUTE)
    fault(world, {})
    world.check(T0 + 2 * MINUTE)
    assert world.default.kinds == ["fired", "resolved"]
    assert world.chat.kinds == ["fired"]


def test_the_own_document_goes_quiet_and_reads_no_configuration_again(world: World) -> None:
    fault(world, NO_TYPE)
    world.check(T0)
    fault(world, {})
    world.check(T0 + MINUTE)
    fault(world, {}, fresh=False)
    before = world.source.read_afresh
    for minute in range(2, 8):
        world.check(T0 + minute * MINUTE)
    assert world.source.read_afresh == before


def test_an_invalid_document_of_headroom_is_in_the_report(world: World) -> None:
    fault(world, NO_TYPE)
    world.check(T0)
    spoil(world, "headroom/own")
    fault(world, {})
    assert "deploy the newest version" in str(world.check(T0 + MINUTE).unreachable["headroom/own"])


def test_while_headrooms_own_document_is_invalid_its_alerts_are_notified_all_the_same(
    world: World,
) -> None:
    """Each once, that document among them; and it goes on where it was once it is restored."""
    fault(world, NO_TYPE)
    world.check(T0)
    good = bodies(world)["headroom/own"]
    spoil(world, "headroom/own")
    fault(world, NO_TYPE | {"keys.other": "is empty"})
    for minute in range(1, 4):
        world.check(T0 + minute * MINUTE)
    told = [each.summary for each in world.default.accepted[1:]]
    assert len(told) == 3, "the alerts in the lost document are notified again"
    assert sum("headroom/own" in each for each in told) == 1
    assert sum("keys.other" in each for each in told) == 1
    restore(world, "headroom/own", good)
    fault(world, {})
    for minute in range(4, 8):
        world.check(T0 + minute * MINUTE)
    assert len(world.default.accepted) == 1 + 3 + 4
    assert {each.kind.value for each in world.default.accepted[4:]} == {"resolved"}


def test_an_older_version_leaves_a_newer_ones_document_and_its_notices_alone(world: World) -> None:
    """After a rollback: what is pending there is sent once the newer version is back."""
    world.chat.down = delivery_failure("503", retryable=True)
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    newer = with_format(world, 99)
    report = world.check(T0 + 2 * MINUTE)
    assert "a newer version wrote it" in str(report.unreachable["support-line"])
    assert bodies(world)["support-line"] == newer
    with_format(world, FORMAT)
    world.chat.down = None
    world.check(T0 + 5 * MINUTE)
    assert "fired" in world.chat.kinds


def with_format(world: World, number: int, name: str = "support-line") -> str:
    """Have a document written in a format; returns its body."""
    body = json.dumps(json.loads(bodies(world)[name]) | {"format": number})
    restore(world, name, body)
    return body


def bodies(world: World) -> dict[str, str]:
    """What is stored, by project."""
    return dict(world.sql("SELECT project, body FROM documents"))


def test_after_a_rollback_somebody_is_notified_that_newer_documents_cannot_be_read(
    world: World,
) -> None:
    """The newer version kept its own alerts in a document that this one cannot read either."""
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    with_format(world, FORMAT + 1)
    theirs = replace(document(project=own_document(FORMAT + 1)), failing_since=T0)
    asyncio.run(world.state.commit(theirs))
    with_format(world, FORMAT + 1, theirs.project)
    for minute in range(2, 6):
        world.check(T0 + minute * MINUTE)
    warned = [each for each in (*world.chat.accepted, *world.default.accepted) if each.reason]
    assert warned
    assert all("a newer version wrote it" in each.reason for each in warned)
    assert len({each.incident_id for each in warned}) == len({each.alert for each in warned})


@pytest.mark.parametrize("pending", [False, True])
def test_an_alert_over_when_headrooms_document_is_restored_ends_though_the_spare_goes_on(
    world: World,
    pending: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    world.default.down = delivery_failure("503", retryable=True) if pending else None
    fault(world, NO_TYPE)
    world.check(T0)
    good = bodies(world)["headroom/own"]
    spoil(world, "headroom/own")
    fault(world, {"keys.other": "is empty"})
    world.check(T0 + MINUTE)
    restore(world, "headroom/own", good)
    world.default.down = None
    for minute in range(3, 60, 5):
        world.check(T0 + minute * MINUTE)
    told = [each for each in world.default.accepted if each.series == "channels.unused"]
    assert [each.kind for each in told] == (["missed"] if pending else ["fired", "resolved"])
