"""Slack's message obeys Slack's rules as others wrote them down, and takes no orders from names."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import slackblocks
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.attachments import BlockAttachment
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block

from headroom.channels.slack import payload
from headroom.channels.slack_blocks import mrkdwn
from headroom.domain.notices import Notice
from tests.builders import notice
from tests.unit.channels.cases import CASES, HOSTILE, LONGEST, notices

MORE = {**CASES, "longest": LONGEST}

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def objects(part: object) -> Iterator[JsonObject]:
    """Walk a block and every child: slack_sdk's own validation does not."""
    if isinstance(part, JsonObject):
        yield part
        for child in vars(part).values():
            yield from objects(child)
    elif isinstance(part, list):
        for child in part:
            yield from objects(child)


def check_by_slack_sdk(block: dict[str, Any]) -> None:
    parsed = Block.parse(block)
    assert parsed is not None
    for part in objects(parsed):
        part.validate_json()
    assert parsed.to_dict() == block  # an extra or misspelt key is gone by now


def check_attachment_by_slack_sdk(attachment: dict[str, Any]) -> None:
    parsed = [Block.parse(block) for block in attachment["blocks"]]
    made = BlockAttachment(blocks=[b for b in parsed if b], color=attachment["color"])
    made.validate_json()
    told = made.to_dict()
    assert {key: told[key] for key in ("color", "blocks")} == attachment


def all_blocks(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Those above the bar and those beside it."""
    return [*made["blocks"], *(b for each in made["attachments"] for b in each["blocks"])]


def check_by_our_own_caps(made: dict[str, Any]) -> None:
    texts = list(strings(made))
    assert len(made["attachments"]) == 1
    assert len(all_blocks(made)) < 8
    assert sum(map(len, texts)) < 6000
    assert len(json.dumps(made, ensure_ascii=False)) < 9000
    for block in all_blocks(made):
        assert len(block.get("fields", [])) <= 9
        assert all(len(field["text"]) <= 1800 for field in block.get("fields", []))
        assert len(block.get("text", {}).get("text", "")) <= 135 if block["type"] == "header" else 1


def strings(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)


def marked_up(made: dict[str, Any]) -> Iterator[str]:
    """All text in which Slack looks for markup, without what Headroom means as such."""
    yield made["text"]
    for block in all_blocks(made):
        for text in [*block.get("fields", []), block.get("text", {})]:
            if text.get("type") == "mrkdwn":
                yield re.sub(DATE, r"\1", re.sub(OURS, "", text["text"]))


OURS = re.compile(
    r"^\*[A-Z][a-z:, ]+\* ?|^```[^`]*```|<https?://[^<>|\s]+\|(?:Runbook|Agent Studio)>"
)
"""Labels and statuses in bold, the chart, links."""

DATE = re.compile(r"^<!date\^\d+\^\{date_short_pretty\} \{time\}\|([^<>]*)>$")


def check_everything(made: dict[str, Any]) -> None:
    check_by_our_own_caps(made)
    assert made["text"]
    for block in all_blocks(made):
        check_by_slack_sdk(block)
        slackblocks.Block.from_dict(block)
    check_attachment_by_slack_sdk(made["attachments"][0])
    for text in marked_up(made):
        assert not re.search(r"[<>*~`]", text)


@pytest.mark.parametrize("case", MORE)
def test_every_case_passes_rules_that_are_not_ours(case: str) -> None:
    check_everything(payload(MORE[case]))


@slow
@given(notices())
def test_any_names_pass_rules_that_are_not_ours(made: Notice) -> None:
    check_everything(payload(made))


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
        {"type": "section", "text": {"type": "plain_text", "text": "x", "colour": "red"}},
        {"type": "heading", "text": {"type": "plain_text", "text": "x"}},
    ],
)
def test_these_rules_bite(broken: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"."):  # noqa: PT012 - either of them may
        check_by_slack_sdk(broken)
        slackblocks.Block.from_dict(broken)


def test_a_hostile_variant_pings_nobody_and_formats_nothing() -> None:
    made = payload(notice(series="V1", series_name=HOSTILE))
    assert made["text"].endswith(" &lt;!channel&gt; x &amp; co")
    fields = [field["text"] for field in made["attachments"][0]["blocks"][0]["fields"]]
    assert "*Series* &lt;!channel&gt; x &amp; co (V1)" in fields


def test_underscores_inside_names_stay_and_formats_and_emoji_codes_go() -> None:
    assert mrkdwn("support_line_2 _x_ __y__ ~z~ `w` *v*", 80) == "support_line_2 x y z w v"
    assert mrkdwn(":skull: at 10:05:00 a:b", 80) == "skull: at 10:05:00 a:b"


def test_a_long_name_ends_between_escapes() -> None:
    assert mrkdwn("<<<<", 16) == "&lt;&lt;&lt;&lt;"
    assert mrkdwn("<<<<", 15) == "&lt;&lt;&lt;…"


def test_a_colour_that_is_none_does_not_pass() -> None:
    with pytest.raises(Exception, match="color"):
        check_attachment_by_slack_sdk({"color": "#red", "blocks": [{"type": "divider"}]})


@pytest.mark.parametrize("case", MORE)
def test_a_webhook_message_has_links_and_never_a_button(case: str) -> None:
    """Slack warns whoever presses a button of an app without interactivity."""
    made = payload(MORE[case])
    assert '"button"' not in json.dumps(made)
    assert ("|Runbook>" in json.dumps(made)) == bool(MORE[case].runbook)


def test_an_address_that_is_none_is_no_link() -> None:
    made = replace(CASES["fired"], runbook="javascript:alert(1)", studio_url="https://")
    assert not [text for text in strings(payload(made)) if "|Runbook>" in text or "Studio" in text]


def test_the_notification_and_the_screen_reader_get_the_first_line_and_nothing_else() -> None:
    for made in CASES.values():
        assert html.unescape(payload(made)["text"]) == mrkdwn_of(made.summary)


def mrkdwn_of(text: str) -> str:
    return html.unescape(mrkdwn(text, 400))
