"""What operators write becomes what evaluation needs: defaults, routing, queries, versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.config.raw import RawEntry, json_entry
from headroom.config.resolve import resolve
from headroom.domain.readings import Query
from headroom.domain.rules import InvalidProject, Missing, Severity, Watch
from tests.unit.config.documents import (
    GONE,
    RULE,
    a_document,
    a_project,
    a_rule,
    faults_of,
    good,
    invalid_project,
    part,
    resolved,
)

W, C = Severity.WARNING, Severity.CRITICAL


def test_a_rule_as_in_the_design_is_worked_out_to_calls() -> None:
    project = good(a_rule(**{"for": "2 of 3", "hysteresis": "5%", "missing": "ignore"}))
    (rule,) = project.rules
    assert [(level.severity, level.fires, level.holds) for level in rule.levels] == [
        (C, 114, 108),
        (W, 96, 90),
    ]
    assert (rule.name, rule.upper, rule.needed, rule.among) == ("near-limit", True, 2, 3)
    assert (rule.missing, rule.remind, rule.routing) == (Missing.IGNORE, 14400, None)
    assert rule.watches == (Watch(Query()),)
    assert project.line.studio_url == "https://studio.uk.poly.ai/acme-uk/acme-team-4"


def test_defaults_hold_where_the_project_says_nothing() -> None:
    defaults = {
        "region": "us-1",
        "account_id": "acme-us",
        "limit": 40,
        "client_env": "sandbox",
        "channels": ["on-call"],
        "api_key": "america",
    }
    bare = dict.fromkeys(("region", "account_id", "limit"), GONE)
    project = good(a_project(**bare), defaults=defaults, keys=("america",))
    assert (project.line.region, project.line.account_id, project.limit) == ("us-1", "acme-us", 40)
    assert project.line.client_env == "sandbox"
    assert project.rules[0].watches[0].query.client_env == "sandbox"
    assert project.routing == {W: ("on-call",), C: ("on-call",)}
    assert project.line.api_key == "america"
    own = good(a_project(client_env="live"), defaults=defaults, keys=("america",))
    assert (own.line.region, own.limit, own.line.client_env) == ("uk-1", 120, "live")


def test_settle_is_one_for_all() -> None:
    assert resolve(a_document({}, defaults={"settle": "2m"})).settle == 120
    assert resolve(a_document({})).settle == 60


def test_late_is_one_for_all_and_no_shorter_than_settle() -> None:
    assert resolve(a_document({}, defaults={"late": "20m"})).late == 1200
    assert resolve(a_document({})).late == 900
    assert resolve(a_document({}, defaults={"late": "2m", "settle": "2m"})).late == 120


@pytest.mark.parametrize(
    ("written", "warning", "critical"),
    [
        (["ops-slack", "on-call", "ops-slack"], ("ops-slack", "on-call"), ("ops-slack", "on-call")),
        ({"warning": ["ops-slack"], "critical": ["on-call"]}, ("ops-slack",), ("on-call",)),
        ({"critical": ["on-call"]}, ("default",), ("on-call",)),
        (["default"], ("default",), ("default",)),
        (GONE, ("default",), ("default",)),
    ],
)
def test_channels_are_a_list_or_a_list_for_each_severity(
    written: object, warning: tuple[str, ...], critical: tuple[str, ...]
) -> None:
    assert good(a_project(channels=written)).routing == {W: warning, C: critical}


def test_a_rules_channels_come_before_the_projects() -> None:
    project = good({**a_rule(channels=["on-call"]), "channels": ["ops-slack"]})
    assert project.rules[0].routing == {W: ("on-call",), C: ("on-call",)}
    assert project.routing == {W: ("ops-slack",), C: ("ops-slack",)}


def test_a_filter_is_one_query_and_lists_are_one_for_each_value() -> None:
    def watches(**rule: object) -> tuple[Watch, ...]:
        return good(a_rule(**rule)).rules[0].watches

    assert watches(variant_name="Summer sale", client_env="pre-release") == (
        Watch(Query("pre-release", variant_name="Summer sale")),
    )
    assert watches(per="variant", language="es-ES") == (
        Watch(Query(language="es-ES", slice_by="variant"), series=None),
    )
    assert watches(per={"language": ["es-ES", "es-MX"]}, variant_id="v1") == (
        Watch(Query(language="es-ES", variant_id="v1"), "es-ES", "es-ES"),
        Watch(Query(language="es-MX", variant_id="v1"), "es-MX", "es-MX"),
    )
    number = "+447700900123"
    assert watches(per={"phone_number": [number]}) == (
        Watch(Query(phone_number=number), number, number),
    )


def test_hysteresis_in_calls_needs_no_quotes_and_remind_may_be_never() -> None:
    (rule,) = good(a_rule(hysteresis=5, remind="never")).rules
    assert rule.levels[0].holds == 109
    assert rule.remind is None


def test_the_version_rises_with_the_projects_own_part_and_with_the_defaults() -> None:
    document = a_document({"line": a_project(), "bad": {}})
    assert resolve(document).projects["line"].version == 11
    assert resolve(document).invalid["bad"].version == 11
    document = replace(document, defaults=part({}, 12), projects={"line": part(a_project(), 5)})
    assert resolve(document).projects["line"].version == 17


@pytest.mark.parametrize(
    ("channels", "warning", "critical"),
    [
        (["ops-slack"], ("ops-slack",), ("ops-slack",)),
        ({"warning": ["ops-slak"], "critical": ["on-call"]}, ("ops-slak", "default"), ("on-call",)),
        ("ops-slack", ("default",), ("default",)),
        (GONE, ("on-call",), ("on-call",)),
    ],
)
def test_a_refused_project_is_told_where_it_asked_as_far_as_that_can_be_known(
    channels: object, warning: tuple[str, ...], critical: tuple[str, ...]
) -> None:
    found = invalid_project(
        a_project(region="eu", channels=channels), defaults={"channels": ["on-call"]}
    )
    assert found.routing == {W: warning, C: critical}


def test_a_project_whose_json_is_cut_off_is_told_where_the_defaults_say() -> None:
    document = replace(
        a_document({}, defaults={"channels": ["ops-slack"]}), projects={"line": json_entry("{")}
    )
    assert resolve(document).invalid["line"].routing == {W: ("ops-slack",), C: ("ops-slack",)}


def test_unusable_defaults_leave_what_needs_none() -> None:
    document = replace(a_document({"line": a_project()}), defaults=RawEntry(problem="cut off"))
    configuration = resolve(document)
    assert configuration.projects["line"].routing == {W: ("default",), C: ("default",)}
    assert faults_of(configuration) == {"defaults": "cut off"}


def test_a_project_knows_when_it_or_the_defaults_were_written_last() -> None:
    document = a_document({"line": a_project()})
    written = replace(
        document,
        defaults=replace(document.defaults, version=1_795_428_300_000),
        projects={"line": replace(document.projects["line"], version=1_795_428_000_999)},
    )
    assert resolve(written).projects["line"].changed == 1_795_428_300


@pytest.mark.parametrize(
    ("defaults", "settle", "why"),
    [
        ({"late": "46m"}, 60, "late: expected 0s to 45m, found '46m'"),
        ({"late": "30s"}, 60, "late: 30s is shorter than settle (1m)"),
        ({"late": "4m", "settle": "5m"}, 300, "late: 4m is shorter than settle (5m)"),
        ({"late": "30s", "settle": "5 min"}, 60, "settle: "),
        ({"a\ud800": 1}, 60, "expected valid Unicode, found 'a\\ud800'"),
    ],
)
def test_a_default_that_cannot_be_meant_costs_itself_alone(
    defaults: dict[str, str], settle: int, why: str
) -> None:
    bare = a_project(region=GONE, account_id=GONE, limit=GONE)
    shared = {"region": "uk-1", "account_id": "acme-uk", "limit": 120}
    configuration = resolve(a_document({"line": bare}, defaults={**shared, **defaults}))
    assert faults_of(configuration)["defaults"].startswith(why)
    assert (configuration.settle, configuration.late) == (settle, 900)
    assert configuration.projects["line"].limit == 120


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (a_rule(warning=">= x"), "rules.near-limit.warning"),
        (a_project(limt=3), ""),
        (a_rule(remind="3m"), "rules.near-limit.remind"),
        (a_project(rules={"a": {**RULE, "for": "4 of 3"}, "b": RULE}), "rules.a.for"),
    ],
)
def test_the_place_of_what_is_wrong_with_a_project_is_a_field_and_not_in_the_text(
    content: object, place: str
) -> None:
    """The headline and the fix name the place without looking for it in the text."""
    entry = resolved(content)
    fault = entry.problem if isinstance(entry, InvalidProject) else entry.fault
    assert fault is not None
    assert fault.place == place
    assert not fault.reason.startswith(place or "projects")
