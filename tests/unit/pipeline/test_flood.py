"""DESIGN sections 5 and 6: whatever one turn has to tell can be stored, and all is told.

The table refuses what DynamoDB refuses: an item over 400 KB, a transaction over 4 MB.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from headroom.domain.rules import Severity
from headroom.domain.windows import WINDOW
from tests.builders import T0, project, rule
from tests.unit.pipeline.flood_world import AT_ONCE, DEAD, Flood, Turns, by_series, windows

MANY = 2500
SOME = 1800


def told(turns: Turns) -> Counter[tuple[str, ...]]:
    """How many variants had the same pages in the same order."""
    return Counter(map(tuple, turns.pages().values()))


def recorded(turns: Turns) -> list[str]:
    return [each.id for each in turns.history if each.rule != "digest"]


def test_a_flood_of_700_pages_opens_and_closes_every_one(tmp_path: Path) -> None:
    on_call = dict.fromkeys(Severity, ("on-call",))
    flood = Flood(tmp_path, 700)
    flood.configure(project(rules=(AT_ONCE,), routing=on_call))
    flood.checks(-4)
    flood.variants.high = windows(T0, 3)
    flood.checks(1, 2, 21, 22)
    heard = by_series(flood.pager.accepted)
    assert len(heard) == 700
    assert set(map(tuple, heard.values())) == {("fired", "resolved")}


def flooded(count: int = MANY) -> Turns:
    """All fire on the open window, and all are told of it."""
    turns = Turns(count)
    turns.variants.high = windows(T0, 3)
    for minute in range(1, 7):
        turns.turn(minute)
    assert told(turns) == {("fired",): count}
    assert turns.told_people() == count
    return turns


def test_what_has_no_room_is_told_by_the_next_turns_and_once() -> None:
    turns = flooded()
    assert turns.deferred[0] > 1000, "too few to tell anything"
    assert turns.deferred[-1] == 0
    for minute in range(21, 25):
        turns.turn(minute)
    assert max(turns.deferred[6:]) > 1000
    assert told(turns) == {("fired", "resolved"): MANY}
    assert turns.told_people() == 2 * MANY
    assert len(recorded(turns)) == len(set(recorded(turns))) == 2 * MANY
    assert turns.document.quiet


@pytest.mark.parametrize("gone", [True, False])
def test_what_is_removed_closes_every_page_over_several_turns(*, gone: bool) -> None:
    turns = flooded(SOME)
    other = project(version=2, rules=(rule(name="other"),))
    for minute in range(7, 12):
        turns.turn(minute, other, gone=gone)
    assert turns.deferred[6] > 0
    assert told(turns) == {("fired", "resolved"): SOME}
    assert {each.reason for each in turns.heard["on-call"] if each.kind.ends} == {
        "project removed" if gone else "rule removed"
    }
    assert turns.document.quiet


def test_an_alert_without_room_keeps_its_windows() -> None:
    """It fired on closed windows and was over before there was room: it is told as it was."""
    turns = Turns(SOME, DEAD)
    turns.variants.low = windows(T0 + WINDOW, 1)
    for minute in (11, 16, 21, 26, 31):
        turns.turn(minute)
    ended = [each for each in turns.history if each.kind.ends]
    assert turns.deferred[0] > 300
    assert len({each.series for each in ended}) == len(ended) == SOME
    assert {(each.since, each.duration_seconds) for each in ended} == {(T0 + WINDOW, WINDOW)}
    assert set(told(turns)) == {("fired", "resolved")}, "of those that were missed, no page"
    assert turns.document.quiet


def test_pages_that_nobody_takes_do_not_keep_their_ends_from_being_stored() -> None:
    turns = Turns(SOME)
    turns.down = {"on-call"}
    turns.variants.high = windows(T0, 3)
    for minute in (1, 2, 3, 4, 5, 21, 22, 23, 24):
        turns.turn(minute)
    turns.down = set()
    for minute in range(25, 30):
        turns.turn(minute)
    assert turns.pages() == {}, "nobody was paged: nobody needs the end"
    assert turns.document.quiet
