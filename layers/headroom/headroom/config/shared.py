"""What projects share: defaults, channels, names of keys, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from headroom.config.channels import ChannelModel, pages, read_channel
from headroom.config.configuration import BadChannel
from headroom.config.models import DefaultsModel, HeartbeatModel, Shared
from headroom.config.raw import InForce, RawConfig, RawEntry, last_good
from headroom.config.types import is_name
from headroom.config.validation import Partly, Problem, meant, read, read_partly, together
from headroom.config.wording import named, suggestion
from headroom.domain.lines import DEFAULT_KEY
from headroom.domain.rules import DEFAULT_CHANNEL, Routing

T = TypeVar("T")

_WITHOUT_DEFAULTS = frozenset({"region", "account_id", "limit", "timezone"})
"""What projects lack where nothing of the defaults can be read: the rest has values of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The defaults in force."""

    model: DefaultsModel = field(default_factory=DefaultsModel)
    content: Mapping[object, object] = field(default_factory=dict)
    """What is merged under each project: those of their keys that are good."""
    lost: frozenset[str] = frozenset()
    """Keys whose value is invalid and has no earlier version."""
    version: int = 0
    given: bool = False
    """Whether there are any, or were in an earlier version."""

    def read(self, entry: RawEntry) -> Defaults | Problem:
        """The same by this version, or everything that is wrong with it."""
        partly = _partly(entry)
        return together("defaults", partly.problems) if partly.problems else self.holding(partly)

    def holding(self, partly: Partly[DefaultsModel]) -> Defaults:
        """The same with what is left of the keys."""
        keys = Shared.known_keys()
        content: dict[object, object] = {
            key: value for key, value in partly.left.items() if key in keys
        }
        return replace(self, model=partly.model or DefaultsModel(), content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedConfig:
    """Everything that one project's resolution may look at beside its own part."""

    defaults: Defaults
    defaults_problems: tuple[Problem, ...]
    """What is wrong with those that are written now."""
    channels: Mapping[str, ChannelModel]
    bad_channels: Mapping[str, BadChannel]
    keys: frozenset[str]
    bad_keys: Mapping[str, str]
    heartbeat: HeartbeatModel | None = None
    bad_heartbeat: Problem | None = None
    """Why it cannot be used."""
    installation: str = ""
    members: frozenset[str] = frozenset()
    """Projects that groups name."""
    kept: Mapping[str, Problem]
    """By place, what is wrong where an earlier version stays in force."""
    wants: Mapping[str, int]
    """As `Configuration.wants`."""

    def usable(self, name: str) -> bool:
        """Whether this channel can be used."""
        return name == DEFAULT_CHANNEL or name in self.channels

    def routing(self, wanted: Routing) -> Routing:
        """Where notices go: where none of a severity's channels can be used, `default` too."""
        return {
            severity: names if any(map(self.usable, names)) else (*names, DEFAULT_CHANNEL)
            for severity, names in wanted.items()
        }

    def channel_problem(self, name: str, *, hinted: bool = True) -> str:
        """Why this channel cannot be used; '' when it can. `hinted`: what may have been meant."""
        if self.usable(name):
            return ""
        if name in self.bad_channels:
            return f'channel "{named(name)}" cannot be used: {self.bad_channels[name].told}'
        hint = f": {self.meant(name)}" if hinted else ""
        return f'there is no channel "{named(name)}"{hint}'

    def meant(self, name: str) -> str:
        """Which channel may have been meant by the name of one that does not exist."""
        return suggestion(name, [*self.channels, *self.bad_channels, DEFAULT_CHANNEL])

    def key_problem(self, name: str) -> str:
        """Why this API key cannot be used; '' when it can."""
        if name in self.keys:
            return ""
        if name in self.bad_keys:
            return f'API key "{named(name)}" cannot be used: {self.bad_keys[name]}'
        plain = name == DEFAULT_KEY  # any other is not repeated: it may be the key itself
        which = f'"{DEFAULT_KEY}"' if plain else "of this name"
        if self.keys:
            return f"there is no API key {which}: {suggestion(name, self.keys)}"
        wanted = DEFAULT_KEY if plain else "NAME"
        return (
            f'there is no API key {which}: add "{wanted}:" under keys in the file, or the '
            f"SecureString keys/{wanted} in Parameter Store"
        )

    def blamed_key(self, name: str) -> str:
        """The place of the fault of a key that many projects may share; '' where there is none."""
        shared = name in self.bad_keys or name == DEFAULT_KEY
        return f"keys.{named(name)}" if shared else ""


def shared_config(raw: RawConfig, installation: str = "") -> SharedConfig:
    """Check what projects share; what is wrong with it is kept for those that use it."""
    found = _Found(raw, wants=dict(raw.wants))
    for problem in raw.kept_keys.values():
        found.keep(problem)
    defaults = found.defaults()
    good, bad = found.channels()
    beat, bad_beat = found.heartbeat()
    return SharedConfig(
        defaults=defaults,
        defaults_problems=tuple(_partly(raw.defaults).problems),
        channels=good,
        bad_channels=bad,
        keys=frozenset(raw.keys),
        bad_keys=raw.bad_keys,
        heartbeat=beat,
        bad_heartbeat=bad_beat,
        installation=installation,
        kept=found.kept,
        wants=found.wants,
    )


@dataclass(eq=False, repr=False)
class _Found:
    """The parts that projects share, one after the other."""

    raw: RawConfig
    wants: dict[str, int]
    kept: dict[str, Problem] = field(default_factory=dict)

    def keep(self, problem: Problem) -> None:
        """Remember what is wrong where something else is in force instead."""
        self.kept[problem.where] = problem

    def _last_good(
        self, name: str, entry: RawEntry, read: Callable[[RawEntry], T | Problem]
    ) -> InForce[T]:
        found = last_good(entry, self.raw.earlier.get(name), read)
        if found.wants:
            self.wants[name] = entry.version
        if found.problem and found.value is not None:
            self.keep(found.problem)
        return found

    def defaults(self) -> Defaults:
        """Those that are written, an earlier version, or what is left without what is wrong."""
        entry = self.raw.defaults
        given = bool(entry.content) or entry.number > 1
        written = Defaults(version=entry.version, given=given)
        found = self._last_good("defaults", entry, written.read)
        if found.value:
            return found.value
        if found.problem:
            self.keep(found.problem)
        partly = _partly(entry)
        lost = meant(partly.lost, DefaultsModel) if partly.model else _WITHOUT_DEFAULTS
        return replace(written.holding(partly), lost=lost)

    def channels(self) -> tuple[dict[str, ChannelModel], dict[str, BadChannel]]:
        """The good ones, of an earlier version if need be, and the bad ones."""
        good: dict[str, ChannelModel] = {}
        bad: dict[str, BadChannel] = {}
        for name, entry in self.raw.channels.items():
            found: InForce[ChannelModel] = self._last_good(
                f"channels/{name}", entry, partial(channel, name)
            )
            if found.value:
                good[name] = found.value
            elif found.problem:
                bad[name] = _bad(found.problem, entry.content)
        return good, bad

    def heartbeat(self) -> tuple[HeartbeatModel | None, Problem | None]:
        """The heartbeat, of an earlier version if need be, or why what is written is invalid."""
        if self.raw.heartbeat is None:
            return None, None
        found = self._last_good("heartbeat", self.raw.heartbeat, _heartbeat)
        return found.value, None if found.value else found.problem


def _bad(wrong: Problem, content: object) -> BadChannel:
    why = f"{wrong.text}{wrong.meanwhile.told()}"
    return BadChannel(why, pages(content), wrong.code, wrong.inner)


def _partly(entry: RawEntry) -> Partly[DefaultsModel]:
    wrong = entry.wrong("defaults")
    return Partly(None, [wrong]) if wrong else read_partly(DefaultsModel, entry.content, "defaults")


def channel(name: str, entry: RawEntry) -> ChannelModel | Problem:
    """One channel, or what is wrong with it, without anything secret."""
    where = f"channels.{named(name)}"
    if name == DEFAULT_CHANNEL:
        return Problem(where, 'the name "default" is the built-in channel\'s: choose another')
    if not is_name(name):
        return Problem(where, "a channel's name has at most 64 letters, digits, dots, - and _")
    return entry.wrong(where) or read_channel(entry.content, where)


def _heartbeat(entry: RawEntry) -> HeartbeatModel | Problem:
    if wrong := entry.wrong("heartbeat"):
        return wrong
    model, problems = read(HeartbeatModel, entry.content, "heartbeat")
    return model or together("heartbeat", problems)
