"""Headroom's own alerts say what is wrong and how to fix it, wherever people read them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from headroom.channels import console
from headroom.channels.amazon_q import custom_notification, markdown
from headroom.channels.builtin_text import fix, what
from headroom.channels.email import email_body
from headroom.channels.slack_blocks import payload
from headroom.domain.builtin_alerts import update
from headroom.domain.headline import BUILT_IN, CONFIG, UNREACHABLE
from headroom.domain.invalid_config import config_alert
from headroom.domain.notices import Kind, Notice
from headroom.domain.reasons import Details
from headroom.domain.rules import Fault, InvalidProject
from tests.builders import notice
from tests.unit.channels.cases import CASES

AT = 1_795_430_460


def unreachable(code: str, key: str = "") -> Notice:
    return notice(rule=UNREACHABLE, reason="why", details=Details(code=code, key=key))


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (unreachable("401", "acme"), "API key keys/acme with a valid"),
        (unreachable("403", "acme"), "API key keys/acme with a valid"),
        (unreachable("404"), "compare region, account_id"),
        (unreachable("429"), "ask PolyAI for a higher limit"),
        (unreachable("timeout"), "run headroom doctor"),
        (CASES["config"], "correct projects.support-line.rules.near-limit.warning, and"),
        (CASES["fault"], "correct channels.ops-slack, and run headroom push"),
    ],
)
def test_a_built_in_alert_says_in_each_chat_email_and_terminal_how_to_fix_it(
    made: Notice, named: str
) -> None:
    assert named in fix(made)
    assert fix(made) in email_body(made)
    assert fix(made) in console.text(made)
    assert fix(made) in json.dumps(payload(made), ensure_ascii=False)
    assert markdown(fix(made), 1000) in custom_notification(made)["content"]["description"]


@pytest.mark.parametrize(
    ("place", "problem", "key"),
    [
        ("", "the JSON is cut off at line 1, column 3", ""),
        ("", 'unknown key "limt": did you mean "limit"?', ""),
        ("project_id", "is missing", "project_id: "),
        ("rules.near.warning", "'>= x', character 4", "warning: "),
        ('rules."eu.night"', 'unknown key "hours"', ""),
        ('rules."eu.night".warning', "'>= x', character 4", "warning: "),
    ],
)
def test_the_fix_of_an_invalid_project_names_its_place_once(
    place: str, problem: str, key: str
) -> None:
    entry = InvalidProject("line", Fault(problem, place))
    within = f"projects.line.{place}" if place else "projects.line"
    (told,) = update(config_alert(entry, {}, AT), {}, AT)
    assert fix(told.notice).startswith(f"Fix: correct {within}, and run headroom push")
    assert "projects.line" not in told.notice.summary
    assert told.notice.summary.startswith(f"WARNING invalid config line: {key}{problem[:20]}")
    assert told.notice.full_reason == str(entry.problem)


def test_what_was_lost_is_named_and_how_to_recover_it() -> None:
    lost = "The last: CRITICAL 114/120 calls (95%) support-line near-limit"
    assert lost in email_body(CASES["undeliverable"])
    assert lost in console.text(CASES["undeliverable"])
    assert "Fix the channel, then run headroom redrive." in what(CASES["undeliverable"])


@pytest.mark.parametrize("rule", [*BUILT_IN, "one-of-a-newer-version"])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("series", ["", "key default in uk-1"])
def test_every_built_in_rule_has_its_sentence(rule: str, kind: Kind, series: str) -> None:
    """A digest had none: an email of one broke its channel."""
    made = notice(kind, rule=rule, series=series, series_name="40 projects" if series else "")
    assert email_body(replace(made, reason="")).isprintable() is False  # it has paragraphs
    assert "  " not in what(made)


def test_an_end_asks_for_nothing_and_a_question_stays_one() -> None:
    assert fix(CASES["readable"]) == ""
    assert fix(notice()) == ""
    asked = notice(rule=CONFIG, series="channels.x", reason='did you mean "slack"?')
    assert what(asked).endswith('did you mean "slack"?')


def test_several_projects_are_named_by_what_they_share() -> None:
    shared = notice(
        rule=UNREACHABLE, series="key default in uk-1", series_name="40 projects", reason="401 x"
    )
    assert what(shared).startswith("Headroom cannot read the calls of 40 projects: 401 x. Until")
    over = replace(shared, kind=Kind.RESOLVED, reason="")
    assert what(over).startswith("No project fails any more because of key default in uk-1, ")
