"""The wiring: what every entry point gets."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest

from headroom.app import App
from headroom.bootstrap import Channels, local
from headroom.config.configuration import BadChannel, Configuration
from headroom.errors import DeliveryError, EventError
from headroom.outgoing.threads import Threads
from headroom.state.sqlite import SqliteDeadLetters, SqliteState
from tests.builders import T0, notice
from tests.unit.pipeline.world import FakeChannel, FakeSource


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = tmp_path / "state.sqlite"
    return local(
        FakeSource(Configuration({})),
        SqliteState(path, clock=lambda: T0),
        SqliteDeadLetters(path, clock=lambda: T0),
        default=FakeChannel("default"),
        clock=lambda: T0,
    )


def test_no_address_that_is_asked_reaches_the_log(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    asked = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with asked:
        asked.get("https://api.example.com/?phone_number=%2B447856838428")
    app.close()
    assert "447856838428" not in caplog.text


@pytest.mark.parametrize("pages", [True, False])
def test_what_a_channel_of_no_use_owes_waits_for_its_mending(*, pages: bool) -> None:
    """Its parameter is broken, perhaps for minutes: nothing goes to the dead-letter queue yet."""
    configuration = Configuration({}, bad_channels={"ops": BadChannel("type is missing", pages)})
    channel = Channels(FakeChannel("default"), Mock(), Threads(1, "sns"))(configuration)["ops"]
    assert channel.pages is pages
    with pytest.raises(DeliveryError, match="type is missing") as refused:
        asyncio.run(channel.send(notice()))
    assert refused.value.retryable


def test_an_event_within_the_clocks_bounds_is_checked_and_others_are_not(app: App) -> None:
    for at in (T0 - 120, T0, T0 + 60):
        assert app.run(at, lambda: 50.0).dropped == ""
    assert "a newer one comes" in app.run(T0 - 121, lambda: 50.0).dropped
    with pytest.raises(EventError, match="ahead of the clock"):
        app.run(T0 + 61, lambda: 50.0)
    app.close()
