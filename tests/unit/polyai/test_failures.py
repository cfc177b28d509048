from __future__ import annotations

import errno
import json
import socket

import httpx
import pytest

from headroom.domain.readings import UNASKED
from headroom.domain.windows import WEEK
from headroom.polyai.failures import from_error
from tests.builders import T0
from tests.unit.polyai.helpers import (
    KEY,
    FakeKeys,
    Script,
    always,
    answered,
    failed,
    fetch,
    ok,
    refusal,
)


@pytest.mark.parametrize(
    ("status", "lasting", "says"),
    [
        (400, True, "filters"),
        (401, True, "expired or rotated, or of another region"),
        (403, True, "another region"),
        (404, True, "wrong region"),
        (501, True, "slice"),
        (429, False, "too often"),
        (500, False, "PolyAI failed"),
        (503, False, "PolyAI failed"),
        (302, False, "elsewhere"),
        (405, False, "refused"),
        (204, False, "nothing usable"),
    ],
)
def test_each_status_is_reported_with_what_it_usually_means(
    status: int, *, lasting: bool, says: str
) -> None:
    failure = refusal(httpx.Response(status, json={"error_message": "no such thing"}))
    assert (failure.code, failure.lasting) == (status, lasting)
    assert says in failure.detail
    assert failure.detail.endswith(": no such thing")


LONG = {"success": False, "error": True, "error_id": "e", "error_code": 7, "data": None}


@pytest.mark.parametrize(
    "body",
    [
        {"error_message": "key expired"},
        LONG | {"error_message": "key expired"},
        {"error": {"code": "x", "id": "y", "message": "key expired", "correlation_id": "c-9"}},
        {"error": "key expired"},
        {"message": "key expired"},
    ],
)
def test_the_message_of_every_error_body_is_reported(body: dict[str, object]) -> None:
    assert refusal(httpx.Response(401, json=body)).detail.endswith(": key expired")


@pytest.mark.parametrize(
    "content", [b"", b"<html>502</html>", b"[1]", b'{"error_message": 5}', b"{", b"[" * 99_999]
)
def test_a_body_without_a_message_leaves_the_meaning_alone(content: bytes) -> None:
    assert refusal(httpx.Response(500, content=content)).detail == "PolyAI failed"


def test_the_correlation_id_comes_from_the_header_else_from_the_body() -> None:
    body = {"error": {"message": "m", "correlation_id": "in-body"}}
    header = {"X-PolyAI-Correlation-Id": "in-header"}
    assert refusal(httpx.Response(403, json=body)).correlation_id == "in-body"
    assert refusal(httpx.Response(403, json=body, headers=header)).correlation_id == "in-header"


def test_a_message_becomes_one_short_line_without_control_characters() -> None:
    message = "line one\r\nline\ttwo\x1b[31m\u202e \ud800" + "x" * 5000
    content = json.dumps({"error_message": message}).encode()
    detail = refusal(httpx.Response(400, content=content)).detail
    assert "line one line two [31m x" in detail
    assert detail.isprintable()
    assert len(detail) <= 280


def no_way(*errors: OSError) -> httpx.ConnectError:
    """What the client raises when no address of a host can be reached, one error for each."""
    lost = OSError("All connection attempts failed")
    lost.__cause__ = errors[0] if len(errors) == 1 else ExceptionGroup("several", errors)
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = lost
    return error


REFUSED = OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 9)")
AS_WELL = OSError(errno.ECONNREFUSED, "Connect call failed ('::1', 9, 0, 0)")
NO_ROUTE = OSError(errno.ENETUNREACH, "Connect call failed ('2001:db8::1', 9, 0, 0)")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (no_way(REFUSED), "Connection refused"),
        (no_way(REFUSED, AS_WELL), "Connection refused"),
        (no_way(NO_ROUTE, REFUSED), "Network is unreachable, Connection refused"),
        (no_way(socket.gaierror(-2, "Name or service not known")), "Name or service not known"),
        (no_way(OSError("Multiple exceptions: ...")), "ConnectError"),
    ],
)
def test_the_reason_that_a_host_cannot_be_reached_is_in_the_system_s_words(
    error: httpx.ConnectError, says: str
) -> None:
    assert from_error(error, "host", 9).failure.detail == f"no answer from host: {says}"


def test_redirects_are_not_followed() -> None:
    script = Script([httpx.Response(302, headers={"location": "http://elsewhere.example/"}), ok()])
    assert failed(fetch(script)).code == 302
    assert len(script.requests) == 1


def test_a_missing_key_fails_for_good_and_asks_polyai_nothing() -> None:
    script = Script([ok()])
    failure = failed(fetch(script, keys=FakeKeys([])))
    assert (failure.code, failure.lasting, script.requests) == ("key", True, [])
    assert "keys.default" in failure.detail


@pytest.mark.parametrize(
    "key", ["", " ", "secret\n", "two\nlines-of-secret", "s\u00e9cret", "nul\x00secret"]
)
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(key: str) -> None:
    failure = failed(fetch(Script([ok()]), keys=FakeKeys([key])))
    assert (failure.code, failure.lasting) == ("key", True)
    assert "'default'" in failure.detail
    assert "secret" not in failure.detail


def test_a_rotated_key_is_read_again_and_tried_once_more() -> None:
    script, keys = Script([httpx.Response(401), ok()]), FakeKeys([KEY, "the-new-one"])
    assert answered(fetch(script, keys=keys)).series == {"": {}}
    assert [request.headers["x-api-key"] for request in script.requests] == [KEY, "the-new-one"]
    assert keys.asked == [None, KEY]


def test_a_key_that_did_not_change_is_not_tried_again() -> None:
    script, keys = Script([httpx.Response(401)]), FakeKeys()
    assert failed(fetch(script, keys=keys)).code == 401
    assert (len(script.requests), keys.asked) == (1, [None, KEY])


def test_a_second_401_is_the_end() -> None:
    script, keys = Script([httpx.Response(401)]), FakeKeys([KEY, "second", "third"])
    assert failed(fetch(script, keys=keys)).code == 401
    assert (len(script.requests), keys.asked) == (2, [None, KEY])


def test_the_key_is_read_again_only_once_in_a_fetch_of_many_requests() -> None:
    answers: list[httpx.Response | Exception] = [httpx.Response(401), ok(), httpx.Response(401)]
    script, keys = Script(answers), FakeKeys([KEY, "second", "third"])
    failure = failed(fetch(script, keys=keys, first=T0, until=T0 + 2 * WEEK))
    assert (failure.code, keys.asked) == (401, [None, KEY])


def test_without_time_to_begin_nothing_is_asked_and_nothing_has_failed() -> None:
    script = Script([ok()])
    assert fetch(script, deadline=always(0.2)) == UNASKED
    assert script.requests == []
