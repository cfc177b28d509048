"""`during`, `holidays` and `timezone`: which hours a rule has, and what a mistake in them costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from headroom.config.raw import json_entry
from headroom.config.resolve import problems, resolve
from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.rules import Project
from tests.unit.config.documents import (
    RULE,
    a_document,
    a_project,
    a_rule,
    faults_of,
    good,
    resolved,
    wrong,
)

OFFICE = "Mon-Fri 08:00-20:00"
WEEKEND = "Sat,Sun 10:00-16:00"


def hours(content: object, **defaults: object) -> Hours:
    return good(content, defaults=defaults).rules[0].hours


def test_a_rule_without_hours_is_active_around_the_clock() -> None:
    assert hours(a_project()) == ALWAYS


def test_one_range_and_a_list_of_one_are_the_same() -> None:
    one = hours(a_rule(during=OFFICE))
    assert [each.text for each in one.ranges] == [OFFICE]
    assert one == hours(a_rule(during=[OFFICE]))
    assert [each.text for each in hours(a_rule(during=[OFFICE, WEEKEND])).ranges] == [
        OFFICE,
        WEEKEND,
    ]


def test_holidays_are_dates_and_all_days_from_one_to_another() -> None:
    listed = ["2026-12-24", "2026-12-31 to 2027-01-02", "2026-12-24"]
    found = hours(a_rule(holidays=listed)).holidays
    assert found == {date(2026, 12, 24), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)}


def test_the_zone_is_the_rules_else_the_projects_else_that_of_the_defaults_else_utc() -> None:
    own = a_rule(during=OFFICE, timezone="Asia/Kolkata")
    assert hours(own, timezone="Europe/London").zone == "Asia/Kolkata"
    project = {**a_rule(during=OFFICE), "timezone": " America/New_York\n"}
    assert hours(project, timezone="Europe/London").zone == "America/New_York"
    assert hours(a_rule(during=OFFICE), timezone="Europe/London").zone == "Europe/London"
    assert hours(a_rule(during=OFFICE)).zone == "UTC"


def test_without_the_projects_zone_only_the_rules_that_need_it_are_not_judged() -> None:
    """By UTC they would be judged at the wrong hours, and nobody would see it."""
    rules = {
        "office": {**RULE, "during": OFFICE},
        "abroad": {**RULE, "during": OFFICE, "timezone": "Asia/Kolkata"},
        "always": RULE,
    }
    for key, value in (("timezone", "Europe/Londn"), ("timezon", "Europe/London")):
        project = resolved(a_project(rules=rules, **{key: value}))
        assert isinstance(project, Project)
        assert [each.name for each in project.rules] == ["abroad", "always"]
        assert project.unjudged == {"office"}
        assert str(project.fault).count("; ") == 1  # the mistake, and what it costs


def test_a_wrong_zone_in_the_defaults_is_their_fault_alone() -> None:
    document = a_document(
        {"line": a_rule(during=OFFICE), "other": a_project()}, {"timezone": "Europe/Londn"}
    )
    configuration = resolve(document)
    assert list(configuration.projects) == ["other"]
    (fault,) = faults_of(configuration).items()
    assert fault[0] == "defaults"
    assert 'did you mean "Europe/London"?; not judged meanwhile: line' in fault[1]
    assert configuration.invalid["line"].own_problem is None


def test_where_the_defaults_cannot_be_read_nobody_knows_their_zone() -> None:
    rules = {"office": {**RULE, "during": OFFICE}, "always": RULE}
    document = a_document({"line": a_project(rules=rules)})
    broken = replace(document, defaults=json_entry("{", 10))
    assert [each.name for each in resolve(broken).projects["line"].rules] == ["always"]
    assert "not judged meanwhile: line office" in faults_of(resolve(broken))["defaults"]


def test_a_zone_of_its_own_makes_a_project_independent_of_the_defaults() -> None:
    project = {**a_rule(during=OFFICE), "timezone": "Europe/London"}
    made = good(project, defaults={"timezone": "Europe/Londn"})
    assert made.rules[0].hours.zone == "Europe/London"


def test_a_calendars_name_in_parameter_store_says_what_to_do() -> None:
    """The function knows no calendars: only the command resolves their names."""
    said = wrong(a_rule(holidays=["2026-12-24", "GB-ENG"]))
    assert "'GB-ENG' is the name of a calendar, and Parameter Store holds dates" in said
    assert "run `headroom push`" in said


def test_edited_hours_are_hours_of_the_same_rule() -> None:
    before = good(a_rule(during=OFFICE)).rules[0]
    after = good(a_rule(during=WEEKEND)).rules[0]
    assert before.hours != after.hours
    assert (before.name, before.watches) == (after.name, after.watches)


def test_a_project_knows_its_holidays_until_the_first_of_its_rules_does_not() -> None:
    rules = {
        "a": {**RULE, "holidays": ["2026-12-25"], "holidays_until": "2028-12-31"},
        "b": {**RULE, "holidays": ["2026-12-25"], "holidays_until": "2027-12-31"},
        "c": RULE,
    }
    assert good(a_project(rules=rules)).holidays_until == date(2027, 12, 31)
    assert good(a_project()).holidays_until is None


def test_every_mistake_of_a_rule_is_listed() -> None:
    content = a_rule(during="25:00-26:00", holidays=["2026-02-30"], timezone="London")
    assert len(problems(a_document({"line": content}))["line"]) == 3


@pytest.mark.parametrize(
    ("during", "windows"),
    [
        ("08:00-08:10", "3 of 3"),
        (["Mon 08:00-08:05", "Mon 08:10-08:20"], "3 of 5"),
        ("22:00-22:10", None),
    ],
    ids=["one", "two apart", "three unless given"],
)
def test_hours_in_which_the_rule_could_never_fire_are_refused(
    during: object, windows: str | None
) -> None:
    """Otherwise nobody would ever learn that it watches nothing."""
    written = {"warning": ">= 150% of usual", "during": during}
    content = a_project(rules={"short": written | ({"for": windows} if windows else {})})
    (problem,) = problems(a_document({"line": content}))["line"]
    assert problem.where == "projects.line.rules.short.during"
    assert "15 min without a break" in problem.text
    assert "10 min" in problem.text


@pytest.mark.parametrize(
    "during",
    [["Sun 23:50-24:00", "Mon 00:00-00:05"], "08:00-08:15", ["Mon 08:00-08:05", "Tue 08:00-08:15"]],
)
def test_hours_long_enough_for_one_incident_are_taken(during: object) -> None:
    """Ranges that touch are one stretch, at the end of the week too."""
    assert hours(a_rule(during=during, **{"for": "3 of 3"})).ranges
