"""Whatever fails in whatever order: an alert says so, and each channel is notified of it once."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.domain.headline import UNREACHABLE
from headroom.domain.readings import Failure
from headroom.domain.rules import Severity
from tests.builders import T0, failure, project
from tests.support.world import World

MINUTE = 60
EXPIRED = failure()
WRONG = Failure(404, "no such account or project", lasting=True)
DOWN = Failure(503, "PolyAI failed")
NAMES = [f"line-{number}" for number in range(5)]
ROUTES = [("ops-slack",), ("ops-slack", "default"), ("default",)]
KEY = "key default in uk-1"

nights = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([EXPIRED, EXPIRED, DOWN, WRONG])),
    min_size=1,
    max_size=8,
)


def routes(name: str) -> tuple[str, ...]:
    return ROUTES[NAMES.index(name) % len(ROUTES)]


def alerts(world: World) -> dict[str, set[str]]:
    """By project, or by cause, the channels that were notified of what cannot be read now."""
    documents = world.load().documents
    return {
        each.last.series or name: set(each.notified)
        for name, document in documents.items()
        for each in document.incidents.values()
        if each.last.rule == UNREACHABLE
    }


@settings(max_examples=settings().max_examples * 6 // 10)
@given(nights)
def test_each_project_that_fails_for_good_has_one_alert_and_no_channel_is_notified_twice(
    night: list[dict[str, Failure]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.configure(
            *(project(name=name, routing=dict.fromkeys(Severity, routes(name))) for name in NAMES)
        )
        for minute, failing in enumerate([*night, {}]):
            world.readings.failing = dict(failing)
            world.check(T0 + minute * MINUTE)
            found = alerts(world)
            for name, why in failing.items():
                covering = found.get(name) or found.get(KEY if why == EXPIRED else "", set())
                assert set(routes(name)) <= covering or not why.lasting
        for channel in (world.chat, world.default):
            begun = Counter(each.incident_id for each in channel.accepted if each.kind == "fired")
            ended = Counter(
                each.incident_id for each in channel.accepted if each.kind == "resolved"
            )
            assert begun == ended, "all is well at the end"
            assert set(begun.values()) <= {1}
