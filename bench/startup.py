"""Start to ready of the check function in a fresh process, against `import boto3` alone.

Ready: the handler is imported and the application is wired (what Lambda's init and the first
event's beginning do). The two take turns, so that a change of the machine's speed meets both.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

TOP = Path(__file__).parent.parent
ROUNDS = 15
READY = "import app; app.edge()"
ALONE = "import boto3"
ENVIRONMENT = {
    "HEADROOM_SSM_PREFIX": "/headroom/bench",
    "HEADROOM_TABLE": "headroom",
    "HEADROOM_TOPIC_ARN": "arn:aws:sns:eu-west-2:123456789012:headroom",
    "HEADROOM_DEAD_LETTER_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/headroom",
    "POWERTOOLS_SERVICE_NAME": "check",
    "POWERTOOLS_METRICS_NAMESPACE": "Headroom",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
"""What Lambda's own runtime brings."""


def as_deployed(folder: Path) -> str:
    """A search path with what Lambda has and nothing else (httpx imports rich if it can)."""
    layer = PINNED.findall((TOP / "layers/dependencies/requirements.txt").read_text("utf-8"))
    for name in {*layer, *RUNTIME}:
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if ".." not in file.parts}:
            if not (folder / top).exists():
                (folder / top).symlink_to(str(distribution.locate_file(top)))
    return os.pathsep.join(
        [str(TOP / "functions/check"), str(TOP / "layers/headroom"), str(folder)]
    )


def seconds(program: str, path: str) -> float:
    """Wall-clock seconds of a fresh process to the end of the program, not to that of its clean-up.

    It sees nothing of this process's site packages.
    """
    program += "; import os; os._exit(0)"
    began = time.perf_counter()
    environment = {**ENVIRONMENT, "PYTHONPATH": path}
    subprocess.run([sys.executable, "-S", "-c", program], env=environment, check=True)  # noqa: S603 - ours
    return time.perf_counter() - began


def main() -> None:
    """Print the medians and the ratio of each pair's median."""
    with TemporaryDirectory() as folder:
        path = as_deployed(Path(folder))
        seconds(READY, path)  # the first run writes byte code, as the layers' build does
        pairs = [(seconds(READY, path), seconds(ALONE, path)) for _ in range(ROUNDS)]
    ready, alone = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    for line in (
        f"start to ready: {ready * 1000:.0f} ms (median of {ROUNDS})",
        f"import boto3 alone: {alone * 1000:.0f} ms",
        f"ratio: {ratio:.2f} (aim: at most 2.5)",
    ):
        print(line)  # noqa: T201 - what a benchmark is for


if __name__ == "__main__":
    main()
