"""The promises for groups: what several lines tell together, some of them late or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.evaluation import evaluate
from headroom.domain.readings import WHOLE, Answer, Failure
from headroom.domain.rules import Basis, Project
from headroom.domain.windows import WINDOW, Moment
from headroom.pipeline.fetch import requests
from tests.builders import T0, group, query, watch
from tests.simulation.facts import RuleFacts as Spec
from tests.unit.domain.oracle import Story, stories
from tests.unit.domain.replay import LATE, SETTLE, Line, Replay, as_project, windows
from tests.unit.domain.test_promises import COUNT, EVERY_MINUTE, SURELY, lines, specs


def whole(*, upper: bool | None = None) -> st.SearchStrategy[Spec]:
    """A rule on all calls."""
    return specs(upper=upper).map(lambda each: replace(each, query="all"))


DOWN = Failure(503, "PolyAI failed")
NAMES = ("support-line", "claims-line", "sales-line")


@dataclass
class GroupReplay(Replay):
    """One run of checks over a group: its members' lines, and who cannot be read when."""

    members: Mapping[str, Line] = field(default_factory=dict)
    down: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def check(self, now: int, failure: Failure | None = None) -> None:
        moment = Moment.at(now, settle=SETTLE, late=LATE)
        if self.state.watermark > moment.closed:
            return
        answers: dict[str, Answer | Failure] = {}
        for key, (asked, first) in requests(self.project, self.state, moment).items():
            name = asked.line.name
            failed = failure or (DOWN if name in self.down.get(now, ()) else None)
            answers[key] = failed or Answer({WHOLE: self.members[name].seen(now, first)})
        done = evaluate(self.project, self.state, answers, moment)
        self.state = done.state
        self.notices += [each.notice for each in done.notices]


def as_group(spec: Spec, names: Sequence[str], basis: Basis = Basis.SUM) -> Project:
    (one,) = as_project(spec).rules
    made = replace(one, watches=(watch(query=query(client_env="")),))
    return group(*names, rules=(made,), basis=basis)


def together(members: Mapping[str, Line], basis: Basis = Basis.SUM) -> dict[int, int]:
    """The final value of each window that any member has."""
    found: dict[int, list[int]] = {}
    for each in members.values():
        for window, value in each.peaks.items():
            found.setdefault(window, []).append(value)
    return {at: sum(all_) if basis is Basis.SUM else max(all_) for at, all_ in found.items()}


@st.composite
def outages(draw: st.DrawFn, names: Sequence[str]) -> tuple[list[int], dict[int, list[str]]]:
    """Checks at some minutes, each without some of the members; the last one has all."""
    every = st.sampled_from(range(T0 + WINDOW + SETTLE, SURELY, 60))
    times = sorted(draw(st.lists(every, max_size=30, unique=True)))
    some = st.lists(st.sampled_from(names), unique=True)
    return [*times, SURELY], {at: draw(some) for at in times}


@st.composite
def groups(draw: st.DrawFn, late: int = 0) -> dict[str, Line]:
    return {name: draw(lines(late=late)) for name in NAMES[: draw(st.integers(2, 3))]}


def ends(found: Sequence[Story]) -> list[int | None]:
    return [each.ended for each in found]


@given(whole(), lines(late=LATE), outages(["support-line"]))
def test_a_group_of_one_line_tells_the_same_story_as_the_line(
    spec: Spec, line: Line, run: tuple[list[int], dict[int, list[str]]]
) -> None:
    times, down = run
    alone = as_project(spec)
    one = replace(alone, group=True)
    told = GroupReplay(one, line, members={"support-line": line}, down=down).run(times)
    by_line = Replay(alone, line)
    for at in times:
        by_line.check(at, DOWN if down.get(at) else None)
    assert told.notices == by_line.notices
    assert told.state == by_line.state


@given(
    whole(),
    st.sampled_from(Basis),
    groups(late=LATE),
    st.data(),
)
def test_any_schedule_of_checks_and_failures_of_members_tells_the_same_incidents(
    spec: Spec, basis: Basis, members: dict[str, Line], data: st.DataObject
) -> None:
    """Promise 2. What fires on a part of the group may begin later than the whole shows."""
    times, down = data.draw(outages([*members]))
    made = as_group(spec, [*members], basis)
    told = GroupReplay(made, Line({}), members=members, down=down).run(times)
    once = GroupReplay(made, Line({}), members=members).run([SURELY])
    true = stories(spec, together(members, basis), windows(COUNT)[0], windows(COUNT)[-1])
    last = windows(COUNT)[-1]
    found = [each for each in told.stories() if each.since <= last]
    assert ends(found) == ends(true)
    assert ends([each for each in once.stories() if each.since <= last]) == ends(true)
    for each, its in zip(true, found, strict=True):
        assert each.since <= its.since < (each.ended or SURELY)
        assert its.worst in {each.worst, "critical"}
    assert not told.state.behind


@given(whole(), groups(late=LATE), st.data())
def test_a_group_with_a_member_that_cannot_be_read_ends_no_incident_and_no_lower_bound_fires(
    spec: Spec, members: dict[str, Line], data: st.DataObject
) -> None:
    made = as_group(spec, [*members])
    begins = data.draw(st.sampled_from(EVERY_MINUTE))
    run = GroupReplay(made, Line({}), members=members)
    run.run(range(T0 + WINDOW + SETTLE, begins, 60))
    open_before, known = set(run.state.incidents), len(run.notices)
    silent = next(iter(members))
    run.down = {at: [silent] for at in range(begins, SURELY, 60)}
    run.run(range(begins, SURELY, 60))
    later = run.notices[known:]
    assert open_before <= set(run.state.incidents)
    assert not [each for each in later if each.kind.ends]
    assert spec.upper or not later


@given(whole(upper=True), groups(), st.data())
def test_what_fires_on_a_part_of_the_group_fires_on_the_whole(
    spec: Spec, members: dict[str, Line], data: st.DataObject
) -> None:
    """Promise 3, with `missing` that is no breach: a further member only adds."""
    basis = data.draw(st.sampled_from(Basis))
    spec = replace(spec, missing="zero")
    times, down = data.draw(outages([*members]))
    told = GroupReplay(as_group(spec, [*members], basis), Line({}), members=members, down=down)
    told.run(times)
    true = stories(spec, together(members, basis), windows(COUNT)[0], windows(COUNT)[-1])
    for each in told.stories():
        assert each.since > windows(COUNT)[-1] or any(
            it.since <= each.since < (it.ended or SURELY) for it in true
        )


def test_a_window_that_only_the_unread_line_has_is_no_breach() -> None:
    """`missing: breach`: what the lines at hand leave out may be known of the other."""
    spec = Spec("near", "all", upper=True, warning=50, critical=None, missing="breach")
    full = dict.fromkeys(range(T0 - 20 * WINDOW, T0 + 9 * WINDOW, WINDOW), 5)
    gap = {at: 5 for at in full if not T0 - 2 * WINDOW <= at <= T0 + 2 * WINDOW}
    members = {"support-line": Line(full), "claims-line": Line(gap)}
    made = as_group(replace(spec, needed=2, among=3), [*members])
    times = range(T0 + WINDOW + SETTLE, T0 + 8 * WINDOW, 60)
    down = dict.fromkeys(times[1:], ("support-line",))
    replay = GroupReplay(made, members["support-line"], members=members, down=down).run(times)
    assert replay.notices == []
