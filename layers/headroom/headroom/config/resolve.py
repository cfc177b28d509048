"""From what was written to what is judged: every part by itself, so that none stops another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from headroom.config.configuration import Configuration
from headroom.config.faults import Faults, channel_problems, lacks
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
    shared, resolved = _with_defaults(raw, shared_config(raw, installation))
    wants = {
        f"projects/{name}": raw.projects[name].version
        for name, each in resolved.items()
        if each.wants
    }
    faults = Faults.of(shared, resolved)
    return Configuration(
        projects={n: each.entry for n, each in resolved.items() if isinstance(each.entry, Project)},
        invalid={
            n: each.entry for n, each in resolved.items() if isinstance(each.entry, InvalidProject)
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
        wrong = [*made.problems, *made.slight, *made.shared, *channel_problems(made, shared)]
        if wrong or shared.defaults_problems:
            found[name] = wrong or list(shared.defaults_problems)
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
    judged = {name for name, each in resolved.items() if isinstance(each.entry, Project)}
    by_it = {n: e for n, e in by_it.items() if isinstance(e.entry, Project) or n not in judged}
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
    judged = {name for name, each in found.items() if isinstance(each.entry, Project)}
    own_fault = {name for name, each in needy.items() if each.made.problems}
    return before if judged and not lacking and judged | own_fault == found.keys() else None


def _all(raw: RawConfig, shared: SharedConfig) -> dict[str, ResolvedProject]:
    return {name: _resolved(raw, name, shared) for name in raw.projects}


def _resolved(raw: RawConfig, name: str, shared: SharedConfig) -> ResolvedProject:
    return OneProject(
        name, raw.projects[name], raw.earlier.get(f"projects/{name}"), shared
    ).resolve()
