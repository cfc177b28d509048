"""The first line says the whole of it, whatever the names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from headroom.domain.formatting import ascii_line, duration, percent
from headroom.domain.headline import LENGTH, headline
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import Severity
from tests.builders import notice
from tests.unit.channels.cases import CASES, LONGEST, notices

LINES = {
    "fired": "CRITICAL 114/120 calls (95%) support-line near-limit",
    "escalated": "CRITICAL 114/120 calls (95%) support-line near-limit",
    "eased": "EASED to warning 100/120 calls (83%) support-line near-limit",
    "reminder": "STILL CRITICAL after 4 h 114/120 calls (95%) support-line near-limit",
    "resolved": "RESOLVED after 25 min support-line near-limit",
    "missed": "MISSED CRITICAL 25 min peak 118/120 (98%) support-line near-limit",
    "missed-before": "MISSED CRITICAL 25 min peak 118/120 (98%) support-line near-limit",
    "closed": "CLOSED (rule removed) after 25 min support-line near-limit",
    "dead-line": "CRITICAL 0/120 calls (0%) support-line dead-line",
    "unusual": "WARNING 12 calls (usual 71) support-line unusual",
    "new-level": "CLOSED (new level since Tuesday: 1.6 x usual) after 2 d support-line busier",
    "trend": "WARNING limit in 10 to 30 min, 88/120 calls (73%) support-line filling-up",
    "group": "CRITICAL up to 231/240 calls (96%) emea near-limit (support-line 118)",
    "group-partial": "CRITICAL 231/240 calls (96%) emea near-limit (support-line 118, 1 unread)",
    "group-over": "RESOLVED after 25 min emea near-limit",
    "group-largest": "CRITICAL at least 118/120 calls (98%) emea near-limit (support-line 118)",
    "series": "WARNING 22 calls support-line spanish es-ES",
    "hostile": "CRITICAL 114/120 calls (95%) support-line near-limit <!channel> *x* & co",
    "unreachable": 'WARNING cannot read support-line: 401 key "default" expired or rotated',
    "readable": "RESOLVED after 25 min support-line can be read again",
    "shared": 'WARNING cannot read 40 projects: 401 key "default" expired or rotated, or of...',
    "shared-over": "RESOLVED after 25 min no more failures because of key default in uk-1",
    "fault": "WARNING invalid config channels.ops-...: type 'slak' is not known: did you me...",
    "config": "WARNING invalid config support-line: warning: '>= 80 %%', character 8: expect...",
    "accepts": "RESOLVED after 25 min ops-slack accepts notices again",
    "undeliverable": (
        "CRITICAL delivery to ops-slack failed: 404 no_service: 12 notices of claims-l..."
    ),
    "overflow": "CRITICAL 512 more series breach (3 critical) support-line",
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_has_its_words(case: str) -> None:
    assert headline(CASES[case]) == LINES[case]


@given(notices())
def test_any_notice_has_one_short_ascii_line(made: Notice) -> None:
    line = headline(made)
    assert 0 < len(line) <= LENGTH
    assert all(" " <= char <= "~" for char in line)


@pytest.mark.parametrize("kind", Kind)
def test_long_names_never_take_the_room_of_the_meaning(kind: Kind) -> None:
    said = notice(kind, duration_seconds=1500)
    long = replace(LONGEST, kind=kind, value=said.value, limit=120, peak=118, duration_seconds=1500)
    meaning, _, _ = headline(said).partition(" support-line")
    assert headline(replace(long, reason="")).startswith(meaning)


def test_a_long_project_name_leaves_room_for_why_it_cannot_be_read() -> None:
    line = headline(replace(CASES["unreachable"], project="p" * 200))
    assert (
        line == 'WARNING cannot read ppppppppppppppppppp...: 401 key "default" expired or rotated'
    )


@pytest.mark.parametrize(
    ("value", "said"), [(121, "limit reached, 121/120"), (110, "limit in under 5 min, 110/120")]
)
def test_a_limit_is_reached_by_calls_and_not_by_their_trend(value: int, said: str) -> None:
    """A reading may lie below its trend; nobody may be told 110 calls and a limit reached."""
    made = replace(CASES["trend"], reached_in=(0, 0), value=value)
    assert said in headline(made)


def test_the_line_that_drives_a_group_gives_way_to_the_name_of_the_group() -> None:
    """Bodies name it too; of all names cut to two letters nobody would know any."""
    partial = CASES["group-partial"]
    made = replace(
        CASES["trend"],
        project="europe-middle-east",
        members=partial.members,
        basis=partial.basis,
    )
    line = headline(made)
    assert "support" not in line
    assert "europe" in line
    assert "1 unread" in line


def test_without_a_reading_it_says_so() -> None:
    assert headline(notice(value=None)) == "CRITICAL no reading support-line near-limit"


def test_a_built_in_rule_that_ends_with_its_project_says_why() -> None:
    gone = notice(Kind.RESOLVED, rule="unreachable", reason="project removed")
    assert headline(gone) == "CLOSED (project removed) after 25 min support-line unreachable"


def test_braces_in_names_are_text() -> None:
    odd = notice(severity=Severity.WARNING, project="{0}", rule="{text}", reason="{1}")
    assert headline(odd) == "WARNING 114/120 calls (95%) {0} {text}"


def test_full_is_said_only_of_full_and_nothing_only_of_nothing() -> None:
    assert percent(1199, 1200) == 99
    assert percent(1, 1200) == 1
    assert (percent(0, 1200), percent(1200, 1200), percent(150, 120)) == (0, 100, 125)


def test_durations_are_read_at_a_glance() -> None:
    seconds = (0, 1500, 7200, 7500, 86400, 273600)
    said = ["0 min", "25 min", "2 h", "2 h 5 min", "1 d", "3 d 4 h"]
    assert [duration(each) for each in seconds] == said


def test_names_lose_accents_and_control_characters_and_keep_their_length_of_signs() -> None:
    assert ascii_line("Café\r\n\x00\u202e日本\ud800") == "Cafe ??"
