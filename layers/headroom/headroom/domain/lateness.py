"""How far an answer is known: windows after its newest reading are late, not without calls.

PolyAI does not say how long after its end a window is published, nor whether a window without calls
is left out. So a closed window is final once it has a reading, or lies before a closed one that
has; or once it is overdue. An open window says nothing of those before it: it may be counted live
while they are published later. The windows that are not final are late: they are treated like open
ones, which hold lower bounds, recoveries and what `missing` says, but no upper bound that holds
already.

An answer that stops within the last hour, longer ago than `late`, is not taken for silence but for
a failure, unless silence is no sign of lateness there (`known`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from headroom.domain.readings import Answer, Failure, FailureCode
from headroom.domain.rules import Project
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, iso, span, window_of

SILENT = "no data for 1 h: read as no calls"
"""Why something ends that no reading ended, where a missing window counts as no calls."""
NOT_AWAITED = "no data for 1 h"
"""The same where it does not."""

REACH = 3 * HOUR
"""Seconds back from now that every request asks for at least: an answer that stopped within the
last hour is judged by the hour before that, and by whether the line was there an hour earlier."""


LONG_ENOUGH = HOUR // 2
"""Seconds of readings from which on a line that was not there before says whether it leaves out
windows. Two windows after hours of silence do not: they may be one call on a quiet line."""


@dataclass(frozen=True, slots=True)
class Known:
    """How far one answer is known."""

    until: Instant
    """The newest window that is final."""
    failure: Failure | None = None
    """Why the windows after it are not taken for silence, though they are overdue."""
    silent: Instant | None = None
    """The newest window with a reading (0: there is none at all), where none in the last hour is
    taken for no calls."""


def known(
    project: Project,
    answers: Mapping[str, Answer | Failure],
    moment: Moment,
    stopped: Collection[str],
) -> dict[str, Known]:
    """How far each query was answered, by its key; those that failed are left out.

    `stopped`: keys of the queries whose answer stopped at the last check.
    """
    read = {key: each for key, each in answers.items() if isinstance(each, Answer)}
    closed = {key: _newest(answer, moment.closed) for key, answer in read.items()}
    if all(moment.closed == each for each in closed.values()):  # the usual case
        return dict.fromkeys(closed, Known(moment.closed))
    newest = {key: _newest(answer, window_of(moment.now)) for key, answer in read.items()}
    watches = [watch for rule in project.rules for watch in rule.watches]
    environments = {each.query.key: each.query.client_env for each in watches}
    # Publishing may go on between two requests: what stopped until now shows nothing of others yet.
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
    answers: Mapping[str, Answer | Failure], found: Mapping[str, Known]
) -> dict[str, Failure]:
    """The queries that could not be read, or not far enough, by their key."""
    failures = {key: each for key, each in answers.items() if isinstance(each, Failure)}
    return failures | {key: each.failure for key, each in found.items() if each.failure}


def fell_silent(found: Mapping[str, Known], stopped: Collection[str]) -> bool:
    """Whether one of the queries that had stopped is not awaited any more."""
    return any(key in found and found[key].silent is not None for key in stopped)


def _newest(answer: Answer, last: Instant) -> Instant:
    """The newest window up to `last` with a reading in any series; 0 without any."""
    seen = (window for peaks in answer.series.values() for window in peaks)
    return max((window for window in seen if window <= last), default=0)


def _furthest(environments: Mapping[str, str], newest: Mapping[str, Instant]) -> dict[str, Instant]:
    """How far calls of each environment were published, by any query about them."""
    found: dict[str, Instant] = {}
    for key, window in newest.items():
        environment = environments[key]
        found[environment] = max(window, found.get(environment, 0))
    return found


def _enough(moment: Moment, *, stopped: bool) -> Instant:
    """The window up to which an answer has to go: one more where it had stopped.

    Else a line whose windows come a minute after `late` would stop and go on every five minutes.
    """
    return min(moment.closed, moment.overdue + WINDOW) if stopped else moment.overdue


def _failure(until: Instant, answers: Iterable[Answer | Failure]) -> Failure:
    """Why an answer stops; where another query failed, nobody knows whether that one goes on."""
    failures = (each for each in answers if isinstance(each, Failure))
    late = Failure(FailureCode.LATE, f"no data since {_clock(until + WINDOW)}")
    return next(failures, late)


def _leaves_out(answer: Answer, read: Instant, moment: Moment) -> bool:
    """Whether the hour up to its newest reading lacks as many windows as make an answer late.

    PolyAI may leave out windows without calls: on a line with two calls an hour the newest reading
    says nothing of when the next is published. A line without a reading in the hour before that one
    may not have been there yet: it counts from its first reading on, if that is long enough ago to
    say anything.
    """
    seen = {window for peaks in answer.series.values() for window in peaks}
    first = min(seen.intersection(span(read - 2 * HOUR + WINDOW, read)))
    hour = read - HOUR + WINDOW
    counted = span(max(hour, first) if read + WINDOW - first >= LONG_ENOUGH else hour, read)
    return sum(window not in seen for window in counted) * WINDOW >= moment.late


def _clock(at: Instant) -> str:
    """As in `10:35 UTC`."""
    return f"{iso(at)[11:16]} UTC"
