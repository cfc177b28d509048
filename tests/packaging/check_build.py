"""What `sam build` made, looked at as Lambda will see it: run by `make build`, not by `make test`.

The layers hold the native modules of both processors, so both builds can be imported here. Of the
processor that this machine is not, the native modules are not run: their ELF headers are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
BUILDS = {"arm64": ROOT / ".aws-sam/build", "x86_64": ROOT / ".aws-sam/x86_64"}
REQUIREMENTS = ROOT / "layers/dependencies/requirements.txt"
LAYERS = ("DependenciesLayer", "HeadroomLayer")
RUNTIME = os.environ["RUNTIME"]
"""A Python of the version that Lambda runs; `make build` finds it."""

each_build = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
each_layer = pytest.mark.parametrize("layer", LAYERS)

IMPORT = """
import importlib, sys
module, name, *sys.path[:0] = sys.argv[1:]
assert callable(getattr(importlib.import_module(module), name))
import headroom, httpx, pydantic_core
httpx.AsyncClient()  # imports the rest of what it needs only now
from headroom.domain.zones import offset
assert offset("Europe/London", 1782864000) == 3600  # from the layer's own tzdata
print(headroom.__file__, pydantic_core.__file__, sep="\\n")
"""

COMPILED = """
import importlib.util, json, marshal, pathlib, sys
wrong = []
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    compiled = pathlib.Path(importlib.util.cache_from_source(path))
    data = compiled.read_bytes() if compiled.exists() else bytes(16)
    flags, known = int.from_bytes(data[4:8], "little"), data[8:16]
    if flags != 1 or known != importlib.util.source_hash(path.read_bytes()):
        wrong.append(f"{path}: flags {flags}")
    elif not marshal.loads(data[16:]).co_filename.startswith("/opt/python/"):
        wrong.append(f"{path}: names a path of the machine that built it")
print(json.dumps(wrong))
"""
"""PEP 552: flags 1 is a hash that is not checked; each version of Python hashes in its own way."""


def run(script: str, *arguments: object) -> str:
    """Run under the runtime's Python, with its standard library and no other package."""
    done = subprocess.run(  # noqa: S603 - our own scripts on our own build
        [RUNTIME, "-I", "-S", "-B", "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def functions(build: Path) -> dict[str, Any]:
    """Every function of the built template, by name."""
    resources = yaml_parse((build / "template.yaml").read_text())["Resources"].items()
    return {
        name: each["Properties"]
        for name, each in resources
        if each["Type"] == "AWS::Serverless::Function"
    }


def files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def digest(folder: Path) -> str:
    """The same for folders of the same bytes."""
    listing = {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files(folder).items()
    }
    return hashlib.sha256(json.dumps(listing, sort_keys=True).encode()).hexdigest()


@pytest.fixture
def boto(tmp_path: Path) -> Path:
    """The venv's boto3 and what it needs, standing for the runtime's; nothing else of the venv."""
    packages = Path(boto3.__file__).parents[1]
    for name in ("boto3", "botocore", "dateutil", "s3transfer", "six.py", "urllib3"):
        (tmp_path / name).symlink_to(packages / name)
    return tmp_path


@each_build
def test_each_handler_imports_from_the_built_folders_alone(build: Path, boto: Path) -> None:
    assert functions(build)
    for name, function in functions(build).items():
        layers = [build / layer / "python" for layer in LAYERS]
        path = [build / function["CodeUri"], *layers, boto]
        assert [layer["Ref"] for layer in function["Layers"]] == list(LAYERS), name
        loaded = run(IMPORT, *function["Handler"].rsplit(".", 1), *path)
        assert all(line.startswith(str(build)) for line in loaded.splitlines())


@each_build
@each_layer
def test_all_byte_code_is_there_and_trusted(build: Path, layer: str) -> None:
    assert json.loads(run(COMPILED, build / layer)) == []


@each_build
def test_our_layer_holds_the_package_and_nothing_else(build: Path) -> None:
    package = ROOT / "layers/headroom/headroom"
    sources = {f"python/headroom/{name}" for name in files(package) if "__pycache__" not in name}
    built = {name for name in files(build / "HeadroomLayer") if "__pycache__" not in name}
    assert built == sources


@each_build
def test_the_dependencies_hold_the_native_modules_of_both_processors(build: Path) -> None:
    machines = {"x86_64": 62, "aarch64": 183}  # e_machine, ELF's EM_X86_64 and EM_AARCH64
    native = list((build / "DependenciesLayer").rglob("*.so*"))
    for machine, number in machines.items():
        own = [path for path in native if f"-{machine}-linux-gnu" in path.name]
        assert len(own) == len(native) / 2 > 0
        for path in own:
            assert int.from_bytes(path.read_bytes()[18:20], "little") == number, path


@each_build
def test_the_dependencies_are_those_that_are_pinned(build: Path) -> None:
    pins = re.findall(r"^([\w.-]+)==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    built = {path.name for path in (build / "DependenciesLayer/python").glob("*.dist-info")}
    assert built == {f"{name.replace('-', '_')}-{version}.dist-info" for name, version in pins}


@each_build
def test_the_runtimes_own_packages_are_left_out(build: Path) -> None:
    """boto3 is there already, and h2 slows httpx down."""
    packages = {path.name for path in (build / "DependenciesLayer/python").iterdir()}
    assert not packages & {"boto3", "botocore", "h2", "bin"}


@each_layer
def test_a_layer_follows_from_its_folder_alone(layer: str) -> None:
    """Built twice, and the same: an edit of our code leaves the dependencies' upload as it is."""
    assert len({digest(build / layer) for build in BUILDS.values()}) == 1
    for name, path in files(BUILDS["arm64"] / layer).items():
        assert str(ROOT).encode() not in path.read_bytes(), name
