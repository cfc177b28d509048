"""The parts that projects share, each by itself: what of it can be used, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from headroom.config.channels import LATER, MODELS
from headroom.config.configuration import BadChannel
from headroom.config.heartbeat import HeartbeatModel
from headroom.config.models import ChannelModel, DefaultsModel
from headroom.config.raw import RawConfig, RawEntry, in_force, newest_good, wanted, without
from headroom.config.types import NAME
from headroom.config.validation import Partly, W, read, read_partly
from headroom.config.wording import kind_of, listed, named, shown, suggestion
from headroom.domain.rules import DEFAULT_CHANNEL, DEFAULT_KEY, Routing
from headroom.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Notes:
    """What is found beside the values themselves."""

    kept: dict[str, str]
    """By place, what is wrong where something else is in force instead."""
    wants: dict[str, int] = field(default_factory=dict)
    """As `Configuration.wants`."""


_WITHOUT_DEFAULTS = frozenset({"region", "account_id", "limit"})
"""What projects lack where nothing of the defaults can be read: the rest has values of its own."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults in force, and what is wrong with those that are written."""

    model: DefaultsModel
    problems: tuple[ConfigError, ...] = ()
    lost: frozenset[str] = frozenset()

    @classmethod
    def of(cls, raw: RawConfig, notes: Notes) -> Defaults:
        """Those that are written, an earlier version, or what is left without what is wrong."""
        part, earlier = raw.defaults, raw.earlier.get("defaults")
        if part.problem:
            problems = [ConfigError("defaults", part.problem)]
            partly: Partly[DefaultsModel] = Partly(None, problems)
        else:
            partly = read_partly(DefaultsModel, part.content, "defaults")
        if not partly.problems:
            return cls(partly.model or DefaultsModel())
        if wanted(part, earlier):
            notes.wants["defaults"] = part.version
        told = listed([_told(each, "defaults") for each in partly.problems])
        found = newest_good(earlier, lambda old: read(DefaultsModel, old.content, "defaults")[0])
        if found:
            notes.kept["defaults"] = in_force(told, part, found[1])
            return cls(found[0], tuple(partly.problems))
        notes.kept["defaults"] = without(told, earlier)
        lost = partly.keys(DefaultsModel.known_keys()) if partly.model else _WITHOUT_DEFAULTS
        return cls(partly.model or DefaultsModel(), tuple(partly.problems), lost)


def channels(raw: RawConfig, notes: Notes) -> tuple[dict[str, ChannelModel], dict[str, BadChannel]]:
    """The good ones, of an earlier version if need be, and the bad ones."""
    good: dict[str, ChannelModel] = {}
    bad: dict[str, BadChannel] = {}
    for name, part in raw.channels.items():
        try:
            good[name] = channel(name, part)
        except ConfigError as error:
            problem = error.problem
        else:
            continue
        earlier = raw.earlier.get(f"channels/{name}")
        if wanted(part, earlier):
            notes.wants[f"channels/{name}"] = part.version
        found: tuple[ChannelModel, RawEntry] | None = newest_good(
            earlier, partial(_channel_or_none, name)
        )
        if found:
            good[name] = found[0]
            notes.kept[f"channels.{named(name)}"] = in_force(problem, part, found[1])
        else:
            bad[name] = BadChannel(without(problem, earlier), pages=_pages(part.content))
    return good, bad


def _channel_or_none(name: str, part: RawEntry) -> ChannelModel | None:
    try:
        return channel(name, part)
    except ConfigError:
        return None


def channel(name: str, part: RawEntry) -> ChannelModel:
    """One channel. Raises ConfigError, without anything secret in it."""
    where = f"channels.{named(name)}"
    if not NAME.fullmatch(name) or name == DEFAULT_CHANNEL:
        raise ConfigError(where, _bad_name(name))
    if part.problem:
        raise ConfigError(where, part.problem)
    return _one(MODELS[_type(part.content, where)], part.content, where)


def heartbeat(raw: RawConfig, notes: Notes) -> tuple[HeartbeatModel | None, str]:
    """The heartbeat, of an earlier version if need be, or why what is written is invalid."""
    part, earlier = raw.heartbeat, raw.earlier.get("heartbeat")
    if part is None:
        return None, ""
    try:
        return _heartbeat(part), ""
    except ConfigError as error:
        problem = error.problem
    if wanted(part, earlier):
        notes.wants["heartbeat"] = part.version
    found = newest_good(earlier, _heartbeat_or_none)
    if not found:
        return None, without(problem, earlier)
    notes.kept["heartbeat"] = in_force(problem, part, found[1])
    return found[0], ""


def _heartbeat_or_none(part: RawEntry) -> HeartbeatModel | None:
    try:
        return _heartbeat(part)
    except ConfigError:
        return None


def _heartbeat(part: RawEntry) -> HeartbeatModel:
    if part.problem:
        raise ConfigError("heartbeat", part.problem)
    return _one(HeartbeatModel, part.content, "heartbeat")


def _one(model: type[W], content: object, where: str) -> W:
    """The model. Raises ConfigError, with all that is wrong in one sentence."""
    made, problems = read(model, content, where)
    if made is None:
        raise ConfigError(where, listed([_told(error, where) for error in problems]))
    return made


def _pages(content: object) -> bool | None:
    sort = content.get("type") if isinstance(content, dict) else None
    return sort == "pagerduty" if isinstance(sort, str) and sort in MODELS else None


def _told(error: ConfigError, where: str) -> str:
    key = error.where.removeprefix(where).lstrip(".")
    return f"{key}: {error.problem}" if key else error.problem


def _bad_name(name: str) -> str:
    if name == DEFAULT_CHANNEL:
        return 'the name "default" is the built-in channel\'s: choose another'
    return "a channel's name has at most 64 letters, digits, dots, - and _"


def _type(content: object, where: str) -> str:
    if not isinstance(content, dict):
        raise ConfigError(where, f"expected a mapping of keys, found {kind_of(content)}")
    sort = content.get("type")
    if not isinstance(sort, str):
        raise ConfigError(where, f"type is missing: one of {', '.join(MODELS)}")
    if sort in LATER:
        raise ConfigError(where, f'type "{sort}" is not supported yet')
    if sort not in MODELS:
        raise ConfigError(where, f"type {shown(sort)} is not known: {suggestion(sort, MODELS)}")
    return sort


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedConfig:
    """Everything that one project's resolution may look at beside its own part."""

    defaults: DefaultsModel
    """In force: those of an earlier version, or without what is wrong."""
    defaults_problems: tuple[ConfigError, ...]
    """What is wrong with those that are written now."""
    defaults_version: int
    defaults_given: bool = False
    """Whether there are any, or were in an earlier version."""
    lost: frozenset[str] = frozenset()
    """Keys of the defaults of which nobody knows what they should be."""
    channels: Mapping[str, ChannelModel]
    bad_channels: Mapping[str, BadChannel]
    keys: frozenset[str]
    bad_keys: Mapping[str, str]
    heartbeat: HeartbeatModel | None = None
    bad_heartbeat: str = ""
    """Why it cannot be used."""
    installation: str = ""
    kept: Mapping[str, str]
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
            return f'channel "{named(name)}" cannot be used: {self.bad_channels[name].problem}'
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
        told = f'"{DEFAULT_KEY}"' if plain else "of this name"
        if self.keys:
            return f"there is no API key {told}: {suggestion(name, self.keys)}"
        wanted = DEFAULT_KEY if plain else "NAME"
        return (
            f'there is no API key {told}: add "{wanted}:" under keys in the file, or the '
            f"SecureString keys/{wanted} in Parameter Store"
        )

    def blamed_key(self, name: str) -> str:
        """The place of the fault of a key that many projects may share; '' where none is told."""
        shared = name in self.bad_keys or name == DEFAULT_KEY
        return f"keys.{named(name)}" if shared else ""


def shared_config(raw: RawConfig, installation: str = "") -> SharedConfig:
    """Check what projects share; what is wrong with it is kept for those that use it."""
    notes = Notes({f"keys.{named(name)}": why for name, why in raw.kept_keys.items()})
    notes.wants.update(raw.wants)
    defaults = Defaults.of(raw, notes)
    good, bad = channels(raw, notes)
    beat, bad_beat = heartbeat(raw, notes)
    return SharedConfig(
        defaults=defaults.model,
        defaults_problems=defaults.problems,
        defaults_version=raw.defaults.version,
        defaults_given=bool(raw.defaults.content) or raw.defaults.number > 1,
        lost=defaults.lost,
        channels=good,
        bad_channels=bad,
        keys=frozenset(raw.keys),
        bad_keys=raw.bad_keys,
        heartbeat=beat,
        bad_heartbeat=bad_beat,
        installation=installation,
        kept=notes.kept,
        wants=notes.wants,
    )
