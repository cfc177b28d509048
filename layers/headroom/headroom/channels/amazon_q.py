"""A notice as Amazon Q Developer's custom notification, for chat behind an SNS topic.

Amazon Q silently drops any other message (docs.aws.amazon.com, Amazon Q Developer in
chat applications, "Custom notifications").
"""

from __future__ import annotations

import re
from typing import Any

from headroom.channels.builtin_text import fix
from headroom.channels.message import chart, facts, first_line, legend, links, plain
from headroom.channels.style import icon, status
from headroom.domain.notices import Notice

_NAME = 200
_TEXT = 1000
"""Characters; a title may have 250 and the description 8,000."""


def custom_notification(notice: Notice) -> dict[str, Any]:
    """The notification; notices of one incident share a thread where chat has threads."""
    shown = [f"*{status(notice)}*"]
    shown += [f"*{fact.label}* {markdown(fact.text, _NAME)}" for fact in facts(notice)]
    texts = (notice.full_reason, notice.description, fix(notice))
    shown += [markdown(text, _TEXT) for text in texts if text]
    shown += [f"`{line}`" for line in chart(notice).splitlines()]
    shown += [legend(notice)] if legend(notice) else []
    steps = [f"{link.label}: {link.url}" for link in links(notice)]
    return {
        "version": "1.0",
        "source": "custom",
        "id": notice.id,
        "content": {
            "textType": "client-markdown",
            "title": f"{icon(notice)} {markdown(first_line(notice), _NAME)}",
            "description": "\n".join(shown),
            **({"nextSteps": steps} if steps else {}),
            "keywords": [notice.severity.value, notice.kind.value],
        },
        "metadata": {
            "threadId": notice.incident_id,
            "summary": markdown(first_line(notice), _NAME),
            "eventType": notice.kind.value,
        },
    }


def markdown(text: str, room: int) -> str:
    """Remove what chat reads as format, link, mention or quotation; `>= 95%` stays."""
    text = re.sub(
        r"[*~`\[\]@#]|<(?=[!\w@#])|(?<=\w)>|(?<![^\W_])_|_(?![^\W_])", "", plain(text, room)
    )
    return " ".join(text.split()).lstrip("> ")
