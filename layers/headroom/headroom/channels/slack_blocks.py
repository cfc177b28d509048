"""A notice or a digest as Slack blocks, a tenth below Slack's limits (docs.slack.dev, Block Kit).

The top-level `text` is the notification and the only text that a screen reader reads. Names are
`plain_text`, or escaped and without format characters where Slack parses markup.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from headroom.channels.builtin_text import fix
from headroom.channels.message import ELLIPSIS, Fact, chart, facts, first_line, legend, links, plain
from headroom.channels.style import colour, icon, status
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice

Block = dict[str, Any]

HEADER = 135
"""Characters; Slack takes 150."""

FIELD = 150
"""Characters of one fact, escapes included; Slack takes 2,000, but a message should be short."""

DESCRIPTION = 500
REASON = 300
"""Characters; Slack takes 3,000 in a section."""


def payload(notice: Notice) -> dict[str, Any]:
    """The body of the POST: under 8 blocks and 6,000 characters.

    The first line stands above the coloured bar, because Slack may collapse what is beside it.
    """
    return {
        "text": mrkdwn(first_line(notice), 400),
        "blocks": [_header(notice)],
        "attachments": [{"color": colour(notice), "blocks": _body(notice)}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _header(notice: Notice) -> Block:
    text = _text(first_line(notice), HEADER)
    return {"type": "header", "text": {**text, "text": f"{icon(notice)} {text['text']}"}}


def _body(notice: Notice) -> list[Block]:
    """The blocks beside the bar: facts, reason, description, fix, last hour, links."""
    made = (
        _facts(notice),
        _section(notice.full_reason, REASON),
        _section(notice.description, DESCRIPTION),
        _section(fix(notice), DESCRIPTION),
        _last_hour(notice),
        _links(notice),
    )
    return [block for block in made if block]


def _facts(notice: Notice) -> Block:
    what = {"type": "mrkdwn", "text": f"*{status(notice)}*", "verbatim": True}
    return {"type": "section", "text": what, "fields": [_field(each) for each in facts(notice)]}


def mrkdwn(text: str, room: int) -> str:
    """Text that Slack neither formats nor reads as a mention, `room` characters at most.

    `&<>` are escaped (docs.slack.dev, "Formatting message text"). `*~_` and the backtick have no
    escape and are removed, except an underscore inside a word, which formats nothing. The colons
    of emoji codes become spaces.
    """
    text = re.sub(r"[*~`]|(?<![^\W_])_|_(?![^\W_])", "", plain(text, room))
    text = re.sub(r":(?=[\w+'-]*[a-z+-][\w+'-]*:)", " ", text)
    return _escape(" ".join(text.split()), room)


def _escape(text: str, room: int) -> str:
    """Escape as much as fits; a long text is never cut inside an escape."""
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    pieces = [escapes.get(char, char) for char in text]
    ends = list(accumulate(map(len, pieces)))
    if not ends or ends[-1] <= room:
        return "".join(pieces)
    return "".join(pieces[: bisect_right(ends, room - len(ELLIPSIS))]) + ELLIPSIS


def _text(text: str, room: int) -> Block:
    return {"type": "plain_text", "text": plain(text, room), "emoji": False}


def _field(fact: Fact) -> Block:
    """Label and text on one line: a text that starts with `>` must not become a quotation.

    `verbatim`: Slack does not turn the text into links, channels or people.
    """
    text = mrkdwn(fact.text, FIELD)
    if fact.at is not None:  # shown in the reader's time zone, else as the text after the bar
        text = f"<!date^{fact.at}^{{date_short_pretty}} {{time}}|{text}>"
    return {"type": "mrkdwn", "text": f"*{fact.label}* {text or '-'}", "verbatim": True}


def _section(text: str, room: int) -> Block:
    made = _text(text, room)
    return {"type": "section", "text": made} if made["text"] else {}


def _last_hour(notice: Notice) -> Block:
    drawn = chart(notice)
    if not drawn:
        return {}
    lines = "\n".join(_escape(line, FIELD) for line in drawn.splitlines())
    return _marked_up(f"```\n{lines}\n```\n{mrkdwn(legend(notice), FIELD)}")


def _links(notice: Notice) -> Block:
    """Links, not buttons: Slack shows a warning for a button of an app without interactivity."""
    shown = [f"<{_escape(link.url, len(link.url) * 5)}|{link.label}>" for link in links(notice)]
    return _marked_up(" · ".join(shown)) if shown else {}


def _marked_up(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


SECTION = 2700
"""Characters; Slack takes 3,000 in a section (docs.slack.dev, Block Kit)."""


def digest_payload(digest: Digest) -> dict[str, Any]:
    """The body of the POST of a digest: 4 blocks at most, under 6,000 characters.

    It has the icon and colour of the most severe notice; all of it is `plain_text`.
    """
    lines = "\n".join(plain(line, SECTION) for line in digest.lines)
    texts = [lines, plain(digest.rest, SECTION // 2), plain(digest.over, SECTION // 2)]
    return {
        "text": mrkdwn(digest.summary, 400),
        "blocks": [
            {"type": "header", "text": _plain_text(f"{icon(digest.worst)} {digest.summary}")}
        ],
        "attachments": [
            {
                "color": colour(digest.worst),
                "blocks": [
                    {"type": "section", "text": _plain_text(text)} for text in texts if text
                ],
            }
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _plain_text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
