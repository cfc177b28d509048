"""What people paste: white space around it goes, links are made fit, slips get a hint."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.channels.message import links
from headroom.config.channels import PagerDutyModel, SlackModel, SnsModel
from headroom.config.parameter_store import Stored
from headroom.config.raw import from_parameters
from headroom.config.shared import channel
from headroom.domain.links import LONGEST_LINK, linkable
from headroom.net.urls import link
from headroom_cli.config_file.source import FileSource
from tests.builders import notice
from tests.unit.config.documents import PAGER, SLACK, WEBHOOK, a_rule, faults_of, good, part, wrong

AROUND = ["\n", "\ufeff", "\u200b", "\u00a0", " \t\r\n", "\u2028\u2060"]


@pytest.mark.parametrize("around", AROUND)
def test_white_space_around_what_is_pasted_is_ignored(around: str) -> None:
    def pasted(text: str) -> str:
        return f"{around}{text}{around}"

    slack = channel("a", part({**SLACK, "webhook_url": pasted(WEBHOOK)}))
    assert isinstance(slack, SlackModel)
    assert slack.webhook_url.get_secret_value() == WEBHOOK
    pager = channel("a", part({**PAGER, "routing_key": pasted("k" * 32)}))
    assert isinstance(pager, PagerDutyModel)
    assert pager.routing_key.get_secret_value() == "k" * 32
    topic = "arn:aws:sns:eu-west-2:123456789012:calls"
    sns = channel("a", part({"type": "sns", "topic_arn": pasted(topic)}))
    assert isinstance(sns, SnsModel)
    assert sns.topic_arn == topic
    runbook = good(a_rule(runbook=pasted("https://wiki.test/a"))).rules[0].runbook
    assert runbook == "https://wiki.test/a"


@pytest.mark.parametrize("around", AROUND)
def test_white_space_around_a_key_is_ignored_in_the_file_and_in_ssm(
    tmp_path: Path, around: str
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(json.dumps({"keys": {"default": "env:KEY"}}))
    source = FileSource(path, {"KEY": f"{around}polyai-key{around}"}.get)
    asyncio.run(source.load())
    assert asyncio.run(source.key("default")).get_secret_value() == "polyai-key"
    stored = Stored("keys/default", f"{around}polyai-key{around}", secure=True, version=1)
    assert from_parameters([stored]).keys["default"].get_secret_value() == "polyai-key"
    bom = Stored("defaults", f'{around}{{"limit": 5}}{around}', secure=False, version=1)
    assert from_parameters([bom]).defaults.content == {"limit": 5}


@pytest.mark.parametrize(
    ("written", "linked"),
    [
        ("https://wiki.test/on call", "https://wiki.test/on%20call"),
        ('https://wiki.test/a|b<c>"d"', "https://wiki.test/a%7Cb%3Cc%3E%22d%22"),
        ("https://wiki.test/ü?q={x}", "https://wiki.test/%C3%BC?q=%7Bx%7D"),
        ("https://wiki.test/a%20b#c", "https://wiki.test/a%20b#c"),
    ],
)
def test_a_runbook_is_encoded_so_that_every_channel_links_it(written: str, linked: str) -> None:
    rule = good(a_rule(runbook=written)).rules[0]
    assert rule.runbook == linked
    assert next(each.url for each in links(notice(runbook=linked))) == linked


@pytest.mark.parametrize(
    "written",
    [
        "https://wiki.test/" + "a" * LONGEST_LINK,
        "https://wiki.test/a" + " " * 260 + "b",
        "https://wi ki.test/a",
        "https://wiki.test/a\nb",
        "https://wiki.test/a\u200bb",
        "https://w|ki.test/",
        "https:///wiki",
    ],
)
def test_a_runbook_that_no_channel_could_link_is_refused_where_it_is_written(written: str) -> None:
    assert wrong(a_rule(runbook=written)).startswith("projects.line.rules.near-limit.runbook: ")


@given(st.text(max_size=60))
def test_whatever_is_taken_as_a_link_can_be_linked(tail: str) -> None:
    try:
        taken = link(f"https://wiki.test/{tail}")
    except ValueError:
        return
    assert linkable(taken)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("$KEY", "write env:KEY"),
        ("${KEY}", "write env:KEY"),
        ("env: KEY", "write env:KEY"),
        ({"env": "KEY"}, 'write "env:NAME" as one word'),
    ],
)
def test_other_forms_of_a_variable_get_the_right_hint(
    tmp_path: Path, written: object, hint: str
) -> None:
    path = tmp_path / "alerts.yaml"
    channels = {"ops-slack": {"type": "slack", "webhook_url": written}}
    path.write_text(json.dumps({"keys": {"default": written}, "channels": channels}))
    faults = faults_of(asyncio.run(FileSource(path, {"KEY": "polyai-key"}.get).load()))
    assert faults["keys.default"].startswith(hint)
    assert faults["channels.ops-slack"].startswith(f"webhook_url: {hint}")


@pytest.mark.parametrize(("written", "windows"), [("15m", 3), (" 5m ", 1), ("3h", 36), ("600s", 2)])
def test_a_duration_of_whole_windows_is_as_many_of_as_many(written: str, windows: int) -> None:
    rule = good(a_rule(**{"for": written})).rules[0]
    assert (rule.needed, rule.among) == (windows, windows)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ({"for": "12m"}, "write 10m or 15m"),
        ({"for": "0m"}, "write 5m or 10m"),
        ({"for": "4h"}, "at most 36 windows"),
        ({"for": 3}, 'did you mean "3 of 3"?'),
        ({"for": "3"}, 'did you mean "3 of 3"?'),
        ({"warning": ">= 0.8"}, "did you mean '>= 80%'?"),
        ({"critical": ">= 150"}, "is more than the limit of 120: did you mean '>= 100%'"),
        ({"critical": ">= 101%"}, "(121.2 calls) is more than the limit"),
        ({"remind": "299s"}, "expected 5m to 30d"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_probably_was(
    rule: dict[str, object], hint: str
) -> None:
    assert hint in wrong(a_rule(**rule))


def test_the_limit_itself_and_all_beyond_it_can_be_meant() -> None:
    assert good(a_rule(critical="> 100%")).rules[0].levels[0].fires == 121
    assert good(a_rule(critical=">= 120")).rules[0].levels[0].fires == 120
