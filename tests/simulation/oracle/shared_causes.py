"""One cause, one notice: what several projects fail by has one alert (DESIGN 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from tests.simulation.facts import Ended, Facts, ProjectFacts
from tests.simulation.oracle.builtin_alerts import (
    FIRES,
    KEY_KINDS,
    OWN_KINDS,
    TRIES,
    WORSENS,
    ProjectRead,
    began,
    reads,
)
from tests.simulation.oracle.configuration import DEFAULT, Configuration, with_default
from tests.simulation.oracle.incidents import HEADROOM, Incident, StoredNotice, clock


def cause_of(project: ProjectFacts, kind: str) -> str | None:
    """What is at fault; None: something of this project alone."""
    if kind in OWN_KINDS:
        return None
    key = f"key {project.key} in {project.region}"
    return key if kind in KEY_KINDS else f"region {project.region}"


def possible(facts: Facts, project: str, incidents: Sequence[Incident]) -> list[Incident]:
    """The alerts of causes by which this project may fail."""
    known = Configuration(facts, project).known
    mine = _possible(known)
    return [each for each in incidents if each.rule == "unreachable" and each.series in mine]


def _possible(known: Iterable[ProjectFacts]) -> frozenset[str | None]:
    """Everything that these may fail by in common with others."""
    return frozenset(cause_of(each, kind) for each in known for kind in ("401", "503"))


class Causes:
    """Which project failed by what, in which check."""

    def __init__(self, facts: Facts, incidents: Sequence[Incident]) -> None:
        self.facts = facts
        self._incidents = incidents
        self.written = {each.project: Configuration(facts, each.project) for each in facts.edits}
        self.reads = {name: reads(facts, name) for name in self.written}
        self.checks = sorted(facts.checks, key=lambda each: each.at)

    @cached_property
    def alone(self) -> Mapping[str, list[Incident]]:
        """The alerts that projects had by themselves."""
        found = defaultdict(list)
        for each in self._incidents:
            if each.rule == "unreachable" and each.project != HEADROOM:
                found[each.project].append(each)
        return found

    def kinds(self, project: str, check: int) -> dict[str, list[str]]:
        """How each query of a project failed in a check; '' where it did not."""
        read = self.reads[project].get(check)
        return read.kinds if read else {}

    def causes(self, project: str, check: int) -> frozenset[str | None]:
        """By what it failed at all; None: by something of its own."""
        now = next(iter(self.written[project].known), None)
        kinds = {one for how in self.kinds(project, check).values() for one in how if one}
        return frozenset(cause_of(now, kind) for kind in kinds) if now else frozenset()

    def surely(self, project: str, check: int, cause: str) -> bool:
        """Whether it failed by this cause however often it was asked, and this was stored."""
        read = self.reads[project].get(check)
        return read is not None and read.done and self.always(project, check, cause)

    def always(self, project: str, check: int, cause: str) -> bool:
        """Whether a query of it failed by this cause however often it was asked."""
        read, now = self.reads[project].get(check), next(iter(self.written[project].known), None)
        if read is None or now is None:
            return False
        return any(
            all(one and cause_of(now, one) == cause for one in how) for how in read.kinds.values()
        )

    def failing(self, check: int, cause: str) -> list[str]:
        """The projects that failed by a cause."""
        return [name for name in self.reads if cause in self.causes(name, check)]

    def may_fail(self, check: int, cause: str) -> bool:
        """Whether any project fails by it, or by something else that hides it.

        A refused key hides no region: it shows that the region answers.
        """
        return any(
            cause in _possible(written.known) and self._hides(name, check, cause)
            for name, written in self.written.items()
        )

    def _hides(self, project: str, check: int, cause: str) -> bool:
        kinds = {one for how in self.kinds(project, check).values() for one in how if one}
        return bool(kinds - KEY_KINDS if cause.startswith("region ") else kinds)

    def not_asked(self, check: Ended, cause: str) -> bool:
        """Whether the check did not ask for a project that may fail by it, such as an invalid one.

        Only who failed when last asked may fail still.
        """
        return any(
            check.check not in self.reads[name]
            and cause in _possible(written.known)
            and self._failed_before(name, check.at)
            for name, written in self.written.items()
        )

    def _failed_before(self, project: str, at: int) -> bool:
        seen = [
            each
            for each in self.reads[project].values()
            if each.at <= at and (each.done or not each.good)  # stored, or it is not known
        ]
        return any(not each.good for each in seen[-TRIES:])

    def newer_check_stored(self, project: str, stored: StoredNotice) -> bool:
        """Whether a check of a later moment had stored the project before."""
        times = {each.check: each.at for each in self.facts.checks}
        return any(
            each.project == project
            and each.at <= stored.stored_at
            and times.get(each.check, each.at) > stored.at
            for each in self.facts.commits
        )

    def alerted_alone(self, project: str, since: int, until: int) -> bool:
        """Whether the project may have had its own alert at some time in between."""
        return any(
            each.notices[0].at <= until and not (each.over and each.last.at < since)
            for each in self.alone[project]
        )


def causes(facts: Facts, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with alerts of shared causes, and of projects that alert by themselves."""
    found = Causes(facts, incidents)
    for project, mine in found.alone.items():
        for each in mine:
            yield from (
                f"{each}: {why}" for why in _should_be_shared(found, project, each.notices[0])
            )
    shared = [each for each in incidents if (each.project, each.rule) == (HEADROOM, "unreachable")]
    for incident in shared:
        for place, told_then in enumerate(incident.notices):
            why = _justified(found, incident, told_then, first=place == 0)
            yield from (f"{incident}: {told_then}, {one}" for one in why)
        yield from (f"{incident}: {why}" for why in _endless(found, incident))
        yield from (f"{incident}: {why}" for why in _joined(found, incident))


def _should_be_shared(found: Causes, project: str, stored: StoredNotice) -> Iterator[str]:
    """A project alerts by itself only on what no other project failed by in the same check."""
    mine = found.causes(project, stored.check)
    others = {
        cause
        for name in found.reads
        if name != project
        for cause in found.causes(name, stored.check)
        if cause and found.always(name, stored.check, cause)
    }
    if mine and None not in mine and mine <= others:
        yield f"{stored}, and others failed by the same cause {sorted(map(str, mine))} (DESIGN 5)"


def _justified(
    found: Causes, incident: Incident, stored: StoredNotice, *, first: bool
) -> Iterator[str]:
    cause = incident.series
    failing = found.failing(stored.check, cause)
    if stored.kind == "resolved":
        for name in failing:
            covered = not found.alerted_alone(name, incident.notices[0].at, stored.at)
            sure = found.surely(name, stored.check, cause) and covered
            if sure and not found.newer_check_stored(name, stored):
                yield f"and {name} failed by it in that check"
        return
    if not failing:
        # Who was not asked, or failed by something else, proves nothing of an alert that is open.
        check = next(each for each in found.checks if each.check == stored.check)
        hidden = found.may_fail(stored.check, cause) or found.not_asked(check, cause)
        if first or not hidden:
            yield "and no project failed by it in that check"
        return
    if first and len(failing) == 1 and not _before(found, incident):
        yield f"and only {failing[0]} failed by it"
    lasted = max(_lasted(found, name, stored) for name in failing)
    if not first:  # other failures in between do not end it
        lasted = max(lasted, stored.at - _since(found, incident))
    lasting = any(found.reads[name][stored.check].at_once for name in failing)
    if first and not lasting and lasted < FIRES:
        yield f"after {lasted} s of passing failures (DESIGN 4.5)"
    if stored.severity == "critical" and lasted < WORSENS:
        yield f"after {lasted} s (DESIGN 4.5)"


def _before(found: Causes, incident: Incident) -> bool:
    """Whether an alert of the same cause was open shortly before: a check may have loaded that."""
    return any(
        each is not incident
        and (each.project, each.series) == (HEADROOM, incident.series)
        and each.notices[0].stored_at <= incident.notices[0].stored_at
        and not each.over_before(incident.notices[0].stored_at - 240)
        for each in found._incidents  # noqa: SLF001  # ours
    )


def _since(found: Causes, incident: Incident) -> int:
    """Since when an alert fires: since the longest failure that its first notice stood for."""
    begun = incident.notices[0]
    failing = found.failing(begun.check, incident.series)
    return begun.at - max((_lasted(found, name, begun) for name in failing), default=0)


def _lasted(found: Causes, name: str, stored: StoredNotice) -> int:
    seen = found.reads[name]
    earlier = [each for each in seen.values() if each.at <= stored.at]
    return stored.at - began(earlier, seen[stored.check])


def _endless(found: Causes, incident: Incident) -> Iterator[str]:
    """It ends once checks of all projects found none that fails by it."""
    good = 0
    for check in found.checks:
        if check.at <= incident.notices[0].stored_at:
            continue
        seen: list[ProjectRead | None] = [
            found.reads[name].get(check.check) for name in found.reads
        ]
        whole = check.how == "done" and all(each is not None and each.done for each in seen)
        if found.may_fail(check.check, incident.series):
            good = 0
        elif whole:
            good += 1
        if good >= TRIES and incident.open_at(check.at):
            yield f"still fires at {clock(check.at)} after {good} good checks (DESIGN 4.5)"
            return


def _joined(found: Causes, incident: Incident) -> Iterator[str]:
    """Who goes on failing by it has its channels notified, however late it joined."""
    begins, ends = incident.notices[0].at, incident.last.at if incident.over else 1 << 60
    for name, written in found.written.items():
        now = written.stable
        if now is None or found.alerted_alone(name, begins - WORSENS, ends):
            continue
        tries = 0
        for check in found.checks:
            if not begins <= check.at < ends:
                continue
            sure = check.how == "done" and found.surely(name, check.check, incident.series)
            tries = tries + 1 if sure else 0
            if tries > TRIES:
                said = [each.severity for each in incident.notices if each.at <= check.at]
                wanted = now.channels.get(said[-1]) or DEFAULT
                missing = [one for one in wanted if one not in routed_to(found, incident)]
                if missing:
                    yield f"{name} fails by it, and {', '.join(missing)} was never notified"
                break


def routed_to(found: Causes, incident: Incident) -> set[str]:
    """The channels that any notice of it was stored for."""
    return {
        channel
        for each in incident.notices
        for channel in found.facts.commits[each.order[0]].pending.get(str(each.notice["id"]), ())
    }


def routes(found: Causes, incident: Incident, stored: StoredNotice) -> list[tuple[str, ...]]:
    """Where a notice of Headroom's own may go, and where it must."""
    if stored.kind == "resolved":
        return []
    if incident.rule != "unreachable":
        return [DEFAULT]
    may: list[str] = []
    must: list[str] = []
    for name, written in found.written.items():
        routed = written.channels(stored.stored_at, "unreachable", stored.severity)
        if not any(
            incident.series in found.causes(name, each.check)
            for each in found.checks
            if incident.notices[0].at <= each.at <= stored.at
        ):
            continue
        usable = [
            one for each in routed for one in with_default(found.facts, each, stored.stored_at)
        ]
        may += [channel for each in (*routed, *usable) for channel in each]
        may += DEFAULT if written.unknown(stored.stored_at) else ()
        alone = found.alerted_alone(name, incident.notices[0].at - WORSENS, stored.at)
        sure = found.surely(name, stored.check, incident.series) and not alone
        if written.stable and sure and not found.newer_check_stored(name, stored):
            must += routed[0]
    return [tuple(may), tuple(must)]
