"""What every store promises of baselines."""

from __future__ import annotations

from array import array
from asyncio import run
from dataclasses import replace

import pytest

from headroom.domain.baseline import Baseline, NewLevel
from headroom.domain.baselines import Unread
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import WINDOW
from headroom.state.baseline_codec import FORMAT, KEPT, encode
from tests.builders import T0, baseline, baseline_key, document, noise, notice
from tests.contract.state.stores import Store

KEY = baseline_key()
LONG_FILTER = baseline_key(query="client_env=live&variant_name=" + "ü" * 600)
FULL = baseline(
    peaks={"a": array("h", [3, -1, 5]), "b": array("i", [-1, 70_000])},
    left_out={"a": ((T0 - 900, T0 - 300),)},
    levels={"b": (NewLevel(since=T0 - 600, ratio=1.6, known=T0),)},
)


def read(store: Store, *keys: BaselineKey) -> dict[BaselineKey, Baseline | Unread]:
    return dict(run(store.baselines.read(keys or [KEY])))


def times(store: Store, key: BaselineKey = KEY) -> Times | None:
    return run(store.baselines.times([key])).get(key)


@pytest.mark.parametrize("made", [baseline(), FULL], ids=["whole", "sliced"])
def test_a_baseline_is_read_as_it_was_stored(store: Store, made: Baseline) -> None:
    assert list(run(store.baselines.store(KEY, made))) == []

    found = read(store)[KEY]
    assert found == made
    assert isinstance(found, Baseline)
    assert {name: each.typecode for name, each in found.peaks.items()} == {
        name: each.typecode for name, each in made.peaks.items()
    }
    assert times(store) == Times(made=made.made)


def test_what_was_never_made_is_missing(store: Store) -> None:
    other = baseline_key(query="client_env=draft")
    run(store.baselines.store(KEY, baseline()))

    assert set(read(store, KEY, other)) == {KEY}
    assert times(store, other) is None
    assert read(store, baseline_key(project="sales")) == {}
    assert run(store.baselines.read([])) == {}


def test_a_new_baseline_replaces_the_one_before(store: Store) -> None:
    run(store.baselines.store(KEY, FULL))
    run(store.baselines.store(KEY, baseline()))

    assert read(store)[KEY] == baseline()


def test_projects_and_queries_have_their_own_whatever_their_names(store: Store) -> None:
    keys = [
        KEY,
        LONG_FILTER,
        LONG_FILTER._replace(query=LONG_FILTER.query + "x"),
        baseline_key(project="support", query="line#client_env=live"),
    ]
    for number, key in enumerate(keys):
        run(store.baselines.store(key, baseline([number])))

    assert read(store, *keys) == {key: baseline([number]) for number, key in enumerate(keys)}


def test_a_baseline_of_another_line_is_not_the_projects(store: Store) -> None:
    run(store.baselines.store(KEY, baseline()))
    moved = baseline_key(line="us-1/acme-us/acme-team-4")

    assert read(store, moved) == {}
    assert times(store, moved) is None

    run(store.baselines.failed(moved, T0))
    assert read(store, moved) == {}
    assert times(store, moved) == Times(tried=T0, wanted=T0)


def test_where_the_line_is_not_known_the_baseline_that_is_there_is_read(store: Store) -> None:
    run(store.baselines.store(KEY, baseline()))
    unknown = baseline_key(line="")

    assert read(store, unknown) == {unknown: baseline()}
    assert times(store, unknown) == Times(made=T0 + 300)


def test_a_failed_attempt_leaves_the_baseline(store: Store) -> None:
    run(store.baselines.store(KEY, baseline()))

    run(store.baselines.failed(KEY, T0 + 7200))

    assert read(store)[KEY] == baseline()
    assert times(store) == Times(made=T0 + 300, tried=T0 + 7200, wanted=T0 + 7200)


def test_failed_attempts_are_counted_from_the_first_until_one_succeeds(store: Store) -> None:
    run(store.baselines.failed(KEY, T0))
    run(store.baselines.failed(KEY, T0 + 3600))
    assert times(store) == Times(tried=T0 + 3600, wanted=T0)
    assert read(store) == {}

    run(store.baselines.store(KEY, baseline()))
    assert times(store) == Times(made=T0 + 300)


BODY = encode(FULL).body


@pytest.mark.parametrize("cut", [0, 3, 4, 20, len(BODY) // 2, len(BODY) - 1])
def test_a_baseline_that_is_cut_off_is_unread_and_stops_no_other(store: Store, cut: int) -> None:
    run(store.baselines.store(KEY, FULL))
    store.spoil(BODY[:cut], FORMAT)
    other = baseline_key(project="sales")
    run(store.baselines.store(other, baseline()))

    found = read(store, KEY, other)

    spoilt = found[KEY]
    assert isinstance(spoilt, Unread)
    assert "invalid" in spoilt.why
    assert found[other] == baseline()


def test_a_baseline_of_a_newer_format_is_unread_and_counts_as_never_made(store: Store) -> None:
    run(store.baselines.store(KEY, FULL))
    store.spoil(BODY, FORMAT + 1)

    found = read(store)[KEY]

    assert isinstance(found, Unread)
    assert "newer version" in found.why
    assert times(store) == Times()


def test_a_baseline_that_nobody_makes_again_expires(store: Store) -> None:
    run(store.baselines.store(KEY, baseline()))
    run(store.baselines.failed(KEY, T0))
    store.clock.now += KEPT - 1
    assert read(store)
    store.clock.now += 1

    assert read(store) == {}
    assert times(store) is None


def test_the_least_busy_series_have_no_room(store: Store) -> None:
    """Noise hardly shrinks: a week of 60 busy series alone is too much."""
    windows = 2016
    peaks = {f"quiet-{n}": array("h", [1] * windows) for n in range(3)}
    for n in range(60):
        loud = array("i")
        loud.frombytes(noise(windows * loud.itemsize, str(n)).encode())
        peaks[f"loud-{n}"] = loud
    until = T0 + (windows - 1) * WINDOW
    whole = Baseline(first=T0, until=until, peaks=peaks, made=until)
    assert len(encode(whole).body) <= 350_000

    no_room = run(store.baselines.store(KEY, whole))

    found = read(store)[KEY]
    assert isinstance(found, Baseline)
    assert len(found.peaks) > 40
    assert {name for name in peaks if name.startswith("quiet")} <= set(no_room)
    assert found.peaks == {name: each for name, each in peaks.items() if name not in no_room}


def test_the_history_of_a_project_is_read_from_an_instant_on(store: Store) -> None:
    old, first, last = (notice(at=at, rule=f"r{at}") for at in (T0 - 300, T0, T0 + 300))
    run(store.state.commit(document(), [old, first, last]))
    run(store.state.commit(document(project="sales"), [replace(notice(at=T0), project="sales")]))

    found = run(store.baselines.history("support-line", T0))

    assert found == [first.as_json(), last.as_json()]
