"""Each kind looks different in words, in icon and in Slack's colour."""

from __future__ import annotations

import pytest

from headroom.channels.amazon_q import custom_notification
from headroom.channels.slack_blocks import payload
from headroom.channels.style import GREEN, colour, icon, status
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import Severity
from tests.builders import notice
from tests.unit.channels.cases import CASES

EACH = {
    "fired": notice(),
    "warning": notice(severity=Severity.WARNING),
    **{kind.value: notice(kind) for kind in Kind if kind is not Kind.FIRED},
    "closed": CASES["closed"],
}


def test_no_two_kinds_have_the_same_words_or_the_same_icon() -> None:
    assert len({status(made) for made in EACH.values()}) == len(EACH)
    assert len({icon(made) for made in EACH.values()}) == len(EACH)


def test_only_what_is_resolved_is_green_and_checked() -> None:
    green = {name for name, made in EACH.items() if colour(made) == GREEN}
    checked = {name for name, made in EACH.items() if icon(made) == "✅"}
    assert green == checked == {"resolved"}


@pytest.mark.parametrize("made", EACH.values(), ids=EACH)
def test_an_icon_never_stands_without_its_meaning_in_words(made: Notice) -> None:
    """In Slack and in Amazon Q's form."""
    slack, chat = payload(made), custom_notification(made)["content"]
    assert slack["blocks"][0]["text"]["text"].startswith(f"{icon(made)} ")
    (bar,) = slack["attachments"]
    assert bar["color"] == colour(made)
    assert bar["blocks"][0]["text"]["text"] == f"*{status(made)}*"
    assert icon(made) not in slack["text"]
    assert chat["title"].startswith(f"{icon(made)} ")
    assert chat["description"].startswith(f"*{status(made)}*\n")
