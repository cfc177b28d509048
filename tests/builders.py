"""Builders for test objects, one for each word of the domain: defaults, overridden by keyword.

The defaults tell one story: `support-line` has a limit of 120 calls and reaches 114 of them in the
window `T0`, which the rule `near-limit` calls critical.
"""
# ruff: noqa: ANN401  # the keywords are those of the object that is built

from __future__ import annotations

from array import array
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from hashlib import sha512
from typing import Any

from headroom.domain.baseline import NO_READING, Baseline
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.fingerprints import fingerprint, incident_id, notice_id
from headroom.domain.headline import headline
from headroom.domain.incidents import Episode, Incident
from headroom.domain.lines import Line
from headroom.domain.notices import Kind, Notice, Reading
from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import WHOLE, Answer, Failure, Query
from headroom.domain.rules import (
    Fault,
    InvalidProject,
    Level,
    Project,
    Rule,
    Severity,
    UsualBound,
    Watch,
)
from headroom.domain.stored_baselines import BaselineKey
from headroom.domain.watermark import Watermark
from headroom.domain.windows import WINDOW, Instant

T0: Instant = 1795428300
"""2026-11-23T10:05:00Z, a Monday: the window in which the default incident fires."""

INSTALLATION = "headroom-prod.eu-west-2.123456789012"
"""As the template names a deployed stack."""

RISING = (61, 64, 70, 72, 79, 85, 90, 96, 101, 107, 111, 114)
"""The last hour of the default notice: twelve windows that end with `T0`."""

FALLING = (90, 96, 101, 107, 111, 114, 118, 117, 115, 112, 98, 70)
"""The last hour once that incident is over."""


def readings(
    values: Sequence[int | None] = RISING, *, last: Instant = T0, still_open: int = 0
) -> tuple[Reading, ...]:
    """Make one reading a window up to `last`; None is missing; the newest `still_open` are open."""
    first, count = last - WINDOW * (len(values) - 1), len(values)
    return tuple(
        Reading(first + WINDOW * place, value, open=place >= count - still_open)
        for place, value in enumerate(values)
    )


def peaks(values: Sequence[int | None], *, last: Instant = T0) -> dict[Instant, int]:
    """Make one series: a peak a window up to `last`; None leaves the window out."""
    return {r.time: r.value for r in readings(values, last=last) if r.value is not None}


def query(**changes: Any) -> Query:
    """Ask for the whole project, live."""
    return replace(Query(), **changes)


def answer(
    values: Sequence[int | None] = RISING, *, last: Instant = T0, key: str = WHOLE
) -> Answer:
    """Answer one query with one series."""
    return Answer({key: peaks(values, last=last)})


def failure(**changes: Any) -> Failure:
    """Fail by a key that PolyAI does not take."""
    return replace(Failure(401, "expired or rotated key", lasting=True), **changes)


def level(severity: Severity = Severity.CRITICAL, fires: int = 114, **changes: Any) -> Level:
    """Make an upper bound in calls that holds exactly where it fires."""
    made = Level(severity, f">= {fires}", fires, fires, float(fires))
    return replace(made, **changes)


def watch(**changes: Any) -> Watch:
    """Watch the whole project's series."""
    return replace(Watch(query()), **changes)


def rule(**changes: Any) -> Rule:
    """Make `near-limit`: critical from 114 calls, warning from 96, at once."""
    levels = (level(), level(Severity.WARNING, 96))
    return replace(Rule("near-limit", levels, upper=True, watches=(watch(),)), **changes)


def unusual(**changes: Any) -> Rule:
    """Make `unusual`: a warning at 40% of usual and below, at three of three windows."""
    low = level(
        Severity.WARNING, usual=UsualBound("<=", 40_000, 45_000), condition="<= 40% of usual"
    )
    made = Rule("unusual", (low,), upper=False, watches=(watch(),), needed=3, among=3)
    return replace(made, **changes)


def line(**changes: Any) -> Line:
    """Make the line of `support-line`."""
    made = Line(name="support-line", region="uk-1", account_id="acme-uk", project_id="acme-team-4")
    return replace(made, **changes)


LINE_FIELDS = {each.name for each in fields(Line)} - {"name"}


def project(**changes: Any) -> Project:
    """Make `support-line`: a limit of 120, warnings to chat, criticals to chat and the pager.

    What belongs to its only line may be given too.
    """
    routing = {Severity.WARNING: ("ops-slack",), Severity.CRITICAL: ("ops-slack", "on-call")}
    of_line = {name: changes.pop(name) for name in LINE_FIELDS if name in changes}
    made = Project(
        name="support-line",
        lines=(line(name=changes.get("name", "support-line"), **of_line),),
        rules=(rule(),),
        routing=routing,
        limit=120,
        version=1,
        installation=INSTALLATION,
    )
    return replace(made, **changes)


def group(*members: str, **changes: Any) -> Project:
    """Make `emea`: lines of these names (or two) that share a limit of 240."""
    names = members or ("support-line", "claims-line")
    lines = tuple(line(name=each, project_id=each) for each in names)
    made = project(
        name="emea", limit=240, group=True, rules=(rule(watches=(Watch(query(client_env="")),)),)
    )
    return replace(made, lines=lines, **changes)


def renamed(of: Project, name: str, **of_line: Any) -> Project:
    """Give a project of one line, and its line, another name, and the line other ids."""
    return replace(of, name=name, lines=(replace(of.line, name=name, **of_line),))


def invalid_project(**changes: Any) -> InvalidProject:
    """Make a project whose configuration cannot be used."""
    return replace(
        InvalidProject("support-line", Fault("no limit is set", "rules.near-limit.warning")),
        **changes,
    )


def notice(kind: Kind = Kind.FIRED, **changes: Any) -> Notice:
    """Tell of the default incident; ids and summary follow from the rest unless given."""
    ended = kind.ends
    made = Notice(
        id="",
        incident_id="",
        installation=INSTALLATION,
        kind=kind,
        severity=Severity.CRITICAL,
        project="support-line",
        rule="near-limit",
        region="uk-1",
        account_id="acme-uk",
        project_id="acme-team-4",
        value=70 if ended else 114,
        value_at=T0 + 1500 if ended else T0,
        threshold=114.0,
        condition=">= 95%",
        limit=120,
        peak=118 if ended else 114,
        since=T0,
        at=T0 + 1500 if ended else T0,
        duration_seconds=1500 if ended else 0,
        summary="",
        studio_url="https://studio.uk.poly.ai/acme-uk/acme-team-4",
        readings=readings(FALLING, last=T0 + 1500) if ended else readings(still_open=1),
    )
    return named(replace(made, **changes))


def named(made: Notice) -> Notice:
    """Fill in the ids and the summary that follow from the rest, where they are empty."""
    ids = (made.region, made.account_id, made.project_id)
    alert = made.alert or fingerprint(made.installation, ids, made.project, made.rule, made.series)
    incident = made.incident_id or incident_id(alert, made.since)
    return replace(
        made,
        alert=alert,
        incident_id=incident,
        id=made.id or notice_id(incident, made.kind, made.severity, made.at),
        summary=made.summary or headline(made),
    )


def incident(**changes: Any) -> Incident:
    """Open the default incident, just fired on its open window and told to nobody yet."""
    parts = {name: changes.pop(name) for name in Episode.__slots__ if name in changes}
    episode = Episode(T0, Severity.CRITICAL, T0, None, Severity.CRITICAL, peak=114)
    made = Incident(episode=replace(episode, **parts), notified=(), last=notice(), last_notified=T0)
    return replace(made, **changes)


def delivery(**changes: Any) -> PendingDelivery:
    """Make a channel that was not tried yet."""
    return replace(PendingDelivery(), **changes)


def pending(made: Notice | None = None, *channels: str, seq: int = 1) -> PendingNotice:
    """Queue one notice that these channels (or `ops-slack`) still owe."""
    deliveries = {channel: PendingDelivery() for channel in channels or ("ops-slack",)}
    return PendingNotice(seq, made or notice(), T0, deliveries)


def baseline(
    values: Sequence[int | None] = RISING, *, last: Instant = T0, key: str = WHOLE, **changes: Any
) -> Baseline:
    """Have read one series, a peak a window up to `last`, and made it in the window after."""
    first = last - WINDOW * (len(values) - 1)
    peaks = array("h", [NO_READING if value is None else value for value in values])
    made = Baseline(first=first, until=last, peaks={key: peaks}, made=last + WINDOW)
    return replace(made, **changes)


def baseline_key(**changes: Any) -> BaselineKey:
    """The baseline of the whole of `support-line`."""
    key = BaselineKey("support-line", query().key, "uk-1/acme-uk/acme-team-4")
    return key._replace(**changes)


def document(**changes: Any) -> ProjectState:
    """Make the state of a project that was never stored: quiet, version 0."""
    return replace(ProjectState(project="support-line", watermark=T0), **changes)


@cache
def noise(characters: int, seed: str) -> str:
    """Make a text that hardly shrinks when it is packed, the same for the same seed."""
    blocks = (sha512(f"{seed} {at}".encode()).digest() for at in range(characters // 86 + 1))
    return "".join(b64encode(each).decode()[:86] for each in blocks)[:characters]


def watermark(**changes: Any) -> Watermark:
    """Have everything evaluated up to `T0`."""
    return replace(Watermark(window=T0, projects=("support-line",)), **changes)


def delivery_failure(
    detail: str = "503 Service Unavailable",
    *,
    retryable: bool = True,
    reason: FailureReason | None = None,
    **more: Any,
) -> DeliveryFailure:
    """A send that failed; by a server's error unless the rest says otherwise."""
    if reason is None:
        reason = FailureReason.SERVER_ERROR if retryable else FailureReason.REFUSED
        reason = FailureReason.RATE_LIMITED if more.get("retry_after") else reason
    return DeliveryFailure(reason, detail, retryable=retryable, **more)


def failed(outcome: object) -> DeliveryFailure:
    """The failure that a send has to end in."""
    assert isinstance(outcome, DeliveryFailure), outcome
    return outcome
