"""What is stored: any text in a row is understood, or refused with the fix."""

from __future__ import annotations

import copy
import json
import zlib
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from headroom.domain.undeliverable import Refusals
from headroom.errors import StateUnavailable
from headroom.state import codec, items
from headroom_cli.redrive.notice_json import read_notice
from tests.builders import T0, document, incident, notice, pending, watermark
from tests.fuzz.meter import refusal, timed
from tests.fuzz.texts import edited, pumped
from tests.fuzz.trees import JUNK, mutated

STORED = document(
    incidents={"a": incident()},
    outbox={notice().id: pending(notice(), "ops-slack", "on-call")},
    behind={"client_env=live": T0},
    failing_since=T0,
    refusals={"ops-slack": Refusals(2, ("support-line",), reason="404", at=T0)},
)
ROW = items.of_document(STORED, "mark")
TREE = json.loads(codec.text(codec.dump(STORED)))
LONGEST = 60_000
"""Characters; a document stays under 300 KB, and time must grow with it only."""


def understood(row: dict[str, Any]) -> None:
    """The row is a document or refused with what to do, which is never to delete it."""
    refused = refusal(lambda: items.to_document(row), StateUnavailable)
    assert refused is None or "stays as it is" in str(refused)


@given(mutated(ROW))
def test_any_row_is_a_document_or_refused(row: object) -> None:
    known = {"pk": ROW["pk"], "sk": ROW["sk"]}
    timed("row", lambda: understood(row | known if isinstance(row, dict) else known))


TEXTS = st.sampled_from([json.dumps(TREE), ROW["body"]["S"]])


@given(edited(TEXTS) | pumped(TEXTS, LONGEST))
@example("[" * 100_000)
def test_any_text_in_a_row_is_a_document_or_refused(body: str) -> None:
    timed("row, any text", lambda: understood({**ROW, "body": {"S": body}}))


@given(st.binary(max_size=40), st.integers(0, 400), st.integers(0, 3))
def test_any_bytes_in_a_row_are_a_document_or_refused(new: bytes, at: int, cut: int) -> None:
    packed = zlib.compress(json.dumps(TREE).encode())
    slipped = packed[:at] + new + packed[at + cut :]
    timed("row, any bytes", lambda: understood({**ROW, "body": {"B": slipped}}))


@given(mutated(TREE) | JUNK)
@example({**TREE, "watermark": 10**400})
def test_any_tree_is_a_document_or_refused(tree: codec.Tree) -> None:
    def call() -> None:
        with codec.understood("document"):
            codec.parse(copy.deepcopy(tree), version=1, expires_at=None)

    timed("document, any tree", lambda: refusal(call, StateUnavailable))


@given(mutated(json.loads(codec.dump_watermark(watermark()))).map(json.dumps))
def test_any_text_is_a_watermark_or_refused(body: str) -> None:
    row = {"body": {"S": body}}
    timed("watermark", lambda: refusal(lambda: items.to_watermark(row), StateUnavailable))


@given(mutated(notice().as_json()))
def test_any_dead_letter_is_a_notice_or_refused(tree: object) -> None:
    if isinstance(tree, dict):
        timed("dead letter", lambda: refusal(lambda: read_notice(tree), ValueError))
