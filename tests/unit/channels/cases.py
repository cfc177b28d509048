"""Notices to look at: one of each kind, the built-in rules, and the hostile and the very long."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from headroom.domain.digest import Digest
from headroom.domain.headline import CONFIG, OVERFLOW, UNDELIVERABLE, UNREACHABLE
from headroom.domain.notices import Kind, Member, Notice, Reading
from headroom.domain.reasons import Details
from headroom.domain.rules import Severity
from tests.builders import T0, notice, readings

HOSTILE = "<!channel> *x* & co"
LONG = "Größe <!here> & `*_~` \U0001f4de\u202e\n" * 10

_SILENT: dict[str, Any] = {
    "value": None,
    "limit": None,
    "peak": None,
    "condition": "",
    "threshold": None,
}
_OF_TWO: dict[str, Any] = {
    "region": "",
    "account_id": "",
    "project_id": "",
    "basis": "sum",
    "members": (Member("support-line", 118), Member("claims-line", 113)),
    "studio_url": "https://studio.uk.poly.ai/acme-uk/acme-team-4",
}
_OWN: dict[str, Any] = {
    **_SILENT,
    "project": "headroom",
    "region": "",
    "account_id": "",
    "project_id": "",
    "studio_url": "",
    "readings": (),
}
_HOURS_AGO: dict[str, Any] = {"since": T0 - 14400, "duration_seconds": 14400}

CASES: dict[str, Notice] = {
    "fired": notice(
        runbook="https://wiki.example.com/near-limit",
        description="Ask PolyAI for more capacity before the evening.",
    ),
    "escalated": notice(Kind.ESCALATED, since=T0 - 900, duration_seconds=900),
    "eased": notice(
        Kind.EASED,
        severity=Severity.WARNING,
        value=100,
        peak=118,
        condition=">= 80%",
        threshold=96.0,
        since=T0 - 900,
        duration_seconds=900,
    ),
    "reminder": notice(Kind.REMINDER, peak=118, **_HOURS_AGO),
    "resolved": notice(Kind.RESOLVED),
    "missed": notice(Kind.MISSED),
    "missed-before": notice(Kind.MISSED, reason="it fired again at 10:35 UTC"),
    "closed": notice(Kind.RESOLVED, reason="rule removed"),
    "dead-line": notice(
        rule="dead-line",
        value=0,
        peak=0,
        condition="<= 0",
        threshold=0.0,
        readings=readings((61, 55, 12, 3, 1, None, None, 2, 1, 0, 0, 0)),
    ),
    "unusual": notice(
        rule="unusual",
        severity=Severity.WARNING,
        value=12,
        usual=71.0,
        peak=12,
        condition="<= 40% of usual",
        threshold=28.4,
        readings=readings((70, 66, 72, 71, 69, 70, 68, 71, 30, 14, 12, 12)),
    ),
    "new-level": notice(
        Kind.RESOLVED,
        rule="busier",
        severity=Severity.WARNING,
        value=101,
        usual=99.5,
        peak=118,
        condition=">= 150% of usual",
        threshold=149.3,
        reason="new level since Tuesday: 1.6 x usual",
        since=T0 - 2 * 86400,
        duration_seconds=2 * 86400,
    ),
    "trend": notice(
        rule="filling-up",
        severity=Severity.WARNING,
        value=88,
        peak=88,
        condition=">= 100% within 30m",
        threshold=120.0,
        reached_in=(10, 30),
        readings=readings((40, 41, 39, 42, 40, 43, 52, 60, 67, 74, 81, 88)),
    ),
    "group": notice(project="emea", value=231, limit=240, peak=231, **_OF_TWO),
    "group-partial": notice(
        project="emea",
        value=231,
        limit=240,
        peak=231,
        **{**_OF_TWO, "members": (*_OF_TWO["members"], Member("sales-line", None))},
    ),
    "group-over": notice(Kind.RESOLVED, project="emea", value=140, limit=240, peak=236, **_OF_TWO),
    "group-largest": notice(
        project="emea", value=118, limit=120, peak=118, **{**_OF_TWO, "basis": "max"}
    ),
    "series": notice(
        rule="spanish",
        severity=Severity.WARNING,
        series="es-ES",
        series_name="es-ES",
        client_env="draft",
        value=22,
        peak=22,
        limit=None,
        condition=">= 20",
        threshold=20.0,
        readings=readings((3, 5, 8, 9, 12, 11, 14, 13, 17, 19, 18, 22), still_open=2),
    ),
    "hostile": notice(series="VARIANT-1", series_name=HOSTILE),
    "unreachable": notice(
        rule=UNREACHABLE,
        severity=Severity.WARNING,
        reason='401 key "default" expired or rotated',
        details=Details(code="401", key="default", correlation_id="7f3a"),
        readings=(),
        **_SILENT,
    ),
    "readable": notice(
        Kind.RESOLVED, rule=UNREACHABLE, severity=Severity.WARNING, readings=(), **_SILENT
    ),
    "config": notice(
        rule=CONFIG,
        severity=Severity.WARNING,
        reason="'>= 80 %%', character 8: expected \"of limit\" or the end, found '%'",
        details=Details(place="rules.near-limit.warning"),
        readings=(),
        **_SILENT,
    ),
    "fault": notice(
        rule=CONFIG,
        series="channels.ops-slack",
        severity=Severity.WARNING,
        reason="type 'slak' is not known: did you mean \"slack\"?",
        **_OWN,
    ),
    "shared": notice(
        rule=UNREACHABLE,
        series="key default in uk-1",
        series_name="40 projects",
        severity=Severity.WARNING,
        reason='401 key "default" expired or rotated, or of another region: claims-line, '
        "support-line and 38 more",
        details=Details(code="401", key="default"),
        **_OWN,
    ),
    "shared-over": notice(
        Kind.RESOLVED,
        rule=UNREACHABLE,
        series="key default in uk-1",
        severity=Severity.WARNING,
        **_OWN,
    ),
    "overflow": notice(
        rule=OVERFLOW, reason="512 more series breach (3 critical)", readings=(), **_SILENT
    ),
    "undeliverable": notice(
        rule=UNDELIVERABLE,
        series="ops-slack",
        reason="404 no_service: 12 notices of claims-line, support-line not delivered. "
        "Fix the channel, then run headroom redrive.",
        description="The last: CRITICAL 114/120 calls (95%) support-line near-limit",
        **_OWN,
    ),
    "accepts": notice(Kind.RESOLVED, rule=UNDELIVERABLE, series="ops-slack", **_OWN),
}
"""By the name of their golden file."""

DIGEST = Digest(
    (
        *(
            notice(project=project, rule=rule, severity=severity, at=T0 + number)
            for number in range(8)
            for project, rule, severity in (
                (f"line-{number}", "near-limit", Severity.WARNING),
                (f"line-{number % 3}", f"dead-line-{number}", Severity.CRITICAL),
                (f"line-{number}", f"spanish-{number}", Severity.WARNING),
            )
        ),
        notice(Kind.RESOLVED, rule="filling-up"),
        notice(Kind.MISSED, rule="unusual"),
        notice(Kind.MISSED, rule="unusual", since=T0 - 900),
    )
)
"""More than have a line, something that ended, and what was over before it was sent."""

LONGEST = notice(
    project=LONG,
    rule=LONG,
    series=LONG,
    series_name=LONG,
    region=LONG,
    account_id=LONG,
    project_id=LONG,
    client_env=LONG,
    condition=LONG,
    reason=LONG * 3,
    details=Details(code=LONG, key=LONG, place=LONG, correlation_id=LONG, until=T0),
    description=LONG * 3,
    runbook="https://wiki.example.com/" + "r" * 600,
    studio_url="https://studio.example.com/" + "s" * 600,
    value=10**9,
    limit=10**9,
    peak=10**9,
    duration_seconds=10**9,
)


def notices() -> st.SearchStrategy[Notice]:
    """Any notice at all: whatever the API or an operator may have written into it."""
    anything = st.text(st.characters(codec=None), max_size=100)
    named = st.text(st.characters(codec="utf-8"), max_size=100)  # what ids are made of
    count = st.none() | st.integers(0, 10**7)
    points = st.builds(Reading, st.integers(0, 2 * 10**9), count, st.booleans())
    return st.builds(
        notice,
        st.sampled_from(Kind),
        severity=st.sampled_from(Severity),
        project=named,
        rule=named | st.sampled_from([UNREACHABLE, CONFIG, OVERFLOW, UNDELIVERABLE]),
        series=named,
        series_name=anything,
        account_id=named,
        condition=anything,
        description=anything,
        reason=anything,
        runbook=anything.map("https://example.com/".__add__),
        studio_url=anything,
        value=count,
        peak=count,
        limit=count,
        threshold=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        since=st.integers(0, 2 * 10**9),
        duration_seconds=st.integers(-10, 10**9),
        readings=st.lists(points, max_size=30).map(tuple),
    )
