"""A digest as Slack blocks: the first line as a header, below it a line for each notice.

All of it is `plain_text`, so that no name is markup.
"""

from __future__ import annotations

from typing import Any

from headroom.channels.look import colour, icon
from headroom.channels.slack_blocks import mrkdwn
from headroom.channels.text import plain
from headroom.domain.digest import Digest

SECTION = 2700
"""Characters; Slack takes 3,000 in a section (docs.slack.dev, Block Kit)."""


def digest_payload(digest: Digest) -> dict[str, Any]:
    """Make the body of the POST: 4 blocks at most, under 6,000 characters.

    It has the icon and the colour of the most severe notice.
    """
    lines = "\n".join(plain(line, SECTION) for line in digest.lines)
    texts = [lines, plain(digest.rest, SECTION // 2), plain(digest.over, SECTION // 2)]
    return {
        "text": mrkdwn(digest.summary, 400),
        "blocks": [{"type": "header", "text": _text(f"{icon(digest.worst)} {digest.summary}")}],
        "attachments": [
            {
                "color": colour(digest.worst),
                "blocks": [{"type": "section", "text": _text(text)} for text in texts if text],
            }
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
