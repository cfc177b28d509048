"""Every channel's message: whatever stands in a notice, it is made, whole and harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from headroom.channels import pagerduty, slack_blocks
from headroom.channels.email import email_body
from headroom.channels.http import safe
from headroom.channels.message import first_line, sms
from headroom.channels.sns_message import LARGEST, publication, size
from headroom.domain.headline import LENGTH, headline
from headroom.domain.notices import Notice
from tests.builders import notice
from tests.fuzz.meter import timed
from tests.fuzz.texts import ANYTHING, near
from tests.unit.channels.cases import notices

KEY = SecretStr("k" * 32)
NAMES = near(["<!channel> *x* & co", "summer_2026", ":fire: `a`", "@here", "https://a.example|b"])
SAFE = NAMES.map(lambda name: name.encode(errors="replace").decode())
"""What an id is made of: configuration and API refuse half characters."""

HOSTILE = st.builds(
    notice,
    project=SAFE,
    rule=SAFE,
    series=SAFE,
    series_name=NAMES,
    condition=NAMES,
    reason=NAMES,
    description=NAMES,
    runbook=near(["https://wiki.example.com/a", "javascript:alert(1)", "https://[::1]:99999/"]),
    studio_url=ANYTHING,
    summary=NAMES,
)
ANY = notices() | HOSTILE

TOKEN = "sesame-0pen-the-d00r"
ADDRESS = SecretStr(f"https://hooks.example.com/services/T0/{TOKEN}")
ANSWERS = near(["no_service", '{"status": "invalid event", "errors": ["x"]}', "/:", "a:", TOKEN])
REPEATED = st.sampled_from([TOKEN, TOKEN.upper(), ADDRESS.get_secret_value(), ""])


@given(ANY)
def test_the_first_line_is_short_ascii_whatever_it_is_about(made: Notice) -> None:
    for name, line in (("headline", headline), ("first line", first_line), ("sms", sms)):
        text = timed(name, lambda line=line: line(made))  # type: ignore[misc]
        assert 1 <= len(text) <= LENGTH
        assert text.isascii()
        assert text.isprintable()


@given(ANY)
def test_slack_takes_any_notice(made: Notice) -> None:
    payload = timed("slack", lambda: slack_blocks.payload(made))
    whole = json.dumps(payload)
    (bar,) = payload["attachments"]
    assert len(payload["blocks"]) + len(bar["blocks"]) < 8
    assert len(whole) < 40_000
    ours = r"!date\^\d+\^|https?://[^<>|\s]+\|(?:Runbook|Agent Studio)>"
    for text in marked(payload):
        assert not re.search(rf"<(?!{ours})|&(?!amp;|lt;|gt;)", text), text


def marked(tree: object) -> Iterator[str]:
    """Every text in which Slack reads markup: all but `plain_text`, and addresses."""
    if isinstance(tree, dict):
        if tree.get("type") != "plain_text":
            yield from (text for key, text in tree.items() if key == "text" and type(text) is str)
        yield from (text for value in tree.values() for text in marked(value))
    elif isinstance(tree, list):
        yield from (text for value in tree for text in marked(value))


@given(ANY)
def test_an_email_can_be_written_of_any_notice(made: Notice) -> None:
    text = timed("email", lambda: email_body(made))
    assert not any(char in text for char in "\0\x1b\r\u202e\ud800")
    assert text.endswith("\n")


@given(ANY)
def test_pagerduty_takes_any_notice(made: Notice) -> None:
    event: dict[str, Any] = timed("pagerduty", lambda: pagerduty.payload(made, KEY))
    assert len(json.dumps(event)) <= pagerduty.LARGEST
    assert event["event_action"] in ("trigger", "resolve")


@given(ANSWERS, REPEATED, ANSWERS)
def test_what_a_channel_answers_is_told_short_and_without_its_address(
    before: str, repeated: str, after: str
) -> None:
    told = timed("channel's answer", lambda: safe(before + repeated + after, ADDRESS))
    assert len(told) <= LENGTH
    assert told.isascii()
    assert TOKEN not in told.lower()


@given(ANY, st.booleans())
def test_sns_takes_any_notice(made: Notice, chatbot: bool) -> None:  # noqa: FBT001 -- drawn
    message = timed("sns", lambda: publication(made, chatbot=chatbot))
    assert size(message) <= LARGEST
    assert all(isinstance(each, str) for each in json.loads(message["Message"]).values())
    assert 1 <= len(message["Subject"]) <= 100
