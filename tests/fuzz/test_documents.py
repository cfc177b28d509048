"""What operators write: whatever it is, it is used or refused, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.parameter_store import Stored
from headroom.config.raw import RawConfig, RawEntry, from_parameters, json_entry
from headroom.config.resolve import resolve
from tests.fuzz.good import CHANNELS, DEFAULTS, EVERY_KEY, as_json
from tests.fuzz.meter import timed
from tests.fuzz.texts import ANYTHING, LARGEST, edited, near, pumped
from tests.fuzz.trees import JUNK, mutated
from tests.unit.config.documents import PAGER, SLACK, a_document, a_project

SICK = "sick"
WELL = a_document({"well": a_project(channels=["ops-slack", "on-call"])}, defaults=DEFAULTS)
EXPECTED = resolve(WELL)
LONGEST_PROBLEM = 5000
"""Characters of all that is told of one thing, each perhaps an escape of ten."""

TEXTS = near([as_json(EVERY_KEY), as_json(a_project()), '{"a": "\\ud800"}', "[" * 4000])
NAMES = st.sampled_from(["x", "default", "support-line"]) | edited(st.just("ops-slack")) | ANYTHING


def written(tree: object) -> RawEntry:
    """As it comes out of Parameter Store."""
    return json_entry(as_json(tree), 7)


def with_sick(part: RawEntry) -> RawConfig:
    return replace(WELL, projects={**WELL.projects, SICK: part})


def check(target: str, made: RawConfig) -> Configuration:
    """Resolve it in time; what stands in it for people is fit to be told."""
    configuration = timed(target, lambda: resolve(made))
    assert configuration.projects.keys() | configuration.invalid.keys() == made.projects.keys()
    assert not configuration.projects.keys() & configuration.invalid.keys()
    for problem in told(configuration):
        assert problem.isprintable(), repr(problem)
        assert len(problem) <= LONGEST_PROBLEM
    return configuration


def told(configuration: Configuration) -> Iterator[str]:
    """Every sentence that somebody reads."""
    yield from (refused.problem for refused in configuration.invalid.values())
    yield from (project.fault for project in configuration.projects.values() if project.fault)
    yield from map(str, configuration.faults.values())


@given(mutated(EVERY_KEY) | JUNK)
@example({f"limit{number}": 1 for number in range(600)})  # half a millisecond for each near miss
@example(a_project(channels=[f"ops-{number}" for number in range(800)]))
def test_a_project_with_slips_is_used_or_refused_and_the_other_stays(tree: object) -> None:
    configuration = check("project, any tree", with_sick(written(tree)))
    assert configuration.projects["well"] == EXPECTED.projects["well"]
    assert configuration.channels == EXPECTED.channels


@given(TEXTS)
@example("{" + ",".join(f'"{number}":1' for number in range(1000)) + ',"0":2}')
def test_a_parameter_that_is_any_text_is_used_or_refused_and_the_other_stays(text: str) -> None:
    part = timed("parameter, any text", lambda: json_entry(text[:LARGEST], 1))
    configuration = check("project, any text", with_sick(part))
    assert configuration.projects["well"] == EXPECTED.projects["well"]


@given(mutated(DEFAULTS) | JUNK)
def test_defaults_with_slips_are_used_or_refused(tree: object) -> None:
    check("defaults, any tree", replace(WELL, defaults=written(tree)))


@given(NAMES, st.sampled_from(list(CHANNELS.values())).flatmap(mutated) | JUNK)
def test_a_channel_with_slips_is_of_no_use_and_the_others_are(name: str, tree: object) -> None:
    others = {"ops-slack": WELL.channels["ops-slack"], "on-call": WELL.channels["on-call"]}
    channels = {name: written(tree), **others}
    configuration = check("channel, any tree", replace(WELL, channels=channels))
    assert configuration.projects["well"] == EXPECTED.projects["well"]


@given(mutated({"url": "https://beat.example.com/1"}) | JUNK)
def test_a_heartbeat_with_slips_refuses_no_project(tree: object) -> None:
    configuration = check("heartbeat, any tree", replace(WELL, heartbeat=written(tree)))
    assert configuration.projects == EXPECTED.projects


@given(NAMES, mutated(EVERY_KEY["rules"]["near-limit"]))
def test_a_rule_with_slips_is_used_or_refused(name: str, tree: object) -> None:
    check("rule, any tree", with_sick(written(a_project(rules={name: tree}))))


STORED = st.builds(
    Stored,
    name=near(["projects/sick", "channels/x", "keys/x", "defaults", "projects/a/b"]),
    value=TEXTS.map(lambda text: text[:LARGEST]) | mutated(EVERY_KEY).map(as_json),
    secure=st.booleans(),
    version=st.integers(1, 10**6),
)
GOOD = [
    Stored("projects/well", as_json(a_project(channels=["ops-slack", "on-call"])), False, 1),
    Stored("channels/ops-slack", as_json(SLACK), True, 1),
    Stored("channels/on-call", as_json(PAGER), True, 1),
    Stored("keys/default", "the-key-of-all", True, 1),
]
TAKEN = {*(each.name for each in GOOD), "defaults"}


@given(st.lists(STORED, max_size=4, unique_by=lambda each: each.name))
def test_parameters_of_any_name_and_text_leave_the_good_ones_alone(found: list[Stored]) -> None:
    odd = [each for each in found if each.name not in TAKEN]
    made = timed("parameters, any", lambda: from_parameters([*odd, *GOOD]))
    alone = resolve(from_parameters(GOOD))
    configuration = check("listing, any", made)
    assert configuration.projects["well"] == alone.projects["well"]
    assert made.keys["default"] == SecretStr("the-key-of-all")


@given(pumped(st.just(as_json(EVERY_KEY))))
def test_a_parameter_as_long_as_it_may_be_takes_no_longer(text: str) -> None:
    check("parameter, longest", with_sick(json_entry(text, 1)))
