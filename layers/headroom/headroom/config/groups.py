"""All groups: what is in force of each, and what they have in common with projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.config.assembled import Assembled
from headroom.config.group import Candidates, assemble, place_of
from headroom.config.one_project import OneProject, ResolvedProject
from headroom.config.raw import RawConfig, RawEntry
from headroom.config.shared import SharedConfig
from headroom.config.validation import Problem
from headroom.config.wording import named
from headroom.domain.rules import InvalidProject, Project, Routing, Severity


@dataclass(eq=False, repr=False)
class OneGroup(OneProject):
    """One group: its newest version, and what is known of the earlier ones."""

    candidates: Candidates = field(default_factory=Candidates)

    @property
    def place(self) -> str:
        """See `OneProject`."""
        return place_of(self.name)

    def assemble(self, entry: RawEntry) -> Assembled:
        """See `OneProject`."""
        return assemble(self.name, entry, self.shared, self.candidates)


def members(raw: RawConfig) -> frozenset[str]:
    """Every project that a group names, or named in an earlier version: it needs no rules."""
    entries = [
        *raw.groups.values(),
        *(
            old
            for name, each in raw.earlier.items()
            if name.startswith("groups/")
            for old in each.versions
        ),
    ]
    return frozenset(name for each in entries for name in named_in(each.content))


def named_in(content: object) -> list[str]:
    """The projects that one version of a group names, whatever else is wrong with it."""
    found = content.get("projects") if isinstance(content, Mapping) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def candidates(raw: RawConfig, resolved: Mapping[str, ResolvedProject]) -> Candidates:
    """What groups may name, by what is in force of the projects."""
    lines = {name: each.made.line for name, each in resolved.items()}
    known = {name: line for name, line in lines.items() if line is not None}
    blamed = {
        name: each.made.blamed or f"projects.{named(name)}"
        for name, each in resolved.items()
        if name not in known
    }
    return Candidates(known, blamed, frozenset(raw.groups))


def resolved_groups(
    raw: RawConfig, shared: SharedConfig, among: Candidates
) -> dict[str, ResolvedProject]:
    """What is in force of each group, but for those whose name is a project's (`name_taken`)."""
    return {
        name: OneGroup(name, entry, raw.earlier.get(f"groups/{name}"), shared, among).resolve()
        for name, entry in raw.groups.items()
        if name not in raw.projects
    }


def name_taken(raw: RawConfig) -> Iterator[Problem]:
    """Groups with the name of a project: state and notices are by name."""
    for name in raw.groups.keys() & raw.projects.keys():
        text = f'there is a project "{named(name)}" too: choose another name for the group'
        yield Problem(place_of(name), text)


def linked(
    raw: RawConfig, entries: Mapping[str, Project | InvalidProject]
) -> dict[str, Project | InvalidProject]:
    """The same, each knowing what it has in common with the others.

    A query that fails is told once, by the project that is first to ask it: the project that
    defines the line, else the first group. It tells the channels of all that ask.
    """
    groups = {n: e for n, e in sorted(entries.items()) if isinstance(e, Project) and e.group}
    linked: dict[str, Project | InvalidProject] = dict(entries)
    asked = _asked({n: e for n, e in entries.items() if isinstance(e, Project) and not e.group})
    for name, group in groups.items():
        mine = _asked({name: group})
        elsewhere = frozenset(
            key for key, each in group.queries().items() if (each.line.ids, each.query) in asked
        )
        linked[name] = _of_members(raw, replace(group, elsewhere=elsewhere))
        for owner in {asked[each] for each in mine.keys() & asked.keys()}:
            linked[owner] = _telling(linked[owner], group.routing)
        asked = {**mine, **asked}
    return {**linked, **_affecting(linked)}


def _affecting(entries: Mapping[str, Project | InvalidProject]) -> dict[str, InvalidProject]:
    """The invalid projects of groups: each tells the groups' channels what becomes of them."""
    told: dict[str, InvalidProject] = {}
    for name, group in entries.items():
        if not group.group:
            continue
        for member in _named_by(group):
            entry = told.get(member, entries.get(member))
            if isinstance(entry, InvalidProject) and not entry.group:
                told[member] = _told_too(entry, name, group)
    return told


def _named_by(group: Project | InvalidProject) -> list[str]:
    """Its projects; where it is not judged, the one whose fault that is."""
    if isinstance(group, Project):
        return [each.name for each in group.lines]
    section, _, name = group.shared.partition(".")
    return [name] if section == "projects" else []


def _told_too(member: InvalidProject, name: str, group: Project | InvalidProject) -> InvalidProject:
    routing = _both(member.routing, group.routing)
    lacking = ""
    if isinstance(group, InvalidProject):
        lacking = f"group {named(name)} is not judged meanwhile"
    elif any(each.problem for each in group.lines if each.name == member.name):
        lacking = f"group {named(name)} lacks its line meanwhile"
    effect = "; ".join(filter(None, (member.effect, lacking)))
    return replace(member, routing=routing, effect=effect)


def _asked(projects: Mapping[str, Project]) -> dict[tuple[object, object], str]:
    """Each query of a line, and the project that asks it."""
    return {
        (each.line.ids, each.query): name
        for name, project in projects.items()
        for each in project.queries().values()
        if not each.line.problem
    }


def _of_members(raw: RawConfig, group: Project) -> Project:
    """With the version of the newest part: a sum would fall where a member is taken out."""
    entries = [raw.groups[group.name], raw.defaults, *(raw.projects[m.name] for m in group.lines)]
    newest = max(each.version for each in entries)
    return replace(group, version=newest, changed=newest // 1000)


def _telling(owner: Project | InvalidProject, routing: Routing) -> Project | InvalidProject:
    if not isinstance(owner, Project):
        return owner
    return replace(owner, alerted=_both(owner.alerted or owner.routing, routing))


def _both(one: Routing, other: Routing) -> Routing:
    return {
        severity: tuple(dict.fromkeys((*one[severity], *other[severity]))) for severity in Severity
    }
