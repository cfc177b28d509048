"""An index of what was pending in documents, and what became of it, for the invariants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tests.simulation.facts import Facts
from tests.simulation.outcomes import Send

ENDS = frozenset({"resolved", "missed"})
NEVER = 1 << 60


class Deliveries:
    """An index over the facts of one run."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.queued: dict[tuple[str, str], int] = {}
        """Notice id and channel, to the place of the commit in which it was pending first."""
        self.words: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        """Every form in which a notice was stored."""
        self.ends: set[str] = set()
        """Incidents whose end was stored."""
        self.ended_at: dict[str, int] = {}
        """Incidents to the place of the commit that stored their end."""
        self.incidents: set[str] = set()
        self._to: dict[str, set[str]] = defaultdict(set)
        """The channels that each incident was routed to."""
        self._firsts: dict[tuple[str, str], str] = {}
        """Incident and channel to the id of the first notice that was pending for the channel."""
        self._commits: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._ranks: dict[str, int] = {}
        self._end_ranks: dict[str, int] = {}
        self._at_ranks: dict[str, dict[str, int]] = defaultdict(dict)
        for commit in facts.commits:
            self._commits[commit.check, commit.project].append(commit.order)
            for key, channels in commit.pending.items():
                for channel in channels:
                    self.queued.setdefault((key, channel), commit.order)
                    incident = commit.notices[key]["incident_id"]
                    self._to[incident].add(channel)
                    self._firsts.setdefault((incident, channel), key)
                if commit.notices[key] not in self.words[key]:
                    self.words[key].append(commit.notices[key])
            for notice in commit.history:
                self._add(notice, commit.order)

    def _add(self, notice: Mapping[str, Any], order: int) -> None:
        self.incidents.add(notice["incident_id"])
        rank = self._ranks.setdefault(notice["id"], len(self._ranks) + 1)
        self._at_ranks[notice["incident_id"]][notice["at"]] = rank
        if notice["kind"] in ENDS:
            self.ends.add(notice["incident_id"])
            self.ended_at.setdefault(notice["incident_id"], order)
            self._end_ranks.setdefault(notice["incident_id"], rank)

    def _known(self, incident: str) -> bool:
        """Whether the incident was routed to people, or any channel was notified of it."""
        return bool(self._to[incident] - set(self._facts.pagers)) or incident in self._notified

    @cached_property
    def _notified(self) -> set[str]:
        return {each["incident_id"] for each in self._done.values()}

    @cached_property
    def pending(self) -> set[str]:
        """The ids of the notices that are still pending at the end."""
        return {key for pending in self._facts.still_pending.values() for key in pending}

    @cached_property
    def _done(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        arrived = [each for each in self._facts.sends if each.arrived]
        return {(each.notice["id"], each.channel): each.notice for each in arrived} | {
            (each.notice["id"], each.channel): each.notice for each in self._facts.dead_letters
        }

    def done(self, key: str, channel: str) -> bool:
        """Whether it arrived, or is in the dead-letter queue."""
        return (key, channel) in self._done

    def ended_for(self, incident: str, channel: str) -> bool:
        """Whether the channel received the incident's end, or that is in the queue."""
        return any(
            to == channel and notice["incident_id"] == incident and notice["kind"] in ENDS
            for (_, to), notice in self._done.items()
        )

    def out_of_date(self, key: str, channel: str) -> bool:
        """Whether a newer notice of its incident took its place.

        A pager needs no notice of an ended incident, unless it was routed to pagers alone, and none
        was notified.
        """
        notice = self.words[key][0]
        incident = str(notice["incident_id"])
        if incident in self.ends and channel in self._facts.pagers and self._known(incident):
            return True
        if notice["kind"] == "reminder" and self._news_since(key, channel, incident):
            return True
        return any(
            to == channel
            and one["incident_id"] == incident
            and (self.rank(one), one["kind"] in ENDS) >= (self.rank(notice), notice["kind"] in ENDS)
            for (_, to), one in self._done.items()
        ) or any(
            channel in channels
            and self.words[other][0]["incident_id"] == incident
            and self.rank(self.words[other][0]) >= self.rank(notice)
            for pending in self._facts.still_pending.values()
            for other, channels in pending.items()
        )

    def _news_since(self, key: str, channel: str, incident: str) -> bool:
        """Whether news that was pending was sent, or is pending, in its place."""
        since = self.queued[key, channel]
        sent = (
            each.arrived
            and each.channel == channel
            and each.notice["incident_id"] == incident
            and each.order > since
            for each in self._facts.sends
        )
        pending = (
            channel in channels and self.words[other][0]["incident_id"] == incident
            for pending in self._facts.still_pending.values()
            for other, channels in pending.items()
        )
        return any(sent) or any(pending)

    def newest_commit(self, send: Send) -> int:
        """The place of the commit by which this send was allowed."""
        commits = self._commits[send.check, send.project]
        return max((each for each in commits if each < send.order), default=0)

    def is_first(self, notice: Mapping[str, Any], channel: str) -> bool:
        """Whether it is the first notice of the incident for the channel."""
        return self._firsts.get((notice["incident_id"], channel)) == str(notice["id"])

    def rank(self, notice: Mapping[str, Any]) -> int:
        """Its place among all notices; one that stands for another has that one's."""
        known = self._ranks.get(notice["id"])
        if known is not None:
            return known
        if notice["kind"] in ENDS:
            return self._end_ranks.get(notice["incident_id"], 0)
        first = next(iter(self.words.get(notice["id"], ())), notice)
        ranks = self._at_ranks[notice["incident_id"]]  # it may have been renewed since
        return max((rank for at, rank in ranks.items() if at <= first["at"]), default=0)

    def stands_in(self, notice: Mapping[str, Any]) -> bool:
        """Whether it is a `missed` in place of notices to others."""
        return notice["kind"] == "missed" and notice["id"] not in self._ranks

    def name(self, key: str) -> str:
        """How to call a notice."""
        notice = self.words[key][0] if self.words[key] else {}
        what = [notice.get(part, "") for part in ("kind", "severity", "project", "rule", "series")]
        return f"{key[:6]} ({' '.join(part for part in what if part)})"
