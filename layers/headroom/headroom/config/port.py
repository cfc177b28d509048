"""What the pipeline asks of a source of configuration; SSM and a YAML file pass the same tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from pydantic import SecretStr

from headroom.config.models import ChannelModel
from headroom.domain.rules import Project, Refused


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that operators wrote, resolved and checked: one listing, read whole."""

    projects: Mapping[str, Project]
    refused: Mapping[str, Refused] = field(default_factory=dict)
    """Projects whose own part is wrong; never also in `projects`."""
    channels: Mapping[str, ChannelModel] = field(default_factory=dict)
    """Only the good ones; `default` is built in and not among them."""
    settle: int = 60
    """Seconds after its end that a window counts as closed; one for all projects."""
    fresh: bool = True
    """Read now, and not from the cache."""
    trouble: str = ""
    """What somebody should look at beside the projects: why what is in force could not be read anew
    just now, and channels and keys of no use; '' when there is nothing."""
    ignored: tuple[str, ...] = ()
    """Parameters under the prefix that mean nothing to Headroom: a slip of the pen, probably."""

    def unread(self, why: str) -> Configuration:
        """The same, in force still though it could not be read anew."""
        trouble = f"{why}; {self.trouble}" if self.trouble else why
        return replace(self, fresh=False, trouble=trouble)


class Source(Protocol):
    """Where the configuration comes from."""

    async def load(self, *, fresh: bool = False) -> Configuration:
        """The whole configuration, from the cache while that holds unless `fresh`.

        Raises ConfigUnavailable; a project that cannot be used is in `refused` instead.
        """
        ...

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """The PolyAI API key of that name.

        With `rejected` (a value that PolyAI answered 401 to) it is read past every cache, unless
        another has been read since. Raises ConfigError when there is none.
        """
        ...
