"""The pages name what exists: links, modules, the fields of the report."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

from headroom.pipeline.report import Report

ROOT = Path(__file__).parents[2]
PAGES = sorted(chain(ROOT.glob("*.md"), ROOT.glob("docs/*.md"), ROOT.glob("tests/*/README.md")))
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MODULE = re.compile(r"`([a-z_/]+\.(?:py|toml|yaml|md)|[a-z_]+(?:/[a-z_]+)*/)`")
ROOMS = (
    ROOT,
    ROOT / "layers/headroom/headroom",
    ROOT / "cli/headroom_cli",
    ROOT / "cli/headroom_cli/doctor",
    ROOT / "tests/simulation",
)


def anchors(page: Path) -> set[str]:
    """As GitHub derives them from the headings."""
    plain = (re.sub(r"[^\w\- ]", "", text.lower()) for text in HEADING.findall(page.read_text()))
    return {text.strip().replace(" ", "-") for text in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file_and_its_heading(page: Path) -> None:
    for path, anchor in LINK.findall(FENCE.sub("", page.read_text())):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_every_file_in_the_architecture_exists() -> None:
    named = MODULE.findall(FENCE.sub("", (ROOT / "docs/architecture.md").read_text()))
    assert len(named) > 40
    missing = [name for name in named if not any((room / name).exists() for room in ROOMS)]
    assert missing == []


def test_every_field_of_the_report_is_explained() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    table = page.partition("| field | what it has |")[2].partition("\n\n")[0]
    fields = re.findall(r"^  \| (`[^|]+`) \|", table, re.MULTILINE)
    explained = {name for each in fields for name in re.findall(r"\w+", each)}
    assert explained == {*Report(at=0).as_json(), "left_out"}
