"""The baselines of one check: those that its rules need, from memory, else from the store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from headroom.config.configuration import Configuration
from headroom.domain.baseline import Baseline
from headroom.domain.baselines import NO_BASELINES, Baselines, Unread
from headroom.domain.formatting import among
from headroom.domain.stored_baselines import OVERDUE, BaselineKey, needed
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from headroom.ports import Ports


@dataclass(frozen=True, slots=True)
class KnownBaselines:
    """What one check knows of what is usual."""

    by_project: Mapping[str, Baselines] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """What could not be read, a line each: the rules that need it wait."""
    bugs: tuple[BaseException, ...] = ()
    overdue: int = 0
    """Baselines that are missing, could not be read, or have not been made for two days."""

    def of(self, project: str) -> Baselines:
        """The baselines of a project, by the key of each query."""
        return self.by_project.get(project, NO_BASELINES)


async def load_baselines(ports: Ports, config: Configuration) -> KnownBaselines:
    """Read the baselines that are not in memory, or are too old there. Raises nothing.

    One that could not be read is `Unread`, unless an older one is in memory: that is still good.
    """
    wanted = [key for project in config.projects.values() for key in needed(project)]
    if not wanted:
        return KnownBaselines()
    now = ports.clock()
    due = ports.memory.due(wanted, now)
    why, bugs = "", list[BaseException]()
    if due:
        try:
            ports.memory.keep(due, await ports.baselines.read(due), now)
        except StateUnavailable as error:
            why = str(error)
        except Exception as bug:  # noqa: BLE001 (not swallowed: the report ends with it)
            why = f"Headroom broke on it: {type(bug).__name__}"
            bugs.append(bug)
    known = ports.memory.known(wanted)
    unread = [key for key in due if why and key not in known]
    found = {**known, **dict.fromkeys(unread, Unread(why))}
    return KnownBaselines(
        by_project=_by_project(found),
        problems=tuple(_problems(found, unread, why)),
        bugs=tuple(bugs),
        overdue=sum(is_overdue(found.get(key), now) for key in wanted),
    )


def is_overdue(found: Baseline | Unread | None, now: Instant) -> bool:
    """Whether somebody should know that the makings of this baseline fail."""
    return not isinstance(found, Baseline) or now >= found.made + OVERDUE


def _by_project(found: Mapping[BaselineKey, Baseline | Unread]) -> dict[str, Baselines]:
    projects: dict[str, dict[str, Baseline | Unread]] = {}
    for key, each in found.items():
        projects.setdefault(key.project, {})[key.query] = each
    return dict(projects)


def _problems(
    found: Mapping[BaselineKey, Baseline | Unread], unread: Collection[BaselineKey], why: str
) -> Iterator[str]:
    """One line for a store that failed, and one for each item that is invalid."""
    if unread:
        names = sorted({key.project for key in unread})
        yield f"what is usual could not be read, rules of {among(names)} wait: {why}"
    for key, each in found.items():
        if isinstance(each, Unread) and key not in unread:
            yield f"{key}: what is usual could not be read, its rules wait: {each.why}"
