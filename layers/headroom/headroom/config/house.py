"""What projects share: the defaults, the channels and the names of the keys, good and bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.config.channels import LATER, MODELS
from headroom.config.document import Document, Part
from headroom.config.fields import NAME
from headroom.config.heartbeat import HeartbeatModel
from headroom.config.models import ChannelModel, DefaultsModel
from headroom.config.port import BadChannel
from headroom.config.wording import kind_of, listed, named, shown, suggestion
from headroom.config.written import W, read
from headroom.domain.rules import DEFAULT_CHANNEL, DEFAULT_KEY
from headroom.errors import ConfigError


@dataclass(frozen=True, slots=True)
class House:
    """Everything that one project's resolution may look at beside its own part."""

    defaults: DefaultsModel
    defaults_problems: tuple[ConfigError, ...]
    defaults_version: int
    channels: Mapping[str, ChannelModel]
    bad_channels: Mapping[str, BadChannel]
    keys: frozenset[str]
    bad_keys: Mapping[str, str]
    heartbeat: HeartbeatModel | None = None
    bad_heartbeat: str = ""
    """Why it cannot be used."""
    installation: str = ""

    def channel_problem(self, name: str, *, hinted: bool = True) -> str:
        """Why this channel cannot be used; '' when it can. `hinted`: what may have been meant."""
        if name == DEFAULT_CHANNEL or name in self.channels:
            return ""
        if name in self.bad_channels:
            return f'channel "{named(name)}" cannot be used: {self.bad_channels[name].problem}'
        known = [*self.channels, *self.bad_channels, DEFAULT_CHANNEL]
        hint = f": {suggestion(name, known)}" if hinted else ""
        return f'there is no channel "{named(name)}"{hint}'

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


def house(document: Document, installation: str = "") -> House:
    """Check what projects share; what is wrong with it is kept for those that use it."""
    defaults, problems = _defaults(document.defaults)
    channels: dict[str, ChannelModel] = {}
    bad: dict[str, BadChannel] = {}
    for name, part in document.channels.items():
        try:
            channels[name] = channel(name, part)
        except ConfigError as error:
            bad[name] = BadChannel(error.problem, pages=_pages(part.content))
    beat, bad_beat = _heartbeat(document.heartbeat)
    return House(
        defaults=defaults,
        defaults_problems=problems,
        defaults_version=document.defaults.version,
        channels=channels,
        bad_channels=bad,
        keys=frozenset(document.keys),
        bad_keys=document.bad_keys,
        heartbeat=beat,
        bad_heartbeat=bad_beat,
        installation=installation,
    )


def _defaults(part: Part) -> tuple[DefaultsModel, tuple[ConfigError, ...]]:
    if part.problem:
        return DefaultsModel(), (ConfigError("defaults", part.problem),)
    model, problems = read(DefaultsModel, part.content, "defaults")
    return model or DefaultsModel(), tuple(problems)


def channel(name: str, part: Part) -> ChannelModel:
    """One channel. Raises ConfigError, without anything secret in it."""
    where = f"channels.{named(name)}"
    if not NAME.fullmatch(name) or name == DEFAULT_CHANNEL:
        raise ConfigError(where, _bad_name(name))
    if part.problem:
        raise ConfigError(where, part.problem)
    return _one(MODELS[_type(part.content, where)], part.content, where)


def _heartbeat(part: Part | None) -> tuple[HeartbeatModel | None, str]:
    """The heartbeat, or why there is none though one was written."""
    if part is None or part.problem:
        return None, part.problem if part else ""
    try:
        return _one(HeartbeatModel, part.content, "heartbeat"), ""
    except ConfigError as error:
        return None, error.problem


def _one(model: type[W], content: object, where: str) -> W:
    """The model. Raises ConfigError, with all that is wrong in one sentence."""
    made, problems = read(model, content, where)
    if made is None:
        raise ConfigError(where, listed([_told(error, where) for error in problems]))
    return made


def _pages(content: object) -> bool:
    return isinstance(content, dict) and content.get("type") == "pagerduty"


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
