"""A notice as Slack blocks, each length a tenth below Slack's own (docs.slack.dev, Block Kit).

The top-level `text` is the notification and all that a screen reader reads. Names go out as
`plain_text`, or escaped and without format characters where Slack would read markup.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from headroom.channels.message import Fact, facts, first_line, links
from headroom.channels.sparkline import legend, sparkline
from headroom.channels.text import ELLIPSIS, plain
from headroom.domain.notices import Notice

Block = dict[str, Any]

HEADER = 135
"""Characters; Slack takes 150."""

FIELD = 150
"""Characters of one fact, escapes included; Slack takes 2,000, but a message has to stay short."""

DESCRIPTION = 500
REASON = 300
"""Characters; Slack takes 3,000 in a section."""

BUTTON = 67
"""Characters; Slack takes 75."""


def payload(notice: Notice) -> dict[str, Any]:
    """Make the body of the POST: under 8 blocks and 6,000 characters."""
    return {
        "text": mrkdwn(first_line(notice), 400),
        "blocks": blocks(notice),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(notice: Notice) -> list[Block]:
    """Lay out the notice: headline, facts, why, what the operator wrote, the last hour, links."""
    made = (
        {"type": "header", "text": _text(first_line(notice), HEADER)},
        {"type": "section", "fields": [_field(fact) for fact in facts(notice)]},
        _section(notice.reason, REASON),
        _section(notice.description, DESCRIPTION),
        _last_hour(notice),
        _buttons(notice),
    )
    return [block for block in made if block]


def mrkdwn(text: str, room: int) -> str:
    """Make text that Slack neither formats nor takes for a mention, `room` characters at most.

    `&<>` have escapes (docs.slack.dev, "Formatting message text"). `*~_` and the backtick have
    none and go, but for an underscore inside a word, which formats nothing; so do the colons of
    an emoji code.
    """
    text = re.sub(r"[*~`]|(?<![^\W_])_|_(?![^\W_])", "", plain(text, room))
    text = re.sub(r":(?=[\w+'-]*[a-z+-][\w+'-]*:)", " ", text)
    return _escape(" ".join(text.split()), room)


def _escape(text: str, room: int) -> str:
    """Escape what fits; a long text ends between two escapes, never inside one."""
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    pieces = [escapes.get(char, char) for char in text]
    ends = list(accumulate(map(len, pieces)))
    if not ends or ends[-1] <= room:
        return "".join(pieces)
    return "".join(pieces[: bisect_right(ends, room - len(ELLIPSIS))]) + ELLIPSIS


def _text(text: str, room: int) -> Block:
    return {"type": "plain_text", "text": plain(text, room), "emoji": False}


def _field(fact: Fact) -> Block:
    """Keep label and text on one line: a text that starts with `>` must not become a quotation.

    `verbatim`: Slack makes no links, channels or people out of what looks like them.
    """
    text = mrkdwn(fact.text, FIELD)
    if fact.at is not None:  # shown in the reader's own zone, else as the text after the bar
        text = f"<!date^{fact.at}^{{date_short_pretty}} {{time}}|{text}>"
    return {"type": "mrkdwn", "text": f"*{fact.label}* {text or '-'}", "verbatim": True}


def _section(text: str, room: int) -> Block:
    made = _text(text, room)
    return {"type": "section", "text": made} if made["text"] else {}


def _last_hour(notice: Notice) -> Block:
    line = sparkline(notice)
    if not line:
        return {}
    text = f"`{line}` {mrkdwn(legend(notice), FIELD)}"
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _buttons(notice: Notice) -> Block:
    buttons = [
        {
            "type": "button",
            "text": _text(link.label, BUTTON),
            "url": link.url,
            "action_id": link.label.lower().replace(" ", "-"),
        }
        for link in links(notice)
    ]
    return {"type": "actions", "elements": buttons} if buttons else {}
