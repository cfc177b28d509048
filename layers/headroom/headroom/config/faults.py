"""What is wrong beside the projects: each cause once, with the projects that it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.config.assembled import Assembled
from headroom.config.configuration import BadChannel
from headroom.config.one_project import ResolvedProject
from headroom.config.raw import KEY
from headroom.config.shared import SharedConfig
from headroom.config.validation import Problem, together
from headroom.config.wording import LISTED, named, some
from headroom.domain.last_good import NOTHING
from headroom.domain.lines import DEFAULT_KEY
from headroom.domain.rules import DEFAULT_CHANNEL, InvalidProject, Project, Routing, Severity

_HINTED = 10
"""Names that may look for what was meant, which takes half a millisecond each."""


def _all_of(routings: Sequence[Routing]) -> Routing:
    """Every channel of each severity, once."""
    return {
        severity: tuple(dict.fromkeys(name for each in routings for name in each.get(severity, ())))
        for severity in Severity
    }


def lacks(resolved: Mapping[str, ResolvedProject]) -> list[Problem]:
    """What projects need of valid defaults and do not find there: each key once."""
    first: dict[str, Problem] = {}
    affected: dict[str, list[str]] = {}
    for name, each in resolved.items():
        if lacking := each.made.lacking:
            first.setdefault(lacking.subject, lacking)
            affected.setdefault(lacking.subject, []).append(name)
    return [
        replace(each, text=f"{each.text} (affects {some(affected[key])})")
        for key, each in first.items()
    ]


@dataclass(frozen=True, slots=True)
class Faults:
    """Made of what is in force."""

    shared: SharedConfig
    resolved: Mapping[str, ResolvedProject]
    missing: Mapping[str, BadChannel]
    """Channels that projects name and that do not exist."""
    users: Mapping[str, Sequence[str]]
    """By channel that cannot be used, the projects that name it."""

    @classmethod
    def of(cls, shared: SharedConfig, resolved: Mapping[str, ResolvedProject]) -> Faults:
        """Look for who uses what."""
        users: dict[str, list[str]] = {}
        places: dict[str, dict[str, None]] = {}
        for project, each in resolved.items():
            for name, found in each.made.unusable.items():
                users.setdefault(name, []).append(project)
                places.setdefault(name, {}).update(dict.fromkeys(found))
        unknown = [name for name in places if name not in shared.bad_channels]
        missing = {}
        for number, name in enumerate(unknown):
            hint = f": {shared.meant(name)}" if number < _HINTED else ""
            why = f"no channel {named(name)} ({some(list(places[name]))}){hint}"
            missing[name] = BadChannel(why, is_pager=None)
        return cls(shared, resolved, missing, users)

    def all(self) -> Iterator[Problem]:
        """Every fault, each at a place of its own."""
        kept = dict(self.shared.kept)
        if found := lacks(self.resolved):
            known = [kept["defaults"]] if "defaults" in kept else []
            kept["defaults"] = together("defaults", [*known, *found])
        for each in kept.values():
            yield replace(each, meanwhile=each.meanwhile.also(self._unjudged(each.where)))
        for name, bad in self.shared.bad_channels.items():
            yield _of_channel(name, bad, self._used_by(name))
        for name, bad in self.missing.items():
            yield _of_channel(name, bad)
        for name in self._keys():
            place = f"keys.{named(name)}"
            why = self.shared.bad_keys.get(name) or self.shared.key_problem(name)
            yield Problem(place, why, KEY, name, meanwhile=NOTHING.also(self._unjudged(place)))
        if self.shared.bad_heartbeat:
            yield self.shared.bad_heartbeat

    def concerned(self) -> dict[str, Routing]:
        """Where each fault is reported: `default`, and the usable channels of what it concerns.

        These are the projects that are not judged because of it, and those that name the channel.
        """
        routings: dict[str, list[Routing]] = {
            "defaults": [self.shared.defaults.model.channels or {}]
        }
        for each in self.resolved.values():
            if each.entry:
                routings.setdefault(each.made.blamed, []).append(each.entry.routing)
        users = {user for each in self.users.values() for user in each}
        entries = {user: self.resolved[user].entry for user in users}
        usable = {user: self._usable(each.routing) for user, each in entries.items() if each}
        for channel, mine in self.users.items():
            known = [usable[user] for user in mine if user in usable]
            routings.setdefault(f"channels.{named(channel)}", []).extend(known)
        everybody = dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
        return {
            place: self._usable(_all_of([*known, everybody])) for place, known in routings.items()
        }

    def _usable(self, routing: Routing) -> Routing:
        """Without the channels that cannot be used."""
        return {
            severity: tuple(filter(self.shared.usable, names))
            for severity, names in routing.items()
        }

    def _keys(self) -> list[str]:
        blamed = any(each.made.blamed == f"keys.{DEFAULT_KEY}" for each in self.resolved.values())
        return [*dict.fromkeys([*self.shared.bad_keys, *([DEFAULT_KEY] if blamed else [])])]

    def _used_by(self, name: str) -> str:
        users = self.users.get(name)
        return f"used by {some(users)}" if users else "no project uses it"

    def _blaming(self, place: str) -> list[ResolvedProject]:
        return [each for each in self.resolved.values() if each.made.blamed == place]

    def _unjudged(self, place: str) -> str:
        """What is unprotected because of this fault."""
        blaming = self._blaming(place)
        names = [each.entry.name for each in blaming if isinstance(each.entry, InvalidProject)]
        rules = [
            f"{each.entry.name} {rule}"
            for each in blaming
            if isinstance(each.entry, Project)
            for rule in each.made.unjudged
        ]
        left: Sequence[str] = [*names, *rules]
        return f"not judged meanwhile: {some(left)}{self._partial(names)}" if left else ""

    def _partial(self, unknown: Sequence[str]) -> str:
        """Groups that go on without the lines of these projects."""
        groups = [
            each.entry.name
            for each in self.resolved.values()
            if isinstance(each.entry, Project)
            and each.entry.group
            and any(line.problem and line.name in unknown for line in each.entry.lines)
        ]
        return f"; groups without a line meanwhile: {some(groups)}" if groups else ""


def _of_channel(name: str, bad: BadChannel, users: str = "") -> Problem:
    place, meanwhile = f"channels.{named(name)}", NOTHING.also(users)
    return Problem(place, bad.problem, bad.code, name, bad.inner, meanwhile)


def channel_problems(made: Assembled, shared: SharedConfig) -> list[Problem]:
    """What is wrong with the channels that a project names, each with its place."""
    found: list[Problem] = []
    for name, places in made.unusable.items():
        for place in places:
            hinted = len(found) < LISTED  # looking for near misses takes its time
            text = shared.channel_problem(name, hinted=hinted)
            found.append(Problem(place, text, "channel", name))
    return found
