"""What every channel is sent, for every case: `tests/golden/<channel>/<case>`.

To write them afresh: `python -m pytest tests/unit/channels --update-golden`, and look.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from headroom.channels import console, pagerduty, slack
from headroom.channels.amazon_q import custom_notification
from headroom.channels.email import email_body
from headroom.channels.message import sms
from headroom.channels.slack_blocks import digest_payload
from headroom.channels.sns_message import publication
from headroom.domain.notices import Kind
from tests.unit.channels.cases import CASES, DIGEST

Golden = Callable[[str, str], None]
ROUTING_KEY = SecretStr("0123456789abcdef0123456789abcdef")


def _json(payload: object) -> str:
    return json.dumps(payload, indent=2, ensure_ascii=False) + "\n"


def _unpacked(made: Any) -> dict[str, Any]:  # noqa: ANN401 - a TypedDict, taken apart
    """Show the messages inside the message as what they are."""
    texts = {key: _read(text) for key, text in json.loads(made["Message"]).items()}
    return {**made, "Message": texts}


def _read(text: str) -> object:
    return json.loads(text) if text.startswith("{") else text.splitlines()


@pytest.mark.parametrize("case", CASES)
def test_each_channel_is_sent_what_its_golden_file_says(case: str, golden: Golden) -> None:
    made = CASES[case]
    golden(f"slack/{case}.json", _json(slack.payload(made)))
    if made.kind is not Kind.MISSED:  # a pager hears nothing of what is already over
        golden(f"pagerduty/{case}.json", _json(pagerduty.payload(made, ROUTING_KEY)))
    golden(f"sns/{case}.json", _json(_unpacked(publication(made))))
    golden(f"amazon-q/{case}.json", _json(custom_notification(made)))
    golden(f"email/{case}.txt", email_body(made))
    golden(f"console/{case}.txt", console.text(made) + "\n")
    golden(f"sms/{case}.txt", sms(made) + "\n")


def test_each_chat_channel_is_sent_the_digest_that_its_golden_file_says(golden: Golden) -> None:
    written: list[str] = []
    asyncio.run(console.Console(written.append).send_digest(DIGEST))
    golden("slack/digest.json", _json(digest_payload(DIGEST)))
    golden("console/digest.txt", "\n".join(written) + "\n")


def test_the_samples_in_the_documentation_are_what_is_sent() -> None:
    text = (Path(__file__).parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
    sample = text.split("```text\n")[1].split("```")[0]
    assert sample in email_body(CASES["fired"])
    told = {line.replace(" (correlation id...", "") for line in (m.summary for m in CASES.values())}
    shown = re.findall(
        r"^\| [^|`]+ \| `([^`]*(?:support-line|near-limit|ops-slack|projects|because)[^`]*)` \|$",
        text,
        re.MULTILINE,
    )
    assert len(shown) == 19
    assert set(shown) <= told
