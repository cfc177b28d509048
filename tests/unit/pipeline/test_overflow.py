"""DESIGN 5.5: at most 200 alerts of a project are open; what breaches beyond them is counted.

So a document stays small, whatever fires and however long channels are down. The table refuses
what DynamoDB refuses: an item over 400 KB, a transaction over 4 MB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headroom.delivery.enqueue import enqueue
from headroom.delivery.stages import Lease
from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import Outbox, PendingDelivery
from headroom.domain.overflow import MOST, Places, admit, places
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Rule, Severity, Watch
from headroom.domain.windows import WINDOW
from headroom.state.codec import CAPACITY, HISTORY_LIMIT, LIMIT, notice_size, size
from tests.builders import (
    T0,
    delivery_failure,
    document,
    failure,
    incident,
    level,
    noise,
    notice,
    rule,
)
from tests.support.variants import AT_ONCE, DEAD, SLICED, Flood, by_series, windows

DOWN = delivery_failure("no connection", retryable=True, channel_at_fault=True)


def overflow(notices: list[Notice]) -> list[tuple[str, str, str]]:
    return [
        (each.kind.value, each.severity.value, each.reason)
        for each in notices
        if each.rule == "overflow"
    ]


def opened(flood: Flood) -> set[str]:
    (stored,) = asyncio.run(flood.state.load()).documents.values()
    return {each.last.series for each in stored.incidents.values()}


def test_200_alerts_begin_and_one_counts_the_rest_until_there_is_room(tmp_path: Path) -> None:
    flood = Flood(tmp_path, 700)
    flood.checks(-4)
    flood.variants.high = windows(T0, 9)
    flood.checks(1, 2, 6, 7)
    paged = by_series([each for each in flood.pager.accepted if each.rule != "overflow"])
    assert len(paged) == MOST == 200
    beyond = ("fired", "critical", "500 more series breach (500 critical)")
    assert overflow(flood.pager.accepted) == overflow(flood.chat.heard) == [beyond]
    flood.checks(51, 52, 53)
    assert [kind for kind, *_ in overflow(flood.pager.accepted)] == ["fired", "resolved"]
    (end,) = (each for each in flood.chat.heard if each.rule == "overflow" and each.kind.ends)
    assert end.summary.startswith("RESOLVED after ")
    assert end.summary.endswith("support-line lists all its alerts again")
    heard = by_series(flood.pager.accepted)
    assert set(map(tuple, heard.values())) == {("fired", "resolved")}


@pytest.mark.parametrize(("begun", "minute"), [(AT_ONCE, 1), (DEAD, 6)], ids=["upper", "lower"])
def test_what_did_not_begin_begins_once_there_is_room_if_it_still_breaches(
    tmp_path: Path, begun: Rule, minute: int
) -> None:
    """Also where only closed windows tell, of which none closes in that check."""
    flood = Flood(tmp_path, 210, begun)
    flood.checks(-4)
    firing = windows(T0, 30)
    flood.variants.high, flood.variants.low = (
        (firing, range(0)) if begun.upper else (range(0), firing)
    )
    flood.checks(minute, minute + 1)
    first = opened(flood)
    assert len(first) == MOST + 1, "the overflow itself is open too"
    flood.variants.well = {*list(first - {""})[:7]}
    flood.checks(minute + 10, minute + 11, minute + 12)
    assert len(opened(flood) - first) == 7
    assert len(opened(flood)) == MOST + 1


def test_an_overflow_is_not_over_while_its_query_fails(tmp_path: Path) -> None:
    flood = Flood(tmp_path, 210)
    flood.checks(-4)
    flood.variants.high = windows(T0, 30)
    flood.checks(1)
    flood.variants.failing = failure(code=503, lasting=False)
    flood.check(T0 + 120)
    assert [kind for kind, *_ in overflow(flood.chat.heard)] == ["fired"]


NOBODY = Places(frozenset(), frozenset())


def some(count: int, severity: Severity, first: int = 0) -> list[RoutedNotice]:
    made = (notice(series=f"{severity} {first + n}", severity=severity) for n in range(count))
    return [RoutedNotice(each, ("ops-slack",)) for each in made]


def test_the_most_severe_have_the_places() -> None:
    told = [*some(150, Severity.WARNING), *some(150, Severity.CRITICAL)]
    incidents = {each.notice.alert_id: incident(last=each.notice) for each in told}
    begun, unlisted = admit(told, incidents, NOBODY, CAPACITY)
    assert [each.severity for each in unlisted] == [Severity.WARNING] * 100
    assert len(begun) == len(incidents) == MOST


def test_an_alert_with_a_pending_notice_has_a_place_though_it_is_over() -> None:
    ended = enqueue(document(), some(MOST, Severity.WARNING), lease(), CAPACITY).state
    taken = places(ended, replace(CAPACITY, whole=0))
    again = some(1, Severity.WARNING)
    told = [*again, *some(1, Severity.CRITICAL)]
    begun, _ = admit(told, {}, taken, CAPACITY)
    assert begun == again


def test_what_is_over_keeps_no_critical_from_beginning_for_which_the_document_has_room() -> None:
    ended = enqueue(document(), some(MOST, Severity.WARNING), lease(), CAPACITY).state
    taken = places(ended, CAPACITY)
    warnings = some(9, Severity.WARNING, first=MOST)
    criticals = some(MOST + 9, Severity.CRITICAL)
    begun, beyond = admit([*warnings, *criticals], {}, taken, CAPACITY)
    assert 50 < len(begun) <= MOST
    assert {each.notice.severity for each in begun} == {Severity.CRITICAL}
    assert len(beyond) == len(warnings) + len(criticals) - len(begun)


def test_no_more_than_200_are_open_though_more_are_pending() -> None:
    told = some(MOST + 50, Severity.CRITICAL)
    known = {each.notice.alert_id for each in told}
    begun, _ = admit(told, {}, Places(set(), known, 99), CAPACITY)
    assert len(begun) == MOST


def test_the_page_of_a_whole_line_begins_though_what_is_over_has_all_places() -> None:
    told = [
        RoutedNotice(notice(severity=Severity.CRITICAL), ("on-call",)),
        *some(1, Severity.CRITICAL),
    ]
    full = Places(set(), {str(number) for number in range(MOST + 99)})
    begun, _ = admit(told, {}, full, CAPACITY)
    assert begun == told[:1]


def test_with_slack_down_the_page_of_a_whole_line_begins_beside_200_variants_that_are_over(
    tmp_path: Path,
) -> None:
    flapping = rule(
        name="per-variant", levels=(level(Severity.WARNING),), watches=(Watch(SLICED, None),)
    )
    flood = Flood(tmp_path, MOST, flapping, rule())
    flood.checks(-4)
    flood.chat.down = DOWN
    flood.variants.high = windows(T0, 1)
    flood.checks(1, 2, 6, 11, 12)
    flood.variants.whole = {T0 + 2 * WINDOW: 119}
    flood.checks(13)
    assert [each.rule for each in flood.pager.accepted] == ["near-limit"]


def test_a_transaction_holds_the_history_of_all_notices_after_an_outage() -> None:
    """Of each of 200 alerts more episodes than fit: the oldest `missed` are counted only."""
    told = [
        RoutedNotice(
            notice(Kind.MISSED, series=str(n % MOST), since=T0 + n, description="long " * 99), ()
        )
        for n in range(4000)
    ]
    begun, unlisted = admit(told, {}, NOBODY, CAPACITY)
    assert sum(notice_size(each.notice) for each in begun) <= HISTORY_LIMIT
    assert begun[-1] == told[-1]
    assert max(each.since for each in unlisted) < min(each.notice.since for each in begun)


LONGEST = 64
"""Characters of a name."""
CHANNELS = tuple(f"{name}{'-' * LONGEST}"[:LONGEST] for name in ("chat", "pager", "default"))


def lease(now: int = T0) -> Lease:
    return Lease(f"{now:016x}", now, now + 110, pagers=frozenset(CHANNELS[1:2]))


def longest(number: int, kind: Kind, since: int) -> Notice:
    """As long as anything in it may be, and no two alike."""
    return notice(
        kind,
        project="p" * LONGEST,
        rule=noise(LONGEST, f"rule {number // 50}"),
        series=noise(36, f"series {number}"),
        series_name=noise(120, f"name {number}"),
        description=noise(500, f"rule {number // 50}"),
        runbook="https://wiki.example.com/" + noise(1500, f"rule {number // 50}"),
        since=since,
        at=since + (WINDOW if kind.ends else 0),
    )


def failed(channel: str, delivery: PendingDelivery, now: int) -> PendingDelivery:
    """A digest was tried for all of them; of another channel a few notices are, the rest waits."""
    released = replace(delivery, lease="", lease_until=0)
    return replace(released, attempts=99, retry_at=now) if channel == CHANNELS[0] else released


def tried(outbox: Outbox, now: int) -> Outbox:
    return {
        key: replace(
            each, deliveries={name: failed(name, one, now) for name, one in each.deliveries.items()}
        )
        for key, each in outbox.items()
    }


def flapping(windows: int, *, heard: bool) -> Iterator[ProjectState]:
    """200 alerts that begin and end again and again, while all channels are down.

    Where they `heard` of the first beginnings they owe the ends as well.
    """
    grown = document()
    last: dict[int, Notice] = {}
    for now in range(T0, T0 + windows * WINDOW, WINDOW):
        told = []
        for number in range(MOST):
            kind = Kind.RESOLVED if number in last and not last[number].kind.ends else Kind.FIRED
            since = last[number].since if kind.ends else now
            last[number] = longest(number, kind, since)
            told.append(RoutedNotice(last[number], CHANNELS, CHANNELS if kind.ends else ()))
        opened = {
            each.alert_id: incident(last=replace(each, readings=()))
            for each in last.values()
            if not each.kind.ends
        }
        posted = enqueue(replace(grown, incidents=opened), told, lease(now), CAPACITY).state
        yield posted
        outbox = {} if heard and now == T0 else tried(posted.outbox, now)
        grown = replace(posted, outbox=outbox)


@pytest.mark.parametrize("heard", [False, True])
def test_a_document_at_the_limit_with_everything_pending_for_hours_is_below_its_limit(
    *, heard: bool
) -> None:
    sizes = [size(each) for each in flapping(12, heard=heard)]
    assert max(sizes) < LIMIT
    assert max(sizes[6:]) <= max(sizes[:6]) * 1.05, "it does not grow"


def next_window(grown: ProjectState, number: int, now: int) -> ProjectState:
    """What is open ends, and as many other criticals as may begin."""
    ends = [
        RoutedNotice(longest(number - MOST + n, Kind.RESOLVED, now - WINDOW), CHANNELS)
        for n in range(MOST)
    ]
    ends = [each for each in ends if each.notice.alert_id in grown.incidents]
    begins = [RoutedNotice(longest(number + n, Kind.FIRED, now), CHANNELS) for n in range(MOST)]
    incidents = {
        each.notice.alert_id: incident(last=replace(each.notice, readings=())) for each in begins
    }
    taken = places(grown, CAPACITY)
    told, _ = admit([*ends, *begins], incidents, taken, CAPACITY)
    posted = enqueue(replace(grown, incidents=incidents), told, lease(now), CAPACITY).state
    return replace(posted, outbox=tried(posted.outbox, now))


def test_a_document_is_below_its_limit_though_other_criticals_begin_in_each_window() -> None:
    grown, sizes, begun = document(), list[int](), list[int]()
    for window in range(10):
        grown = next_window(grown, window * MOST, T0 + window * WINDOW)
        sizes.append(size(grown))
        begun.append(len(grown.incidents))
    assert max(sizes) < LIMIT
    assert begun[0] == MOST
    assert begun[1] == 0, "all places are taken by what is open"
    assert 0 < begun[2] < MOST
    assert max(sizes[5:]) <= max(sizes[:5]) * 1.05, "it does not grow"


def test_an_outage_of_every_channel_while_more_series_flap_than_have_a_place_is_stored(
    tmp_path: Path,
) -> None:
    flood = Flood(tmp_path, 210)
    flood.checks(-4)
    for channel in (flood.chat, flood.pager, flood.default):
        channel.down = DOWN
    for minute in range(1, 40, 10):
        flood.variants.high = windows(T0 + minute // 10 * 2 * WINDOW, 1)
        flood.checks(minute)
    for channel in (flood.chat, flood.pager, flood.default):
        channel.down = None
    flood.checks(*range(61, 66))
    assert not asyncio.run(flood.state.load()).documents["support-line"].outbox
    assert len(by_series(flood.chat.heard)) >= MOST
