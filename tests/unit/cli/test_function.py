"""The demo's stand-in for Lambda: the handler runs alone, and its failures are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headroom_cli.demo.function import Function, FunctionFailed


@contextmanager
def running(folder: Path, *body: str) -> Iterator[Function]:
    lines = ["import os", "def handler(event, context):", *(f"    {line}" for line in body)]
    (folder / "app.py").write_text("\n".join(lines), "utf-8")
    with Function(folder / "app.py", {"HEADROOM_TABLE": "t"}, folder / "log") as function:
        yield function


def test_the_handler_gets_the_event_and_only_its_own_environment(tmp_path: Path) -> None:
    body = "return {**event, 'mine': sorted(n for n in os.environ if not n.startswith('LC_'))}"
    with running(tmp_path, "print('logged')", body) as function:
        assert function.invoke({"time": "now"}) == {"time": "now", "mine": ["HEADROOM_TABLE"]}
        assert function.invoke({"time": "then"})["time"] == "then"
    assert (tmp_path / "log").read_text("utf-8").split() == ["logged", "logged"]


def test_it_is_told_how_much_time_is_left(tmp_path: Path) -> None:
    with running(tmp_path, "return {'left': context.get_remaining_time_in_millis()}") as function:
        assert 40_000 < function.invoke({})["left"] <= 50_000


def test_an_error_names_itself_and_the_log(tmp_path: Path) -> None:
    with (
        running(tmp_path, "raise KeyError('table')") as function,
        pytest.raises(FunctionFailed, match=r"KeyError: 'table' \(log: .*log\)"),
    ):
        function.invoke({})


def test_a_process_that_ends_is_an_error_too(tmp_path: Path) -> None:
    with (
        running(tmp_path, "os._exit(3)") as function,
        pytest.raises(FunctionFailed, match="its process ended"),
    ):
        function.invoke({})
