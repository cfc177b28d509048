"""What is installed is what was locked, byte for byte, and from wherever the installer looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted([*ROOT.glob("requirements/*.txt"), *ROOT.glob("layers/*/requirements.txt")])
NAMES = [path.relative_to(ROOT).as_posix() for path in LOCKS]

PINNED = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][A-Za-z0-9.!+]*( ; [^#\\]+)?", re.IGNORECASE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(path: Path) -> list[list[str]]:
    """Each requirement as what it is and its hashes; comments and line ends are gone."""
    kept = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(kept).replace("\\\n", "\0").splitlines()
    return [[part.strip() for part in line.split("\0")] for line in joined if line.strip()]


def test_every_environment_has_a_lock() -> None:
    assert {"requirements/dev.txt", "requirements/sam.txt", "requirements/operator.txt"} <= {*NAMES}
    assert "layers/dependencies/requirements.txt" in NAMES
    wanted = {path.with_suffix(".txt") for path in ROOT.glob("requirements/*.in")}
    wanted |= {path.with_suffix(".txt") for path in ROOT.glob("layers/*/requirements.in")}
    assert wanted == {*LOCKS}


@pytest.mark.parametrize("path", LOCKS, ids=NAMES)
def test_every_requirement_is_one_version_with_its_hashes_and_nothing_else(path: Path) -> None:
    found = requirements(path)
    assert len(found) > 5
    for what, *hashes in found:
        assert PINNED.fullmatch(what), what
        assert hashes, what
        assert all(HASH.fullmatch(each) for each in hashes), what


@pytest.mark.parametrize("path", LOCKS, ids=NAMES)
def test_no_lock_says_where_packages_come_from(path: Path) -> None:
    """Neither an index, nor an address to download from, nor a folder of somebody's machine."""
    text = path.read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|-e |file:|git\+", text)


def test_every_install_asks_for_the_hashes() -> None:
    makefiles = [ROOT / "Makefile", *ROOT.glob("layers/*/Makefile")]
    lines = [
        line.strip()
        for path in makefiles
        for line in path.read_text().replace("\\\n", " ").splitlines()
        if "pip install" in line
    ]
    assert len(lines) >= 3
    for line in lines:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation --editable ." in line
        assert "index-url" not in line
