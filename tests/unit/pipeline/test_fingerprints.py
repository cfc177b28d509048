"""DESIGN section 7: what outside programs tell alerts, incidents and notices apart by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from headroom.channels.pagerduty import payload
from headroom.domain.notices import Notice
from headroom.domain.rules import Project
from headroom_cli.redrive.notice_json import read_notice
from tests.builders import T0, failure, project, rule
from tests.support.world import World

MINUTE = 60
KEY = SecretStr("k" * 32)
OTHERS = (
    project(installation="headroom-dev.eu-west-2.123456789012"),
    project(region="us-1"),
    project(account_id="acme-us"),
    project(project_id="acme-team-5"),
)
"""The same names elsewhere: in another installation, or another line behind them."""


def notices(path: Path, watched: Project) -> list[Notice]:
    """One incident of a rule and one `unreachable`, as a pager gets them."""
    path.mkdir()
    world = World(path, watched)
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.check(T0 + 11 * MINUTE)
    world.readings.failing[watched.name] = failure()
    world.check(T0 + 12 * MINUTE)
    world.check(T0 + 50 * MINUTE)
    world.readings.failing.clear()
    world.check(T0 + 51 * MINUTE)
    return world.pager.accepted


@pytest.mark.parametrize("other", OTHERS)
def test_two_installations_and_two_lines_share_no_fingerprint(
    tmp_path: Path, other: Project
) -> None:
    ours, theirs = notices(tmp_path / "ours", project()), notices(tmp_path / "theirs", other)
    kinds = ["fired", "resolved", "escalated", "resolved"]
    assert [each.kind.value for each in ours] == [each.kind.value for each in theirs] == kinds
    for mine, other_one in zip(ours, theirs, strict=True):
        assert mine.id != other_one.id
        assert mine.incident_id != other_one.incident_id
        assert payload(mine, KEY)["dedup_key"] != payload(other_one, KEY)["dedup_key"]


def test_an_incident_keeps_its_fingerprint_to_its_end(tmp_path: Path) -> None:
    fired, resolved, escalated, read_again = notices(tmp_path / "one", project())
    assert payload(fired, KEY)["dedup_key"] == payload(resolved, KEY)["dedup_key"]
    assert payload(escalated, KEY)["dedup_key"] == payload(read_again, KEY)["dedup_key"]
    assert {each.installation for each in (fired, read_again)} == {project().installation}


def test_a_page_of_another_line_is_closed_under_the_fingerprint_that_opened_it(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.configure(project(account_id="acme-us"))
    world.check(T0 + 2 * MINUTE)
    fired, closed, other = world.pager.accepted
    assert (closed.kind, other.kind) == ("resolved", "fired")
    assert fired.alert == closed.alert != other.alert


def test_an_alert_that_an_older_version_opened_is_closed_under_its_old_key() -> None:
    old = replace(notices_of_old(), alert="")
    assert payload(old, KEY)["dedup_key"] == f"headroom-{old.alert_id}"


def notices_of_old() -> Notice:
    return read_notice(
        {
            "version": 1,
            "id": "n",
            "incident_id": "i",
            "kind": "resolved",
            "severity": "critical",
            "project": "support-line",
            "rule": "near-limit",
            "since": "2026-11-23T10:05:00Z",
            "at": "2026-11-23T10:30:00Z",
            "summary": "RESOLVED",
        }
    )


def test_reminders_that_come_within_one_window_have_ids_of_their_own(world: World) -> None:
    world.configure(project(rules=(rule(remind=60),)))
    world.check(T0 - 4 * MINUTE)
    for minute in range(1, 14):
        world.calls(T0 + minute // 5 * 300, 118)
        world.check(T0 + minute * MINUTE)
    reminders = [each for each in world.chat.accepted if each.kind == "reminder"]
    assert len(reminders) == len({each.id for each in reminders}) == 12


def test_two_escalations_on_one_window_are_two_notices(world: World) -> None:
    """A window that is still open may be corrected down and up again."""
    world.check(T0 - 4 * MINUTE)
    for minute, calls in ((1, 100), (6, 119), (12, 100), (14, 119)):
        for window in range(3):
            world.calls(T0 + window * 300, calls if window == 1 else 100)
        world.check(T0 + minute * MINUTE)
    ids = [each.id for each in world.chat.accepted]
    assert len(ids) == len(set(ids))
    assert world.chat.kinds == ["fired", "escalated", "eased", "escalated"]
