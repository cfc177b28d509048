"""How far an answer is known: windows after its newest reading are late, and not without calls.

PolyAI does not say how long after its end a window is published, nor whether a window without calls
is left out. So a closed window is final once it or a later closed one has a reading, or once it is
overdue. An open window proves nothing about those before it: it may be counted live while they are
published later. Windows that are not final are late. They count like open ones: an upper bound may
fire on them, but lower bounds, recoveries and `missing` wait.

An answer that stops within the last hour, longer ago than `late`, counts as a failure and not as
silence, unless the line often has windows without a reading (`known`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from headroom.domain.lines import LineFailure
from headroom.domain.readings import Answer, Answers, Failure, FailureCode
from headroom.domain.rules import Project
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, iso, span, window_of

SILENT = "no data for 1 h: read as no calls"
"""The reason at an end without a reading, where a missing window counts as no calls."""
NOT_AWAITED = "no data for 1 h"
"""The same where it does not count so."""

REACH = 3 * HOUR
"""Seconds that every request reaches back at least: to judge an answer that stopped within the last
hour takes the hour before that, and whether the line was there an hour earlier."""


LONG_ENOUGH = HOUR // 2
"""Seconds of readings that show whether a new line leaves out windows. Two windows after hours of
silence do not show it: they may be one call on a quiet line."""


Environment = tuple[str, str]
"""A line's name, and the environment of it that a query is about."""


@dataclass(frozen=True, slots=True)
class Known:
    """How far one answer is known."""

    until: Instant
    """The newest window that is final."""
    failure: Failure | None = None
    """Why the windows after it do not count as silence, though they are overdue."""
    silent: Instant | None = None
    """The newest window with a reading (0: none), if an hour without one counts as no calls."""
    partial: bool = False
    """A line of the group was not answered: no window is final."""


def known(
    project: Project,
    answers: Answers,
    moment: Moment,
    stopped: Collection[str],
) -> dict[str, Known]:
    """How far each query was answered, by its key, without those that failed.

    `stopped`: keys of the queries whose answer stopped at the last check.
    """
    read = {key: each for key, each in answers.items() if isinstance(each, Answer)}
    if all(_has(answer, moment.closed) for answer in read.values()):  # the usual case
        return dict.fromkeys(read, Known(moment.closed))
    closed = {key: _newest(answer, moment.closed) for key, answer in read.items()}
    newest = {key: _newest(answer, window_of(moment.now)) for key, answer in read.items()}
    environments = {
        key: (each.line.name, each.query.client_env) for key, each in project.queries().items()
    }
    # Publishing may resume between two requests: an answer that stopped proves nothing of others.
    going_on = {key: window for key, window in newest.items() if key not in stopped}
    published = _furthest(environments, going_on)
    found: dict[str, Known] = {}
    for key, answer in read.items():
        seen = max(newest[key], min(moment.closed, published.get(environments[key], 0)))
        if seen >= _enough(moment, stopped=key in stopped):
            found[key] = Known(max(closed[key], min(seen, moment.overdue)))
        elif newest[key] < moment.hour:
            found[key] = Known(moment.overdue, silent=newest[key])
        elif _leaves_out(answer, newest[key], moment):
            found[key] = Known(moment.overdue)
        else:
            same = (other for other in answers if environments[other] == environments[key])
            found[key] = Known(seen, _failure(seen, [answers[other] for other in same]))
    return found


def failed(
    project: Project, answers: Answers, found: Mapping[str, Known]
) -> dict[str, LineFailure]:
    """The queries that could not be read, or not far enough, by their key."""
    failures = {key: each for key, each in answers.items() if isinstance(each, Failure)}
    failures |= {key: each.failure for key, each in found.items() if each.failure}
    if not failures:
        return {}
    asked = project.queries()
    return {key: LineFailure(asked[key].line, each) for key, each in failures.items()}


def own_failures(project: Project, failures: Mapping[str, LineFailure]) -> tuple[LineFailure, ...]:
    """Those that no alert of another project is about."""
    return tuple(
        each
        for key, each in failures.items()
        if key not in project.elsewhere and each.failure.code != FailureCode.CONFIG
    )


def fell_silent(found: Mapping[str, Known], stopped: Collection[str]) -> bool:
    """Whether data of a query that had stopped is not expected any more."""
    return any(key in found and found[key].silent is not None for key in stopped)


def _has(answer: Answer, window: Instant) -> bool:
    """Whether any series has a reading in the window."""
    return any(window in peaks for peaks in answer.series.values())


def _newest(answer: Answer, last: Instant) -> Instant:
    """The newest window up to `last` with a reading in any series; 0 without any."""
    seen = (window for peaks in answer.series.values() for window in peaks)
    return max((window for window in seen if window <= last), default=0)


def _furthest(
    environments: Mapping[str, Environment], newest: Mapping[str, Instant]
) -> dict[Environment, Instant]:
    """How far calls of each environment are published, by the answers of all its queries."""
    found: dict[Environment, Instant] = {}
    for key, window in newest.items():
        environment = environments[key]
        found[environment] = max(window, found.get(environment, 0))
    return found


def _enough(moment: Moment, *, stopped: bool) -> Instant:
    """The window up to which an answer has to go: one more if it had stopped.

    Otherwise a line whose windows come a minute after `late` would stop and go on every 5 minutes.
    """
    return min(moment.closed, moment.overdue + WINDOW) if stopped else moment.overdue


def _failure(until: Instant, answers: Iterable[Answer | Failure]) -> Failure:
    """Why an answer stops: another query's failure if there is one: it may hide the rest."""
    failures = (each for each in answers if isinstance(each, Failure))
    late = Failure(FailureCode.LATE, f"no data since {_clock(until + WINDOW)}")
    return next(failures, late)


def _leaves_out(answer: Answer, read: Instant, moment: Moment) -> bool:
    """Whether the hour up to its newest reading lacks as many windows as make an answer late.

    PolyAI may leave out windows without calls: on a line with two calls an hour, the newest reading
    does not show when the next is published. A line without a reading in the hour before may be
    new: it counts from its first reading on, if that is long enough ago.
    """
    seen = {window for peaks in answer.series.values() for window in peaks}
    first = min(seen.intersection(span(read - 2 * HOUR + WINDOW, read)))
    hour = read - HOUR + WINDOW
    counted = span(max(hour, first) if read + WINDOW - first >= LONG_ENOUGH else hour, read)
    return sum(window not in seen for window in counted) * WINDOW >= moment.late


def _clock(at: Instant) -> str:
    """As in `10:35 UTC`."""
    return f"{iso(at)[11:16]} UTC"
