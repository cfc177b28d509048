"""How many examples hypothesis tries, and where temporary files lie.

Hypothesis tries 25 examples on a desk, 100 in CI, 2,000 in the profile `thorough`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import settings

MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes a folder there that only its user can read)
ROOM = 2**30
"""Bytes that must be free there; a run of all tests takes about 40 MB."""

settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("usual", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile("usual" if os.environ.get("CI") else "quick")


def _temporary_files_in_memory() -> None:
    """Let `tmp_path` lie in memory where it can: SQLite waits for a disk at each commit."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


_temporary_files_in_memory()
