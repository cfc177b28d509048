"""The operator's file: any bytes become a configuration or a refusal that repeats no secret."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from random import Random

import yaml
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from headroom.config.raw import RawConfig
from headroom.config.resolve import resolve
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.calendars import with_dates
from headroom_cli.config_file.publish import check
from headroom_cli.config_file.source import from_sections
from tests.fuzz.good import example, example_tree
from tests.fuzz.meter import refusal, timed
from tests.fuzz.texts import ANYTHING, LARGEST, SNIPPETS, edited, pumped
from tests.fuzz.trees import JUNK, mutated

TOKENS = (
    "&a ", "*a", "&a [*a, *a]", "<<: *a", "!!int ", "!!float ", "!!binary ", "!!set ", "!!omap ",
    "!!pairs ", "!!str ", "!!map ", "!!seq ", "!!null ", "!!bool ", "!!timestamp ", "!x ", "! ",
    "!!python/object/apply:os.system ", "!<tag:yaml.org,2002:int> ", "? ", ": ", "- ", "| \n",
    "> ", "|+2\n", "%YAML 1.1\n", "%TAG ! x\n", "---\n", "...\n", "# ", "\t", "{", "}", "[", "]",
    ",", "\n", "\r", '"', "'", '"\\ud800"', '"\\x00"', "0x" + "f" * 4000, "1" + ":59" * 40,
    "0b1", "0o7", ".inf", ".nan", "-.inf", "2026-11-22", "2026-13-45", "2001-12-14t21:59:43.1-99",
    "~", "yes", "no", "y", "NULL", "=", "<<", "env:", "env:\x00", *SNIPPETS,
)  # fmt: skip
"""What YAML reads in its own way."""

SECRET = "sesame-0pen-sesame-0pen"
SECRETS = {"OPS_SLACK_URL": "https://hooks.example.com/services/" + SECRET, "POLYAI_KEY": SECRET}

TODAY = date(2026, 11, 30)

MOST_A_KILOBYTE = 0.025
"""Seconds: PyYAML reads 60 to 400 KB a second, and nothing may grow faster than the text."""


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A piece of the example with a few tokens where they do not belong, or one over and over."""
    lines = example().splitlines(keepends=True)
    first = draw(st.integers(0, len(lines) - 1))
    text = "".join(lines[first : first + draw(st.integers(1, len(lines)))])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        token = draw(st.sampled_from(TOKENS)) * draw(st.sampled_from([1, 1, 1, 2, 50, 900]))
        text = text[:at] + token + text[at + draw(st.integers(0, 5)) :]
    return text[: 2 * LARGEST]


TREES = mutated(example_tree()) | JUNK
RAW = (
    mangled().map(lambda text: text.encode(errors="replace"))
    | (edited(st.just(example())) | pumped(st.sampled_from(TOKENS), LARGEST) | ANYTHING).map(
        lambda text: text.encode(errors="replace")
    )
    | st.binary(max_size=200)
)


@given(RAW)
def test_any_file_is_a_configuration_or_a_refusal(raw: bytes) -> None:
    limit = 0.1 + MOST_A_KILOBYTE * len(raw) / 1024
    refused = timed("file, any bytes", lambda: outcome(raw), limit)
    assert len(refused) < 5000
    assert refused.isprintable()


def outcome(raw: bytes) -> str:
    """Why the file is refused as a whole, or that it is not."""
    return str(refusal(lambda: judge(yaml_loader.load(raw, "alerts.yaml")), ConfigUnavailable))


def judge(loaded: object) -> None:
    """All that is done with what the file holds."""
    made = with_dates(from_sections(loaded, "alerts.yaml", SECRETS.get, 1), TODAY)
    configuration = resolve(made)
    judged = configuration.projects.keys() | configuration.invalid.keys()
    assert judged == made.projects.keys() | made.groups.keys()
    problems = str(refusal(lambda: check(made, RawConfig()), ConfigError))
    assert SECRET not in problems
    assert all(line.isprintable() for line in problems.split("\n"))


@given(TREES)
def test_any_tree_in_the_file_is_a_configuration_or_a_refusal(tree: object) -> None:
    refused = timed("file, any tree", lambda: refusal(lambda: judge(tree), ConfigUnavailable))
    assert str(refused).isprintable()


@given(mutated(example_tree()["projects"]["support-line"]) | JUNK, st.randoms())
def test_a_bad_project_of_the_file_touches_no_other(tree: object, random: Random) -> None:
    whole = example_tree()
    names = [*whole["projects"], "sick"]
    random.shuffle(names)
    projects = {name: tree if name == "sick" else whole["projects"][name] for name in names}
    expected = resolve(from_sections(whole, "alerts.yaml", lambda _: "k" * 32, 1))
    found = resolve(from_sections({**whole, "projects": projects}, "a", lambda _: "k" * 32, 1))
    for name, each in expected.projects.items():
        # One that has the same line may be told of it in place of another (`alerted`).
        assert replace(found.projects[name], alerted=each.alerted) == each


def dumped(tree: object) -> bytes:
    """The tree as YAML; one that is too deep to be written is no file."""
    try:
        return yaml.safe_dump(tree, allow_unicode=False).encode()
    except RecursionError:
        reject()


@given(mutated(example_tree()))
def test_what_yaml_writes_of_any_tree_is_read_the_same_or_refused(tree: object) -> None:
    assume(len(json.dumps(tree)) < 4 * LARGEST)
    raw = dumped(tree)
    limit = 0.1 + MOST_A_KILOBYTE * len(raw) / 1024
    assert timed("file, dumped", lambda: outcome(raw), limit).isprintable()
