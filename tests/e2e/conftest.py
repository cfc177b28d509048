"""The story that the checks tell, in the order of their files: each fixture is a step of it.

A step is taken once, by the first check that needs it. What takes long, a window that has to close,
is waited for last: the races and the runtime's checks run meanwhile.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from headroom.domain.windows import WINDOW, Instant, window_of
from headroom_cli.simulator.set_by_hand import now
from tests.local.aws import LocalAws
from tests.local.listener import Listener
from tests.local.services import LocalServices
from tests.local.stack import BUILD, Stack
from tests.local.waiting import until

MINUTE = 60
CHECKED_WITHIN = MINUTE + 15
"""Seconds: the schedule's minute, and a check that starts cold on a busy machine."""
STEPS = MINUTE + 40
"""Seconds from the breach, over the check that tells of it, to the updated stack."""


def pytest_configure() -> None:
    """Let every way to be ended, but the hardest, end what was started."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws") / "ministack.log") as running:
        yield running


@pytest.fixture(scope="session")
def world() -> Iterator[LocalServices]:
    with LocalServices() as running:
        yield running


@pytest.fixture(scope="session")
def stack(aws: LocalAws, world: LocalServices) -> Stack:
    """The real template, as it was built."""
    made = Stack(aws, "headroom-e2e")
    made.deploy(PolyaiUrl=world.polyai_url, ConfigTtl="0", LogRetentionDays="7")
    return made


@pytest.fixture(scope="session")
def topic(aws: LocalAws, stack: Stack) -> Listener:
    """Somebody who reads all that the topic tells."""
    return Listener(aws, "e2e-reader", stack.outputs["TopicArn"])


@pytest.fixture(scope="session")
def ends(aws: LocalAws, stack: Stack) -> Listener:
    """Somebody who wants to hear only of the end."""
    return Listener(aws, "e2e-ends", stack.outputs["TopicArn"], {"kind": ["resolved"]})


@dataclass(frozen=True, slots=True)
class Breach:
    """support-line is over its limit from now on; sales-line was, in the window before."""

    pushed: Instant
    """From when on Headroom knows of the lines."""
    over: Instant
    """When the window closes that lets sales-line recover."""


@pytest.fixture(scope="session")
def breach(
    world: LocalServices,
    stack: Stack,
    topic: Listener,  # noqa: ARG001 (both listen before there is anything to hear)
    ends: Listener,  # noqa: ARG001
) -> Breach:
    """Both lines breach, and the operator pushes what to watch: from here the schedule does it."""
    until("room in this window", lambda: WINDOW - now() % WINDOW > STEPS, seconds=STEPS + 2)
    window = window_of(now())
    world.lines["support-line"].changes.append((now(), 118))
    world.lines["sales-line"].changes.extend([(window - WINDOW, 57), (window, 20)])
    stack.push(world.secrets)
    return Breach(now(), window + WINDOW)


@pytest.fixture(scope="session")
def fired(breach: Breach, world: LocalServices, topic: Listener) -> Breach:
    """Both have been told, by a check that nobody here started."""
    until(
        "two notices on each of three channels",
        lambda: len(world.inbox.received) >= 4 and len(topic.collect()) >= 2,
        seconds=CHECKED_WITHIN,
    )
    return breach


@pytest.fixture(scope="session")
def updated(
    fired: Breach, stack: Stack, world: LocalServices, tmp_path_factory: pytest.TempPathFactory
) -> Breach:
    """Another version of the code and other parameters, while both incidents are open."""
    build = tmp_path_factory.mktemp("newer") / "build"
    shutil.copytree(BUILD, build)
    edit(build)
    stack.deploy(build, PolyaiUrl=world.polyai_url, ConfigTtl="1", LogRetentionDays="14")
    return fired


NEWER = "0.1.0+newer"


def edit(build: Path) -> None:
    """Change the function and our layer, so that a check's log line says which code it was."""
    package = build / "HeadroomLayer/python/headroom"
    replace_in(package / "__init__.py", '__version__ = "0.1.0"', f'__version__ = "{NEWER}"')
    for compiled in package.glob("__pycache__/__init__.*"):
        compiled.unlink()  # it is trusted unseen
    app = build / "CheckFunction/app.py"
    replace_in(
        app,
        "from headroom.settings",
        "from headroom import __version__\nfrom headroom.settings",
    )
    replace_in(app, 'log("checked", ', 'log("checked", version=__version__, ')


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path}: expected once: {old}"
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="session")
def resolved(updated: Breach, world: LocalServices, topic: Listener) -> Breach:
    """The window without a breach has closed, and a check has looked at it."""
    until(
        "the end of sales-line's incident on each of three channels",
        lambda: len(world.inbox.received) >= 6 and len(topic.collect()) >= 3,
        seconds=max(0, updated.over - now()) + CHECKED_WITHIN,
    )
    time.sleep(5)  # for what may come twice
    return updated


@pytest.fixture(scope="session")
def deleted(resolved: Breach, stack: Stack) -> None:  # noqa: ARG001 (the step before)
    stack.delete()
