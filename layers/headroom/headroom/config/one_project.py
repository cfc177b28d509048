"""What is in force of one project: its newest version, an earlier one, or parts of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from headroom.config.assembled import Assembled
from headroom.config.models import ProjectModel
from headroom.config.project import assemble, place_of
from headroom.config.raw import (
    Earlier,
    RawEntry,
    good_version,
    in_force,
    newest_good,
    wanted,
    without,
)
from headroom.config.routes import NOBODY, routes
from headroom.config.shared import SharedConfig
from headroom.config.validation import Problem
from headroom.config.wording import listed, some
from headroom.domain.last_good import NOTHING, LastGood, Meanwhile
from headroom.domain.rules import Fault, InvalidProject, Project, Routing


@dataclass(frozen=True, slots=True)
class ResolvedProject:
    """What is in force of one project."""

    entry: Project | InvalidProject | None
    """None: it is valid, and only a line of groups."""
    made: Assembled
    wants: bool = False
    """Whether an earlier version of it may be good."""


def fault_of(place: str, problems: Sequence[Problem]) -> Fault:
    """What is wrong with a project, with the place of the first problem inside the project."""
    inside = [each.where[len(place) + 1 :] for each in problems]
    others = [
        f"{key}: {each.text}" if key else each.text
        for key, each in zip(inside[1:], problems[1:], strict=True)
    ]
    return Fault(listed([problems[0].text, *others]), inside[0])


@dataclass(eq=False, repr=False)
class OneProject:
    """One project: its newest version, and what is known of the earlier ones."""

    name: str
    newest: RawEntry
    earlier: Earlier | None
    shared: SharedConfig

    @property
    def place(self) -> str:
        """Where it is written."""
        return place_of(self.name)

    def assemble(self, entry: RawEntry) -> Assembled:
        """Put one version together with what it names."""
        return assemble(self.name, entry, self.shared)

    def resolve(self) -> ResolvedProject:
        """What is in force of it."""
        made = self.assemble(self.newest)
        if made.member and made.line and not made.problems:
            return ResolvedProject(None, made)
        if not made.problems:
            return ResolvedProject(self._slightly_wrong(made) or self._invalid(made), made)
        wants = wanted(self.newest, self.earlier)
        in_force, meanwhile, good = self._last_good(made)
        fault = replace(fault_of(self.place, made.wrong), meanwhile=meanwhile)
        if in_force.project is None:
            own = fault if in_force is made else None
            return ResolvedProject(self._invalid(in_force, own), in_force, wants)
        if unjudged := self._unjudged(in_force, good):
            told = meanwhile.also(f"not judged meanwhile: {some(unjudged)}")
            fault = replace(fault, meanwhile=told)
        defaults = self.shared.defaults
        project = replace(
            in_force.project,
            unjudged=frozenset(unjudged),
            version=self.newest.version + defaults.version,
            changed=max(self.newest.version, defaults.version) // 1000,
            fault=fault,
            incomplete=bool(self.earlier and self.earlier.problem),
        )
        return ResolvedProject(project, in_force, wants)

    def _last_good(self, newest: Assembled) -> tuple[Assembled, Meanwhile, Assembled | None]:
        """Return what is in force, of which versions it is, and the last good version."""
        found = newest_good(self.earlier, self._good)
        if newest.only_rules:
            made, kept = self._with_earlier_rules(newest)
            if not (found and _judges(found[0], made.unjudged)):
                if kept:
                    return made, Meanwhile(self.newest.number, kept), found and found[0]
                # A good earlier version that does not have the rule is none of it.
                return made, NOTHING if found else without(self.earlier), found and found[0]
        if found:
            meanwhile = in_force(self.newest, found[1]).also(self._waiting(newest, found[1]))
            return found[0], meanwhile, found[0]
        return newest, without(self.earlier), None

    def _good(self, old: RawEntry) -> Assembled | None:
        """What an earlier version gives with the present defaults and channels, if it is good."""
        made = self.assemble(old)
        return made if made.project is not None and not made.problems else None

    def _waiting(self, newest: Assembled, kept: RawEntry) -> str:
        """What the newest version changes, and is not in force with the earlier one."""
        now, before = self.newest.content, kept.content
        if not (isinstance(now, dict) and isinstance(before, dict)):
            return f"nothing that v{self.newest.number} changes is in force"
        wrong = {each.where for each in newest.problems}
        keys = [
            key
            for key in _changed(now, before)
            if key in ProjectModel.known_keys()
            and key != "rules"
            and f"{self.place}.{key}" not in wrong
        ]
        old = _rules_of(kept)
        rules = [rule for rule in _changed(self._rules, old) if rule in old]
        waiting = some([*rules, *keys])
        return f"changes not in force: {waiting}" if waiting else ""

    def _unjudged(self, made: Assembled, earlier: Assembled | None) -> list[str]:
        """Rules that are not in force: of the newest version, and of the last good one.

        A rule that is gone from an invalid version may have been put in a wrong place.
        """
        names = [*made.unjudged, *map(str, self._rules)]
        names += (
            [rule.name for rule in earlier.project.rules] if earlier and earlier.project else []
        )
        judged = {rule.name for rule in made.project.rules} if made.project else set()
        return [name for name in dict.fromkeys(names) if name not in judged]

    @property
    def _rules(self) -> Mapping[object, object]:
        """The newest version's, as they are written."""
        return _rules_of(self.newest)

    def _with_earlier_rules(self, newest: Assembled) -> tuple[Assembled, tuple[LastGood, ...]]:
        """The newest version with an earlier one of each invalid rule, and which ones these are."""
        rules = dict(self._rules)
        kept: dict[int, tuple[RawEntry, list[str]]] = {}
        for rule in newest.unjudged:
            found = newest_good(self.earlier, partial(self._rule_of, rule))
            if found:
                rules[rule] = found[0]
                kept.setdefault(found[1].number, (found[1], []))[1].append(rule)
        stays = tuple(good_version(of, some(names)) for of, names in kept.values())
        return (self._with_rules(rules) if kept else newest), stays

    def _rule_of(self, rule: str, old: RawEntry) -> object:
        """One rule as an earlier version has it, if it is good beside what the newest says."""
        rules = _rules_of(old)
        if rule not in rules:
            return None
        made = self._with_rules({rule: rules[rule]})
        return None if made.problems or made.unjudged else rules[rule]

    def _with_rules(self, rules: Mapping[object, object]) -> Assembled:
        """The newest version with other rules."""
        content = self.newest.content if isinstance(self.newest.content, dict) else {}
        changed = replace(self.newest, content={**content, "rules": rules})
        return self.assemble(changed)

    def _slightly_wrong(self, made: Assembled) -> Project | None:
        """The project, which says what is wrong though every rule is judged."""
        if made.project is None or not made.slight:
            return made.project
        judged = "" if made.unjudged else "every rule is judged meanwhile"
        meanwhile = NOTHING.also(judged)
        fault = fault_of(self.place, made.slight)
        harmless = not made.unjudged
        return replace(made.project, fault=replace(fault, meanwhile=meanwhile, harmless=harmless))

    def _invalid(self, made: Assembled, own: Fault | None = None) -> InvalidProject:
        cause = "" if made.problems else made.blamed
        return InvalidProject(
            name=self.name,
            problem=own or fault_of(self.place, made.shared),
            effect="" if cause else "nothing of it is judged meanwhile",
            routing=_reachable(self.newest.content, self.shared),
            version=self.newest.version + self.shared.defaults.version,
            installation=self.shared.installation,
            shared=cause,
            group=self.place.startswith("groups."),
        )


def _rules_of(entry: RawEntry) -> Mapping[object, object]:
    rules = entry.content.get("rules") if isinstance(entry.content, dict) else None
    return rules if isinstance(rules, dict) else {}


def _changed(now: Mapping[Any, object], before: Mapping[Any, object]) -> list[str]:
    """The keys that have another value now, or did not exist before."""
    return [str(key) for key, value in now.items() if key not in before or before[key] != value]


def _judges(made: Assembled, rules: Collection[str]) -> bool:
    """Whether it judges one of these."""
    return made.project is not None and any(rule.name in rules for rule in made.project.rules)


def _reachable(content: object, shared: SharedConfig) -> Routing:
    """Where to report a project of which nothing is judged, as far as that can be read."""
    wanted = shared.defaults.model.channels or NOBODY
    if isinstance(content, Mapping) and "channels" in content:
        try:
            wanted = routes(content["channels"])
        except ValueError:
            wanted = NOBODY
    return shared.routing(wanted)
