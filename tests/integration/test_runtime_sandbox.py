"""The sandbox keeps time as Lambda does, so that a function which does not is found out."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.local.sandbox import Code, Sandbox

HANDLER = """
import threading

def handler(event, context):
    if event == "hang":
        threading.Event().wait()
    return context.get_remaining_time_in_millis()
"""


def test_a_process_over_its_time_is_killed_and_its_invocation_timed_out(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HANDLER, "utf-8")
    with Sandbox(Code(Path(sys.executable), tmp_path, ()), {}, tmp_path / "log") as sandbox:
        left = sandbox.invoke("look", 30)
        late = sandbox.invoke("hang", 1)
        after = sandbox.invoke("look")

    assert (left.kind, 0 < left.body <= 30_000) == ("response", True)
    assert late.kind == "timeout"
    assert late.body["errorMessage"].endswith(" Task timed out after 1.00 seconds")
    assert after.kind == "gone"
