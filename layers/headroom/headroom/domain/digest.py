"""A digest: one message that stands for many notices to one chat channel in one check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from headroom.domain.fingerprints import short_hash
from headroom.domain.formatting import ascii_line, shorten
from headroom.domain.headline import LENGTH
from headroom.domain.notices import Kind, Notice

LISTED = 20
"""Notices that have a line of their own."""

COUNTED = 10
"""Pairs of project and rule that the rest is counted by."""


@dataclass(frozen=True)
class Digest:
    """The notices that the message stands for, those of each alert in order."""

    notices: tuple[Notice, ...]
    stands_for: Mapping[str, int] = field(default_factory=dict)
    """By notice id, the number of earlier incidents that it stands for: they are over too."""

    @property
    def id(self) -> str:
        """The id, which follows from the notices: the same notices make the same id."""
        return short_hash("digest", *sorted(each.id for each in self.notices))

    @property
    def summary(self) -> str:
        """The first line, as in `CRITICAL 12 alerts in 3 projects: support-line near-limit, ...`.

        Printable ASCII, at most `LENGTH` characters.
        """
        counted = self._counted
        line = f"{_opening(counted)} in {_many(_projects(counted), 'project')}: {_names(counted)}"
        return shorten(ascii_line(line), LENGTH)

    @property
    def worst(self) -> Notice:
        """The most severe notice, of alerts that go on if there are any."""
        return self._counted[0]

    @property
    def lines(self) -> tuple[str, ...]:
        """The first lines of the notices: those that go on, then the others, by severity."""
        return tuple(shorten(ascii_line(each.summary), LENGTH) for each in self._listed)

    @property
    def rest(self) -> str:
        """The notices without a line, counted by project and rule; empty when all have one."""
        left = [*self._firing, *self._ended][LISTED:]
        counts = Counter(_name(each) for each in left)
        named = [f"{count} x {name}" for name, count in counts.most_common(COUNTED)]
        others = counts.total() - sum(count for _, count in counts.most_common(COUNTED))
        named += [f"{others} others"] if others else []
        return f"and {len(left)} more: {', '.join(named)}" if left else ""

    @property
    def over(self) -> str:
        """The incidents that were over before they could be sent, in one line; '' without any."""
        counts = Counter(_name(each) for each in self._missed)
        for each in self.notices:
            if earlier := self.stands_for.get(each.id):
                counts[_name(each)] += earlier
        if not counts:
            return ""
        named = [f"{count} x {name}" for name, count in counts.most_common(COUNTED)]
        more = ", ..." if len(counts) > COUNTED else ""
        return f"{counts.total()} over before they were sent: {', '.join(named)}{more}"

    @property
    def _counted(self) -> Sequence[Notice]:
        """The notices that the first line counts."""
        return self._firing or self._ended or self._missed

    @property
    def _listed(self) -> Sequence[Notice]:
        return [*self._firing, *self._ended][:LISTED]

    @cached_property
    def _newest(self) -> list[Notice]:
        """The last notice of each alert, the most severe first: earlier ones are out of date."""
        known = [each for each in self.notices if each.kind is not Kind.MISSED]
        newest = {each.alert_id: each for each in known}
        return sorted(newest.values(), key=lambda each: -each.severity.rank)

    @property
    def _firing(self) -> list[Notice]:
        return [each for each in self._newest if not each.kind.ends]

    @property
    def _ended(self) -> list[Notice]:
        return [each for each in self._newest if each.kind.ends]

    @cached_property
    def _missed(self) -> list[Notice]:
        over = [each for each in self.notices if each.kind is Kind.MISSED]
        return sorted(over, key=lambda each: -each.severity.rank)


def _opening(notices: Sequence[Notice]) -> str:
    many = _many(len(notices), "alert")
    if notices[0].kind.ends:
        return f"{notices[0].kind.upper()} {many}"
    worst = notices[0].severity
    count = sum(each.severity is worst for each in notices)
    return f"{worst.upper()} {many if count == len(notices) else f'{count} of {many}'}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _projects(notices: Sequence[Notice]) -> int:
    return len({each.project for each in notices})


def _names(notices: Sequence[Notice]) -> str:
    return ", ".join(dict.fromkeys(map(_name, notices)))


def _name(notice: Notice) -> str:
    return ascii_line(f"{notice.project} {notice.rule}")
