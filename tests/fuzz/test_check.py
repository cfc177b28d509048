"""The whole check: whatever one project says or is answered, it reports, and others hear theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from headroom.channels import pagerduty, slack_blocks
from headroom.channels.email import email_body
from headroom.channels.sns_message import publication
from headroom.config.document import json_part
from headroom.config.port import Configuration
from headroom.config.resolve import resolve
from headroom.domain.notices import Kind, Notice
from headroom.domain.windows import WINDOW
from headroom.polyai.client import PolyAI
from headroom.ports import Channel, Ports
from tests.builders import T0
from tests.fuzz.good import DEFAULTS, EVERY_KEY, as_json
from tests.fuzz.meter import timed
from tests.fuzz.test_answers import BODIES, STATUSES
from tests.fuzz.texts import ANYTHING, near
from tests.fuzz.trees import JUNK, mutated
from tests.support.world import FakeChannel, World
from tests.unit.config.documents import a_document, a_project
from tests.unit.polyai.helpers import FakeKeys, body, interval

WELL = a_project(project_id="well-1", channels={"warning": ["ops-slack"], "critical": ["on-call"]})
SICK = EVERY_KEY | {"project_id": "sick-1"}
EAGER = a_project(project_id="sick-1", rules={"a": {"per": "variant", "critical": "> 0"}})
CALLS = {T0 - WINDOW: 60, T0: 118, T0 + WINDOW: 100, T0 + 2 * WINDOW: 30, T0 + 3 * WINDOW: 20}
"""Of the project that is well: critical, eased to a warning, over."""
CHECKS = (T0 + 60, T0 + WINDOW + 120, T0 + 2 * WINDOW + 120, T0 + 4 * WINDOW)
LONGEST = 1.0
"""Seconds for all these checks of both projects, SQLite and the notices among them."""


@dataclass(frozen=True)
class Turn:
    """What one check finds of the project that is sick."""

    written: str
    status: int
    answer: bytes


VARIANTS = st.builds(
    interval,
    st.sampled_from(list(CALLS)),
    st.integers(0, 10**9),
    variant_id=st.sampled_from(["v1", "v2"]) | near(["<!channel>", "a&b"]),
    variant_name=ANYTHING,
)
ANSWERS = (
    st.lists(VARIANTS, max_size=40)
    .map(lambda rows: body(*rows, project_id="sick-1"))
    .flatmap(lambda good: st.just(good) | mutated(good))
    .map(lambda tree: json.dumps(tree).encode())
) | BODIES
WRITTEN = (
    st.sampled_from([SICK, EAGER]).flatmap(lambda good: st.just(good) | mutated(good)) | JUNK
).map(as_json) | near([as_json(EAGER)])
TURNS = st.builds(Turn, WRITTEN, st.just(200) | STATUSES, ANSWERS)


class Fuzzed(World):
    """The usual world, with the real client of PolyAI and what operators really write."""

    turn: Turn | None = None

    def ports(self) -> Ports:
        client = PolyAI(
            FakeKeys(),
            base_url="https://polyai.example",
            transport=httpx.MockTransport(self.answer),
            jitter=lambda: 0.5,
            sleep=at_once,
        )
        return replace(super().ports(), readings=client, channels=self.every_channel)

    def every_channel(self, configuration: Configuration) -> dict[str, Channel]:
        others = {*configuration.channels, *configuration.bad_channels} - self.channels.keys()
        return {**self.channels, **{name: FakeChannel(name) for name in others}}

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "/sick-1/" in request.url.path and self.turn:
            return httpx.Response(self.turn.status, content=self.turn.answer)
        open_now = [at for at in CALLS if at <= self.now]
        return httpx.Response(
            200, json=body(*(interval(at, CALLS[at]) for at in open_now), project_id="well-1")
        )

    def run(self, turns: Sequence[Turn | None]) -> list[Notice]:
        """Every check; what anybody was told of the project that is well."""
        for at, turn in zip(CHECKS, turns, strict=True):
            self.turn = turn
            self.source.configuration = configured(turn, at)
            report = self.check(at).as_json()
            json.dumps(report, ensure_ascii=False, allow_nan=False).encode()  # as Lambda does
            assert report["pending"] == 0
        for notice in self.told():
            can_be_sent(notice)
        return [notice for notice in self.told() if notice.project == "well"]

    def told(self) -> list[Notice]:
        """What the three channels accepted."""
        return [*self.chat.accepted, *self.pager.accepted, *self.default.accepted]


async def at_once(_: float) -> None:
    """No wait between two tries."""


def configured(turn: Turn | None, at: int) -> Configuration:
    """Both projects, the sick one as it is written now."""
    made = a_document({"well": WELL}, defaults=DEFAULTS)
    if turn is None:
        return resolve(made)
    sick = json_part(turn.written, at)
    return resolve(replace(made, projects={**made.projects, "sick": sick}))


def can_be_sent(notice: Notice) -> None:
    """Every message can be made of it."""
    key = SecretStr("k" * 32)
    made: list[Any] = [slack_blocks.payload(notice), pagerduty.payload(notice, key)]
    made += [email_body(notice), publication(notice, chatbot=True)]
    assert json.dumps(made)


def outcome(turns: Sequence[Turn | None]) -> list[Notice]:
    with TemporaryDirectory() as folder:
        return Fuzzed(Path(folder)).run(turns)


@cache
def alone() -> list[Notice]:
    """What is told of the project that is well when it is the only one."""
    return outcome([None] * len(CHECKS))


def test_the_project_that_is_well_has_something_to_tell() -> None:
    assert {each.kind for each in alone()} == {Kind.FIRED, Kind.EASED, Kind.RESOLVED}


@settings(max_examples=max(20, settings().max_examples // 10))
@given(st.lists(TURNS | st.none(), min_size=len(CHECKS), max_size=len(CHECKS)))
def test_no_project_stops_the_check_or_what_is_told_of_another(turns: list[Turn | None]) -> None:
    assert timed("whole checks", lambda: outcome(turns), LONGEST) == alone()
