"""`pytest tests/fuzz --examples 100000` tries so many inputs a target, and says how it went."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.fuzz.meter import table


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", type=int, default=0, help="inputs for each target of the fuzz")


def pytest_configure(config: pytest.Config) -> None:
    if examples := config.getoption("--examples", 0):
        settings.register_profile("fuzz", deadline=None, max_examples=examples)
        settings.load_profile("fuzz")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.getoption("--examples", 0):
        terminalreporter.section("fuzzed")
        for line in table():
            terminalreporter.write_line(line)
