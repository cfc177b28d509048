"""The wiring: what every entry point gets."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest

from headroom.app import App
from headroom.bootstrap import local
from headroom.channels.registry import ChannelRegistry
from headroom.config.configuration import BadChannel, Configuration
from headroom.errors import EventError
from headroom.net.threads import Threads
from headroom.ports import Deadline
from headroom.state.sqlite_stores import sqlite_stores
from tests.builders import T0, failed, notice
from tests.support.world import FakeChannel, FakeSource


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = tmp_path / "state.sqlite"
    return local(
        FakeSource(Configuration({})),
        sqlite_stores(path, lambda: T0),
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


@pytest.mark.parametrize("is_pager", [True, False])
def test_notices_pending_on_an_invalid_channel_wait_for_its_fix(*, is_pager: bool) -> None:
    """Its parameter is broken, perhaps for minutes: nothing goes to the dead-letter queue yet."""
    bad = BadChannel("is missing", is_pager, inner="webhook_url")
    configuration = Configuration({}, bad_channels={"ops": bad})
    channel = ChannelRegistry(FakeChannel("default"), Mock(), Threads(1, "sns"))(configuration)[
        "ops"
    ]
    assert channel.is_pager is is_pager
    failure = failed(asyncio.run(channel.send(notice())))
    assert failure.retryable
    assert "webhook_url: is missing" in failure.detail


def test_an_event_within_the_clocks_bounds_is_checked_and_others_are_not(app: App) -> None:
    for at in (T0 - 120, T0, T0 + 60):
        assert app.run(at, Deadline(lambda: 50.0)).dropped == ""
    assert "a newer one comes" in app.run(T0 - 121, Deadline(lambda: 50.0)).dropped
    with pytest.raises(EventError, match="ahead of the clock"):
        app.run(T0 + 61, Deadline(lambda: 50.0))
    app.close()
