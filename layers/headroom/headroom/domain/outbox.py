"""The outbox: notices that channels still owe an acceptance, kept inside the project's document."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import DEFAULT_CHANNEL, HEADROOM
from headroom.domain.windows import Instant

GIVE_UP_AFTER = 24 * 3600
"""Seconds of failing after which a notice goes to the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """One channel that has not accepted one notice yet."""

    attempts: int = 0
    """Tries that failed."""
    alone: int = 0
    """How many of them failed while the channel took other notices: these are the notice's own."""
    retry_at: Instant = 0
    """Not to be tried before."""
    asked: Instant = 0
    """Until when the channel itself asked to be left alone (`Retry-After`), whatever the notice."""
    lease: str = ""
    """The random token of the check that may be sending it now; '' when none."""
    lease_until: Instant = 0
    since: Instant = 0
    """Since when the channel owes a word on this incident; 0: since the notice was queued."""
    first: bool = False
    """The first that this channel was to hear of the incident."""
    uncertain: bool = False
    """An attempt may have arrived all the same."""
    more: int = 0
    """Earlier incidents of its alert that it stands for: their `missed` were left out."""
    refused: str = ""
    """Why it was given up (refused for good, 24 hours): it goes once its report is stored."""
    given_up: str = ""
    """Why it was given up, while the dead-letter queue has not taken it: it is not sent again, but
    put there."""

    def leased(self, now: Instant) -> bool:
        """Whether another check may be sending it now."""
        return bool(self.lease) and now < self.lease_until


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """One notice with the channels that still owe it."""

    seq: int
    """Order within the project's document, over all its incidents."""
    notice: Notice
    queued_at: Instant
    owed: dict[str, PendingDelivery] = field(default_factory=dict)
    unheard: bool = False
    """The end of an incident that goes to pagers alone, as far as that is known, and none of them
    had accepted its beginning."""

    def since(self, channel: str) -> Instant:
        """Since when the channel owes this, or something that it stands for."""
        return self.owed[channel].since or self.queued_at

    def failing_since(self, channel: str) -> Instant:
        """From when its 24 hours count: a reminder is no news, and goes on where the other was."""
        return self.since(channel) if self.notice.kind is Kind.REMINDER else self.queued_at

    def overdue(self, channel: str, now: Instant) -> bool:
        """Whether the next try that fails is the last."""
        return now - self.failing_since(channel) >= GIVE_UP_AFTER

    def owing(self, channel: str, owed: PendingDelivery) -> PendingNotice:
        """The same, with what one channel owes replaced."""
        return replace(self, owed={**self.owed, channel: owed})


Outbox = dict[str, PendingNotice]
"""By notice id."""


Line = tuple[str, str]
"""A project's document and an alert of it: what comes later waits for what comes first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One notice that this check may send to one channel: it holds the lease."""

    project: str
    """Whose document the notice is in."""
    notice: Notice
    channel: str
    owed: PendingDelivery
    queued_at: Instant

    @property
    def line(self) -> Line:
        """The line in which it keeps its order."""
        return self.project, self.notice.alert_id

    @property
    def tried(self) -> bool:
        """Whether an earlier check tried it."""
        return self.owed.attempts > 0

    @property
    def own(self) -> bool:
        """Whether it is one of Headroom's own reports, which list the projects they are about."""
        return self.notice.project == HEADROOM


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One notice that a channel refused for good, or did not take for 24 hours."""

    notice: Notice
    channel: str
    owed: PendingDelivery


def join(
    outbox: Outbox,
    told: RoutedNotice,
    seq: int,
    now: Instant,
    *,
    pagers: Container[str],
    unknown: Container[str] = (),
) -> None:
    """Add a notice for its channels, which `hearing` has chosen.

    `unknown`: channels that cannot be used now, and may turn out to be pagers.
    """
    known = outbox.get(told.notice.id)
    owed = dict(known.owed) if known else {}
    for name in told.channels:
        owed.setdefault(name, PendingDelivery(first=name not in told.before))
    unheard = told.notice.kind.ends and _unheard(outbox, told, pagers, unknown)
    outbox[told.notice.id] = PendingNotice(seq, told.notice, now, owed, unheard)


def _unheard(
    outbox: Outbox, told: RoutedNotice, pagers: Container[str], unknown: Container[str]
) -> bool:
    """Whether nobody but pagers is told, and each of them still owes the incident's beginning."""
    incident = told.notice.incident_id
    begun = [each for each in outbox.values() if each.notice.incident_id == incident]
    if any(each.notice.kind is Kind.MISSED for each in begun):
        return False
    never = {name for each in begun for name, owed in each.owed.items() if owed.first}
    return all(name in never and (name in pagers or name in unknown) for name in told.channels)


def hearing(told: RoutedNotice, pagers: Container[str]) -> tuple[str, ...]:
    """The channels that a notice is sent to."""
    if told.notice.kind is not Kind.MISSED:
        return told.channels
    people = tuple(name for name in told.channels if name not in pagers)
    return people or (DEFAULT_CHANNEL,)


def lines(outbox: Outbox, channel: str) -> dict[str, list[PendingNotice]]:
    """What one channel still owes, by alert and in order: the next waits for the first."""
    found: dict[str, list[PendingNotice]] = {}
    for pending in sorted(outbox.values(), key=lambda each: each.seq):
        owed = pending.owed.get(channel)
        if owed is not None and not owed.refused:
            found.setdefault(pending.notice.alert_id, []).append(pending)
    return found


def channels(outbox: Outbox) -> list[str]:
    """Every channel that owes anything."""
    return sorted({name for pending in outbox.values() for name in pending.owed})


def expire(outbox: Outbox, now: Instant) -> None:
    """End the leases that hold nothing any more.

    One that ran out without a record: its sender may have sent before it died. And one behind a
    notice that is free: its sender let that go, so it sends nothing of the alert that follows.
    """
    for key, pending in list(outbox.items()):
        for name, owed in pending.owed.items():
            if owed.lease and not owed.leased(now):
                after = replace(owed, lease="", attempts=owed.attempts + 1, uncertain=True)
                outbox[key] = outbox[key].owing(name, after)
    for name in channels(outbox):
        for line in lines(outbox, name).values():
            _free(outbox, name, line)


def _free(outbox: Outbox, channel: str, line: Iterable[PendingNotice]) -> None:
    leases = [(each, each.owed[channel]) for each in line]
    for pending, owed in itertools.dropwhile(lambda each: each[1].lease, leases):
        if owed.lease:
            free = replace(owed, lease="", lease_until=0)
            outbox[pending.notice.id] = outbox[pending.notice.id].owing(channel, free)


def waits(outbox: Outbox) -> dict[str, Instant]:
    """Until when channels asked to be left alone, in answer to any of these notices."""
    found: dict[str, Instant] = {}
    for pending in outbox.values():
        for name, owed in pending.owed.items():
            if owed.asked > found.get(name, 0):
                found[name] = owed.asked
    return found


def backing_off(known: Iterable[Mapping[str, Instant]], now: Instant) -> dict[str, Instant]:
    """The channels that asked us to back off, by what any project knows, and until when."""
    found: dict[str, Instant] = {}
    for each in known:
        for name, until in each.items():
            if until > max(now, found.get(name, 0)):
                found[name] = until
    return found


def claim(
    project: str,
    outbox: Outbox,
    token: str,
    until: Instant,
    now: Instant,
    *,
    busy: Container[str] = (),
) -> list[Claim]:
    """Lease all that may be sent now, in order; a line stops at what is leased or not due yet.

    For the `busy` channels, which asked us to back off, lease only what is overdue; otherwise it
    would never be sent.
    """
    claims: list[Claim] = []
    for name in channels(outbox):
        for line in lines(outbox, name).values():
            for pending in line:
                owed = pending.owed[name]
                waits = name in busy and not pending.overdue(name, now)
                if waits or owed.leased(now) or owed.retry_at > now:
                    break
                leased = replace(owed, lease=token, lease_until=until)
                key = pending.notice.id
                outbox[key] = outbox[key].owing(name, leased)
                notice = _standing_for(owed.more, pending.notice)
                claims.append(Claim(project, notice, name, leased, pending.failing_since(name)))
    return claims


def _standing_for(more: int, notice: Notice) -> Notice:
    """The notice with the number of incidents that it stands for."""
    if not more:
        return notice
    others = "1 earlier incident is" if more == 1 else f"{more} earlier incidents are"
    reasons = (notice.full_reason, f"{others} in the history only")
    details = replace(notice.details, place="", correlation_id="", until=None)
    return replace(notice, reason="; ".join(filter(None, reasons)), details=details)


def refused(outbox: Outbox) -> list[GivenUp]:
    """The notices that were given up, in the dead-letter queue or not yet; a report may be due."""
    return [
        GivenUp(pending.notice, name, owed)
        for pending in outbox.values()
        for name, owed in pending.owed.items()
        if owed.refused or owed.given_up
    ]


def take_refused(outbox: Outbox, reported: Container[tuple[str, str]]) -> None:
    """Take out what was given up and is reported, by channel and id; what `default` gave up too."""
    for each in refused(outbox):
        known = each.channel == DEFAULT_CHANNEL or (each.channel, each.notice.id) in reported
        if known and each.owed.refused:
            drop(outbox, each.notice.id, each.channel)


def drop(outbox: Outbox, key: str, channel: str) -> None:
    """The channel owes this notice no more; without any channel the notice is gone."""
    owed = {name: each for name, each in outbox[key].owed.items() if name != channel}
    if owed:
        outbox[key] = replace(outbox[key], owed=owed)
    else:
        del outbox[key]
