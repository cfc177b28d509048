"""Which faults do the tests of the pipeline miss? Plants small ones, one at a time, in a copy.

    python -m bench.mutants --seed 1 --sample 100

A mutant is tested by the tests that enter its function, the fastest first; one outside functions by
those that enter any function of its module. Prints the survivors, and the share killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import Process
from pathlib import Path
from types import CodeType, FrameType

import boto3  # noqa: F401 - large: the forked processes need not import it again
import httpx  # noqa: F401 - as above
import hypothesis  # noqa: F401 - as above
import pydantic  # noqa: F401 - as above
import pytest

from bench.mutations import Mutant, count, mutants

TOP = Path(__file__).parent.parent
LIBRARY = Path("layers/headroom/headroom")
ROOMS = ("domain", "delivery", "pipeline")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".hypothesis", ".*_cache", "__pycache__")
PYTEST = ["-x", "--tb=no", "-pno:cacheprovider", "-Wignore::pytest.PytestAssertRewriteWarning"]

Entered = dict[str, tuple[float, list[str]]]
"""The seconds of each test, and what it enters: `domain/windows.py:30`, with 0 for any function."""


class Recorder:
    """A pytest plugin that notes which functions of the library each test enters."""

    def __init__(self) -> None:
        """Nothing has run yet."""
        self.entered: Entered = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Trace one test."""
        codes: set[CodeType] = set()

        def enter(frame: FrameType, _event: str, _arg: object) -> None:
            codes.add(frame.f_code)

        began = time.monotonic()
        threading.settrace(enter)
        sys.settrace(enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            library = f"{item.config.rootpath / LIBRARY}/"
            ours = [each for each in codes if each.co_filename.startswith(library)]
            lines = {(each.co_filename, line) for each in ours for line in (0, each.co_firstlineno)}
            names = [f"{file.removeprefix(library)}:{line}" for file, line in lines]
            self.entered[item.nodeid] = time.monotonic() - began, names


def record(copy: Path, tests: list[str], out: Path) -> None:
    """Run the tests on the copy, and write down what they enter."""
    os.chdir(copy)
    recorder = Recorder()
    code = pytest.main([*PYTEST, *tests], plugins=[recorder])
    out.write_text(json.dumps(recorder.entered))
    sys.exit(code)


def test(copy: Path, tests: list[str]) -> None:
    """Run these tests on the copy."""
    os.chdir(copy)
    sys.dont_write_bytecode = True
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(pytest.main([*PYTEST, *tests]))


def fails(work: Callable[..., None], *args: object, seconds: float | None = None) -> bool:
    """Whether it fails in a process of its own, which imports the library; also if it hangs."""
    process = Process(target=work, args=args)
    process.start()
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode != 0


def sampled(seed: int, sample: int) -> list[Mutant]:
    """Draw from all mutants of the three rooms."""
    files = [path for room in ROOMS for path in sorted((TOP / LIBRARY / room).glob("*.py"))]
    every = [(path, number) for path in files for number in range(count(path))]
    drawn = random.Random(seed).sample(every, min(sample, len(every)))  # noqa: S311 - no secret
    sys.stdout.write(f"{len(drawn)} of {len(every)} mutants\n")
    return [each for path in files for each in mutants(path, {n for p, n in drawn if p == path})]


def survives(mutant: Mutant, copy: Path, entered: Entered) -> bool:
    """Plant the mutant in the copy, and run the tests that enter it."""
    module = mutant.path.relative_to(TOP / LIBRARY)
    entry = f"{module}:{mutant.function}"
    found = sorted((seconds, name) for name, (seconds, run) in entered.items() if entry in run)
    limit = 60 + 3 * sum(seconds for seconds, _ in found)
    (copy / LIBRARY / module).write_text(mutant.after)
    failed = fails(test, copy, [name for _, name in found], seconds=limit) if found else False
    shutil.copy2(mutant.path, copy / LIBRARY / module)
    return not failed


def main() -> None:
    """Draw the sample, run it, print each survivor and the share killed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--sample", type=int, default=100)
    rooms = [f"tests/unit/{room}" for room in ROOMS]
    options.add_argument("--tests", nargs="+", default=rooms)
    chosen = options.parse_args()
    sample = sampled(chosen.seed, chosen.sample)
    survivors = 0
    with tempfile.TemporaryDirectory() as scratch:
        copy, out = Path(scratch) / "copy", Path(scratch) / "entered.json"
        shutil.copytree(TOP, copy, ignore=NOT_COPIED)
        if fails(record, copy, chosen.tests, out):
            sys.exit("tests fail without any mutant")
        entered: Entered = json.loads(out.read_text())
        for mutant in sample:
            if survives(mutant, copy, entered):
                survivors += 1
                sys.stdout.write(f"{mutant.path.relative_to(TOP)}:{mutant.line}\n{mutant.diff}\n")
    killed = len(sample) - survivors
    sys.stdout.write(f"{killed} of {len(sample)} killed ({killed / len(sample):.0%})\n")


if __name__ == "__main__":
    main()
