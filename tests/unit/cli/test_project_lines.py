"""A line for each project: status, calls, percent of the limit, last hour; the sick first."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import pytest
from rich.console import Console

from headroom.delivery.decisions import Decision, Outcome
from headroom.domain.alerts import RoutedNotice
from headroom.domain.headline import headline
from headroom.domain.hours import Hours
from headroom.domain.hours_text import hours
from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind
from headroom.domain.reasons import Details, Reason
from headroom.domain.rules import Severity
from headroom.domain.usage import Calls, Hour
from headroom.pipeline.report import Report
from headroom_cli.console import by_cause
from headroom_cli.laptop.check import show
from headroom_cli.laptop.project_table import spark, table
from headroom_cli.laptop.report_lines import checked, notice_entries, problems
from tests.builders import incident, notice

AT = 1_795_430_460  # 10:41:00, so that 10:40 is open and 10:35 closed
CLOSED = 1_795_430_100
HOUR = Hour((*range(0, 120, 10), 118), 120)


def firing(name: str, severity: Severity = Severity.WARNING, rule: str = "near-limit") -> Incident:
    return incident(last=replace(notice(), project=name, rule=rule), severity=severity)


def a_report(projects: int = 3) -> Report:
    """All of them well."""
    names = [f"line-{number:02}" for number in range(projects)]
    return Report(
        at=AT,
        closed=CLOSED,
        projects=projects,
        checked=projects,
        calls={name: Calls(118, 120) for name in names},
        hours=dict.fromkeys(names, HOUR),
        incidents=dict.fromkeys(names, ()),
    )


def lines(report: Report, *, everything: bool = False) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    return [line.plain for line in table(report, console, everything=everything)]


def test_a_well_project_shows_its_calls_percent_and_last_hour() -> None:
    assert lines(a_report(1)) == ["ok  line-00  118/120   98%  ▁▂▂▂▃▃▄▅▅▆▆▇[▇]"]


def test_a_project_none_of_whose_rules_is_active_says_until_when() -> None:
    report = a_report(1)  # Monday 23 November, 10:41
    late, early = (Hours("Asia/Kolkata", (hours(text),)) for text in ("22:00-23:00", "20:00-21:00"))
    report.inactive["line-00"] = (late, early)
    assert lines(report)[0].endswith("outside hours until Mon 20:00 Asia/Kolkata")
    never = Hours("UTC", (), frozenset(date(2026, 11, 1) + timedelta(days=n) for n in range(500)))
    report.inactive["line-00"] = (never,)
    assert lines(report)[0].endswith("   outside hours")


def test_the_sick_come_first_the_most_severe_before_the_others() -> None:
    report = a_report()
    report.incidents["line-01"] = (firing("line-01"),)
    report.incidents["line-02"] = (
        firing("line-02", rule="filling"),
        firing("line-02", Severity.CRITICAL),
    )
    shown = lines(report)
    assert [line.split()[:2] for line in shown] == [
        ["CRITICAL", "line-02"],
        ["WARNING", "line-01"],
        ["ok", "line-00"],
    ]
    assert shown[0].endswith("near-limit, filling")


def test_what_does_not_fit_is_counted_by_status_and_shown_if_asked_for() -> None:
    report = a_report(33)
    report.incidents["line-32"] = (firing("line-32"),)
    shown = lines(report)
    assert len(shown) == 20
    assert shown[0].startswith("WARNING  line-32 ")
    assert shown[-1] == "and 14 more: 14 ok (--all shows each)"
    assert len(lines(report, everything=True)) == 33


def test_one_mistake_in_the_defaults_is_one_line_and_a_count() -> None:
    report = Report(at=AT, closed=CLOSED, projects=33)
    problem = "defaults.region: 'uk-l' is not known"
    report.invalid = {f"line-{number:02}": problem for number in range(33)}
    assert problems(report) == [
        f"invalid config line-00, line-01, line-02, line-03, line-04 and 28 more: {problem}"
    ]
    assert lines(report) == ["33 projects: 33 invalid config (--all shows each)"]


def test_the_same_slip_in_several_projects_is_one_cause_and_others_are_told_in_full() -> None:
    assert by_cause(
        [
            ("a", "limit: expected a number"),
            ("b", "limit: expected a number"),
            ("c", "expected a mapping"),
        ]
    ) == {"limit: expected a number": ["a", "b"], "expected a mapping": ["c"]}


def test_a_project_with_a_rule_that_is_not_judged_does_not_look_healthy() -> None:
    """Whether the fault is its own or one of the defaults, and beside what fires."""
    report = a_report()
    report.unjudged = {name: frozenset({"near-limit", "dead"}) for name in ("line-00", "line-01")}
    report.incidents["line-01"] = (firing("line-01", rule="spanish"),)
    firing_line, blind, well = lines(report)
    assert firing_line.startswith("WARNING ")
    assert firing_line.endswith("spanish; not judged: dead, near-limit")
    assert blind.startswith("invalid config  line-00  118/120")
    assert blind.endswith("  not judged: dead, near-limit")
    assert well.startswith("ok ")


READ = frozenset(f"line-{number:02}" for number in range(5))


@pytest.mark.parametrize(
    ("invalid", "unread", "unfinished", "said"),
    [
        (1, {"line-05"}, (), "5 of 6 projects checked (1 cannot be read)"),
        (1, (), {"line-05"}, "5 of 6 projects checked (1 not finished)"),
        (0, (), (), "5 projects checked"),
        (0, READ, (), "0 of 5 projects checked (5 cannot be read)"),
        (0, {"line-00"}, {"line-00"}, "4 of 5 projects checked (1 cannot be read)"),
        (0, (), {"line-01"}, "4 of 5 projects checked (1 not finished)"),
        (2, (), (), "5 of 7 projects checked (2 invalid config)"),
        (
            2,
            {"line-00", "line-01", "headroom/own", "a-removed-one"},
            {"line-01", "line-02"},
            "2 of 7 projects checked (2 cannot be read, 1 not finished, 2 invalid config)",
        ),
    ],
)
def test_the_summary_counts_each_project_once(
    invalid: int, unread: Collection[str], unfinished: Collection[str], said: str
) -> None:
    report = replace(
        a_report(5),
        projects=5 + invalid,
        configured=frozenset(f"line-{number:02}" for number in range(5 + invalid)),
        not_finished=frozenset(unfinished),
        without_rules=frozenset(f"line-{5 + number:02}" for number in range(invalid)),
        unreachable={name: Reason("503 PolyAI failed") for name in unread},
    )
    assert checked(report) == said


def test_a_project_that_cannot_be_read_is_told_once_by_its_cause() -> None:
    report = a_report()
    for name in ("line-00", "line-01"):
        report.unreachable[name] = Reason("401 expired or rotated key")
        report.unfinished[name] = "401 expired or rotated key"
        report.hours[name] = Hour((), 120)
        del report.calls[name]
    assert problems(report) == ["cannot read line-00, line-01: 401 expired or rotated key"]
    assert lines(report)[1:] == ["and 2 more: 2 cannot be read (--all shows each)"]


def test_an_old_reading_is_shown_with_its_time() -> None:
    report = a_report(1)
    report.calls.clear()
    report.hours["line-00"] = Hour((*([50] * 11), None, None), 120)
    assert lines(report) == [f"ok  line-00  50 at 10:30        {'▃' * 11}·[·]"]


@pytest.mark.parametrize(
    ("hour", "drawn", "in_ascii"),
    [
        ((0, 60, None, 120, 500), "▁▄·█[█]", "_-?#[#]"),
        ((None, None), "", ""),
        ((1, 119), "▂[▇]", ".[*]"),
    ],
)
def test_the_spark_is_scaled_to_the_limit_and_marks_what_is_missing_and_open(
    hour: tuple[int | None, ...], drawn: str, in_ascii: str
) -> None:
    assert spark(Hour(hour, 120), 1, ascii_only=False) == drawn
    assert spark(Hour(hour, 120), 1, ascii_only=True) == in_ascii


def test_what_headroom_says_of_many_projects_for_one_cause_is_one_line_with_its_number() -> None:
    report = a_report(3)
    for name in ("a", "b", "c"):
        made = replace(
            notice(), project=name, rule="config", reason="defaults.region: unknown", summary=name
        )
        report.notices.append(RoutedNotice(made, ("ops-slack", "on-call")))
    report.notices.append(RoutedNotice(replace(notice(), summary="CRITICAL"), ("on-call",)))
    console = Console(file=io.StringIO(), width=200)
    report.sent = 7
    show(console, report, dry_run=True)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue().splitlines()
    grouped = "CRITICAL invalid config a, b, c: defaults.region: unknown (3 notices)"
    assert [line.split(maxsplit=3)[2:] for line in said[:3]] == [
        ["ops-slack", grouped],
        ["on-call", grouped],
        ["on-call", "CRITICAL"],
    ]
    assert said[-1] == "3 projects checked; 7 notices would be sent"


def test_one_cause_is_one_line_though_every_answer_has_an_id_of_its_own() -> None:
    report = a_report()
    for name in report.calls:
        details = Details(correlation_id=f"sim-{name}")
        report.unreachable[name] = Reason('401 key "default" expired', details)
    assert problems(report) == [
        'cannot read line-00, line-01, line-02: 401 key "default" expired',
    ]
    assert report.as_json()["unreachable"]["line-00"].endswith(" (correlation id sim-line-00)")


def test_a_project_that_fails_alone_shows_the_id_that_polyais_support_asks_for() -> None:
    report = a_report(0)
    report.unreachable["a"] = Reason("503 down", Details(correlation_id="sim-a"))
    assert problems(report) == ["cannot read a: 503 down (correlation id sim-a)"]


def unread(name: str, kind: Kind = Kind.FIRED, reason: str = "") -> RoutedNotice:
    """A notice of the built-in alert `unreachable` of one project."""
    made = replace(notice(kind), project=name, rule="unreachable", reason=reason)
    return RoutedNotice(replace(made, summary=headline(made)), ("ops-slack",))


def said_of(report: Report) -> list[str]:
    return [line.plain.split(maxsplit=2)[2] for _, line in notice_entries(report)]


def test_several_projects_share_a_line_whatever_they_are_called() -> None:
    """One is named like a word of the line."""
    report = a_report()
    report.notices = [unread(name, reason="503 down") for name in ("read", "sales")]
    assert said_of(report) == ["CRITICAL cannot read read, sales: 503 down (2 notices)"]
    report.notices = [unread(name, Kind.RESOLVED) for name in ("read", "sales")]
    assert said_of(report) == ["RESOLVED after 25 min read, sales can be read again (2 notices)"]


def test_a_name_that_is_no_name_shows_its_control_characters_escaped() -> None:
    report = a_report(0)
    report.invalid["\x1b[31mred\n"] = "is no name"
    assert problems(report) == [r"invalid config \x1b[31mred\n: is no name"]


def test_a_notice_that_a_channel_does_not_get_now_says_so_and_why() -> None:
    report = a_report()
    fired, channels = notice(), ("ops-slack", "on-call", "data-team", "teams")
    report.notices = [RoutedNotice(fired, channels)]
    report.not_sent = [
        Decision(fired, ("on-call",), Outcome.WAIT, "back-off until 10:43"),
        Decision(fired, ("data-team",), Outcome.WITHHOLD, "silenced"),
        Decision(
            fired, ("teams",), Outcome.FAIL, "server_error", detail="503; will be tried again"
        ),
    ]
    said = {channel: line.plain for channel, line in notice_entries(report)}
    assert said["ops-slack"].endswith(fired.summary)
    assert said["on-call"].endswith(f"{fired.summary} (not sent yet: back-off until 10:43)")
    assert said["data-team"].endswith(f"{fired.summary} (not sent: silenced)")
    assert said["teams"].endswith(f"{fired.summary} (failed: 503; will be tried again)")
