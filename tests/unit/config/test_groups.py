"""Groups: what operators write of them, what is refused, and what holds where a member is bad."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.config.configuration import Configuration
from headroom.config.resolve import problems, resolve
from headroom.config.wording import listed
from headroom.domain.rules import Basis, Project, Severity
from tests.unit.config.documents import GONE, RULE, a_document, a_project, part

W, C = Severity.WARNING, Severity.CRITICAL
PLACE = "groups.emea"
NEAR = f"{PLACE}.rules.near-limit"
SUPPORT = a_project(project_id="support")
CLAIMS = a_project(project_id="claims", rules=GONE, limit=GONE)
"""Only a member: it has no rules of its own."""


def a_group(**changes: object) -> dict[str, Any]:
    made = {
        "projects": ["support-line", "claims-line"],
        "limit": 240,
        "rules": {"near-limit": RULE},
    }
    return {key: value for key, value in {**made, **changes}.items() if value is not GONE}


def with_rule(**changes: object) -> dict[str, Any]:
    rule = {key: value for key, value in {**RULE, **changes}.items() if value is not GONE}
    return a_group(rules={"near-limit": rule})


def document(group: object, **projects: object) -> Any:  # noqa: ANN401 -- a RawConfig
    named = {"support-line": SUPPORT, "claims-line": CLAIMS, **projects}
    return a_document(named, groups={"emea": group})


def configured(group: object, **projects: object) -> Configuration:
    return resolve(document(group, **projects), "prod")


def good(group: object, **projects: object) -> Project:
    configuration = configured(group, **projects)
    assert not configuration.invalid, configuration.invalid
    return configuration.projects["emea"]


def test_a_group_has_the_lines_of_its_projects_and_a_limit_of_its_own() -> None:
    found = good(a_group())
    assert [each.project_id for each in found.lines] == ["support", "claims"]
    assert (found.limit, found.basis, found.group) == (240, Basis.SUM, True)
    assert [each.fires for each in found.rules[0].levels] == [228, 192]
    assert [each.key for each in found.asked(found.rules[0].watches[0].query)] == [
        "support-line?client_env=live",
        "claims-line?client_env=live",
    ]


def test_a_project_that_only_groups_name_is_not_judged_itself() -> None:
    found = configured(a_group())
    assert set(found.projects) == {"support-line", "emea"}


def test_a_project_without_rules_that_no_group_names_is_refused() -> None:
    found = problems(document(a_group(projects=["support-line"])))
    assert [str(each) for each in found["claims-line"]] == [
        "projects.claims-line.rules: is missing"
    ]


CASES = [
    (
        a_group(projects=["support-lin"]),
        f'{PLACE}.projects: there is no project "support-lin"',
        'did you mean "support-line"?',
    ),
    (a_group(projects=["emea"]), f'{PLACE}.projects: "emea" is a group', "name the projects"),
    (
        a_group(projects=["support-line"] * 2),
        f'{PLACE}.projects: "support-line" is listed twice',
        "name it once",
    ),
    (
        a_group(projects=["support-line", "twin"]),
        f'{PLACE}.projects: "support-line" and "twin" are the same line (uk-1/acme-uk/support)',
        "counted twice: name one of them",
    ),
    (a_group(projects=[]), f"{PLACE}.projects: is empty", "at least one"),
    (a_group(projects=GONE), f"{PLACE}.projects: is missing", ""),
    (a_group(projects="support-line"), f"{PLACE}.projects", ""),
    (a_group(limit=GONE), f"{NEAR}.critical: '>= 95%' is a percentage of the limit", "a limit"),
    (
        a_group(region="uk-1"),
        f'{PLACE}: unknown key "region"',
        "it belongs in the projects that the group names",
    ),
    (a_group(settle="60s"), f'{PLACE}: unknown key "settle"', "under defaults"),
    (a_group(bases="sum"), f'{PLACE}: unknown key "bases"', 'did you mean "basis"?'),
    (a_group(basis="mean"), f"{PLACE}.basis: 'mean' is not known", "expected one of max, sum"),
    (with_rule(per="variant"), f"{NEAR}.per: variants belong to one line", "in the project"),
    (with_rule(variant_id="V1"), f"{NEAR}.variant_id: variants belong to one line", "in the"),
    (with_rule(variant_name="a"), f"{NEAR}.variant_name: variants belong to one line", "in the"),
    (
        {**with_rule(critical="<= 5", warning=GONE), "basis": "max"},
        f"{NEAR}.critical: '<= 5' cannot be judged with basis: max",
        "give '<= 0', or basis: sum",
    ),
]


@pytest.mark.parametrize(("group", "problem", "fix"), CASES)
def test_a_bad_group_is_refused_with_the_place_the_value_and_the_fix(
    group: dict[str, Any], problem: str, fix: str
) -> None:
    written = document(group, twin=SUPPORT)
    said = listed(problems(written)["emea"])
    assert said.startswith(problem), said
    assert fix in said
    found = resolve(written)
    assert {"support-line"} <= set(found.projects)
    assert "emea" in found.own_faults()


@pytest.mark.parametrize("change", [{"basis": "mean"}, {"bases": "max"}])
def test_a_group_is_not_judged_by_another_basis_than_was_meant(change: dict[str, Any]) -> None:
    assert set(configured(a_group(**change)).invalid) == {"emea"}


@pytest.mark.parametrize(
    "group",
    [
        {**with_rule(critical="<= 0", warning=GONE), "basis": "max"},
        with_rule(critical="<= 5", warning=GONE),
        with_rule(per={"language": ["es-ES"]}),
        a_group(projects=["claims-line"]),
        a_group(projects=["support-line", "far"]),
    ],
)
def test_what_is_sound_of_a_group_is_allowed(group: dict[str, Any]) -> None:
    """The sum of peaks is at least the group's peak; lines of other regions are lines too."""
    written = document(group, far=a_project(region="us-1", project_id="far"))
    assert "emea" not in problems(written)
    assert resolve(written).projects["emea"].group


def test_a_limit_is_not_inherited() -> None:
    written = a_document(
        {"support-line": SUPPORT, "claims-line": CLAIMS},
        defaults={"limit": 60},
        groups={"emea": a_group(limit=GONE)},
    )
    assert "a limit" in listed(problems(written)["emea"])


def test_the_name_of_a_group_is_no_projects() -> None:
    written = a_document({"support-line": SUPPORT}, groups={"support-line": a_group(projects=[])})
    said = listed(problems(written)["support-line"])
    assert 'there is a project "support-line" too: choose another name' in said
    found = resolve(written)
    assert not found.projects["support-line"].group
    assert "groups.support-line" in found.faults


def test_a_member_with_bad_rules_is_read_all_the_same() -> None:
    broken = a_project(project_id="claims", rules={"near-limit": {"warning": ">= 80 %%"}})
    found = configured(a_group(), **{"claims-line": broken})
    assert set(found.invalid) == {"claims-line"}
    assert "emea" not in found.own_faults()["claims-line"]
    assert [each.problem for each in found.projects["emea"].lines] == ["", ""]


def test_a_member_of_which_the_line_is_not_known_makes_the_group_partial_and_is_told_once() -> None:
    broken = a_project(region="mars")
    found = configured(a_group(channels=["on-call"]), **{"claims-line": broken})
    group = found.projects["emea"]
    assert [each.problem for each in group.lines] == [
        "",
        "claims-line: its configuration is invalid",
    ]
    assert group.fault is None
    assert set(found.own_faults()) == {"claims-line"}
    assert "on-call" in found.invalid["claims-line"].routing[W]
    assert found.own_faults()["claims-line"].endswith("; group emea lacks its line meanwhile")


def test_a_group_without_any_known_line_keeps_its_state_and_has_no_alert_of_its_own() -> None:
    found = configured(a_group(projects=["claims-line"]), **{"claims-line": a_project(region="x")})
    group = found.invalid["emea"]
    assert (group.group, group.shared, group.own_problem) == (True, "projects.claims-line", None)
    assert found.own_faults()["claims-line"].endswith("; group emea is not judged meanwhile")


def test_a_fault_in_the_defaults_names_the_groups_that_lack_a_line_meanwhile() -> None:
    written = a_document(
        {"support-line": a_project(region=GONE), "claims-line": CLAIMS},
        defaults={"region": "mars"},
        groups={"emea": a_group()},
    )
    said = str(resolve(written).faults["defaults"])
    assert "not judged meanwhile: support-line; groups without a line meanwhile: emea" in said


def test_a_query_that_fails_is_told_by_the_project_of_the_line_to_the_channels_of_both() -> None:
    found = configured(a_group(channels=["on-call"]))
    assert found.projects["emea"].elsewhere == {"support-line?client_env=live"}
    assert found.projects["support-line"].alerted == {
        W: ("default", "on-call"),
        C: ("default", "on-call"),
    }
    assert found.projects["emea"].alerted is None


def test_a_query_that_two_groups_have_is_told_by_the_first() -> None:
    groups = {"b": a_group(channels=["on-call"]), "a": a_group()}
    found = resolve(
        a_document({"support-line": SUPPORT, "claims-line": CLAIMS}, groups=groups)
    ).projects
    assert found["a"].elsewhere == {"support-line?client_env=live"}
    assert found["b"].elsewhere == {"support-line?client_env=live", "claims-line?client_env=live"}
    assert found["a"].alerted == {W: ("default", "on-call"), C: ("default", "on-call")}


def test_an_edit_of_a_member_is_a_newer_configuration_of_the_group() -> None:
    written = document(a_group())
    before = resolve(written).projects["emea"].version
    written.projects["claims-line"] = part(CLAIMS, 100)
    assert resolve(written).projects["emea"].version > before


def test_a_group_that_loses_a_member_is_a_newer_configuration() -> None:
    """Else a check that holds the older one would judge by it, and close what the newer opened."""
    written = document(a_group())
    written.projects["claims-line"] = part(CLAIMS, 100)
    before = resolve(written).projects["emea"].version
    written.groups["emea"] = part(a_group(projects=["support-line"]), 101)
    assert resolve(written).projects["emea"].version > before
