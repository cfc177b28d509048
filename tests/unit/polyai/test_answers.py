from __future__ import annotations

import itertools
import json

import pytest

from headroom.domain.readings import Answer
from headroom.domain.windows import WINDOW
from tests.builders import T0, line
from tests.unit.polyai.helpers import (
    BY_VARIANT,
    Script,
    answered,
    as_bytes,
    failed,
    fetch,
    interval,
    ok,
    raw,
    refusal,
)

T1, T2 = T0 + WINDOW, T0 + 2 * WINDOW


def answer(*intervals: object) -> Answer:
    return answered(fetch(Script([ok(*intervals)]), until=T2 + 100))


def sliced(*intervals: object) -> Answer:
    return answered(fetch(Script([ok(*intervals)]), BY_VARIANT, until=T2 + 100))


def test_readings_are_keyed_by_window() -> None:
    given = answer(interval(T0, 3), interval(T1, 0), interval(T2, 114))
    assert given == Answer({"": {T0: 3, T1: 0, T2: 114}})


def test_the_order_of_intervals_does_not_matter() -> None:
    rows = [interval(T0, 3), interval(T1, 0), interval(T2, 114)]
    assert (
        len({str(sorted(answer(*p).series[""].items())) for p in itertools.permutations(rows)}) == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:05:00Z",
        "2026-11-23T10:05:00.000Z",
        "2026-11-23T10:05:00.000000Z",
        "2026-11-23T10:05:00",
        "2026-11-23T10:05:00+00:00",
        "2026-11-23T11:05:00+01:00",
    ],
)
def test_every_way_to_write_a_time_is_the_same_window(text: str) -> None:
    assert answer({"time": text, "max_concurrent_conversations": 7}).series == {"": {T0: 7}}


@pytest.mark.parametrize("peaks", [(5, 9), (9, 5)])
def test_the_greater_peak_of_a_window_that_comes_twice_counts(peaks: tuple[int, int]) -> None:
    """A maximum can only grow, so the greater one is the newer one."""
    assert answer(*(interval(T0, peak) for peak in peaks)).series == {"": {T0: 9}}


def test_windows_outside_the_range_asked_for_are_left_out_and_future_ones_too() -> None:
    given = answer(interval(T0 - WINDOW, 1), interval(T0, 2), interval(T2 + WINDOW, 3))
    assert given.series == {"": {T0: 2}}


def test_unknown_fields_are_ignored() -> None:
    more = ok(interval(T0, 2, peak_hour=True, language=None), version=[1])
    assert answered(fetch(Script([more]))).series == {"": {T0: 2}}


def test_an_answer_without_intervals_is_the_whole_project_with_no_readings() -> None:
    assert answer() == Answer({"": {}})
    assert sliced() == Answer({})


def test_a_sliced_answer_is_one_series_for_each_variant() -> None:
    given = sliced(
        interval(T0, 25, variant_id="satdt", variant_name="one", language="en-GB"),
        interval(T1, 20, variant_id="satdt", variant_name="one", language="en-US"),
        interval(T0, 5, variant_id="satdc", variant_name="two"),
        interval(T0, 6, variant_id="bare", variant_name=None),
    )
    assert given.series == {"satdt": {T0: 25, T1: 20}, "satdc": {T0: 5}, "bare": {T0: 6}}
    assert given.names == {"satdt": "one", "satdc": "two"}


def test_a_renamed_variant_is_one_series_with_its_newest_name() -> None:
    rows = [
        interval(T1, 1, variant_id="v", variant_name="new"),
        interval(T0, 1, variant_id="v", variant_name="old"),
        interval(T2, 1, variant_id="v"),
    ]
    for order in itertools.permutations(rows):
        assert sliced(*order) == Answer({"v": {T0: 1, T1: 1, T2: 1}}, {"v": "new"})


def test_markup_in_a_variants_name_stays_text() -> None:
    name = "<!channel> *x* & co"
    assert sliced(interval(T0, 1, variant_id="v", variant_name=name)).names == {"v": name}


@pytest.mark.parametrize("more", [{}, {"variant_id": None}, {"variant_id": ""}])
def test_a_row_of_a_sliced_answer_without_a_variant_is_invalid(more: dict[str, object]) -> None:
    failure = refusal(ok(interval(T0, 1, **more)), BY_VARIANT)
    assert failure.code == "invalid"
    assert "variant_id" in failure.detail


@pytest.mark.parametrize("peak", [True, 1.0, 1.5, "3", -1, None, [], 10**30])
def test_a_peak_that_is_not_a_count_is_invalid(peak: object) -> None:
    failure = refusal(ok(interval(T0, 1), interval(T1, peak)))
    assert (failure.code, failure.lasting) == ("invalid", False)
    assert "intervals.1.max_concurrent_conversations" in failure.detail


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-23T10:06:00Z",
        "2026-11-23T10:05:00.001Z",
        "2026-11-23T10:05:01Z",
        "2026-02-30T10:05:00Z",
        "2026-11-23T25:05:00Z",
        "2026-11-23",
        "1795428300",
        1795428300,
        "",
        None,
    ],
)
def test_a_time_that_starts_no_window_is_invalid(time: object) -> None:
    row = {"time": time, "max_concurrent_conversations": 1}
    assert refusal(ok(row)).code == "invalid"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "HTML"),
        (as_bytes(interval(T0, 1))[:-20], "JSON"),
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'{"account_id": "acme-uk", "project_id": "acme-team-4"}', "intervals"),
        (json.dumps({"intervals": []}).encode(), "account_id"),
    ],
)
def test_a_body_that_is_no_answer_is_invalid_with_the_reason(content: bytes, says: str) -> None:
    failure = refusal(raw(content, x_polyai_correlation_id="c-1"))
    assert (failure.code, failure.lasting, failure.correlation_id) == ("invalid", False, "c-1")
    assert says in failure.detail


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("acme-team-4", "acme-team-5"),
        ("PROJECT-f76d75c2", "PROJECT-00000000"),
    ],
)
def test_an_answer_about_another_project_is_invalid(asked: str, answered: str) -> None:
    script = Script([ok(project_id=answered)])
    failure = failed(fetch(script, of=line(project_id=asked)))
    assert failure.code == "invalid"
    assert f"project {answered}, not {asked}" in failure.detail


def test_an_answer_about_another_account_is_invalid() -> None:
    assert refusal(ok(account_id="globex")).code == "invalid"


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("ws-t53y16r3", "PROJECT-f76d75c2"),
        ("ACCOUNT-t53y16r3", "PROJECT-f76d75c2"),
        ("ACME-UK", "Acme-Team-4"),
    ],
)
def test_ids_in_the_other_form_cannot_be_held_against_those_asked_for(
    account: str, line: str
) -> None:
    assert answered(fetch(Script([ok(account_id=account, project_id=line)]))).series == {"": {}}


def test_an_answer_to_another_question_is_not_taken_for_a_silent_line() -> None:
    elsewhere = ok(interval(T0 - 40 * WINDOW, 7))
    failure = refusal(elsewhere)
    assert (failure.code, failure.lasting) == ("invalid", False)
