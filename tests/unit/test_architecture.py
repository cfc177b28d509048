"""The walls and floors of DESIGN section 8, read from the code itself.

The linter bans the same names (TID251), but can only let a file off all of them at once; here each
name has its own list of rooms.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/headroom/headroom"
MODULES = sorted(PACKAGE.rglob("*.py"))

ROOMS = {
    "boto3": ("config/", "state/", "channels/sns.py", "aws_errors.py", "bootstrap.py"),
    "botocore": ("config/", "state/", "channels/sns.py", "aws_errors.py", "bootstrap.py"),
    "httpx": ("polyai/", "channels/", "net/", "bootstrap.py"),
    "aws_lambda_powertools": (),  # stays at the edge: functions/
    "holidays": (),  # the command resolves calendars
    "os.environ": ("settings.py",),
    "os.getenv": ("settings.py",),
    "time.time": ("bootstrap.py",),
    "time.time_ns": ("bootstrap.py",),
    "datetime.datetime.now": ("bootstrap.py",),
    "datetime.datetime.utcnow": (),
    "datetime.datetime.today": (),
    "datetime.date.today": (),
}
"""What may be used, and where; a folder ends in a slash."""


def used(tree: ast.Module) -> Iterator[str]:
    """Full dotted names of all that a module imports or takes from an import: `os.environ`."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {a.asname or a.name.split(".")[0]: a.name.split(".")[0] for a in node.names}
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            known |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts = ast.unparse(node).split(".")
            yield ".".join([known.get(parts[0], parts[0]), *parts[1:]])


def in_type_checking(node: ast.stmt) -> bool:
    """Whether this is `if TYPE_CHECKING:`, which never runs."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def names(path: Path) -> set[str]:
    """All that the module uses when it runs."""
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if not in_type_checking(node)]
    return set(used(tree))


def is_or_in(name: str, what: str) -> bool:
    return name == what or name.startswith(what + ".")


@pytest.mark.parametrize("what", ROOMS)
def test_a_thing_is_used_only_in_its_rooms(what: str) -> None:
    outside = [
        where
        for path in MODULES
        if not (where := path.relative_to(PACKAGE).as_posix()).startswith(ROOMS[what] or "\0")
        and any(is_or_in(name, what) for name in names(path))
    ]
    assert outside == []


def test_the_domain_imports_the_standard_library_and_itself() -> None:
    foreign = {
        f"{path.name}: {name}"
        for path in MODULES
        if path.parent.name == "domain"
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if not is_or_in(name, "headroom.domain")
        and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


IMPORT_TWICE = """
import gc, importlib, os, sys

class Sealed(dict):
    def get(self, key, default=None):
        if key == "PYDANTIC_DISABLE_PLUGINS":  # pydantic looks with every model that is defined
            return default
        raise SystemExit(f"the environment is read when imported: {key}")
    __getitem__ = __contains__ = get

OUTSIDE = ("socket.connect", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen")

def hook(event, arguments):
    if sealed and event in OUTSIDE:
        raise SystemExit(f"{event} when imported")

sealed = False
sys.addaudithook(hook)
for name in sys.argv[1:]:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] in ("headroom", "functions")]:
    del sys.modules[name]
os.environ, sealed = Sealed(os.environ), True
for name in sys.argv[1:]:
    importlib.import_module(name)

import botocore.client, httpx
clients = (botocore.client.BaseClient, httpx.Client, httpx.AsyncClient)
made = [each for each in gc.get_objects() if isinstance(each, clients)]
if made:
    raise SystemExit(f"made when imported: {made}")
"""
"""Whatever others' modules do happens the first time; the second time all that happens is ours."""


def test_importing_a_module_does_nothing() -> None:
    """No client, no environment, no network."""
    package = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in MODULES]
    done = subprocess.run(  # noqa: S603 - this very Python, on names of this repository
        [
            sys.executable,
            "-c",
            IMPORT_TWICE,
            *package,
            "functions.check.app",
            "functions.baseline.app",
        ],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{PACKAGE.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


FLOORS = (
    ("bootstrap",),
    ("app",),
    ("check",),
    ("pipeline",),
    ("delivery",),
    ("channels", "polyai", "state"),
    ("ports",),
    ("config", "settings", "event"),
    ("net", "aws_errors"),
    ("errors",),
    ("domain",),
)
"""From the top down; rooms on one floor know nothing of each other."""


def room(module: str) -> str:
    """The folder, or the module at the top of the package."""
    return module.split(".")[1]


def arrows() -> Iterator[tuple[str, str]]:
    """Each import of another module of the package, when the code runs or is type-checked."""
    for path in MODULES:
        if path.name != "__init__.py":
            here = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            for name in used(ast.parse(path.read_text())):
                if is_or_in(name, "headroom") and len(name.split(".")) > 2:
                    yield here, name


def test_every_room_has_its_floor() -> None:
    rooms = {room(f"headroom.{path.relative_to(PACKAGE).parts[0]}") for path in MODULES}
    known = {name for floor in FLOORS for name in floor}
    assert {name.removesuffix(".py") for name in rooms} - {"__init__"} == known


def test_imports_run_downwards_only() -> None:
    height = {name: -place for place, floor in enumerate(FLOORS) for name in floor}
    up = {
        f"{here} -> {there}"
        for here, there in arrows()
        if room(here) != room(there) and height[room(there)] >= height[room(here)]
    }
    assert up == set()


def test_no_module_imports_itself_by_way_of_another() -> None:
    modules = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts) for p in MODULES}
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for here, there in arrows():
        target = there if there in modules else there.rpartition(".")[0]
        if target in modules and target != here:
            graph[here].add(target)
    assert list(TopologicalSorter(graph).static_order())
