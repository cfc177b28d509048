from __future__ import annotations

import itertools
from urllib.parse import parse_qsl

import pytest

from headroom.domain.readings import Query
from headroom.domain.windows import WEEK, WINDOW, Instant, iso
from headroom.polyai.urls import DAY
from tests.builders import T0, line
from tests.unit.polyai.helpers import (
    BY_VARIANT,
    KEY,
    LINE,
    WHOLE_PROJECT,
    Script,
    answered,
    fetch,
    ok,
)


def asked(
    query: Query = WHOLE_PROJECT, first: Instant = T0, until: Instant = T0 + 200
) -> list[dict[str, str]]:
    script = Script([ok()])
    fetch(script, query, first=first, until=until)
    return [dict(parse_qsl(request.url.query.decode())) for request in script.requests]


def test_a_request_names_the_project_the_range_in_milliseconds_and_the_key() -> None:
    script = Script([ok()])
    fetch(script)
    (request,) = script.requests
    assert request.method == "GET"
    assert request.url.path == "/v1/acme-uk/acme-team-4/conversations/concurrency"
    assert request.headers["x-api-key"] == KEY
    assert dict(request.url.params) == {
        "start_time": "2026-11-23T10:05:00.000Z",
        "end_time": "2026-11-23T10:08:20.000Z",
        "client_env": "live",
    }


@pytest.mark.parametrize(
    ("account", "project", "path"),
    [
        ("acme-uk", "acme-team-4", b"/v1/acme-uk/acme-team-4/"),
        ("ws-t53y16r3", "PROJECT-f76d75c2", b"/v1/ws-t53y16r3/PROJECT-f76d75c2/"),
        ("ACCOUNT-t53y16r3", "a/b ?#%", b"/v1/ACCOUNT-t53y16r3/a%2Fb%20%3F%23%25/"),
    ],
)
def test_both_forms_of_ids_go_into_the_path_percent_encoded(
    account: str, project: str, path: bytes
) -> None:
    script = Script([ok(account_id=account, project_id=project)])
    fetch(script, of=line(account_id=account, project_id=project))
    assert script.requests[0].url.raw_path.startswith(path + b"conversations/concurrency?")


@pytest.mark.parametrize(
    ("query", "part"),
    [
        (Query(phone_number="+447856838428"), b"&phone_number=%2B447856838428"),
        (Query(variant_name="variant one & co"), b"&variant_name=variant%20one%20%26%20co"),
        (Query(variant_id="satdt"), b"&variant_id=satdt"),
        (Query(language="en-GB"), b"&language=en-GB"),
        (Query(client_env="pre-release"), b"&client_env=pre-release"),
    ],
)
def test_filters_are_encoded_as_the_api_wants_them(query: Query, part: bytes) -> None:
    script = Script([ok()])
    fetch(script, query)
    assert script.requests[0].url.query.endswith(part)


def test_every_parameter_of_a_query_is_sent() -> None:
    query = Query(
        "sandbox", variant_id="v", language="en-GB", phone_number="+1", slice_by="variant"
    )
    (parameters,) = asked(query)
    assert query.parameters().items() <= parameters.items()


@pytest.mark.parametrize(("query", "longest"), [(WHOLE_PROJECT, WEEK), (BY_VARIANT, DAY)])
def test_a_long_range_is_split_into_requests_that_join_without_a_gap(
    query: Query, longest: int
) -> None:
    until = T0 + 2 * longest + 100
    bounds = [T0, T0 + longest, T0 + 2 * longest, until]
    times = [(p["start_time"], p["end_time"]) for p in asked(query, T0, until)]
    expected = [iso(bound).replace("Z", ".000Z") for bound in bounds]
    assert times == list(itertools.pairwise(expected))


def test_exactly_a_week_is_one_request() -> None:
    assert len(asked(first=T0, until=T0 + WEEK)) == 1


def test_a_window_that_begins_this_very_second_is_asked_for() -> None:
    """Start and end alike would be an empty range: the end is rounded up, so a second is enough."""
    (parameters,) = asked(first=T0, until=T0)
    assert parameters["end_time"] == "2026-11-23T10:05:01.000Z"


def test_the_readings_of_all_requests_are_one_answer() -> None:
    late = T0 + WEEK + WINDOW
    script = Script([ok({"time": iso(T0), "max_concurrent_conversations": 1}), ok()])
    script.answers[1] = ok({"time": iso(late), "max_concurrent_conversations": 2})
    answer = answered(fetch(script, first=T0, until=late + 10))
    assert answer.series == {"": {T0: 1, late: 2}}
    assert LINE.project_id in str(script.requests[1].url)
