"""What projects share, as their resolution looks at it: defaults, channels, names of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.config.heartbeat import HeartbeatModel
from headroom.config.models import ChannelModel, DefaultsModel
from headroom.config.port import BadChannel
from headroom.config.raw import Document
from headroom.config.shared import Defaults, Notes, channels, heartbeat
from headroom.config.wording import named, suggestion
from headroom.domain.rules import DEFAULT_CHANNEL, DEFAULT_KEY, Routing
from headroom.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
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


def house(document: Document, installation: str = "") -> House:
    """Check what projects share; what is wrong with it is kept for those that use it."""
    notes = Notes({f"keys.{named(name)}": why for name, why in document.kept_keys.items()})
    notes.wants.update(document.wants)
    defaults = Defaults.of(document, notes)
    good, bad = channels(document, notes)
    beat, bad_beat = heartbeat(document, notes)
    return House(
        defaults=defaults.model,
        defaults_problems=defaults.problems,
        defaults_version=document.defaults.version,
        defaults_given=bool(document.defaults.content) or document.defaults.number > 1,
        lost=defaults.lost,
        channels=good,
        bad_channels=bad,
        keys=frozenset(document.keys),
        bad_keys=document.bad_keys,
        heartbeat=beat,
        bad_heartbeat=bad_beat,
        installation=installation,
        kept=notes.kept,
        wants=notes.wants,
    )
