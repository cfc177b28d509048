"""What is open is named by doctor: the most severe first, five at most."""

from __future__ import annotations

from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.rules import Severity
from headroom.domain.watermark import Loaded
from headroom_cli.doctor.probes.notices import Notices
from tests.builders import T0, document, incident, notice


def said(severities: dict[str, Severity]) -> str:
    open_ones = {
        rule: incident(severity=severity, last=notice(rule=rule, series=""))
        for rule, severity in severities.items()
    }
    loaded = Loaded({"support-line": document(incidents=open_ones)}, None)
    probe = Notices(lambda: loaded, lambda: 0, log=str)
    return next(each.detail for each in probe.look() if each.subject == "incidents")


def test_the_most_severe_are_named_first_and_the_rest_are_counted() -> None:
    warnings = {f"rule-{number}": Severity.WARNING for number in range(5)}
    told = said({**warnings, "dead-line": Severity.CRITICAL})
    assert told.startswith("6 open: critical support-line dead-line, warning support-line rule-0,")
    assert told.endswith(" and 1 more")


def test_nothing_open_is_said_so() -> None:
    assert said({}) == "none is open"


def test_a_notice_that_is_due_is_tried_by_the_next_check_and_not_in_1970() -> None:
    waiting = PendingNotice(1, notice(), T0, {"ops-slack": PendingDelivery(attempts=1)})
    loaded = Loaded({"support-line": document(outbox={notice().id: waiting})}, None)
    probe = Notices(lambda: loaded, lambda: T0 + 60, log=str)
    (told,) = [each.detail for each in probe.look() if each.subject == "notices"]
    assert told == "1 for ops-slack, the oldest for 1 min, tried 1 time, next by the next check"
