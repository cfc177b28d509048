"""What the pipeline asks of a source of configuration; SSM and a YAML file pass the same tests."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from headroom.config.configuration import Configuration


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
