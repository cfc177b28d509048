"""What a server that repeats every request says, in as many ways as a careless service might."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.support.http_server import Request

WAYS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(f"a:{text}".encode()).decode(),
    lambda text: quote(text, safe=""),
    lambda text: text.encode().hex(),
    str.upper,
    lambda text: json.dumps(json.dumps(text)),
    lambda text: text[-14:],
    lambda text: f"{text[:16]}***",
)
"""How a secret may be repeated."""


def secret(asked: Request) -> str:
    """The secret in it: a key in a header or the body, otherwise the path's end."""
    try:
        in_body: Any = json.loads(asked.text)["routing_key"]
    except (ValueError, KeyError):
        in_body = ""
    return str(asked.headers.get("x-api-key") or in_body or asked.path.rpartition("/")[2])


def echo(asked: Request, way: int) -> str:
    """The secret in one form, first so that no cut removes it; then the whole request."""
    told = WAYS[way % len(WAYS)](secret(asked))
    rest = " ".join((asked.path, json.dumps(asked.headers), asked.text[:500]))
    return f"no {told} here | {rest} | {quote(rest, safe='')}"


def loud(asked: Request, way: int) -> dict[str, str]:
    """Headers that repeat the request."""
    told = echo(asked, way)[:3000].replace("\n", " ")
    return {
        "X-PolyAI-Correlation-Id": told,
        "Location": f"https://elsewhere.example/{quote(told, safe='')[:2000]}",
        "Retry-After": told,
        "Set-Cookie": f"told={quote(told, safe='')[:2000]}",
    }
