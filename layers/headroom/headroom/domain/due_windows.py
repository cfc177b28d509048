"""Which windows of a project a check has to judge: the new ones, and those that may have changed.

Both the fetch and the evaluation use this, so that what is judged was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.domain.headline import OVERFLOW
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Query
from headroom.domain.rules import Project, Rule
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, Moment, last_closed


def next_window(judged: Instant, moment: Moment) -> Instant:
    """The window after those that were judged, at most a week back."""
    return max(judged, moment.closed - WEEK) + WINDOW


def usual_mark(query: str) -> str:
    """The key in `ProjectState.behind` for rules that wait because usual could not be read."""
    return f"usual of {query}"


@dataclass(frozen=True, slots=True)
class DueWindows:
    """The windows of one project that one check judges, query by query."""

    project: Project
    state: ProjectState
    moment: Moment

    def history(self, query: Query, rule: Rule | None = None) -> Instant | None:
        """The window up to which nothing is notified that is over; None: everything is.

        `rule`: one that waits for a baseline that could not be read even once has more.
        """
        if self.state.new:
            return self.moment.closed
        if not self.state.never_read:
            return None
        keys = [each.key for each in self.project.asked(query)]
        if rule and rule.needs_usual:
            keys.append(usual_mark(query.key))
        known = (self.state.never_read.get(key) for key in keys)
        return max((each for each in known if each is not None), default=None)

    def judged(self, query: Query, rule: Rule) -> Instant:
        """The newest window of a query that a check has judged, whether it was final or not.

        A query read for the first time starts N windows back from when its project was first seen.
        """
        history = self.history(query, rule)
        return self.mark(query, rule) if history is None else history - rule.among * WINDOW

    def mark(self, query: Query, rule: Rule) -> Instant:
        """The watermark of a rule on a query."""
        behind = self.state.behind
        if not behind:  # the usual case
            return self.state.watermark
        mark = self.reached(query)
        return min(mark, behind.get(usual_mark(query.key), mark)) if rule.needs_usual else mark

    def reached(self, query: Query) -> Instant:
        """The watermark of a query.

        Of several lines it is the oldest: where one is behind, all are judged again with it.
        """
        watermark, behind = self.state.watermark, self.state.behind
        if not behind:
            return watermark
        return min(behind.get(each.key, watermark) for each in self.project.asked(query))

    def first(self, query: Query, rule: Rule) -> Instant:
        """The first window to judge for an alert of this query that does not fire.

        Windows that may have been late at the last check are judged again, and for an upper bound
        all of the last hour: what was well stays well, unless a reading has come or has risen
        since. An edit makes no news of corrections, but windows that were late then still count.
        """
        judged = self.judged(query, rule)
        joined = self.state.since or 0
        late = judged - -(-self.moment.late // WINDOW) * WINDOW
        again = min(judged, max(late, joined))
        if rule.upper:
            again = min(again, max(self.moment.closed - HOUR, joined, self._edited()))
        return next_window(again, self.moment)

    def oldest(self, query: Query, rule: Rule) -> Instant:
        """The first window to judge for any alert of this query."""
        firing = (
            next_window(each.through, self.moment)
            for each in self.state.incidents.values()
            if each.through is not None and each.last.rule == rule.name
        )
        usual = self.first(query, rule)
        return min((usual, self.moment.closed if self.full else usual, *firing))

    @property
    def full(self) -> bool:
        """Whether alerts fire that have no incident for want of room (`overflow`).

        Then each check looks at the newest closed windows of those without an incident.
        """
        return any(each.last.rule == OVERFLOW for each in self.state.incidents.values())

    def _edited(self) -> Instant:
        """The newest window that was closed when the configuration was last changed."""
        # A configuration from another clock's future (a replay) does not say when it was edited.
        now, changed = self.moment.now, self.project.changed
        edited = changed if changed <= now + HOUR else 0
        return last_closed(min(edited, now), self.moment.settle)
