"""The parts that projects share, each by itself: what of it can be used, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from headroom.config.channels import LATER, MODELS
from headroom.config.earlier import in_force, newest_good, wanted, without
from headroom.config.heartbeat import HeartbeatModel
from headroom.config.models import ChannelModel, DefaultsModel
from headroom.config.port import BadChannel
from headroom.config.raw import Document, Part
from headroom.config.types import NAME
from headroom.config.validation import Partly, W, read, read_partly
from headroom.config.wording import kind_of, listed, named, shown, suggestion
from headroom.domain.rules import DEFAULT_CHANNEL
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
    def of(cls, document: Document, notes: Notes) -> Defaults:
        """Those that are written, an earlier version, or what is left without what is wrong."""
        part, earlier = document.defaults, document.earlier.get("defaults")
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


def channels(
    document: Document, notes: Notes
) -> tuple[dict[str, ChannelModel], dict[str, BadChannel]]:
    """The good ones, of an earlier version if need be, and the bad ones."""
    good: dict[str, ChannelModel] = {}
    bad: dict[str, BadChannel] = {}
    for name, part in document.channels.items():
        try:
            good[name] = channel(name, part)
        except ConfigError as error:
            problem = error.problem
        else:
            continue
        earlier = document.earlier.get(f"channels/{name}")
        if wanted(part, earlier):
            notes.wants[f"channels/{name}"] = part.version
        found: tuple[ChannelModel, Part] | None = newest_good(
            earlier, partial(_channel_or_none, name)
        )
        if found:
            good[name] = found[0]
            notes.kept[f"channels.{named(name)}"] = in_force(problem, part, found[1])
        else:
            bad[name] = BadChannel(without(problem, earlier), pages=_pages(part.content))
    return good, bad


def _channel_or_none(name: str, part: Part) -> ChannelModel | None:
    try:
        return channel(name, part)
    except ConfigError:
        return None


def channel(name: str, part: Part) -> ChannelModel:
    """One channel. Raises ConfigError, without anything secret in it."""
    where = f"channels.{named(name)}"
    if not NAME.fullmatch(name) or name == DEFAULT_CHANNEL:
        raise ConfigError(where, _bad_name(name))
    if part.problem:
        raise ConfigError(where, part.problem)
    return _one(MODELS[_type(part.content, where)], part.content, where)


def heartbeat(document: Document, notes: Notes) -> tuple[HeartbeatModel | None, str]:
    """The heartbeat, of an earlier version if need be, or why what is written is invalid."""
    part, earlier = document.heartbeat, document.earlier.get("heartbeat")
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


def _heartbeat_or_none(part: Part) -> HeartbeatModel | None:
    try:
        return _heartbeat(part)
    except ConfigError:
        return None


def _heartbeat(part: Part) -> HeartbeatModel:
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
