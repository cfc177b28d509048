"""Where a check starts and how far it came: each project's state, their order, the watermark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.windows import HOUR, Instant, Moment


def start(name: str, stored: ProjectState | None, mark: Watermark | None) -> Instant | None:
    """The window up to which the project has been evaluated; None: it is new, or was put back.

    A quiet state follows the later of its own watermark and the shard's, any other its own. The
    time while a project was removed is history to it.
    """
    shard = _shard(name, mark)
    if stored is None:
        return shard
    if stored.config_version == REMOVED:
        return None
    return max(stored.watermark, shard or 0) if stored.quiet else stored.watermark


def _shard(name: str, mark: Watermark | None) -> Instant | None:
    if mark is None or name not in mark.projects:
        return None
    return mark.ahead if mark.next and name < mark.next else mark.window


def begin(
    name: str, stored: ProjectState | None, mark: Watermark | None, moment: Moment
) -> ProjectState:
    """The state that a check evaluates a project from."""
    known = stored or ProjectState(project=name, watermark=0, since=_since(name, mark))
    watermark = start(name, stored, mark)
    if watermark is None:
        closed = moment.closed
        known = replace(known, watermark=closed, since=closed, may_fire_from={}, expires_at=None)
        return replace(known, new=True)
    since = known.watermark if known.since is None else known.since
    return replace(known, watermark=watermark, since=since, expires_at=None, new=False)


def _since(name: str, mark: Watermark | None) -> Instant:
    """The newest closed window when a project without a document was first seen."""
    if mark is None:
        return 0
    began = mark.window if mark.since is None else mark.since
    return max(began, mark.joined.get(name, 0))


def order(names: Iterable[str], mark: Watermark | None) -> list[str]:
    """The projects by name, starting with the first that the last check did not reach."""
    known = sorted(names)
    first = mark.next if mark else ""
    return [name for name in known if name >= first] + [name for name in known if name < first]


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one check came."""

    names: Sequence[str]
    """All configured projects, in the order of the check."""
    unfinished: Collection[str]
    """The projects that were not evaluated, or whose outcome could not be stored."""
    waiting: bool
    """Whether an unfinished project follows the shard's watermark, which then has to wait."""
    complete: bool = True
    """Whether the names are a fresh listing: only such a listing may forget a project."""


def moved(mark: Watermark | None, reached: Reached, moment: Moment) -> Watermark | None:
    """The watermark after the check; None when it stays as it is. Never goes back.

    When a check runs out of time, the next one begins at `next`, and projects before `next` are
    evaluated up to `ahead`. Once the others catch up, the watermark moves there.
    """
    closed = moment.closed
    stopped = next((name for name in reached.names if name in reached.unfinished), "")
    if mark is None or not reached.waiting:
        window, ahead = closed, closed if stopped else 0
    elif mark.next and stopped < mark.next:
        window, ahead = mark.ahead, closed
    else:
        window, ahead = mark.window, mark.ahead if mark.next else closed
    projects = _seen(mark, reached, up_to_date=window == closed)
    after = Watermark(
        window=window,
        since=_began(mark, closed),
        projects=projects,
        joined=_joined(mark, projects, closed),
        next=stopped,
        ahead=ahead,
        version=mark.version if mark else 0,
    )
    return None if after == mark or (mark and window < mark.window) else after


def _began(mark: Watermark | None, closed: Instant) -> Instant:
    if mark is None:
        return closed
    return mark.window if mark.since is None else mark.since


def _joined(mark: Watermark | None, projects: Sequence[str], closed: Instant) -> dict[str, Instant]:
    """The projects that joined within the last hour; all did if the watermark itself is new."""
    if mark is None:
        return {}
    known = set(mark.projects)
    joined = {name: closed for name in projects if name not in known}
    before = {name: at for name, at in mark.joined.items() if at > closed - HOUR and name in known}
    return {name: at for name, at in (before | joined).items() if name in projects}


def _seen(mark: Watermark | None, reached: Reached, *, up_to_date: bool) -> tuple[str, ...]:
    """The projects that have been evaluated up to the watermark.

    A new project joins once the watermark is where the project was evaluated up to: before that it
    would get windows that are history to it.
    """
    known = set(mark.projects) if mark else set()
    new = set(reached.names) - set(reached.unfinished) if up_to_date else set()
    return tuple(sorted((known & set(reached.names) if reached.complete else known) | new))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The stored state that one check starts from."""

    documents: Mapping[str, ProjectState]
    watermark: Watermark | None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Projects whose stored document is invalid, with the fix; only these are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far a shard's quiet projects have been evaluated.

    A project that is not in `projects` is new. When a check runs out of time, `next` names the
    first project (in name order) that was not reached, and those before it have been evaluated up
    to `ahead`.
    """

    window: Instant
    since: Instant | None = None
    """The window where the watermark began; None, as in older ones: where it is now."""
    projects: tuple[str, ...] = ()
    joined: dict[str, Instant] = field(default_factory=dict)
    """The projects that joined within the last hour, and where the watermark was then."""
    next: str = ""
    ahead: Instant = 0
    version: int = 0
    """The stored version, 0 when there is none; a move stores it raised by one."""
