"""`watch` holds back an edit by which something is judged no longer, whatever was wrong before."""

from __future__ import annotations

import pytest

from headroom.config.configuration import Configuration
from headroom.config.resolve import resolve
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.source import from_sections
from headroom_cli.laptop.edits import hold

GOOD = """
defaults: {region: uk-1, account_id: acme, late: 15m}
keys: {default: some-key-123}
projects:
  line:
    project_id: line
    limit: 120
    rules:
      near: {warning: ">= 80%", critical: ">= 95%"}
      dead: {critical: "<= 0"}
  other:
    project_id: other
    rules: {near: {warning: ">= 80"}}
"""
A_BAD_RULE = GOOD.replace("<= 0", "<= x")
SHARED_LIMIT = GOOD.replace("    limit: 120\n", "").replace("acme,", "acme, limit: 120,")
BAD_DEFAULTS = GOOD.replace("late: 15m", "late: soon")
BAD_DEFAULTS_WITH_A_LIMIT = SHARED_LIMIT.replace("late: 15m", "late: soon")


def written(text: str) -> Configuration:
    return resolve(
        from_sections(yaml_loader.load(text.encode(), "alerts.yaml"), "alerts.yaml", None, 1)
    )


def held(before: str, after: str) -> str:
    return hold(written(before), written(after), changed=0)


def test_a_rule_that_becomes_invalid_beside_good_ones_holds_the_edit() -> None:
    assert "rules.dead.critical: '<= x'" in held(GOOD, A_BAD_RULE)


@pytest.mark.parametrize(
    ("before", "old", "new", "why"),
    [
        (A_BAD_RULE, "project_id: line", "projct_id: line", 'did you mean "project_id"?'),
        (A_BAD_RULE, ">= 95%", ">= 95 %%", "near.critical: '>= 95 %%'"),
        (A_BAD_RULE, "limit: 120", "", "there is no limit"),
        (A_BAD_RULE, "region: uk-1", "region: uk-l", "defaults: region: 'uk-l' is not known: did"),
        (
            BAD_DEFAULTS,
            "region: uk-1",
            "region: uk-l",
            "defaults: region: 'uk-l' is not known: did",
        ),
        (BAD_DEFAULTS_WITH_A_LIMIT, "limit: 120", "limit: many", "limit: expected a whole number"),
        (A_BAD_RULE, "default: some", "defaul: some", "API key"),
    ],
)
def test_an_edit_that_blinds_a_line_is_held_whatever_fault_was_there_before(
    before: str, old: str, new: str, why: str
) -> None:
    assert old in before
    assert why in held(before, before.replace(old, new))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (A_BAD_RULE, GOOD),
        (A_BAD_RULE, A_BAD_RULE.replace(">= 95%", ">= 90%")),
        (A_BAD_RULE, A_BAD_RULE.replace("<= x", "<= y")),
        (GOOD, GOOD.replace('      dead: {critical: "<= 0"}\n', "")),
        (BAD_DEFAULTS, BAD_DEFAULTS.replace("Nowhere", "Nowhere/Else")),
    ],
)
def test_an_edit_that_makes_nothing_worse_is_taken_up(before: str, after: str) -> None:
    assert held(before, after) == ""


def test_what_is_held_does_not_say_that_nothing_is_judged() -> None:
    """What was read before stays in force."""
    alone = GOOD.replace('      dead: {critical: "<= 0"}\n', "")
    why = held(alone, alone.replace(">= 95%", ">= 95 %%"))
    assert "near.critical: '>= 95 %%'" in why
    assert "judged" not in why
