"""What every store promises of the watermark (DESIGN section 6)."""

from __future__ import annotations

from asyncio import run
from dataclasses import replace

from headroom.domain.watermark import Watermark
from headroom.domain.windows import WINDOW
from tests.builders import T0, watermark
from tests.contract.state.stores import Store


def stored(store: Store) -> Watermark | None:
    return run(store.state.load()).watermark


def test_the_first_watermark_is_stored_whole(store: Store) -> None:
    first = watermark(projects=("a", "b", "ü"), next="b", ahead=T0 + WINDOW)

    assert run(store.state.move(first))

    assert stored(store) == replace(first, version=1)


def test_a_watermark_moves_forward(store: Store) -> None:
    run(store.state.move(watermark()))

    assert run(store.state.move(watermark(window=T0 + WINDOW, version=1)))

    assert stored(store) == watermark(window=T0 + WINDOW, version=2)


def test_a_watermark_may_stay_while_what_it_says_changes(store: Store) -> None:
    run(store.state.move(watermark()))

    assert run(store.state.move(watermark(next="b", version=1)))


def test_a_watermark_never_goes_back(store: Store) -> None:
    run(store.state.move(watermark()))

    assert not run(store.state.move(watermark(window=T0 - WINDOW, version=1)))

    assert stored(store) == watermark(version=1)


def test_the_second_of_two_moves_from_one_version_is_lost(store: Store) -> None:
    run(store.state.move(watermark()))

    assert not run(store.state.move(watermark(window=T0 + WINDOW)))
    assert run(store.state.move(watermark(window=T0 + WINDOW, version=1)))
    assert not run(store.state.move(watermark(window=T0 + 2 * WINDOW, version=1)))

    assert stored(store) == watermark(window=T0 + WINDOW, version=2)


def test_a_watermark_that_is_gone_is_not_moved_from_an_old_version(store: Store) -> None:
    assert not run(store.state.move(watermark(version=4)))

    assert stored(store) is None
