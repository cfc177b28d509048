"""From what was written to what is judged: every part by itself, so that none stops another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from headroom.config.configuration import Configuration
from headroom.config.faults import Faults, channel_problems, lacks
from headroom.config.group import assemble as assemble_group
from headroom.config.groups import candidates, linked, members, name_taken, resolved_groups
from headroom.config.one_project import OneProject, ResolvedProject
from headroom.config.project import assemble
from headroom.config.raw import RawConfig, RawEntry, in_force, newest_good, wanted
from headroom.config.shared import SharedConfig, shared_config
from headroom.config.validation import Problem, together
from headroom.domain.rules import InvalidProject, Project

_TRIED = 20
"""Projects that an earlier version of the defaults is tried with."""


def resolve(raw: RawConfig, installation: str = "") -> Configuration:
    """The whole configuration, as far as any of it can be used.

    `installation` names the Headroom that it is for.
    """
    shared = replace(shared_config(raw, installation), members=members(raw))
    shared, resolved = _with_defaults(raw, shared)
    groups = resolved_groups(raw, shared, candidates(raw, resolved))
    wants = {
        **_wants("projects", raw.projects, resolved),
        **_wants("groups", raw.groups, groups),
    }
    resolved |= groups
    faults = Faults.of(shared, resolved)
    entries = linked(raw, {n: each.entry for n, each in resolved.items() if each.entry})
    return Configuration(
        projects={n: each for n, each in entries.items() if isinstance(each, Project)},
        invalid={n: each for n, each in entries.items() if isinstance(each, InvalidProject)},
        channels=shared.channels,
        settle=shared.defaults.model.settle,
        late=shared.defaults.model.late,
        bad_channels={**faults.missing, **shared.bad_channels},
        heartbeat=shared.heartbeat,
        faults={each.where: each for each in (*faults.all(), *name_taken(raw))},
        concerned=faults.concerned(),
        wants={**shared.wants, **wants},
        ignored=raw.ignored,
        installation=installation,
    )


def _wants(
    section: str, written: Mapping[str, RawEntry], resolved: Mapping[str, ResolvedProject]
) -> dict[str, int]:
    return {
        f"{section}/{name}": written[name].version for name, each in resolved.items() if each.wants
    }


def problems(raw: RawConfig) -> dict[str, list[Problem]]:
    """By name, everything that is wrong with what is written now, whatever is still in force."""
    shared = replace(shared_config(raw), members=members(raw))
    projects = {name: assemble(name, entry, shared) for name, entry in raw.projects.items()}
    resolved = {name: ResolvedProject(None, made) for name, made in projects.items()}
    among = candidates(raw, resolved)
    groups = {
        name: assemble_group(name, entry, shared, among) for name, entry in raw.groups.items()
    }
    found = {each.where.partition(".")[2]: [each] for each in name_taken(raw)}
    for name, made in ({**groups, **projects}).items():
        wrong = [*made.problems, *made.slight, *made.shared, *channel_problems(made, shared)]
        if wrong or shared.defaults_problems:
            found[name] = [*found.get(name, []), *(wrong or shared.defaults_problems)]
    return found


def _with_defaults(
    raw: RawConfig, shared: SharedConfig
) -> tuple[SharedConfig, dict[str, ResolvedProject]]:
    """Resolve all projects, by earlier defaults those that lack something in the newest ones."""
    resolved, newest = _all(raw, shared), raw.defaults
    needy = {name: each for name, each in resolved.items() if each.made.lacking}
    if not needy or "defaults" in shared.kept:
        return shared, resolved
    earlier = raw.earlier.get("defaults")
    if wanted(newest, earlier):
        return replace(shared, wants={**shared.wants, "defaults": newest.version}), resolved
    tried = dict(list(needy.items())[:_TRIED])
    found = newest_good(earlier, partial(_serving, raw, tried, shared=shared))
    if not found:
        return shared, {**resolved, **_alone(raw, needy, shared)}
    before, kept = found
    by_it = {name: _resolved(raw, name, before) for name in needy}
    judged = {n for n, each in resolved.items() if not isinstance(each.entry, InvalidProject)}
    good = {n for n, each in by_it.items() if not isinstance(each.entry, InvalidProject)}
    by_it = {n: each for n, each in by_it.items() if n in good or n not in judged}
    others = f"the other projects have v{newest.number}" if judged - by_it.keys() else ""
    meanwhile = in_force(newest, kept).also(others)
    fault = replace(together("defaults", lacks(needy)), meanwhile=meanwhile)
    return replace(shared, kept={**shared.kept, "defaults": fault}), {**resolved, **by_it}


def _alone(
    raw: RawConfig, needy: Mapping[str, ResolvedProject], shared: SharedConfig
) -> dict[str, ResolvedProject]:
    """The only project that lacks something has lost it itself: the defaults serve all others."""
    if len(needy) > 1:
        return {}
    own = replace(shared, defaults=replace(shared.defaults, given=False))
    return {name: _resolved(raw, name, own) for name in needy}


def _serving(
    raw: RawConfig, needy: Mapping[str, ResolvedProject], old: RawEntry, *, shared: SharedConfig
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
    judged = {n for n, each in found.items() if not isinstance(each.entry, InvalidProject)}
    own_fault = {name for name, each in needy.items() if each.made.problems}
    return before if judged and not lacking and judged | own_fault == found.keys() else None


def _all(raw: RawConfig, shared: SharedConfig) -> dict[str, ResolvedProject]:
    return {name: _resolved(raw, name, shared) for name in raw.projects}


def _resolved(raw: RawConfig, name: str, shared: SharedConfig) -> ResolvedProject:
    return OneProject(
        name, raw.projects[name], raw.earlier.get(f"projects/{name}"), shared
    ).resolve()
