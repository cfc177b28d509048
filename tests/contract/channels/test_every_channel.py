"""What delivery may rely on, whichever channel it is."""

from __future__ import annotations

import logging
from dataclasses import replace

import httpx
import pytest

from headroom.bootstrap import limit_loggers
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Kind
from headroom.ports import Chat
from tests.builders import failed, notice
from tests.contract.channels.kits import CONSOLE, KITS, PATIENCE, SECRET, Kit
from tests.support.http_server import HANG, HANG_UP, Answer, Script, answering, nobody
from tests.unit.channels.cases import CASES, LONGEST

every = pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)

AMBIGUOUS = (500, 501, 502, 503, 504, 520, 529)


def outcome(kit: Kit, answer: Script) -> DeliveryFailure:
    """Send one notice that does not arrive."""
    patience = 1.6 if answer == HANG else PATIENCE
    with answering(answer) as server:
        return failed(*kit.send(server.url, notice(), patience=patience))


@pytest.mark.parametrize("kit", [*KITS, CONSOLE], ids=lambda kit: kit.name)
def test_every_kind_is_accepted_and_so_are_the_longest_names(kit: Kit) -> None:
    kinds = [notice(kind) for kind in Kind]
    with answering(kit.accepted) as server:
        assert not any(kit.send(server.url, *kinds, *CASES.values(), LONGEST))


def test_a_chat_channel_takes_digests_and_judges_their_answers_like_any_other() -> None:
    chats = [kit for kit in (*KITS, CONSOLE) if isinstance(kit.made(), Chat)]
    assert [kit.name for kit in chats] == ["slack", "console"]
    longest = Digest(tuple(replace(LONGEST, series=str(number)) for number in range(100)))
    for kit in chats:
        with answering(kit.accepted) as server:
            assert kit.send_digest(server.url, longest) is None
    with answering(KITS[0].says(503, "")) as server:
        error = failed(KITS[0].send_digest(server.url, longest))
    assert (error.retryable, error.ambiguous) == (True, True)


@every
def test_what_the_vendor_calls_permanent_is_refused_for_good(kit: Kit) -> None:
    error = outcome(kit, kit.refused)
    assert (error.retryable, error.ambiguous) == (False, False)
    assert error.detail


@every
@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 402, 403, 405, 418, 421, 425, 451])
def test_what_somebody_on_the_way_says_is_tried_again(kit: Kit, status: int) -> None:
    page = Answer(status, "<html><h1>Request blocked<br></html>", {"content-type": "text/html"})
    error = outcome(kit, page)
    hidden = kit.name == "sns"  # botocore tells no status of what it cannot parse
    assert (error.retryable, error.ambiguous) == (True, hidden)
    assert not error.channel_at_fault


@every
@pytest.mark.parametrize("status", AMBIGUOUS)
def test_a_server_s_own_trouble_is_tried_again_and_may_have_told(kit: Kit, status: int) -> None:
    error = outcome(kit, kit.says(status, ""))
    assert (error.retryable, error.ambiguous) == (True, True)


@every
@pytest.mark.parametrize(("headers", "seconds"), [({}, None), ({"retry-after": "30"}, 30.0)])
def test_too_many_requests_waits_as_told(
    kit: Kit, headers: dict[str, str], seconds: float | None
) -> None:
    error = outcome(kit, Answer(429, kit.says(429, "").body, headers))
    assert (error.retryable, error.ambiguous, error.retry_after) == (True, False, seconds)
    assert error.channel_at_fault


@every
def test_a_date_to_wait_for_counts_from_the_answer_s_own(kit: Kit) -> None:
    until = {"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}
    error = outcome(kit, Answer(429, kit.says(429, "").body, until))
    assert error.retry_after is not None
    assert error.retry_after > 10**6


@every
def test_a_connection_that_never_opened_has_told_nothing(kit: Kit) -> None:
    error = failed(*kit.send(nobody(), notice()))
    assert (error.retryable, error.ambiguous) == (True, False)
    assert error.channel_at_fault
    assert SECRET not in repr(error)


@every
@pytest.mark.parametrize("nothing", [HANG, HANG_UP])
def test_no_answer_at_all_may_have_told(kit: Kit, nothing: Script) -> None:
    error = outcome(kit, nothing)
    assert (error.retryable, error.ambiguous) == (True, True)
    assert SECRET not in repr(error)


@every
@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
def test_no_error_and_no_log_tells_a_secret(
    kit: Kit, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The service repeats it all: the address, the key, and both in parts."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")  # and as it was, when the test is over
    limit_loggers()
    remark = f"no such {SECRET} at http://127.0.0.1/services/T0/B0/{SECRET} ({SECRET.lower()})"
    error = outcome(kit, kit.says(status, remark))
    assert SECRET.lower() not in repr(error).lower()
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("botocore")]
    assert not [line for line in ours if SECRET in line]


@every
def test_every_failure_has_its_cause(kit: Kit) -> None:
    said = {status: kit.says(status, "") for status in (429, 503)}
    page = Answer(403, "<html>Request blocked</html>", {"content-type": "text/html"})
    moved = Answer(302, "<html></html>", {"location": "https://example.com"})
    answers = [kit.refused, said[429], said[503], page, moved]
    found = [outcome(kit, each).reason.value for each in answers]
    assert found == ["refused", "rate_limited", "server_error", "client_error", "unexpected_answer"]
    unanswered = [outcome(kit, HANG), outcome(kit, HANG_UP)]
    unanswered += [failed(*kit.send(nobody(), notice()))]
    assert [each.reason.value for each in unanswered] == ["timeout", "network", "network"]


@every
def test_a_reason_is_short_and_one_line(kit: Kit) -> None:
    error = outcome(kit, kit.says(400, "this and that\n" * 100))
    assert len(error.detail) <= 80
    assert error.detail.isprintable()


def test_a_channel_says_whether_it_is_a_pager_and_how_long_a_send_takes() -> None:
    client = httpx.AsyncClient()
    channels = [kit.make("https://example.com", client, PATIENCE) for kit in (*KITS, CONSOLE)]
    assert [channel.is_pager for channel in channels] == [False, True, False, False]
    assert all(channel.timeout > 0 for channel in channels)
