"""The severity of a built-in alert, as the table of `lifecycle` has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.domain.builtin_alerts import REMIND, BuiltInAlert, by_age, update
from headroom.domain.headline import OVERFLOW
from headroom.domain.incidents import Incident
from headroom.domain.invalid_config import config_alert, shared_config_alert
from headroom.domain.last_good import LastGood, Meanwhile
from headroom.domain.notices import Kind
from headroom.domain.rules import Fault, Severity
from headroom.domain.windows import HOUR
from tests.builders import T0, project


def alert(severity: Severity, *, eases: bool = False) -> BuiltInAlert:
    routing = project().routing
    return BuiltInAlert("support-line", OVERFLOW, routing, severity, T0, "why", eases=eases)


def test_a_critical_alert_stays_critical_in_its_reminder_though_only_a_warning_is_left() -> None:
    incidents: dict[str, Incident] = {}
    update(alert(Severity.CRITICAL), incidents, T0)
    assert update(alert(Severity.WARNING), incidents, T0 + 60) == []
    (reminder,) = update(alert(Severity.WARNING), incidents, T0 + REMIND)
    (incident,) = incidents.values()
    assert (reminder.notice.kind, reminder.notice.severity) == (Kind.REMINDER, Severity.CRITICAL)
    assert incident.episode.severity is Severity.CRITICAL


@pytest.mark.parametrize(("seconds", "count"), [(4 * HOUR - 1, 0), (4 * HOUR, 1)])
def test_a_built_in_alert_reminds_after_4_hours(seconds: int, count: int) -> None:
    incidents: dict[str, Incident] = {}
    update(alert(Severity.CRITICAL), incidents, T0)
    assert len(update(alert(Severity.CRITICAL), incidents, T0 + seconds)) == count


def test_a_built_in_alert_begins_with_a_duration_of_0_and_ends_with_the_whole() -> None:
    incidents: dict[str, Incident] = {}
    firing = alert(Severity.WARNING)
    told = [*update(firing, incidents, T0)]
    told += update(replace(firing, severity=None), incidents, T0 + 90)
    assert [each.notice.duration_seconds for each in told] == [0, 90]


def test_a_built_in_alert_reminds_12_times() -> None:
    incidents: dict[str, Incident] = {}
    times = [T0 + number * REMIND for number in range(20)]
    told = [each for at in times for each in update(alert(Severity.CRITICAL), incidents, at)]
    assert [each.notice.kind for each in told] == [Kind.FIRED, *[Kind.REMINDER] * 12]


def test_the_alert_of_an_invalid_part_names_the_line_of_its_project() -> None:
    found = config_alert(project(fault=Fault("is missing", "rules.near")), {}, T0)
    (told,) = update(found, {}, T0)
    assert (told.notice.region, told.notice.project_id) == ("uk-1", "acme-team-4")


def test_the_alert_of_an_invalid_part_says_which_version_is_in_force_and_how_old_it_is() -> None:
    """The age is that of the notice: the configuration may have been read days ago."""
    kept = (LastGood(6, T0 - 72 * HOUR), LastGood(5, T0 - 240 * HOUR, "near-limit"))
    fault = Fault("is missing", "limit", Meanwhile(7, kept, ("not judged meanwhile: dead-line",)))
    alerts = (
        config_alert(project(fault=fault), {}, T0 + 2 * HOUR),
        shared_config_alert("defaults", fault, None, {}, T0 + 2 * HOUR, ""),
    )
    for each in alerts:
        assert each.reason == (
            "is missing; v7 is invalid, v6 of 2026-11-20 (3 d 2 h old) stays in force, near-limit "
            "of v5 of 2026-11-13 (10 d 2 h old) stays in force; not judged meanwhile: dead-line"
        )
    assert "old)" not in str(fault)


def test_only_an_alert_that_eases_becomes_a_warning_again() -> None:
    incidents: dict[str, Incident] = {}
    update(alert(Severity.CRITICAL), incidents, T0)
    (eased,) = update(alert(Severity.WARNING, eases=True), incidents, T0 + 60)
    assert (eased.notice.kind, eased.notice.severity) == (Kind.EASED, Severity.WARNING)


@pytest.mark.parametrize(
    ("seconds", "severity"), [(1799, Severity.WARNING), (1800, Severity.CRITICAL)]
)
def test_an_invalid_configuration_is_critical_from_30_minutes_on(
    seconds: int, severity: Severity
) -> None:
    incidents: dict[str, Incident] = {}
    update(by_age(alert(Severity.WARNING), incidents, T0), incidents, T0)
    assert by_age(alert(Severity.WARNING), incidents, T0 + seconds).severity is severity


def test_a_built_in_alert_names_the_environment_of_its_line() -> None:
    of = project(client_env="draft")
    (told,) = update(replace(alert(Severity.WARNING), of=of), {}, T0)
    assert told.notice.client_env == "draft"


@pytest.mark.parametrize(("spreads", "told"), [(True, [("sms",)]), (False, [])])
def test_only_an_alert_that_spreads_notifies_channels_that_join_while_it_fires(
    spreads: bool,  # noqa: FBT001
    told: list[tuple[str, ...]],
) -> None:
    incidents: dict[str, Incident] = {}
    begun = replace(alert(Severity.WARNING), spreads=spreads)
    update(begun, incidents, T0)
    wider = replace(begun, routing=dict.fromkeys(Severity, ("ops-slack", "sms")))
    assert [each.channels for each in update(wider, incidents, T0 + 60)] == told
