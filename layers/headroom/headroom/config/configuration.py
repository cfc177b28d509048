"""What operators wrote, resolved and checked: what a check runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from headroom.config.channels import ChannelModel
from headroom.config.models import HeartbeatModel
from headroom.config.validation import Problem
from headroom.domain.rules import InvalidProject, Project, Routing
from headroom.domain.windows import LATE, SETTLE


@dataclass(frozen=True, slots=True)
class BadChannel:
    """A channel that is configured and cannot be used: why, and what is known of it."""

    problem: str
    is_pager: bool | None
    """Whether it is a pager; None: its `type` cannot be read."""
    code: str = "invalid"
    """As `Problem.code`."""
    inner: str = ""
    """As `Problem.inner`."""

    @property
    def told(self) -> str:
        """Why, with the place inside the channel."""
        return f"{self.inner}: {self.problem}" if self.inner else self.problem


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that operators wrote, resolved and checked: one listing, read whole."""

    projects: Mapping[str, Project]
    invalid: Mapping[str, InvalidProject] = field(default_factory=dict)
    """Projects of which nothing can be judged; never also in `projects`."""
    channels: Mapping[str, ChannelModel] = field(default_factory=dict)
    """Only the good ones; `default` is built in and not among them."""
    bad_channels: Mapping[str, BadChannel] = field(default_factory=dict)
    """Those that cannot be used, and those that projects name and that do not exist: notices
    for them wait until they are fixed."""
    heartbeat: HeartbeatModel | None = None
    """The heartbeat to call after each complete check; None if there is none or it is invalid."""
    faults: Mapping[str, Problem] = field(default_factory=dict)
    """What is wrong beside the projects, by its place (`channels.ops-slack`), with the fix and
    which projects it concerns: each cause once, however many projects share it."""
    concerned: Mapping[str, Routing] = field(default_factory=dict)
    """By the same places, where it is reported; the channel `default` unless given."""
    wants: Mapping[str, int] = field(default_factory=dict)
    """Parameters that are invalid and have earlier versions, by name (`projects/line`), with the
    version that is invalid: one of them may be good."""
    settle: int = SETTLE
    """Seconds after its end that a window counts as closed; one for all projects."""
    installation: str = ""
    """The installation that this is the configuration of: part of every fingerprint."""
    late: int = LATE
    """Seconds after its end that a window without a reading is waited for; at least `settle`."""
    fresh: bool = True
    """Read now, and not from the cache."""
    unread: str = ""
    """Why what is in force could not be read again just now; '' when it could."""
    ignored: tuple[str, ...] = ()
    """Unknown parameters under the prefix: misspelt, probably."""

    def kept(self, why: str) -> Configuration:
        """The same configuration, still in force because it could not be read again."""
        return replace(self, fresh=False, unread=why)

    def own_faults(self) -> dict[str, str]:
        """Projects that are invalid, in whole or in part, and why; without shared causes."""
        whole = {name: each.own_problem for name, each in self.invalid.items()}
        parts = {name: each.fault for name, each in self.projects.items()}
        return {name: str(fault) for name, fault in {**whole, **parts}.items() if fault}

    def problems(self) -> list[str]:
        """What needs attention beside the projects: a line each."""
        ignored = [f"{name}: unknown parameter, ignored" for name in self.ignored]
        return [*([self.unread] if self.unread else []), *map(str, self.faults.values()), *ignored]
