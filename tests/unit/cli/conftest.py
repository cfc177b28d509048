from __future__ import annotations

from collections.abc import Iterator

import pytest

from headroom_cli.aws import Aws
from headroom_cli.demo.cloud import Cloud
from tests.unit.cli.deployed import aws
from tests.unit.cli.redrive_night import Night, a_night


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with aws() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def operator(cloud: Cloud) -> Aws:  # noqa: ARG001 (whose account it is)
    return Aws()


@pytest.fixture
def night(cloud: Cloud, operator: Aws, capsys: pytest.CaptureFixture[str]) -> Iterator[Night]:
    with a_night(cloud, operator, capsys) as made:
        yield made
