"""A runbook that is accepted is a link wherever people read."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from headroom.channels.amazon_q import custom_notification
from headroom.channels.email import email_body
from headroom.channels.message import encoded, links
from headroom.channels.pagerduty import payload as event
from headroom.channels.slack_blocks import payload as message
from headroom.domain.links import LONGEST_LINK, linkable
from headroom.net.urls import link
from tests.unit.channels.cases import CASES

KEY = SecretStr("0123456789abcdef0123456789abcdef")
PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=800)


def shown(runbook: str) -> set[str]:
    """The addresses that the channels link, by channel."""
    made = replace(CASES["fired"], runbook=runbook)
    slack = re.findall(r"<([^<>|\s]+)\|Runbook>", json.loads(json.dumps(text_of(message(made)))))
    pager = [link["href"] for link in event(made, KEY)["links"] if link["text"] == "Runbook"]
    steps = custom_notification(made)["content"]["nextSteps"]
    chat = [step.removeprefix("Runbook: ") for step in steps if step.startswith("Runbook: ")]
    email = re.findall(r"^Runbook: (\S+)$", email_body(made), re.MULTILINE)
    assert [len(each) for each in (slack, pager, chat, email)] == [1, 1, 1, 1]
    return {html.unescape(slack[0]), *pager, *chat, *email}


def text_of(made: object) -> str:
    """All that Slack is sent, as one text."""
    if isinstance(made, dict):
        return "\n".join(map(text_of, made.values()))
    return "\n".join(map(text_of, made)) if isinstance(made, list) else str(made)


@given(PRINTABLE)
@example("a|b")
@example('<x>"y" z')
@example("[a](b)")
@example("a?b=1&c=2&lt;=3#d%7C")
@example("x" * 730)
@example("&" * 146)
def test_every_runbook_that_config_accepts_is_a_link_in_every_channel(rest: str) -> None:
    try:
        runbook = link(f"https://w.example/{rest}")
    except ValueError:
        assume(False)
    assert shown(runbook) == {runbook}


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://wiki.example.com/a_(b)?x=1&y=[2]#z", True),
        ("http://wiki.example.com", True),
        ("https://wiki.example.com/a|b", False),
        ("https://wiki.example.com/a b", False),
        ('https://wiki.example.com/"', False),
        ("https://wiki.example.com/<x>", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://w.example/".ljust(LONGEST_LINK, "x"), True),
        ("https://w.example/".ljust(LONGEST_LINK + 1, "x"), False),
    ],
)
def test_an_address_is_linkable_when_nothing_in_it_ends_a_link(url: str, *, taken: bool) -> None:
    assert linkable(url) == taken


@given(st.text(max_size=300))
def test_an_address_is_encoded_once(text: str) -> None:
    assert encoded(encoded(text)) == encoded(text)


def test_an_older_notice_with_a_bar_or_a_quote_in_its_runbook_keeps_its_link() -> None:
    made = replace(CASES["fired"], runbook='https://wiki.example.com/a|b "c"')
    assert links(made)[0].url == "https://wiki.example.com/a%7Cb%20%22c%22"
