"""From what was written to what is judged: every part by itself, so that none stops another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from headroom.config.configuration import Configuration
from headroom.config.faults import Faults, Standing, channel_problems, lacks, reachable
from headroom.config.project import Assembled, assemble
from headroom.config.raw import (
    Earlier,
    RawConfig,
    RawEntry,
    in_force,
    newest_good,
    version,
    wanted,
    without,
)
from headroom.config.shared import SharedConfig, shared_config
from headroom.config.validation import Problem
from headroom.config.wording import listed, some
from headroom.domain.rules import InvalidProject, Project

_TRIED = 20
"""Projects that an earlier version of the defaults is tried with."""


def resolve(raw: RawConfig, installation: str = "") -> Configuration:
    """The whole configuration, as far as any of it can be used.

    `installation` names the Headroom that it is for.
    """
    shared, standing = _with_defaults(raw, shared_config(raw, installation))
    wants = {
        f"projects/{name}": raw.projects[name].version
        for name, each in standing.items()
        if each.wants
    }
    faults = Faults.of(shared, standing)
    return Configuration(
        projects={n: each.entry for n, each in standing.items() if isinstance(each.entry, Project)},
        invalid={
            n: each.entry for n, each in standing.items() if isinstance(each.entry, InvalidProject)
        },
        channels=shared.channels,
        settle=shared.defaults.model.settle,
        late=shared.defaults.model.late,
        bad_channels={**faults.missing, **shared.bad_channels},
        heartbeat=shared.heartbeat,
        faults={each.where: each for each in faults.all()},
        concerned=faults.concerned(),
        wants={**shared.wants, **wants},
        ignored=raw.ignored,
        installation=installation,
    )


def problems(raw: RawConfig) -> dict[str, list[Problem]]:
    """By project, everything that is wrong with what is written now, whatever is still in force."""
    shared = shared_config(raw)
    found = {}
    for name, entry in raw.projects.items():
        made = assemble(name, entry, shared)
        wrong = [*made.problems, *made.doubts, *made.shared, *channel_problems(made, shared)]
        if wrong or shared.defaults_problems:
            found[name] = wrong or list(shared.defaults_problems)
    return found


def _with_defaults(
    raw: RawConfig, shared: SharedConfig
) -> tuple[SharedConfig, dict[str, Standing]]:
    """Resolve all projects; fall back to earlier defaults if the newest lack what projects need."""
    standing = _all(raw, shared)
    lacking, newest = lacks(standing), raw.defaults
    if not lacking or "defaults" in shared.kept:
        return shared, standing
    earlier = raw.earlier.get("defaults")
    if wanted(newest, earlier):
        return replace(shared, wants={**shared.wants, "defaults": newest.version}), standing
    needy = dict([item for item in standing.items() if item[1].made.lacking][:_TRIED])
    found = newest_good(earlier, partial(_serving, raw, needy, shared=shared))
    if not found:
        return shared, standing
    lacks_it = Problem("defaults", in_force(listed(lacking), newest, found[1]), "missing")
    kept = {**shared.kept, "defaults": lacks_it}
    before = replace(found[0], kept=kept)
    by_it = _all(raw, before)
    judged = {name for name, each in standing.items() if isinstance(each.entry, Project)}
    if all(isinstance(by_it[name].entry, Project) for name in judged):
        return before, by_it
    return shared, standing


def _serving(
    raw: RawConfig, needy: Mapping[str, Standing], old: RawEntry, *, shared: SharedConfig
) -> SharedConfig | None:
    """The same with earlier defaults, if these projects find there what they need.

    A project that is not judged because of its own fault stops no other.
    """
    defaults = shared.defaults.read(old)
    if isinstance(defaults, Problem):
        return None
    before = replace(shared, defaults=defaults)
    found = _all(replace(raw, projects={name: raw.projects[name] for name in needy}), before)
    lacking = any(each.made.lacking for each in found.values())
    judged = {name for name, each in found.items() if isinstance(each.entry, Project)}
    own_fault = {name for name, each in needy.items() if each.made.problems}
    return before if judged and not lacking and judged | own_fault == found.keys() else None


def _all(raw: RawConfig, shared: SharedConfig) -> dict[str, Standing]:
    return {
        name: _One(name, entry, raw.earlier.get(f"projects/{name}"), shared).standing()
        for name, entry in raw.projects.items()
    }


@dataclass(eq=False, repr=False)
class _One:
    """One project: its newest version, and what is known of the earlier ones."""

    name: str
    newest: RawEntry
    earlier: Earlier | None
    shared: SharedConfig

    def standing(self) -> Standing:
        """What is in force of it."""
        made = assemble(self.name, self.newest, self.shared)
        if not made.problems:
            return Standing(_doubted(made) or self._refused(made), made)
        wants = wanted(self.newest, self.earlier)
        in_force, said, good = self._last_good(made)
        if in_force.project is None:
            return Standing(
                self._refused(in_force, said if in_force is made else ""), in_force, wants
            )
        unjudged = self._unjudged(in_force, good)
        if unjudged:
            said = f"{said}; not judged meanwhile: {some(unjudged)}"
        defaults = self.shared.defaults
        project = replace(
            in_force.project,
            unjudged=frozenset(unjudged),
            version=self.newest.version + defaults.version,
            changed=max(self.newest.version, defaults.version) // 1000,
            fault=said,
            fault_place=[*made.problems, *made.doubts][0].where,
            incomplete=bool(self.earlier and self.earlier.problem),
        )
        return Standing(project, in_force, wants)

    def _last_good(self, newest: Assembled) -> tuple[Assembled, str, Assembled | None]:
        """Return the version in force, its message, and the last good version."""
        made, said = newest, listed([*newest.problems, *newest.doubts])
        found = newest_good(self.earlier, self._good)
        if newest.only_rules:
            made, kept = self._with_earlier_rules(newest)
            if not (found and _judges(found[0], made.unjudged)):
                said = (
                    f"{said}; v{self.newest.number} is invalid, {kept}"
                    if kept
                    else without(said, self.earlier)
                )
                return made, said, found and found[0]
        if found:
            return found[0], in_force(said, self.newest, found[1]), found[0]
        return newest, without(said, self.earlier), None

    def _good(self, old: RawEntry) -> Assembled | None:
        """What an earlier version gives with the present defaults and channels, if it is good."""
        made = assemble(self.name, old, self.shared)
        return made if made.project is not None and not made.problems else None

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

    def _with_earlier_rules(self, newest: Assembled) -> tuple[Assembled, str]:
        """The newest version with an earlier one of each invalid rule, and which ones these are."""
        rules = dict(self._rules)
        kept: dict[str, list[str]] = {}
        for rule in newest.unjudged:
            found = newest_good(self.earlier, partial(self._rule_of, rule))
            if found:
                rules[rule] = found[0]
                kept.setdefault(version(found[1]), []).append(rule)
        stays = "; ".join(f"{some(each)} of {of} stays in force" for of, each in kept.items())
        return (self._with_rules(rules), stays) if kept else (newest, "")

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
        return assemble(self.name, changed, self.shared)

    def _refused(self, made: Assembled, said: str = "") -> InvalidProject:
        cause = "" if made.problems else made.blamed
        wrong = [*made.problems, *made.doubts] if said else made.shared
        return InvalidProject(
            name=self.name,
            problem=said or listed(made.shared) or f"{cause}: {made.lacking or 'is invalid'}",
            effect="" if cause else "; nothing of it is judged meanwhile",
            routing=reachable(self.newest.content, self.shared),
            version=self.newest.version + self.shared.defaults.version,
            installation=self.shared.installation,
            shared=cause,
            fault_place=wrong[0].where if wrong else "",
        )


def _rules_of(entry: RawEntry) -> Mapping[object, object]:
    rules = entry.content.get("rules") if isinstance(entry.content, dict) else None
    return rules if isinstance(rules, dict) else {}


def _judges(made: Assembled, rules: Collection[str]) -> bool:
    """Whether it judges one of these."""
    return made.project is not None and any(rule.name in rules for rule in made.project.rules)


def _doubted(made: Assembled) -> Project | None:
    """The project, which says what is wrong though every rule is judged."""
    if made.project is None or not made.doubts:
        return made.project
    judged = "" if made.unjudged else "; every rule is judged meanwhile"
    harmless = made.harmless and not made.unjudged
    return replace(
        made.project,
        fault=listed(made.doubts) + judged,
        fault_place=made.doubts[0].where,
        harmless=harmless,
    )
