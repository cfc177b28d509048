"""Groups: the readings of several lines become those of one, as far as all of them are known.

A window's value is the sum of the members' peaks, which is at least the group's peak, or the
largest of them, which is at most the group's peak. A member without a reading adds nothing; a
window that no member has is missing. A window is final once it is final for every member. A member
that was not answered leaves all windows open: an upper bound may fire on what the others have,
since a further member can only add, but nothing ends and no lower bound holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from headroom.domain.due_windows import DueWindows
from headroom.domain.lateness import Known
from headroom.domain.lines import LineQuery
from headroom.domain.readings import ALONE, WHOLE, Answer, Answers, Members, Peaks, Query
from headroom.domain.rules import Basis, Project, Rule
from headroom.domain.windows import WINDOW, Instant


class Combined(NamedTuple):
    """The answer to one query of a project, of all its lines together."""

    answer: Answer
    reach: Known
    members: Members = ALONE


def combined(
    due: DueWindows, rule: Rule, query: Query, answers: Answers, reached: Mapping[str, Known]
) -> Combined | None:
    """The answer of all lines of a project to a query of a rule; None: none of them was answered.

    Where a line was not answered, no window that is due is final.
    """
    project = due.project
    if len(project.lines) == 1:  # the usual case: nothing to combine
        answer = answers[query.key]
        return Combined(answer, reached[query.key]) if isinstance(answer, Answer) else None
    asked = project.asked(query)
    read = [(each, answer) for each in asked if isinstance(answer := answers[each.key], Answer)]
    if not read:
        return None
    reach = _reach([reached[each.key] for each, _ in read])
    if len(read) < len(asked):
        reach = Known(min(reach.until, due.oldest(query, rule) - WINDOW), partial=True)
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
