"""The simulator over HTTP: what PolyAI's description of the endpoint promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from headroom.domain.windows import iso
from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.lines import HOUR, Course, Line, Part
from headroom_cli.simulator.polyai import Key, Simulator

NOON = 1795392000 + 12 * HOUR  # 2026-11-23T12:00:00Z
WEEK = 7 * 24 * HOUR
PARTS = (Part(0.7, "v-a", "Main menu"), Part(0.3, "v-b", "Test"))
SUPPORT = Line(("acme-uk", "ws-1234"), ("support", "PROJECT-1"), 5, 60, parts=PARTS)
QUIET = Line(
    ("acme-uk",), ("quiet",), 0, 0, milliseconds=False, omits_zeros=True,
    courses=(Course(((NOON - 600, 8), (NOON - 300, 8))),),
)  # fmt: skip
ACCOUNTS = frozenset(("acme-uk", "ws-1234"))


class Client:
    def __init__(self, simulator: Simulator, http: httpx.Client) -> None:
        self.simulator = simulator
        self.http = http

    def get(
        self,
        start: int = -HOUR,
        end: int = 0,
        project: str = "support",
        key: str = "good",
        **more: str,
    ) -> httpx.Response:
        times = {"start_time": iso(NOON + start), "end_time": iso(NOON + end)}
        path = f"/v1/acme-uk/{project}/conversations/concurrency"
        return self.http.get(path, params=times | more, headers={"x-api-key": key})

    def rows(self, start: int = -HOUR, end: int = 0, **more: str) -> list[dict[str, Any]]:
        answer: dict[str, Any] = self.get(start, end, **more).raise_for_status().json()
        rows: list[dict[str, Any]] = answer["intervals"]
        return rows


@pytest.fixture
def client() -> Iterator[Client]:
    keys = {
        "good": Key(ACCOUNTS),
        "other": Key(frozenset(("acme-us",))),
        "old": Key(ACCOUNTS, NOON),
    }
    simulator = Simulator((SUPPORT, QUIET), keys, now=NOON)
    with simulator.serve() as server, httpx.Client(base_url=server.url, timeout=2) as http:
        yield Client(simulator, http)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"key": ""}, 401),
        ({"key": "wrong"}, 401),
        ({"key": "old"}, 401),
        ({"key": "other"}, 403),
        ({"project": "absent"}, 404),
        ({"start": 1}, 400),
        ({"start": -WEEK - 1}, 400),
        ({"start_time": ""}, 400),
        ({"end_time": "yesterday"}, 400),
        ({"end_time": "2026-11-23T12:00:00"}, 400),
        ({"variant_id": "v-a", "variant_name": "Main menu"}, 400),
        ({"client_env": "production"}, 400),
        ({"slice_by": "colour"}, 400),
        ({"slice_by": "language"}, 501),
        ({"slice_by": "phone_number"}, 501),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_message(
    client: Client, more: dict[str, Any], status: int
) -> None:
    answer = client.get(**more)
    assert answer.status_code == status
    body = answer.json()
    assert body.get("error_message") or body["error"]["message"]
    assert answer.headers["X-PolyAI-Correlation-Id"].startswith("sim-")
    assert client.simulator.requests == {status: 1}


def test_a_week_is_the_longest_range_and_ends_where_time_does(client: Client) -> None:
    assert len(client.rows(-WEEK, 0)) == WEEK // 300
    assert len(client.rows(-HOUR, HOUR)) == 13


def test_the_start_is_rounded_down_and_the_end_up_to_five_minutes(client: Client) -> None:
    times = [row["time"] for row in client.rows(-601, -299)]
    assert times == [f"2026-11-23T11:{minute}:00.000Z" for minute in (45, 50, 55)]


def test_an_id_is_taken_in_both_forms(client: Client) -> None:
    path = f"/v1/ws-1234/PROJECT-1/conversations/concurrency?start_time={iso(NOON)}"
    answer = client.http.get(f"{path}&end_time={iso(NOON + 1)}", headers={"x-api-key": "good"})
    assert (answer.json()["account_id"], answer.json()["project_id"]) == ("ws-1234", "PROJECT-1")


def test_times_come_without_milliseconds_and_zeros_not_at_all_where_the_line_is_so(
    client: Client,
) -> None:
    rows = client.rows(project="quiet")
    assert [row["time"] for row in rows] == ["2026-11-23T11:50:00Z"]


def test_a_sliced_answer_is_ascending_per_variant_only(client: Client) -> None:
    rows = client.rows(-600, 0, slice_by="variant")
    assert [(r["variant_id"], r["variant_name"], r["time"][14:16]) for r in rows] == [
        ("v-a", "Main menu", "50"),
        ("v-a", "Main menu", "55"),
        ("v-b", "Test", "50"),
        ("v-b", "Test", "55"),
    ]


def test_filters_leave_only_the_calls_that_they_name(client: Client) -> None:
    def peaks(**more: str) -> list[int]:
        return [row["max_concurrent_conversations"] for row in client.rows(-600, 0, **more)]

    assert peaks(variant_id="v-a") == peaks(variant_name="Main menu") < peaks()
    assert peaks(language="es-ES") == [0, 0]
    assert client.rows(client_env="sandbox") == []


def test_the_open_window_grows_as_time_goes_on(client: Client) -> None:
    seen = []
    for second in range(0, 301, 60):
        client.simulator.now = NOON + second
        seen.append(client.rows(0, 1)[0]["max_concurrent_conversations"])
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


@pytest.mark.parametrize(
    ("kind", "status", "form"),
    [(FaultKind.BUSY, 429, "json"), (FaultKind.BROKEN, 500, "json"), (FaultKind.HTML, 200, "html")],
)
def test_in_trouble_it_fails_as_told_and_only_then_and_there(
    client: Client, kind: FaultKind, status: int, form: str
) -> None:
    client.simulator.faults = (Fault("PROJECT-1", NOON, NOON + 60, kind),)
    answer = client.get()
    assert answer.status_code == status
    assert form in answer.headers["content-type"]
    assert (answer.headers.get("Retry-After") == "30") == (kind is FaultKind.BUSY)
    assert client.rows(project="quiet")
    client.simulator.now += 60
    assert client.rows()


def test_an_answer_can_be_cut_off_or_never_come(client: Client) -> None:
    fault = Fault("support", NOON, NOON + 60, FaultKind.CUT)
    client.simulator.faults = (fault,)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get()
    client.simulator.faults = (replace(fault, kind=FaultKind.SILENT),)
    client.http.timeout = httpx.Timeout(0.05)
    with pytest.raises(httpx.ReadTimeout):
        client.get()
