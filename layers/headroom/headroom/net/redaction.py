"""The one rule for secrets in text that goes to logs, reports and notices.

Known secrets (`redact_known`) go wherever they appear: whole; in every piece of at least `PIECE`
characters, as plain text, base64, hexadecimal or percent code, in any case; and, if the secret is
a URL, in each segment of its path or query that could be a token.

Unknown secrets (`redact_unknown`): a URL keeps its scheme only, and a run of characters goes if it
looks like a key rather than a name.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Iterator
from urllib.parse import quote

PIECE = 8
"""Characters; a shorter piece of a secret opens nothing, and would hide common words."""

MASK = "..."

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Letter for letter; `str.lower` turns some letters into two."""

_SHORTEST_TOKEN = 4
_URL = re.compile(r"://[^\s'\"]+")
_RUN = re.compile(r"[A-Za-z0-9_+/=.%-]{20,}")
"""Long enough, in the characters of base64 and of names, to be a key."""
_MARKS = re.compile(r"[_+/=.%-]+")
_KEY_PIECE = 6
"""Characters between two marks, with a digit, that no name has in one piece: years are shorter."""
_KEY_GROUP, _KEY_GROUPS = 4, 3
"""The same for groups of letters and digits: their length and their number."""


def redact_known(text: str, *secrets: str) -> str:
    """The text without the secrets.

    The cost grows with the length of both, so cut the text first, to more than will be shown.
    """
    parts = {part for secret in secrets for part in _parts(secret)}
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(re.escape(part), MASK, text, flags=re.IGNORECASE)
    # The pieces of a whole URL would hide its host, which is public.
    return _without_pieces(text, [part for part in parts if "://" not in part])


def redact_unknown(text: str) -> str:
    """The text without what may be a secret in the wrong place, or a stranger's."""
    return _RUN.sub(_redacted_key, _URL.sub("://" + MASK, text))


def _parts(secret: str) -> Iterator[str]:
    """Yield the secret and, for a URL, each path or query segment long enough to be a token.

    The first of several segments is left out: it names the service (`services` in Slack's).
    """
    if secret.strip():
        yield secret
    _, *segments = re.split(r"[/?&=#]+", secret.partition("://")[2].rstrip("/"))
    yield from (part for part in segments[1:] or segments if len(part) >= _SHORTEST_TOKEN)


def _without_pieces(text: str, secrets: list[str]) -> str:
    plain = {piece for secret in secrets for form in _forms(secret) for piece in _pieces(form)}
    coded = {piece for secret in secrets for form in _base64(secret) for piece in _pieces(form)}
    lower = text.translate(_LOWER)
    kept, hidden_until = list[str](), 0
    for at, letter in enumerate(text):
        if lower[at : at + PIECE] in plain or text[at : at + PIECE] in coded:
            kept.append(MASK if hidden_until <= at else "")
            hidden_until = at + PIECE
        elif at >= hidden_until:
            kept.append(letter)
    return "".join(kept)


def _forms(secret: str) -> Iterator[str]:
    yield secret.translate(_LOWER)
    yield quote(secret, safe="").translate(_LOWER)
    yield secret.encode().hex()


def _base64(secret: str) -> Iterator[str]:
    """The secret in base64 after zero, one or two other bytes, without what those bytes change."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
        yield text[4 if before else 0 :]
        yield text[4 if before else 0 :].replace("+", "-").replace("/", "_")


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(len(text) - PIECE + 1))


def _redacted_key(run: re.Match[str]) -> str:
    """Treat anything that does not look like a name as a secret.

    UUIDs, `sk_live_...`, `xoxb-...`, `whsec_...` and `AB12-CD34-EF56-...` are keys; names such as
    `ops-slack-europe-west-1` and `acme-team-2026-support` are not.
    """
    pieces = [each for each in _MARKS.split(run[0]) if any(map(str.isdigit, each))]
    groups = [each for each in pieces if len(each) >= _KEY_GROUP and not each.isdigit()]
    is_key = any(len(each) >= _KEY_PIECE for each in pieces) or len(groups) >= _KEY_GROUPS
    return MASK if is_key else run[0]
