"""Every status from 100 to 599, with the vendor's words and with somebody else's.

Accepted, refused for good, or tried again: DESIGN section 5.4, CONTRACTS sections 1 to 3
and 6. The lists here are the vendors' documents, not the code's.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, Literal

import httpx
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from pydantic import SecretStr

from headroom.channels.pagerduty import PagerDuty
from headroom.channels.registry import UnusableChannel
from headroom.channels.slack import SlackWebhook
from headroom.channels.sns import Sns
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.net.threads import Threads
from headroom.ports import Channel
from tests.builders import notice
from tests.contract.channels.kits import PUBLISHED, client
from tests.support.loops import run as run_without_threads

Outcome = Literal["accepted", "refused", "again"]
Case = tuple[int, str]

STATUSES = range(100, 600)
KNOWN = (*HTTPStatus, 218, 299, 399, 430, 499, 520, 529, 599)
PAGE = "<!DOCTYPE html><html><body><h1>Request blocked</h1></body></html>"
NOTICE = notice(readings=())
"""A short one: only the answer matters here."""
KEY = SecretStr("0123456789abcdef0123456789abcdef")
ARN = "arn:aws:sns:eu-west-2:123456789012:told"

SLACK_REFUSALS = {
    (400, "invalid_payload"),
    (400, "user_not_found"),
    (403, "action_prohibited"),
    (404, "channel_not_found"),
    (410, "channel_is_archived"),
}
"""As Slack states them, status and word."""

SLACK_WORDS = {
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_team",
    "team_disabled",
    "too_many_attachments",
}
"""Some that Slack lists without a status."""

INVALID_EVENT = '{"status": "invalid event", "message": "Event object is invalid", "errors": ["x"]}'
UNTAKEN = ('{"ok": false}', '{"success": false}', '{"status": "error"}', '{"errors": ["no room"]}')


def slack(url: str) -> Callable[[httpx.AsyncClient], Channel]:
    return lambda http: SlackWebhook(SecretStr(url), http)


def pagerduty(api_url: str | None) -> Callable[[httpx.AsyncClient], Channel]:
    return lambda http: PagerDuty(KEY, http, api_url=api_url)


SLACK = slack("https://hooks.slack.com/services/T0/B0/s3cr3t")
GOVERNMENT = slack("https://hooks.slack-gov.com/services/T0/B0/s3cr3t")
LIKE_SLACK = slack("https://chat.example.com/hooks/s3cr3t")
PAGERDUTY = pagerduty(None)
LIKE_PAGERDUTY = pagerduty("https://pager.example.com")


async def outcome(channel: Channel) -> tuple[Outcome, DeliveryFailure | None]:
    failure = await channel.send(NOTICE)
    if failure is None:
        return "accepted", None
    return ("again" if failure.retryable else "refused"), failure


def outcomes(
    make: Callable[[httpx.AsyncClient], Channel], cases: Iterable[Case]
) -> Iterator[tuple[Case, Outcome, DeliveryFailure | None]]:
    """What comes of each answer."""
    said: list[Case] = [(0, "")]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(said[0][0], text=said[0][1])

    async def run() -> list[tuple[Case, Outcome, DeliveryFailure | None]]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            channel, found = make(http), []
            for said[0] in cases:
                found.append((said[0], *await outcome(channel)))
            return found

    yield from asyncio.run(run())


def every(*bodies: str) -> list[Case]:
    """Every status with the first body, every known status with each body."""
    known = [(status, body) for body in bodies for status in KNOWN]
    return list(dict.fromkeys([(status, bodies[0]) for status in STATUSES] + known))


def is_ok(status: int) -> bool:
    return 200 <= status < 300


@pytest.mark.parametrize("make", [SLACK, GOVERNMENT, LIKE_SLACK], ids=["own", "gov", "like"])
def test_slack_refuses_for_good_only_what_slack_documents_by_status_and_word(
    make: Callable[[httpx.AsyncClient], Channel],
) -> None:
    words = {word for _, word in SLACK_REFUSALS} | SLACK_WORDS
    for (status, body), found, _ in outcomes(make, every(*words, "rollup_error", PAGE, "")):
        documented = (status, body) in SLACK_REFUSALS or (
            body in SLACK_WORDS and status in {400, 403, 404, 410}
        )
        said_no = is_ok(status) and body in words  # Slack's own word, whatever the status says
        assert (found == "refused") == (documented or said_no), (status, body, found)


def test_slack_itself_accepts_with_its_ok_alone_and_a_stand_in_with_any_2xx() -> None:
    cases = every("ok", '{"ok": true}', "OK\n", "", PAGE, "accepted", *UNTAKEN, "rollup_error")
    for make, own in ((SLACK, True), (GOVERNMENT, True), (LIKE_SLACK, False)):
        for (status, body), found, _ in outcomes(make, cases):
            usual = body in {"ok", '{"ok": true}', "OK\n"}
            taken = is_ok(status) and (usual if own else body not in {*UNTAKEN, "rollup_error"})
            assert found == ("accepted" if taken else "again"), (status, body, own)


@pytest.mark.parametrize("make", [PAGERDUTY, LIKE_PAGERDUTY], ids=["own", "like"])
def test_pagerduty_refuses_for_good_only_its_own_invalid_event(
    make: Callable[[httpx.AsyncClient], Channel],
) -> None:
    bodies = (INVALID_EVENT, PAGE, "", '{"message": "Not found"}', *UNTAKEN)
    for (status, body), found, _ in outcomes(make, every(*bodies)):
        documented = body == INVALID_EVENT and (status == 400 or is_ok(status))
        assert (found == "refused") == documented, (status, body, found)


def test_pagerduty_itself_accepts_202_or_its_success_and_a_stand_in_any_2xx() -> None:
    cases = every('{"status": "success"}', "", PAGE, '{"status": "queued"}', *UNTAKEN)
    for make, own in ((PAGERDUTY, True), (LIKE_PAGERDUTY, False)):
        for (status, body), found, _ in outcomes(make, cases):
            usual = status == 202 or body == '{"status": "success"}'
            taken = is_ok(status) and body not in UNTAKEN and (usual or not own)
            assert found == ("accepted" if taken else "again"), (status, body, own)


@pytest.mark.parametrize(
    "make",
    [SLACK, LIKE_SLACK, PAGERDUTY, LIKE_PAGERDUTY],
    ids=["slack", "like-slack", "pagerduty", "like-pagerduty"],
)
def test_what_is_tried_again_may_have_arrived_only_by_its_status_or_an_unclear_2xx(
    make: Callable[[httpx.AsyncClient], Channel],
) -> None:
    for (status, body), found, error in outcomes(make, every(PAGE, '{"ok": false}')):
        unclear = is_ok(status) and body == PAGE
        assert error is None or error.ambiguous == (status >= 500 or status == 408 or unclear)
        if status >= 500 or status in {408, 421, 425, 429} or status // 100 in {1, 3}:
            assert found == "again", (status, body)


def published(cases: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, Outcome]]:
    """What comes of each status, code and body, parsed by botocore itself."""
    sns = client("http://127.0.0.1:9", 1.0)
    said: dict[str, Any] = {}

    def answer(request: Any, **_: object) -> Any:  # noqa: ANN401 - botocore's own
        raw: Any = io.BytesIO(said["body"].encode())
        raw.stream = lambda **_: iter([raw.getvalue()])
        return AWSResponse(request.url, said["status"], HTTPHeaders(), raw)

    sns.meta.events.register("before-send.sns.Publish", answer)

    async def run() -> list[tuple[int, str, Outcome]]:
        found = []
        topic = Sns(ARN, lambda: sns, Threads(1, "sns"))
        for status, code, body in cases:
            said["body"], said["status"] = body, status
            found.append((status, code, (await outcome(topic))[0]))
        return found

    yield from run_without_threads(run())


def error_of(code: str) -> str:
    told = f"<Error><Code>{code}</Code><Message>m</Message></Error>"
    return f"<ErrorResponse>{told}<RequestId>1</RequestId></ErrorResponse>"


SNS_REFUSALS = ("InvalidParameter", "NotFound", "AuthorizationError", "ValidationError")
SNS_PASSING = ("Throttling", "ExpiredToken", "InternalError", "KMSDisabled", "InvalidSecurity")


def test_sns_refuses_for_good_only_the_codes_of_parameter_topic_and_access() -> None:
    codes = (*SNS_REFUSALS, *SNS_PASSING)
    pairs = [(status, code) for status in (302, 400, 403, 404, 408, 429, 503) for code in codes]
    pairs += every("NotFound", "ExpiredToken")
    cases = [(status, code, error_of(code)) for status, code in pairs]
    for status, code, found in published(cases):
        documented = 400 <= status < 500 and status != 408 and code in SNS_REFUSALS
        assert found == ("refused" if documented else "again"), (status, code)


def test_sns_accepts_what_has_a_message_id_and_a_page_of_another_is_tried_again() -> None:
    bodies = {"published": PUBLISHED, "page": PAGE, "nothing": ""}
    cases = [(status, name, bodies[name]) for status, name in every(*bodies)]
    for status, name, found in published(cases):
        taken = status < 300 and name == "published"  # so botocore; no 1xx has a body
        assert found == ("accepted" if taken else "again"), (status, name)


@pytest.mark.parametrize(
    ("make", "answer", "channel_s"),
    [
        (SLACK, (404, "no_service"), True),
        (SLACK, (403, "action_prohibited"), True),
        (SLACK, (410, "channel_is_archived"), True),
        (SLACK, (400, "invalid_payload"), False),
        (SLACK, (400, "msg_blocks_too_long"), False),
        (SLACK, (429, "rate_limited"), True),
        (SLACK, (403, PAGE), False),
        (SLACK, (503, ""), False),
        (PAGERDUTY, (400, INVALID_EVENT.replace("x", "Invalid routing key")), True),
        (PAGERDUTY, (400, INVALID_EVENT.replace("x", "'payload.summary' is missing")), False),
    ],
)
def test_a_webhook_or_key_that_is_revoked_is_the_channel_s_fault_and_a_bad_message_is_not(
    make: Callable[[httpx.AsyncClient], Channel], answer: Case, *, channel_s: bool
) -> None:
    ((_, _, error),) = outcomes(make, [answer])
    assert error is not None
    assert error.channel_at_fault == channel_s


def test_a_channel_whose_configuration_is_invalid_keeps_its_notices_and_is_at_fault() -> None:
    broken = UnusableChannel("webhook_url: the address must be https", is_pager=False)
    found, error = asyncio.run(outcome(broken))
    assert found == "again"
    assert error is not None
    assert error.channel_at_fault
    assert error.detail == "its configuration is invalid: webhook_url: the address must be https"


def test_a_redirect_is_named_by_its_host_and_never_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://new.example.com/T0/s3cr3t"})

    async def run() -> tuple[Outcome, DeliveryFailure | None]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await outcome(SLACK(http))

    found, error = asyncio.run(run())
    assert (found, asked) == ("again", ["hooks.slack.com"])
    assert error is not None
    assert error.detail == "307 Temporary Redirect: redirect to new.example.com, not followed"
