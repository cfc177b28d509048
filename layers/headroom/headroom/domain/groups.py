"""Groups: the readings of several lines become those of one, as far as all of them are known.

A window's value is the sum of the members' peaks, which is at least the group's peak, or the
largest of them, which is at most the group's peak. A member without a reading adds nothing; a
window that no member has is missing. A window is final once it is final for every member. A member
that was not answered leaves all windows open: an upper bound may fire on what the others have,
since a further member can only add, but nothing ends and no lower bound holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from headroom.domain.lateness import Known
from headroom.domain.lines import LineQuery
from headroom.domain.readings import WHOLE, Answer, Answers, Peaks, Query
from headroom.domain.rules import Basis, Project
from headroom.domain.windows import WINDOW, Instant


@dataclass(frozen=True, slots=True)
class Members:
    """The readings of each line of a group, by its name."""

    peaks: Mapping[str, Peaks] = field(default_factory=dict)
    """Without the lines that were not answered; empty for a project of one line."""
    unread: tuple[str, ...] = ()
    """Lines that could not be read, or not far enough."""


ALONE = Members()


@dataclass(frozen=True, slots=True)
class Combined:
    """The answer to one query of a project, of all its lines together."""

    answer: Answer
    reach: Known
    members: Members = ALONE


def combined(
    project: Project,
    query: Query,
    answers: Answers,
    reached: Mapping[str, Known],
    oldest: Callable[[], Instant],
) -> Combined | None:
    """The answer of all lines of a project to one query; None: none of them was answered.

    `oldest` gives the first window that is judged by it: before that everything is final.
    """
    asked = project.asked(query)
    if len(asked) == 1:
        key = asked[0].key
        answer = answers[key]
        return Combined(answer, reached[key]) if isinstance(answer, Answer) else None
    read = [(each, answer) for each in asked if isinstance(answer := answers[each.key], Answer)]
    if not read:
        return None
    reach = _reach([reached[each.key] for each, _ in read])
    if len(read) < len(asked):
        reach = Known(min(reach.until, oldest() - WINDOW), partial=True)
    whole = combine(project.basis, (answer for _, answer in read))
    return Combined(whole, reach, _members(asked, _by_name(read), reached))


def as_far_as_read(project: Project, query: Query, answers: Answers) -> Answer | None:
    """The answer of those lines that could be read; None: none could."""
    found = (answers.get(each.key) for each in project.asked(query))
    read = [each for each in found if isinstance(each, Answer)]
    return combine(project.basis, read) if len(read) > 1 else next(iter(read), None)


def combine(basis: Basis, answers: Iterable[Answer]) -> Answer:
    """The answers of several lines to an unsliced query as one."""
    peaks: dict[Instant, int] = {}
    for each in answers:
        for window, calls in each.series.get(WHOLE, {}).items():
            known = peaks.get(window, 0)
            peaks[window] = known + calls if basis is Basis.SUM else max(known, calls)
    return Answer({WHOLE: peaks})


def _reach(members: list[Known]) -> Known:
    """How far all of them are known."""
    silent = [each.silent for each in members if each.silent is not None]
    return Known(
        min(each.until for each in members),
        silent=max(silent) if len(silent) == len(members) else None,
    )


def _members(
    asked: Iterable[LineQuery], read: Mapping[str, Peaks], reached: Mapping[str, Known]
) -> Members:
    unread = tuple(
        each.line.name
        for each in asked
        if each.line.name not in read or reached[each.key].failure is not None
    )
    return Members(read, unread)


def _by_name(read: Iterable[tuple[LineQuery, Answer]]) -> dict[str, Peaks]:
    return {each.line.name: answer.series.get(WHOLE, {}) for each, answer in read}
