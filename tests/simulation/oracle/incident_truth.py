"""Whether the notices of one incident are true of its stretch of windows, and in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.simulation.facts import Facts, Window
from tests.simulation.oracle.hours import OUTSIDE_HOURS, active
from tests.simulation.oracle.incidents import (
    ENDS,
    NOT_AWAITED,
    SILENT,
    Incident,
    StoredNotice,
    clock,
    instant,
)
from tests.simulation.oracle.lateness import Knowledge
from tests.simulation.oracle.usual import NOT_KNOWN
from tests.simulation.oracle.windows import RANK, WINDOW, Alert, Stretch, closed_by, open_at

REMINDERS = 12
NEAR = 40 * WINDOW
PROMPT = 2 * 60
"""Seconds: in calm times a check comes each minute; one of them may leave it to the next."""


NEVER = 1 << 60


@dataclass(frozen=True)
class IncidentTruth:
    """One stretch and its incident."""

    facts: Facts
    alert: Alert
    held: Mapping[Window, str]
    """The severity at each window at which a level holds, open ones once they are closed."""
    stretch: Stretch
    incident: Incident
    knowledge: Knowledge

    def complaints(self) -> Iterator[str]:
        """What is wrong with each notice, and with what is missing after the last."""
        notices = self.incident.notices
        for each in notices:
            followed = any(each.check == e.check and each.order < e.order for e in notices)
            why = [*self._end(each)] if each.kind in ENDS else [*self._number(each)]
            why += [] if each.kind in ENDS or followed else self._firing(each)
            yield from (f"{self.incident}: {each}, {what}" for what in why)
        missing = (*self._left(), *self._critical_unnotified())
        yield from (f"{self.incident}: {what}" for what in missing)

    @property
    def _query(self) -> tuple[str, str]:
        return self.incident.project, self.alert.rule.query

    def _known(self, stored: StoredNotice) -> tuple[Window, Window]:
        """The newest window that was final to the check that stored it, at least and at most."""
        return self.knowledge.until(stored.check, *self._query, stored.at)

    def _over(self, known: Window) -> bool:
        """Whether final windows up to this one have ended it."""
        return self.stretch.ended is not None and self.stretch.ended <= known

    def _late(self, stored: StoredNotice, window: Window) -> bool:
        """Whether it was stored later than a final window allows, though nothing failed."""
        due = self._final(window)
        if self._corrected(window):
            return False
        return due > self.facts.calm + 2 * WINDOW and stored.at > due + PROMPT

    def _corrected(self, window: Window) -> bool:
        """Whether a correction is near."""
        wrong = self.facts.corrected.get((*self._query, self.incident.series), {})
        return bool(wrong) and min(wrong) - NEAR <= window <= max(wrong) + NEAR

    def _final(self, window: Window) -> int:
        """When it was final at the latest: once it had a reading, or one after it had."""
        published = self.facts.published.get(self._query, {})
        later = range(window, self.facts.ended, WINDOW)
        found = (published.get(each, each + WINDOW) for each in later if self._read(each))
        first = min(found, default=self.facts.ended)
        return max(first, window + WINDOW) + self.facts.settle

    def _read(self, window: Window) -> bool:
        """Whether the window has a reading in any series of the query."""
        return any(
            window in peaks
            for series, peaks in self.facts.peaks.items()
            if series[:2] == self._query
        )

    def _end(self, stored: StoredNotice) -> Iterator[str]:
        ended = self.stretch.ended
        known = self._known(stored)
        if ended is None or not self._over(known[1]):
            yield f"but it held at {clock(known[1])} ({span(self.stretch)})"
            return
        lasted = self.incident.since + stored.notice["duration_seconds"]
        if not ended <= lasted <= ended + WINDOW:
            yield f"lasting {stored.notice['duration_seconds']} s; it was {span(self.stretch)}"
        yield from self._why_over(stored, ended)
        if self._late(stored, ended) or (
            stored.kind == "missed" and self._late(stored, ended - WINDOW)
        ):
            yield f"{stored.at - ended} s after the window that ended it began (DESIGN 2, 4.1)"

    def _why_over(self, stored: StoredNotice, ended: Window) -> Iterator[str]:
        """What is wrong with the reason for which it ended."""
        reason = stored.notice["reason"]
        if not active(self.alert.rule, ended):
            if stored.kind == "resolved" and reason != OUTSIDE_HOURS:
                yield f"because {reason!r}, and its hours were over at {clock(ended)} (DESIGN 3)"
            return
        if self.alert.rule.of_usual and self.alert.usual_at(ended) is None:
            if stored.kind == "resolved" and reason != NOT_KNOWN:
                yield f"because {reason!r}, and nothing is usual at {clock(ended)} (DESIGN 3)"
            return
        silent = self.knowledge.silent(stored.check, *self._query, ended)
        unread = SILENT.get(self.alert.rule.missing, NOT_AWAITED)
        if stored.kind == "resolved" and (reason == unread) not in silent:
            yield f"because {reason!r}, and nothing came for an hour: {set(silent)} (DESIGN 4.1)"
        elif stored.kind == "resolved" and reason not in ("", unread):
            yield f"because {reason!r}, and nobody edited anything"

    def _firing(self, stored: StoredNotice) -> Iterator[str]:
        known = self._known(stored)
        if self._over(known[0]):
            yield f"but it was over ({span(self.stretch)})"
            return
        if not self._was(stored):
            yield from self._severity(stored.severity, known, stored.at)
        if stored.kind == "fired" and self._late(stored, self.stretch.fired):
            yield f"{stored.at - self.stretch.fired} s after its window began (DESIGN 2, 4.1)"

    def _was(self, stored: StoredNotice) -> bool:
        """Whether it rises to a severity that a final window had since, if not the last one.

        A severity that came and went between two checks is notified, then eased (DESIGN 4.4).
        """
        known = self._known(stored)[1]
        held = [self.held.get(each) for each in range(self.stretch.fired, known + WINDOW, WINDOW)]
        return stored.kind in ("fired", "escalated") and stored.severity in held

    def _severity(self, severity: str, known: tuple[Window, Window], at: int) -> Iterator[str]:
        """By final windows at least, and at most what the open ones hold once they are closed."""
        final = range(known[0], known[1] + WINDOW, WINDOW)
        opened = range(known[1] + WINDOW, at + 1, WINDOW) if self.alert.rule.at_once else ()
        least = min(RANK[self.held.get(each)] for each in final)
        most = max(RANK[self.held.get(each)] for each in (*final, *opened))
        if not least <= RANK[severity] <= most:
            by = self.held.get(known[1], "nothing")
            yield f"but {by} holds at {clock(known[1])}, {most} at most later (DESIGN 4.3, 4.4)"

    def _critical_unnotified(self) -> Iterator[str]:
        """Whether it was critical for long enough that a check saw it before the end was stored."""
        firing = [each.severity for each in self.incident.notices if each.kind != "resolved"]
        last = self.stretch.ended or self.facts.ended
        held = range(self.stretch.fired, last, WINDOW)
        critical = [each for each in held if self.held.get(each) == "critical"]
        if "critical" in firing or not critical or self._corrected(critical[0]):
            return
        seen = closed_by(self.facts.seen.get(self.incident.project, last), self.facts.settle)
        end = self.incident.last.check if self.incident.over else -1
        until = self.facts.loads.get(end, NEVER)
        stored = {e.check for e in self.facts.checks if e.how == "done" and e.order < until}
        known_at = [
            self.knowledge.until(each.check, *self._query, each.at)[0]
            for each in self.facts.fetches
            if (each.project, each.query, each.failure) == (*self._query, "")
            and each.check in stored
            and (each.check, each.project) not in self.facts.unstored
            and not self._overtaken(each.check)
            and not self._waits_for_usual(each.at)
        ]
        if seen < critical[0] <= max(known_at, default=0):
            yield f"no notice says that it was critical at {clock(critical[0])} (DESIGN 4.4)"

    def _waits_for_usual(self, at: int) -> bool:
        """Whether the check of this instant may not have been able to read what is usual."""
        spans = self.facts.unread_weeks.get(self._query, ())
        return self.alert.rule.waits_for_usual and any(a <= at <= b for a, b in spans)

    def _overtaken(self, check: int) -> bool:
        """Whether a later event's check had stored the project before: then this one stores none.

        The next check reads the same windows.
        """
        ended = next((e.order for e in self.facts.checks if e.check == check), NEVER)
        return any(
            each.project == self.incident.project and each.check > check and each.order < ended
            for each in self.facts.commits
        )

    def _number(self, stored: StoredNotice) -> Iterator[str]:
        """What is wrong with the threshold and the readings that are named."""
        bound = self._threshold(stored)
        if stored.notice["threshold"] != bound:
            yield f"threshold {stored.notice['threshold']}; it is {bound}"
        for name in ("value", "peak"):
            found = stored.notice[name]
            if found is not None and not self._seen(found, stored.at):
                yield f"{name} {found}, which no window had"

    def _threshold(self, stored: StoredNotice) -> float | None:
        """The threshold in calls, at the window whose calls the notice names."""
        bound: int = getattr(self.alert.rule, stored.severity)
        if not self.alert.rule.of_usual:
            return bound
        usual = self.alert.usual_at(instant(stored.notice["value_at"]))
        return None if usual is None else bound * usual / 100

    def _seen(self, value: int, at: int) -> bool:
        """Whether a closed window near it has this value, or an open one may have had it."""
        peaks, opened = self.alert.peaks, open_at(at, self.facts.settle)
        first = self.stretch.fired - 2 * self.alert.rule.among * WINDOW
        near = {peaks.get(each, 0) for each in range(first, opened.start, WINDOW)}
        return value in near or value <= max(peaks.get(each, 0) for each in opened)

    def _left(self) -> Iterator[str]:
        """What should have been notified by the end of the run."""
        last = self.incident.last
        if self.incident.over:
            return
        known = self.knowledge.at_the_end(*self._query)
        if self._over(known[0]):
            yield f"over at {span(self.stretch)}, last notice {last} (DESIGN 4.1)"
            return
        lately = last.at > self.facts.ended - WINDOW - self.facts.settle - PROMPT
        known_as = () if lately and self._was(last) else (last.severity,)
        why = [w for each in known_as for w in self._severity(each, known, self.facts.ended)]
        yield from (f"last notice {last}, at the end {what}" for what in why)
        remind = self.alert.rule.remind
        reminded = sum(each.kind == "reminder" for each in self.incident.notices)
        if remind and reminded < REMINDERS:
            due = max(last.at + remind, self.facts.calm + 2 * WINDOW) + PROMPT
            if due < self.facts.ended:
                yield f"no reminder since {last}, {remind} s later at the latest (DESIGN 3)"


def span(stretch: Stretch) -> str:
    """For people."""
    until = clock(stretch.ended) if stretch.ended is not None else "the end"
    return f"{clock(stretch.fired)} until {until}"
