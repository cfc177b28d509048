"""The search for secrets finds what is there, whatever it looks like, and nothing else."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.security.leaks import Secrets


@pytest.mark.parametrize(
    "tell",
    [
        lambda secret: secret,
        str.upper,
        lambda secret: secret[3:15],
        lambda secret: f"https://hooks.example.com/T0/{secret}?x",
        lambda secret: quote(f'"{secret}/', safe=""),
        lambda secret: json.dumps({"a": json.dumps(f'"{secret}\n')}),
        lambda secret: secret.encode().hex(),
        *[
            lambda secret, before=before: base64.b64encode(f"{before}{secret};".encode()).decode()
            for before in ("", "a", "ab", "abc", "a-key:")
        ],
    ],
)
def test_a_secret_is_found_however_it_is_told(tell: object) -> None:
    secrets = Secrets()
    made, other = secrets.new("the key"), secrets.new("another")
    assert callable(tell)
    assert secrets.found_in(f"before {tell(made)} behind") == {"the key"}
    assert secrets.found_in(other) == {"another"}


def test_nothing_else_is_taken_for_one() -> None:
    secrets = Secrets()
    made = secrets.new("the key")
    assert secrets.found_in(f"{made[:9]} {made[9:18]} " + "the key is not told" * 1000) == set()
