"""Compares the notices that were expected with those that arrived: the demo's final figures.

Expected ones come from the table's history and the reports; arrived ones from the receivers.
Headroom's own account of its deliveries is not used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.domain.rules import DEFAULT_CHANNEL
from headroom_cli.simulator.receivers import Received, without_calls

Notice = Mapping[str, Any]
"""In the form of `headroom.domain.notices.Notice.as_json`."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The comparison; `delivered` by kind and channel."""

    delivered: Counter[tuple[str, str]]
    lost: tuple[str, ...]
    """Expected and not arrived: `on-call: CRITICAL 114/120 calls ...`."""
    duplicates: tuple[str, ...]
    """Arrived and not expected, or too often."""


@dataclass
class Audit:
    """Collects reports. `kinds`: each channel's type (`slack`, `pagerduty`, `sns`)."""

    kinds: Mapping[str, str]
    channels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Notice id: the channels that the check named."""

    def add(self, report: Mapping[str, Any]) -> None:
        """Record the channels of one check's notices."""
        self.channels.update((each["id"], tuple(each["channels"])) for each in report["notices"])

    def result(self, history: Iterable[Notice], received: Iterable[Received]) -> AuditResult:
        """Compare the history with what arrived."""
        notices = {each["id"]: each for each in history}
        expected = {
            (channel, identity): notice
            for notice in notices.values()
            for channel, identity in self._expected(notice)
        }
        due = Counter(place for notice in notices.values() for place in self._expected(notice))
        got = Counter((each.channel, each.identity) for each in received)
        delivered = Counter((expected[place]["kind"], place[0]) for place in (due & got).elements())
        return AuditResult(
            delivered=delivered,
            lost=(*_lines(due - got, expected), *self._unmatched(notices)),
            duplicates=tuple(_lines(got - due, expected)),
        )

    def _expected(self, notice: Notice) -> Iterator[tuple[str, str]]:
        """Yield each channel that should get the notice, and its identity there."""
        channels = self.channels.get(notice["id"], ())
        if notice["kind"] == "missed" and {self.kinds[each] for each in channels} == {"pagerduty"}:
            yield DEFAULT_CHANNEL, notice["id"]  # a pager gets nothing about an ended incident
        for channel in channels:
            match self.kinds[channel], notice["kind"]:
                case "slack", _:
                    yield channel, without_calls(notice["summary"])
                case "pagerduty", "missed":
                    pass
                case "pagerduty", "resolved":
                    yield channel, f"resolve {notice['incident_id']}"
                case _:
                    yield channel, notice["id"]

    def _unmatched(self, notices: Mapping[str, Notice]) -> list[str]:
        """List notices that are only in the history or only in the reports."""
        stray = notices.keys() ^ self.channels.keys()
        return [f"notice {each}, in only one of history and reports" for each in sorted(stray)]


def _lines(
    places: Counter[tuple[str, str]], expected: Mapping[tuple[str, str], Notice]
) -> list[str]:
    return [
        f"{place[0]}: {expected[place]['summary'] if place in expected else place[1]}"
        for place in places.elements()
    ]
