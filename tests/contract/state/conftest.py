from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from headroom.ports import State
from tests.contract.state import table
from tests.contract.state.atomic_moto import AtomicMoto
from tests.contract.state.racing import WRITERS
from tests.contract.state.stores import Dynamo, Sqlite, Store


@pytest.fixture(scope="session")
def server() -> Iterator[AtomicMoto]:
    with AtomicMoto() as moto:
        yield moto


@pytest.fixture
def moto(server: AtomicMoto) -> AtomicMoto:
    server.asked.clear()
    server.instead.clear()
    return server


@pytest.fixture
def dynamo(moto: AtomicMoto) -> Iterator[Dynamo]:
    store = Dynamo(moto, f"headroom-{uuid4().hex}")
    table.create(store.client, store.table)
    moto.asked.clear()
    yield store
    store.client.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Sqlite:
    return Sqlite(tmp_path / "headroom.db")


@pytest.fixture(params=["sqlite", "dynamo"])
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def writers(store: Store) -> list[State]:
    """Those that race for one store."""
    return [store.state for _ in range(WRITERS)]


@pytest.fixture
def rounds() -> int:
    """How often they do: for seconds here, for long in `make e2e`."""
    return 24
