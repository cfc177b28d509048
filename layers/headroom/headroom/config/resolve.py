"""From what was written to what is judged: every part by itself, so that none stops another."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from headroom.config.configuration import Configuration
from headroom.config.faults import Faults, Standing, lacks
from headroom.config.project import Assembled, assemble, channel_problems, reachable
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
from headroom.domain.rules import Project, Refused

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
        refused={n: each.entry for n, each in standing.items() if isinstance(each.entry, Refused)},
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
    for name, part in raw.projects.items():
        made = assemble(name, part, shared)
        wrong = [
            *made.problems,
            *made.doubts,
            *made.shared,
            *channel_problems(made, shared),
        ]
        if wrong or shared.defaults_problems:
            found[name] = wrong or list(shared.defaults_problems)
    return found


def _with_defaults(
    raw: RawConfig, shared: SharedConfig
) -> tuple[SharedConfig, dict[str, Standing]]:
    """What is in force: by an earlier version of valid defaults that projects cannot use."""
    standing = _all(raw, shared)
    lacking, part = lacks(standing), raw.defaults
    if not lacking or "defaults" in shared.kept:
        return shared, standing
    earlier = raw.earlier.get("defaults")
    if wanted(part, earlier):
        return replace(shared, wants={**shared.wants, "defaults": part.version}), standing
    needy = [name for name, each in standing.items() if each.made.lacking][:_TRIED]
    found = newest_good(earlier, partial(_serving, raw, needy, shared=shared))
    if not found:
        return shared, standing
    lacks_it = Problem("defaults", in_force(listed(lacking), part, found[1]), "missing")
    kept = {**shared.kept, "defaults": lacks_it}
    before = replace(found[0], kept=kept)
    by_it = _all(raw, before)
    judged = {name for name, each in standing.items() if isinstance(each.entry, Project)}
    if all(isinstance(by_it[name].entry, Project) for name in judged):
        return before, by_it
    return shared, standing


def _serving(
    raw: RawConfig, needy: list[str], old: RawEntry, *, shared: SharedConfig
) -> SharedConfig | None:
    """The same with earlier defaults, if these projects find there what they need."""
    defaults = shared.defaults.read(old)
    if isinstance(defaults, Problem):
        return None
    before = replace(shared, defaults=defaults)
    made = (assemble(name, raw.projects[name], before) for name in needy)
    return before if all(each.project and not each.lacking for each in made) else None


def _all(raw: RawConfig, shared: SharedConfig) -> dict[str, Standing]:
    return {
        name: _standing(name, part, shared, raw.earlier.get(f"projects/{name}"))
        for name, part in raw.projects.items()
    }


def _standing(name: str, part: RawEntry, shared: SharedConfig, earlier: Earlier | None) -> Standing:
    newest = assemble(name, part, shared)
    if not newest.problems:
        return Standing(_doubted(newest) or _refused(name, part, shared, newest), newest)
    wants = wanted(part, earlier)
    wrong = [*newest.problems, *newest.doubts]
    told = listed(wrong)
    made = newest
    if newest.only_rules:
        made, told = _with_earlier_rules(name, part, shared, earlier, newest)
    found = newest_good(earlier, partial(_good, name, shared=shared))
    if found and (not newest.only_rules or _unjudged_but_known(made, found[0])):
        made, told = found[0], in_force(listed(wrong), part, found[1])
    elif not newest.only_rules:
        told = without(told, earlier)
    if made.project is None:
        fault = told if made is newest else ""
        return Standing(_refused(name, part, shared, made, fault), made, wants)
    unjudged = _unjudged(made, part, found[0] if found else None)
    if unjudged:
        told = f"{told}; not judged meanwhile: {some(unjudged)}"
    project = replace(
        made.project,
        unjudged=frozenset(unjudged),
        version=part.version + shared.defaults.version,
        changed=max(part.version, shared.defaults.version) // 1000,
        fault=told,
        incomplete=bool(earlier and earlier.problem),
    )
    return Standing(project, made, wants)


def _doubted(made: Assembled) -> Project | None:
    """The project, which says what nobody can have meant."""
    if made.project is None or not made.doubts:
        return made.project
    judged = "" if made.unjudged else "; every rule is judged meanwhile"
    harmless = made.harmless and not made.unjudged
    return replace(made.project, fault=listed(made.doubts) + judged, harmless=harmless)


def _good(name: str, old: RawEntry, *, shared: SharedConfig) -> Assembled | None:
    """What an earlier version gives with the present defaults and channels, if it is good."""
    made = assemble(name, old, shared)
    return made if made.project is not None and not made.problems else None


def _unjudged_but_known(made: Assembled, earlier: Assembled) -> bool:
    """Whether an earlier version judges a rule that is invalid beside what the newest says."""
    rules = earlier.project.rules if earlier.project else ()
    return any(rule.name in made.unjudged for rule in rules)


def _unjudged(made: Assembled, part: RawEntry, earlier: Assembled | None) -> list[str]:
    """Rules that are not in force: of the newest version, and of the last good one.

    A rule that is gone from an invalid version may have been put in a wrong place.
    """
    content = part.content if isinstance(part.content, dict) else {}
    written = content.get("rules")
    names = [*made.unjudged, *(map(str, written) if isinstance(written, dict) else ())]
    names += [rule.name for rule in earlier.project.rules] if earlier and earlier.project else []
    judged = {rule.name for rule in made.project.rules} if made.project else set()
    return [name for name in dict.fromkeys(names) if name not in judged]


def _with_earlier_rules(
    name: str, part: RawEntry, shared: SharedConfig, earlier: Earlier | None, newest: Assembled
) -> tuple[Assembled, str]:
    """The newest version, with an earlier one of each rule that is invalid."""
    content = part.content
    rules = dict(content["rules"]) if isinstance(content, dict) else {}
    kept: dict[str, list[str]] = {}
    for rule in newest.unjudged:
        found = newest_good(earlier, partial(_rule_of, name, rule, part, shared=shared))
        if found:
            rules[rule] = found[0]
            kept.setdefault(version(found[1]), []).append(rule)
    told = listed([*newest.problems, *newest.doubts])
    if not kept:
        return newest, without(told, earlier)
    made = assemble(name, _with_rules(part, rules), shared)
    stays = "; ".join(f"{some(each)} of {of} stays in force" for of, each in kept.items())
    return made, f"{told}; v{part.number} is invalid, {stays}"


def _rule_of(
    name: str, rule: str, part: RawEntry, old: RawEntry, *, shared: SharedConfig
) -> object:
    """One rule as an earlier version has it, if it is good beside what the newest says."""
    before = old.content
    rules = before.get("rules") if isinstance(before, dict) else None
    if not isinstance(rules, dict) or rule not in rules:
        return None
    made = assemble(name, _with_rules(part, {rule: rules[rule]}), shared)
    return None if made.problems or made.unjudged else rules[rule]


def _with_rules(part: RawEntry, rules: dict[object, object]) -> RawEntry:
    """The same project with other rules."""
    content = part.content if isinstance(part.content, dict) else {}
    return replace(part, content={**content, "rules": rules})


def _refused(
    name: str, part: RawEntry, shared: SharedConfig, made: Assembled, fault: str = ""
) -> Refused:
    cause = "" if made.problems else made.blamed
    return Refused(
        name=name,
        problem=fault or listed(made.shared) or f"{cause}: {made.lacking or 'is invalid'}",
        effect="" if cause else "; nothing of it is judged meanwhile",
        routing=reachable(part.content, shared),
        version=part.version + shared.defaults.version,
        installation=shared.installation,
        shared=cause,
    )
