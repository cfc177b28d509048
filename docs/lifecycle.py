"""Write the table of `headroom.domain.lifecycle` into architecture.md, as a table and a diagram.

Run it after a change of the table: `.venv/bin/python docs/lifecycle.py`. A test fails until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headroom.domain.lifecycle import TABLE, Status

PAGE = Path(__file__).with_name("architecture.md")
BEGIN = "<!-- lifecycle: written by docs/lifecycle.py -->"
END = "<!-- lifecycle: end -->"


def table() -> Iterator[str]:
    """The table, one row for each status and event."""
    yield "| the alert is | what the check finds | then it is | notice |"
    yield "|---|---|---|---|"
    for (status, event), after in TABLE.items():
        yield f"| {status} | {event} | {after.status} | {after.kind or 'none'} |"


def diagram() -> Iterator[str]:
    """The same as a mermaid state diagram, without the events that change and notify nothing."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {Status.OK}"
    for (status, event), after in TABLE.items():
        if after.kind is not None:
            yield f"    {status} --> {after.status}: {event} ({after.kind})"
    yield "```"


def section() -> str:
    """All that stands between the markers."""
    return "\n".join([*table(), "", *diagram()])


def with_section(page: str) -> str:
    """The page with its section written again."""
    before, rest = page.split(f"{BEGIN}\n")
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{section()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_section(PAGE.read_text()))
