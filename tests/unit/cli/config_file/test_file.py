"""The YAML file: what is refused and where, and what stays in force."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headroom.config.resolve import problems, resolve
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.source import FileSource, read
from tests.unit.config.documents import faults_of

SECRET = "sesame0pen"

BAD = [
    ("projects: [", "line 1, column 12: the file ends here, before a bracket"),
    ("projects:\n  a: {x: 1}\n  a: {x: 2}\n", "line 3, column 3: 'a' is written twice"),
    ("a: &a {x: 1}\nb:\n  <<: *a\n", "line 3, column 3: merge keys (<<) are not taken"),
    ("projects: {2026-11-22: {}}", "line 1, column 12: YAML reads this name as a date: put it in"),
    ("a: {b: *c}", "line 1, column 8: * and & begin YAML's aliases and anchors: put text"),
    ("keys: {default: !sesame0pen x}", "line 1, column 17: "),
    ("keys: {default: *sesame0pen}", "line 1, column 17: "),
    ("keys: {default: '\x01'}", "not usable YAML"),
    ("- a\n", "expected defaults, projects, groups, channels, keys, heartbeat, found a list"),
    ("", "alerts.yaml is empty: write a project, such as projects: {support-line: {"),
    ("# soon\n", "alerts.yaml is empty: write a project, such as projects: {support-line: {"),
    ("project: {}\n", 'unknown section "project": did you mean "projects"?'),
    ("groups: []\n", "groups: expected names with something under each, found a list"),
    ("keys: sesame0pen\n", "keys: expected names with something under each, found text"),
    ("[" * 3000, "line 1, column 21: brackets are nested too deeply"),
    ("- " * 3000, "not usable YAML"),
    ("limit: " + "9" * 5000, "line 1, column 8: an invalid number or boolean"),
    ("a: {\n  b: c", "line 1, column 4: what begins here is not closed before the end"),
    ("a:\n  b: [1,\n  2", "line 2, column 6: what begins here is not closed before the end"),
    ('a:\n  b: ">= 8', "line 2, column 6: what begins here is not closed before the end"),
    ('a: "x\nb: "y"\nc: 3', "line 1, column 4: text in quotes goes on over several lines from"),
    ("a: 'x\nb: 'y'\nc: 3", "line 1, column 4: text in quotes goes on over several lines from"),
    (
        'a:\n  warning: ">= 80%\n  critical: ">= 95%"\n',
        "line 2, column 12: text in quotes goes on over several lines from here",
    ),
    ("a:\n  b: 1\n  c\n", "line 4, column 1: the line before this is no key with a colon"),
    ("projects: [a}", "line 1, column 13: expected ',' or ']', but got '}'"),
    (
        "keys:\n  default: env: X\n",
        "line 2, column 15: write env:X to read the environment variable X",
    ),
    (
        "keys: {default: env: X}\n",
        "line 1, column 20: write env:X to read the environment variable X",
    ),
    ("a:\n\t- b", "line 2, column 1: a tab; YAML takes spaces only"),
    *(
        (text, f"line 1, column {column}: a bare > begins a block of text: put the condition in")
        for text, column in (("warning: >= 80%", 11), ("a: > 80%", 6), ("a: {b: > 80%}", 8))
    ),
    ("keys: {default: !sesame0pen%20x y}", "for the tag this"),
    ("keys: {default: !a'%22sesame0pen y}", "for the tag this"),
    ("keys: {default: !!int sesame0pen}", "line 1, column 17: an invalid number"),
    ('x: "\\UFFFFFFFF"', "not usable YAML"),
    ("x: !!map [sesame0pen]", "line 1, column 4: expected a mapping"),
    *(
        (f"a: 1\nx: {value}", "line 2, column 4: an invalid number or boolean")
        for value in ('!!int ""', '!!float ""', "!!bool foo")
    ),
    ("? [a, b]\n: c\n", "line 1, column"),
    ('x: "\\ud800"', "line 1, column 4: invalid Unicode"),
    ('projects: {"\\udfff": {}}', "line 1, column 12: invalid Unicode"),
    *(
        (f"a: 1\nx: {value}", "line 2, column 4: an invalid number or boolean")
        for value in ("0x" + "f" * 4000, "1" + ":59" * 4000)
    ),
]


@pytest.mark.parametrize(("text", "problem"), BAD, ids=[case[0][:40] for case in BAD])
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_with_the_place(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    with pytest.raises(ConfigUnavailable) as refused:
        read(path)
    assert problem in str(refused.value)
    assert "alerts.yaml" in str(refused.value)
    assert SECRET not in str(refused.value)


NUMBERS = [
    ("0120", "as octal, which is 80: write 120, or "),
    ("-0120", "as octal, which is -80: write -120, or "),
    ("0_", "as octal, which is 0: write 0, or "),
    ("0__1", "as octal, which is 1: write 1, or "),
    ("0b11", "as binary, which is 3: write 3, or "),
    ("0x1F", "as hexadecimal, which is 31: write 31, or "),
    ("1:30", "as base 60, which is 90: write 90, or "),
    ("1:30.5", "as base 60, which is 90.5: write 90.5, or "),
    ("1_000", "as 1000: write 1000, or "),
    ("01.5", "as 1.5: write 1.5, or "),
]


@pytest.mark.parametrize("place", ["limit: {}", "account_id: {}", "{}: text", "b: [1, {}]"])
@pytest.mark.parametrize(("number", "problem"), NUMBERS)
def test_a_number_that_yaml_reads_in_another_base_is_refused_with_its_place_wherever_it_stands(
    tmp_path: Path, place: str, number: str, problem: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text("a: 1\n" + place.replace("{}", number))
    with pytest.raises(ConfigUnavailable) as refused:
        read(path)
    column = place.index("{}") + 1
    start = f"line 2, column {column}: YAML reads {number} {problem}"
    assert f'{start}"{number}" in quotes if it is text' in str(refused.value)


@pytest.mark.parametrize("number", ["190:20:30", "01234567", "0xdeadbeef", "12_345_678"])
def test_a_number_that_may_be_a_key_is_refused_without_being_repeated(
    tmp_path: Path, number: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(f"keys: {{default: {number}}}")
    with pytest.raises(ConfigUnavailable, match="column 17: YAML reads this number in ") as refused:
        read(path)
    assert number not in str(refused.value)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_base_ten_is_read_as_it_is_written(number: float) -> None:
    assume("e" not in repr(number))
    assert yaml_loader.load(f"x: {number!r}".encode(), "alerts.yaml") == {"x": number}


def test_a_file_that_is_missing_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnavailable, match="No such file"):
        read(tmp_path / "alerts.yaml")
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(ConfigUnavailable, match=r"not UTF-8 text \(byte 3\)"):
        read(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigUnavailable, match="larger than 1,000,000 bytes"):
        read(path)


def test_words_that_yaml_takes_for_something_else_are_refused_with_the_way_out(
    tmp_path: Path,
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(
        """
        projects:
          line:
            region: uk-1
            account_id: acme
            project_id: line
            rules:
              a: {warning: ">= 5", language: no}
              b: {warning: ">= 5", phone_number: +447700900123}
              c: {warning: ">= 5", 1: 2}
              d: {warning: 2026-11-22}
          1: {}
        """
    )
    written = read(path)
    refused = resolve(written).invalid
    line = " ".join(map(str, problems(written)["line"]))
    assert "language: expected text in quotes" in line
    assert "phone_number: expected text in quotes" in line
    assert "rules.c.1: keys must be text: use quotes" in line
    assert str(refused["1"].problem).startswith("a project's name is text: put it in quotes")


FILE = """
projects:
  line:
    {region: uk-1, account_id: acme, project_id: line, rules: {a: {warning: ">= 5"}},
     channels: [ops-slack]}
channels:
  ops-slack: {type: slack, webhook_url: env:SLACK}
keys:
  default: env:KEY
"""


def test_secrets_are_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    secrets = {"SLACK": "https://x.test/hook", "KEY": SECRET}
    source = FileSource(path, secrets.get)
    assert list(asyncio.run(source.load()).projects) == ["line"]
    assert asyncio.run(source.key("default")).get_secret_value() == SECRET


@pytest.mark.parametrize("around", ["{}\n", "\ufeff{}\r\n", " {} ", "\u2028{}\xa0"])
def test_what_surrounds_the_value_of_a_variable_is_no_part_of_it(
    tmp_path: Path, around: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    secrets = {"SLACK": around.format("https://x.test/hook"), "KEY": around.format(SECRET)}
    source = FileSource(path, secrets.get)
    assert list(asyncio.run(source.load()).projects) == ["line"]
    assert asyncio.run(source.key("default")).get_secret_value() == SECRET


@pytest.mark.parametrize("name", ["", "https://x.test/sesame0pen", "a b", "\\0", "ключ"])
def test_what_stands_after_env_is_the_name_of_a_variable_and_else_not_told(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(f'keys: {{default: "env:{name}"}}')
    with pytest.raises(ConfigError, match="before the name of a variable") as refused:
        asyncio.run(FileSource(path, lambda _: None).key("default"))
    assert SECRET not in str(refused.value)


def test_a_secret_that_is_not_set_is_named(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    source = FileSource(path, {"KEY": ""}.get)
    faults = faults_of(asyncio.run(source.load()))
    assert faults["channels.ops-slack"].startswith(
        "webhook_url: the environment variable SLACK is not set"
    )
    assert faults["keys.default"].startswith("the environment variable KEY is not set; not judged")
    with pytest.raises(ConfigError, match="the environment variable KEY is not set"):
        asyncio.run(source.key("default"))


@pytest.mark.parametrize("key", ["two words", "a\\nb", "ключ", "", "7-bytes"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_told(tmp_path: Path, key: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(f'keys: {{default: "{key}"}}')
    with pytest.raises(ConfigError, match=r"^keys\.default: an API key") as refused:
        asyncio.run(FileSource(path).key("default"))
    assert not key or key not in str(refused.value)


def test_a_keys_name_is_what_an_ssm_path_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text("keys: {a b: k, c/d: k, e: polyai-key}")
    document = read(path)
    assert list(document.keys) == ["e"]
    assert list(document.bad_keys) == ["a b", "c/d"]


def test_an_edit_raises_the_version_though_the_clock_of_the_file_went_back(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    source = FileSource(path, lambda _: "https://x.test")
    before = asyncio.run(source.load()).projects["line"].version
    path.write_text(FILE.replace(">= 5", ">= 6"))
    os.utime(path, (1, 1))
    assert asyncio.run(source.load()).projects["line"].version > before


def test_a_file_that_breaks_later_leaves_what_is_known_in_force(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    source = FileSource(path, lambda _: "https://x.test")
    asyncio.run(source.load())
    path.write_text("projects: [")
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert "line 1, column 12" in configuration.unread
    assert not configuration.fresh
    old = asyncio.run(source.key("default"))
    assert asyncio.run(source.key("default", rejected=old)) == old


def test_a_bad_channel_or_key_is_a_fault_that_says_who_uses_it(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    unused = "channels:\n  unused: {type: slak}\n"
    path.write_text(FILE.replace("channels:\n", unused) + "  europe: env:EUROPE\n")
    known = {"KEY": "polyai-key", "SLACK": "https://x.test"}
    source = FileSource(path, known.get)
    configuration = asyncio.run(source.load())
    assert faults_of(configuration)["channels.unused"].startswith("type 'slak' is not known")
    assert faults_of(configuration)["channels.unused"].endswith("; no project uses it")
    assert faults_of(configuration)["keys.europe"] == "the environment variable EUROPE is not set"
    path.write_text(FILE)
    broken = asyncio.run(FileSource(path, {"KEY": "polyai-key"}.get).load())
    assert faults_of(broken)["channels.ops-slack"].endswith("; used by line")
    assert not asyncio.run(source.load()).faults


def test_the_function_reads_no_file_and_no_yaml() -> None:
    """What only operators run stays out of the Lambda layer, and PyYAML with it."""
    root = Path(__file__).parents[4]
    code = [*root.glob("layers/headroom/**/*.py"), *root.glob("functions/**/*.py")]
    assert len(code) > 50
    imports = re.compile(r"^\s*(?:from|import) (?:headroom_cli|yaml)\b", re.MULTILINE)
    assert [path.name for path in code if imports.search(path.read_text("utf-8"))] == []


def test_rules_may_be_shared_by_an_alias(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    project = "region: uk-1, account_id: acme, project_id: p"
    path.write_text(
        f"""
        projects:
          a: {{{project}, rules: &standard {{busy: {{warning: ">= 5"}}}}}}
          b: {{{project}, rules: *standard}}
        keys: {{default: polyai-key}}
        """
    )
    assert sorted(resolve(read(path)).projects) == ["a", "b"]
