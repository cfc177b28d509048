"""The baselines of one check, and the rules that abstain because usual is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headroom.domain.baseline import Baseline
from headroom.domain.groups import as_far_as_read
from headroom.domain.readings import Answers
from headroom.domain.rules import Project, Rule
from headroom.domain.usual import UsualOfSeries
from headroom.domain.windows import Moment

NOT_YET = "what is usual is not known yet"
TOO_FEW = "usual needs two of the last four weeks at this time"


@dataclass(frozen=True, slots=True)
class Unread:
    """A baseline that is stored, perhaps, and could not be read: rules that need it wait."""

    why: str


Baselines = Mapping[str, Baseline | Unread]
"""What is usual of one project, by the key of each query; one that was never made is missing."""

NO_BASELINES: Baselines = {}


@dataclass(frozen=True, slots=True)
class Abstention:
    """A rule that is not judged now, because it is not known what is usual."""

    rule: str
    series: str
    reason: str


def abstentions(
    project: Project, answers: Answers, baselines: Baselines, moment: Moment
) -> Iterator[Abstention]:
    """Each rule `of usual`, and each of its series, that has nothing to compare with now."""
    for rule in project.rules:
        if not rule.needs_usual or not rule.hours.active(moment.closed):
            continue
        if any(level.usual for level in rule.levels):
            yield from _of_rule(project, rule, answers, baselines, moment)


def _of_rule(
    project: Project, rule: Rule, answers: Answers, baselines: Baselines, moment: Moment
) -> Iterator[Abstention]:
    for watch in rule.watches:
        answer = as_far_as_read(project, watch.query, answers)
        if answer is None:
            continue
        baseline = baselines.get(watch.query.key)
        if isinstance(baseline, Unread) or baseline is None:
            why = NOT_YET if baseline is None else baseline.why
            yield Abstention(rule.name, watch.label, why)
            continue
        for series in answer.series:
            if UsualOfSeries(baseline, series, rule.hours).at(moment.closed) is None:
                name = answer.names.get(series, watch.label)
                yield Abstention(rule.name, name, TOO_FEW)
