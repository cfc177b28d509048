"""Who was to hear of what, and who did: what the demo's last line is computed from.

What was owed comes from the table's history and the reports of the checks; what arrived comes from
the receivers. Nothing that Headroom says of its own deliveries counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.domain.rules import DEFAULT_CHANNEL
from headroom_cli.simulator.receivers import Received, without_calls

Notice = Mapping[str, Any]
"""As `headroom.domain.notices.Notice.as_json` has it."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The outcome; `heard` by kind and channel."""

    delivered: Counter[tuple[str, str]]
    lost: tuple[str, ...]
    """What was owed and did not arrive: `on-call: CRITICAL 114/120 calls ...`."""
    duplicates: tuple[str, ...]
    """What arrived and was not owed, or not so often."""


@dataclass
class Audit:
    """`kinds`: each channel's type (`slack`, `pagerduty`, `sns`)."""

    kinds: Mapping[str, str]
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Notice id to the channels that the check named for it."""

    def add(self, report: Mapping[str, Any]) -> None:
        """Take over which channels one check's notices are for."""
        self.told.update((each["id"], tuple(each["channels"])) for each in report["notices"])

    def result(self, history: Iterable[Notice], received: Iterable[Received]) -> AuditResult:
        """Set what the history says was owed against what arrived."""
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
        """Each channel that was to hear of it, with the identity that it arrives under there."""
        channels = self.told.get(notice["id"], ())
        if notice["kind"] == "missed" and {self.kinds[each] for each in channels} == {"pagerduty"}:
            yield DEFAULT_CHANNEL, notice["id"]  # a pager is not told of what is over already
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
        """Notices of which history and reports disagree: nobody can say who heard of them."""
        stray = notices.keys() ^ self.told.keys()
        return [f"notice {each}, in only one of history and reports" for each in sorted(stray)]


def _lines(
    places: Counter[tuple[str, str]], expected: Mapping[tuple[str, str], Notice]
) -> list[str]:
    return [
        f"{place[0]}: {expected[place]['summary'] if place in expected else place[1]}"
        for place in places.elements()
    ]
