"""Slack's message obeys Slack's rules as others wrote them down, and takes no orders from names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import slackblocks
from hypothesis import HealthCheck, given, settings
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


def check_by_slackblocks(block: dict[str, Any]) -> None:
    if block["type"] != "actions":  # which it cannot parse
        slackblocks.Block.from_dict(block)


def check_by_our_own_caps(made: dict[str, Any]) -> None:
    texts = list(strings(made))
    assert len(made["blocks"]) < 8
    assert sum(map(len, texts)) < 6000
    assert len(json.dumps(made, ensure_ascii=False)) < 9000
    for block in made["blocks"]:
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
    for block in made["blocks"]:
        for text in [*block.get("fields", []), *block.get("elements", [])]:
            if text["type"] == "mrkdwn":
                bare = re.sub(r"^\*[A-Z][a-z]+\* |^`[^`]*` ", "", text["text"])
                yield re.sub(
                    r"^<!date\^\d+\^\{date_short_pretty\} \{time\}\|([^<>]*)>$", r"\1", bare
                )


def check_everything(made: dict[str, Any]) -> None:
    check_by_our_own_caps(made)
    assert made["text"]
    for block in made["blocks"]:
        check_by_slack_sdk(block)
        check_by_slackblocks(block)
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
        check_by_slackblocks(broken)


def test_a_hostile_variant_pings_nobody_and_formats_nothing() -> None:
    made = payload(notice(series="V1", series_name=HOSTILE))
    assert made["text"].endswith(" &lt;!channel&gt; x &amp; co")
    fields = [field["text"] for field in made["blocks"][1]["fields"]]
    assert "*Series* &lt;!channel&gt; x &amp; co (V1)" in fields


def test_underscores_inside_names_stay_and_formats_and_emoji_codes_go() -> None:
    assert mrkdwn("support_line_2 _x_ __y__ ~z~ `w` *v*", 80) == "support_line_2 x y z w v"
    assert mrkdwn(":skull: at 10:05:00 a:b", 80) == "skull: at 10:05:00 a:b"


def test_a_long_name_ends_between_escapes() -> None:
    assert mrkdwn("<<<<", 16) == "&lt;&lt;&lt;&lt;"
    assert mrkdwn("<<<<", 15) == "&lt;&lt;&lt;…"


def test_an_address_that_is_none_gets_no_button() -> None:
    made = replace(CASES["fired"], runbook="javascript:alert(1)", studio_url="https://x y")
    assert all(block["type"] != "actions" for block in payload(made)["blocks"])
