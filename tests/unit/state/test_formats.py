"""Stored documents live longer than the code that wrote them: each format stays readable.

The files in tests/data are what this format's first version wrote. They are never edited: a new
format gets files of its own, and both must be read.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headroom.domain.project_state import FORMAT
from headroom.state import codec

DATA = Path(__file__).parents[2] / "data"
STATES = sorted(DATA.glob("state-format-*.json"))
WATERMARKS = sorted(DATA.glob("watermark-format-*.json"))


def test_every_format_so_far_has_its_files() -> None:
    numbers = [f"format-{number}.json" for number in range(1, FORMAT + 1)]
    assert [each.name.removeprefix("state-") for each in STATES] == numbers
    assert WATERMARKS


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_a_state_that_an_older_headroom_stored_is_read_whole(path: Path) -> None:
    tree = json.loads(path.read_text())
    state = codec.parse(json.loads(path.read_text()), version=3, expires_at=None)
    (held,) = state.outbox.values()
    (fired,) = state.incidents.values()
    assert (fired.episode.peak, fired.notified) == (114, ("ops-slack",))
    assert (held.deliveries["on-call"].lease, held.deliveries["on-call"].attempts) == ("a1b2", 2)
    assert (state.project, state.version, state.config_version) == ("support-line", 3, 7)
    assert codec.dump(state) == {**tree, "format": FORMAT}, "nothing that was stored is lost"


@pytest.mark.parametrize("path", WATERMARKS, ids=lambda path: path.stem)
def test_a_watermark_that_an_older_headroom_stored_is_read_whole(path: Path) -> None:
    watermark = codec.parse_watermark(path.read_text())
    assert (watermark.projects, watermark.next) == (("sales", "support-line"), "sales")
    assert json.loads(codec.dump_watermark(watermark)) == json.loads(path.read_text())
