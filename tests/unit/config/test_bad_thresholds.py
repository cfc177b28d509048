"""Conditions and `for` that cannot be meant are refused, with what to write instead."""

from __future__ import annotations

import pytest

from headroom.config.resolve import problems, resolve
from headroom.domain.rules import InvalidProject
from tests.unit.config.documents import (
    GONE,
    a_document,
    a_project,
    a_rule,
    faults_of,
    good,
    resolved,
    wrong,
)

RULE = "projects.line.rules.near-limit"

CASES = [
    *(
        (
            a_rule(**{"for": written}),
            f"{RULE}.for: expected \"M of N\" windows, found '{written}'",
            f"did you mean {meant}?",
        )
        for written, meant in {
            3: '"3 of 3"',
            "15": '"15 of 15" or "15m"',
            40: '"40m"',
            "3 windows": '"3 of 3"',
            "2of3": '"2 of 3"',
            "3/3": '"3 of 3"',
            "2 out of 3": '"2 of 3"',
            "15M": '"15m"',
            "1h30m": '"90m"',
            "1.5h": '"90m"',
        }.items()
    ),
    (a_rule(**{"for": "20 minutes"}), f"{RULE}.for: '20 minutes', character 4", "write 20m"),
    (a_rule(**{"for": "5 min"}), f"{RULE}.for: '5 min', character 3", "write 5m"),
    (a_rule(**{"for": "17m"}), f"{RULE}.for: '17m', character 1", "write 15m or 20m, or M of N"),
    (a_rule(**{"for": "90s"}), f"{RULE}.for: '90s', character 1", "write 5m or 10m, or M of N"),
    (a_rule(**{"for": "4h"}), f"{RULE}.for: '4h', character 1", "at most 36 windows (3h)"),
    (a_rule(**{"for": "three"}), f"{RULE}.for: 'three', character 1", 'such as "2 of 3"'),
    *(
        (
            a_rule(critical=GONE, warning=written),
            f"{RULE}.warning: '{written}' ({calls} calls) is more than the limit of 120",
            way_out,
        )
        for written, calls, way_out in (
            (">= 120%", 144, "did you mean '>= 100%', or '>= 120% of usual'"),
            ("> 100.5%", 120.6, "did you mean '> 100%', or '> 100.5% of usual'"),
            (">= 121", 121, "did you mean '>= 100%', or is the limit higher?"),
            ("<= 120%", 144, "it would always hold, so give fewer calls, or correct the limit"),
            ("< 121", 121, "it would always hold, so give fewer calls, or correct the limit"),
        )
    ),
    (a_rule(warning="<= 0.4", critical=GONE), f"{RULE}.warning: '<= 0.4' is less", "'<= 40%'?"),
    *(
        (a_rule(critical=GONE, warning=written), f"{RULE}.warning: {place}", way_out)
        for written, place, way_out in (
            ("<= 40 of usual", "'<= 40 of usual', character 7", '"<= 40% of usual"?'),
            ("<= 0.4 of usual", "'<= 0.4 of usual', character 8", '"<= 40% of usual"?'),
            (">= 1.5 of usual", "'>= 1.5 of usual', character 8", '">= 150% of usual"?'),
            (">= 0.8 of limit", "'>= 0.8 of limit', character 8", '">= 80% of limit"?'),
            ("<= 40% usual", "'<= 40% usual', character 8", '"of usual"'),
            ("<= 40% of usually", "'<= 40% of usually', character 11", '"limit" or "usual"'),
            ("<= 120% of usual", "'<= 120% of usual' holds for usual calls", "at most 100%"),
            (">= 80% of usual", "'>= 80% of usual' holds for usual calls", "at least 100%"),
            ("< 0% of usual", "'< 0% of usual' never holds", "never below 0"),
            ("<= 10% within 30m", "'<= 10% within 30m', character 8", "needs > or >="),
            ("<= 0 within 30m", "'<= 0 within 30m', character 6", "needs > or >="),
            (
                ">= 130% of usual within 30m",
                "'>= 130% of usual within 30m', character 18",
                "needs calls or a percentage of the limit",
            ),
            (">= 100% within 5 min", "'>= 100% within 5 min', character 18", "such as within 30m"),
            (">= 100% within 5m", "'>= 100% within 5m', character 16", "10m to 2h in steps of 5m"),
            (">= 100% within 5h", "'>= 100% within 5h', character 16", "10m to 2h in steps of 5m"),
            (">= 100% within 7m", "'>= 100% within 7m', character 16", "10m to 2h in steps of 5m"),
            (">= 100% within 12m", "'>= 100% within 12m', character 16", "10m to 2h"),
            (">= 100% within 30", "'>= 100% within 30', character 18", "such as within 30m"),
            (">= 100% within", "'>= 100% within', character 15", "such as within 30m"),
            (">= 100% in 30m", "'>= 100% in 30m', character 9", '"within" or the end'),
            (
                ">= 120% within 30m",
                "'>= 120% within 30m' (144 calls) is more than the limit of 120",
                "did you mean '>= 100% within 30m'",
            ),
            (
                ">= 130 within 30m",
                "'>= 130 within 30m' (130 calls) is more than the limit of 120",
                "did you mean '>= 100% within 30m'",
            ),
            (">= 0.8 within 30m", "'>= 0.8 within 30m' is less", "'>= 80% within 30m'?"),
        )
    ),
    (
        a_rule(warning="<= 40% of usual", critical="<= 0"),
        f'{RULE}: only one of warning and critical is "of usual"',
        "make two rules",
    ),
    (
        a_rule(warning="<= 40% of usual", critical=GONE, hysteresis="60%"),
        f"{RULE}.warning: with hysteresis '60%', '<= 40% of usual' would go on at usual calls",
        "give a smaller hysteresis",
    ),
]


@pytest.mark.parametrize(("written", "place", "way_out"), CASES, ids=[case[1] for case in CASES])
def test_what_cannot_be_meant_is_refused_with_its_place_and_the_way_out(
    written: object, place: str, way_out: str
) -> None:
    problem = wrong(written)
    assert problem.startswith(place)
    assert way_out in problem


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ({"warning": ">= 150", "critical": ">= 95%"}, 1),
        ({"critical": ">= 150", "hysteresis": "5%"}, 1),
        ({"warning": ">= 150", "critical": ">= 95%", "hysteresis": "5%"}, 1),
        ({"warning": ">= 140", "critical": ">= 150", "hysteresis": "5%"}, 2),
        ({"warning": ">= 0.8", "critical": "<= 0"}, 1),
    ],
)
def test_each_threshold_that_cannot_be_meant_is_told_and_nothing_that_follows_from_it(
    rule: dict[str, object], count: int
) -> None:
    project = a_project(rules={"near-limit": rule, "dead-line": {"critical": "<= 0"}})
    found = problems(a_document({"line": project}))["line"]
    assert len(found) == count
    assert "did you mean" in found[-1].text
    assert good(project).unjudged == {"near-limit"}
    assert str(good(project).fault).endswith("; not judged meanwhile: near-limit")


def test_a_limit_of_the_defaults_that_keeps_a_rule_from_being_judged_is_their_one_fault() -> None:
    bare = a_project(limit=GONE, rules={"near-limit": {"warning": ">= 70", "critical": ">= 95%"}})
    configuration = resolve(a_document({"a": bare, "b": bare}, defaults={"limit": 60}))
    assert not any(each.own_problem for each in configuration.invalid.values())
    assert faults_of(configuration)["defaults"] == (
        "limit: '>= 70' (70 calls) is more than the limit of 60: did you mean '>= 100%', "
        "or is the limit higher? (affects a, b); not judged meanwhile: a, b"
    )


def test_a_threshold_beyond_the_projects_own_limit_is_its_own_mistake_whatever_the_defaults() -> (
    None
):
    rules = {"near-limit": {"warning": ">= 150"}}
    both = dict.fromkeys("ab", a_project(rules=rules))
    configuration = resolve(a_document(both, defaults={"limit": 60}))
    for each in configuration.invalid.values():
        assert "is more than the limit of 120" in str(each.own_problem)
    assert not configuration.faults


@pytest.mark.parametrize("limit", [GONE, 120])
def test_a_fraction_of_a_call_is_refused_with_and_without_a_limit(limit: object) -> None:
    rules = {"near-limit": {"warning": ">= 0.8", "critical": ">= 0.95"}}
    project = a_project(rules=rules, limit=limit)
    assert "critical: '>= 0.95' is less than one call: did you mean '>= 95%'?" in wrong(project)
    assert "warning: '>= 0.8' is less than one call: did you mean '>= 80%'?" in wrong(project)
    assert isinstance(resolved(project), InvalidProject)


@pytest.mark.parametrize("limit", [GONE, 120])
def test_a_share_of_usual_is_beyond_no_limit(limit: object) -> None:
    project = good(a_project(limit=limit, rules={"busy": {"warning": ">= 250% of usual"}}))
    assert project.fault is None
    assert [level.condition for level in project.rules[0].levels] == [">= 250% of usual"]


@pytest.mark.parametrize(
    ("written", "fires"),
    [
        (">= 100%", 120),
        (">= 120", 120),
        ("> 100%", 121),
        (">= 100% within 30m", 120),
        ("<= 100%", 120),
        ("< 1", 0),
        ("<= 1", 1),
    ],
)
def test_a_threshold_at_the_limit_or_of_a_whole_call_is_taken(written: str, fires: int) -> None:
    project = good(a_rule(critical=GONE, warning=written))
    assert project.fault is None
    assert [level.fires for level in project.rules[0].levels] == [fires]


@pytest.mark.parametrize(("written", "windows"), [("15m", 3), ("15 m", 3), ("5m", 1), ("2h", 24)])
def test_a_duration_of_whole_windows_is_that_many_of_as_many(written: str, windows: int) -> None:
    (rule,) = good(a_rule(**{"for": written})).rules
    assert (rule.needed, rule.among) == (windows, windows)
