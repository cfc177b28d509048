"""One story of the readings, and whether the notices of its incident tell it truly and in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.simulation.facts import Facts, Window
from tests.simulation.oracle_told import ENDS, Incident, Told, clock
from tests.simulation.oracle_windows import RANK, WINDOW, Line, Story, closed_by, open_at

REMINDERS = 12
PROMPT = 2 * 60
"""Seconds: in calm times a check comes each minute; one of them may leave it to the next."""


@dataclass(frozen=True)
class Tale:
    """One story and its incident."""

    facts: Facts
    line: Line
    held: Mapping[Window, str]
    """The severity at each window at which a level holds, open ones once they are closed."""
    story: Story
    incident: Incident

    def complaints(self) -> Iterator[str]:
        """What is wrong with each notice, and with what is missing after the last."""
        told = self.incident.told
        for each in told:
            followed = any(each.check == e.check and each.order < e.order for e in told)
            why = [*self._end(each)] if each.kind in ENDS else [*self._number(each)]
            why += [] if each.kind in ENDS or followed else self._firing(each)
            yield from (f"{self.incident}: {each}, {what}" for what in why)
        yield from (f"{self.incident}: {what}" for what in self._left())

    def _closed(self, at: int) -> Window:
        return closed_by(at, self.facts.settle)

    def _over(self, at: int) -> bool:
        """Whether closed windows have ended it at an instant."""
        return self.story.ended is not None and self.story.ended <= self._closed(at)

    def _late(self, told: Told, window: Window) -> bool:
        """Whether it was told later than a closed window allows, though nothing failed."""
        due = window + WINDOW + self.facts.settle
        return due > self.facts.calm + 2 * WINDOW and told.at > due + PROMPT

    def _end(self, told: Told) -> Iterator[str]:
        ended = self.story.ended
        if ended is None or not self._over(told.at):
            yield f"but it held at {clock(self._closed(told.at))} ({span(self.story)})"
            return
        lasted = self.incident.since + told.notice["duration_seconds"]
        if not ended <= lasted <= ended + WINDOW:
            yield f"lasting {told.notice['duration_seconds']} s; it was {span(self.story)}"
        if told.notice["reason"]:
            yield f"because {told.notice['reason']!r}, and nobody edited anything"
        if self._late(told, ended) or (told.kind == "missed" and self._late(told, ended - WINDOW)):
            yield f"{told.at - ended} s after the window that ended it began (DESIGN 2, 4.1)"

    def _firing(self, told: Told) -> Iterator[str]:
        if self._over(told.at):
            yield f"but it was over ({span(self.story)})"
            return
        yield from self._severity(told.severity, told.at)
        if told.kind == "fired" and self._late(told, self.story.fired):
            yield f"{told.at - self.story.fired} s after its window began (DESIGN 2, 4.1)"

    def _severity(self, severity: str, at: int) -> Iterator[str]:
        """By closed windows at least, and at most what the open ones hold once they are closed."""
        closed = self._closed(at)
        opened = open_at(at, self.facts.settle) if self.line.rule.upper else ()
        least = RANK[self.held.get(closed)]
        most = max([least, *(RANK[self.held.get(each)] for each in opened)])
        if not least <= RANK[severity] <= most:
            by = self.held.get(closed, "nothing")
            yield f"but {by} holds at {clock(closed)}, {most} at most later (DESIGN 4.3, 4.4)"

    def _number(self, told: Told) -> Iterator[str]:
        """What is wrong with the threshold and the readings that are named."""
        bound = getattr(self.line.rule, told.severity)
        if told.notice["threshold"] != bound:
            yield f"threshold {told.notice['threshold']}; it is {bound}"
        for name in ("value", "peak"):
            found = told.notice[name]
            if found is not None and not self._seen(found, told.at):
                yield f"{name} {found}, which no window had"

    def _seen(self, value: int, at: int) -> bool:
        """Whether a closed window near it has this value, or an open one may have had it."""
        peaks, opened = self.line.peaks, open_at(at, self.facts.settle)
        first = self.story.fired - 2 * self.line.rule.among * WINDOW
        near = {peaks.get(each, 0) for each in range(first, opened.start, WINDOW)}
        return value in near or value <= max(peaks.get(each, 0) for each in opened)

    def _left(self) -> Iterator[str]:
        """What should have been told by the end of the run."""
        last = self.incident.last
        if self.incident.over:
            return
        if self._over(self.facts.ended):
            yield f"over at {span(self.story)}, last told {last} (DESIGN 4.1)"
            return
        why = self._severity(last.severity, self.facts.ended)
        yield from (f"last told {last}, at the end {what}" for what in why)
        remind = self.line.rule.remind
        reminded = sum(each.kind == "reminder" for each in self.incident.told)
        if remind and reminded < REMINDERS:
            due = max(last.at + remind, self.facts.calm + 2 * WINDOW) + PROMPT
            if due < self.facts.ended:
                yield f"no reminder since {last}, {remind} s later at the latest (DESIGN 3)"


def span(story: Story) -> str:
    """For people."""
    until = clock(story.ended) if story.ended is not None else "the end"
    return f"{clock(story.fired)} until {until}"
