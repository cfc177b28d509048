"""Whether the report of each check is true of the notices that it did not send (DESIGN 5.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.simulation.facts import Facts
from tests.simulation.oracle.incidents import ENDS
from tests.simulation.outcomes import Commit, Recorded, Reported, Send, Unsent

Delivery = tuple[str, str]
"""Notice id and channel."""
UNUSABLE = "not_configured"
"""The reason of a failure without an attempt: there is no such channel, or it is invalid."""
NOT_TRIED = "left for a later check: a notice before it failed, or time ran out"
PENDING = "an earlier notice of this alert is pending"
COUNTED = "counted in a later notice of its alert"
SPARED = "the incident was over before the channel was notified"


def report_is_true(facts: Facts) -> Iterator[str]:
    """Each notice is accepted, or the report names it with an outcome and a reason that are true.

    The notices are those that the check decided, for each channel that they are routed to.
    """
    run = _Run(facts)
    for report in facts.reports:
        yield from (f"check {report.check}: {what}" for what in _Report(run, report).complaints())


@dataclass(frozen=True)
class _Run:
    """The run, looked up by delivery."""

    facts: Facts

    @cached_property
    def sends(self) -> Mapping[Delivery, list[Send]]:
        found = defaultdict(list)
        for each in self.facts.sends:
            found[each.notice["id"], each.channel].append(each)
        return found

    @cached_property
    def commits(self) -> Mapping[int, list[Commit]]:
        """By check."""
        found = defaultdict(list)
        for each in self.facts.commits:
            found[each.check].append(each)
        return found

    @cached_property
    def changes(self) -> Mapping[Delivery, list[tuple[int, int, bool]]]:
        """When each delivery began or ceased to be pending: order, check, and which of both."""
        found: dict[Delivery, list[tuple[int, int, bool]]] = defaultdict(list)
        pending: dict[str, set[Delivery]] = defaultdict(set)
        events: list[Commit | Recorded] = [*self.facts.commits, *self.facts.records]
        for event in sorted(events, key=lambda one: one.order):
            before = pending[event.project]
            if isinstance(event, Commit):
                now = {(key, to) for key, channels in event.pending.items() for to in channels}
            else:
                now = before - {(event.notice, event.channel)} if event.settled else before
            for each in before ^ now:
                found[each].append((event.order, event.check, each in now))
            pending[event.project] = now
        return found


@dataclass(frozen=True)
class _Report:
    """One report, in its run."""

    run: _Run
    report: Reported

    @cached_property
    def accepted(self) -> set[Delivery]:
        mine = (each for each in self.run.facts.sends if each.check == self.report.check)
        return {(each.notice["id"], each.channel) for each in mine if each.answer == "accepted"}

    def complaints(self) -> Iterator[str]:
        named: set[Delivery] = set()
        for unsent in self.report.unsent:
            delivery = unsent.notice["id"], unsent.channel
            if delivery in self.accepted:
                yield f"{unsent}, and it was accepted"
            if delivery in named:
                yield f"{unsent}, and it is named twice"
            named.add(delivery)
            yield from (f"{unsent}, {why}" for why in self._untrue(unsent))
        for notice, channels in self.report.decided:
            for channel in channels:
                if not self._accounted(notice, channel, named):
                    yield f"{notice['kind']} {notice['id'][:6]} to {channel} is not accounted for"

    def _accounted(self, notice: Mapping[str, Any], channel: str, named: set[Delivery]) -> bool:
        """Whether it was accepted or named, or the `missed` that the channel gets in its place."""
        if (notice["id"], channel) in self.accepted | named:
            return True
        if notice["kind"] == "missed" and channel in self.run.facts.pagers:
            return True  # it accepts that, and pages nobody
        incident = notice["incident_id"]
        late = [each.notice for each in self.report.unsent if each.channel == channel]
        late += [
            each.notice
            for each in self.run.facts.sends
            if (each.check, each.channel) == (self.report.check, channel)
        ]
        return notice["kind"] == "resolved" and any(
            (each["incident_id"], each["kind"]) == (incident, "missed") for each in late
        )

    def _untrue(self, unsent: Unsent) -> Iterator[str]:
        sends = self.run.sends[unsent.notice["id"], unsent.channel]
        tried = [each for each in sends if each.check == self.report.check]
        if unsent.outcome == "waiting":
            # A refused digest is sent again in parts, so it is no attempt of each notice in it.
            yield from self._waiting(unsent, tried=any(not each.digest for each in tried))
        elif unsent.outcome == "withheld":
            if any(each.order > self.report.order for each in sends):
                yield "and it was sent later"
            yield from self._withheld(unsent)
        elif not tried and unsent.reason != UNUSABLE:
            yield "and it was not tried"

    def _waiting(self, unsent: Unsent, *, tried: bool) -> Iterator[str]:
        if not self._pending(unsent):
            yield "and it is not pending"
        if unsent.reason == NOT_TRIED and tried:
            yield "and it was tried"
        if unsent.reason == PENDING and not any(map(unsent.follows, self._commits)):
            yield "and no earlier one is"
        if unsent.reason.startswith("back-off") and not self._failed(unsent.channel):
            yield "and nothing failed there"

    def _pending(self, unsent: Unsent) -> bool:
        """Whether it is pending after the check, or was until another check sent or replaced it."""
        changes = self.run.changes[unsent.notice["id"], unsent.channel]
        _, check, pending = max(
            (each for each in changes if each[0] < self.report.order), default=(0, -1, False)
        )
        return pending or check not in (-1, self.report.check)

    def _failed(self, channel: str) -> bool:
        return any(
            each.channel == channel
            and each.order < self.report.order
            and each.answer not in ("accepted", "nothing")
            for each in self.run.facts.sends
        )

    @property
    def _commits(self) -> list[Commit]:
        return self.run.commits[self.report.check]

    def _withheld(self, unsent: Unsent) -> Iterator[str]:
        notice, reason = unsent.notice, unsent.reason
        left = [
            commit.notices[key]
            for commit in self._commits
            for key, channels in commit.pending.items()
            if unsent.channel in channels and commit.notices[key]["id"] != notice["id"]
        ]
        if reason.startswith("superseded by "):
            kind = reason.removeprefix("superseded by ")
            if not any(
                (e["incident_id"], e["kind"]) == (notice["incident_id"], kind) for e in left
            ):
                yield f"and no {kind} of its incident is pending there"
        elif reason == COUNTED:
            if not any(unsent.same_alert(each) for each in left):
                yield "and no other notice of its alert is pending there"
        elif reason == SPARED:
            sends = (each for each in self.run.facts.sends if each.order < self.report.order)
            mine = (e for e in sends if e.notice["incident_id"] == notice["incident_id"])
            if any(each.channel == unsent.channel and each.arrived for each in mine):
                yield "and it was notified"
        elif notice["kind"] not in ENDS:
            yield "and its incident is not over"
