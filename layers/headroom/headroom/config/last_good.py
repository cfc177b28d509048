"""Earlier versions of invalid parameters, from Parameter Store's history: asked for once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from headroom.config.configuration import Configuration
from headroom.config.parameter_store import NoHistory, Stored, history
from headroom.config.raw import Earlier, RawConfig, entry_of, from_parameters
from headroom.config.resolve import resolve
from headroom.errors import ConfigUnavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MOST = 20
"""Parameters that one check looks up, each with one or two requests; the next check goes on."""
_ROUNDS = 3
"""Rounds of history look-ups for one listing: with other defaults, other projects are invalid."""
VERSIONS = 20
"""Earlier versions of one parameter that are looked at, the newest first."""


class History:
    """What is known of earlier versions, by the parameter and its newest version."""

    def __init__(self, client: SSMClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._known: dict[tuple[str, int], Earlier] = {}
        self.denied = False
        """Whether AWS denied the last look: an immediate retry would fail too."""

    def look_up(self, wanted: Mapping[str, int], numbers: Mapping[str, int]) -> dict[str, Earlier]:
        """The earlier versions of these, by name; blocking. `numbers`: SSM's, of the newest ones.

        A failure concerns only its own parameter, and the next check retries it. Where AWS denies
        all of them or cannot be reached, nothing more is requested now.
        """
        self._forget(wanted)
        self.denied = False
        stopped, asked = "", 0
        found: dict[str, Earlier] = {}
        for name, version in wanted.items():
            known = self._known.get((name, version))
            if known is None and not stopped and asked < MOST:
                asked += 1
                try:
                    known = self._read(name, version, numbers[name])
                except NoHistory as error:
                    stopped, self.denied = str(error), error.denied
            found[name] = known or Earlier(problem=stopped or "too many at once")
        return found

    def _read(self, name: str, version: int, number: int) -> Earlier:
        try:
            versions = history(self._client, self._prefix, name, number)
        except NoHistory:
            raise
        except ConfigUnavailable as error:
            return Earlier(problem=str(error))
        earlier = Earlier(tuple(entry_of(each) for each in versions[:VERSIONS]))
        self._known[name, version] = earlier
        return earlier

    def _forget(self, wanted: Mapping[str, int]) -> None:
        """Forget versions that are no longer the newest; a value may be secret."""
        for name, version in list(self._known):
            if wanted.get(name, version) != version:
                del self._known[name, version]


def in_force(
    parameters: Sequence[Stored], history: History, installation: str = ""
) -> tuple[RawConfig, Configuration]:
    """What a listing gives, with earlier versions of what is invalid in it; blocking."""
    written = from_parameters(parameters)
    configuration = resolve(written, installation)
    numbers = {each.name: each.number for each in parameters}
    for _ in range(_ROUNDS):
        if not configuration.wants:
            break
        known = {**written.earlier, **history.look_up(configuration.wants, numbers)}
        written = from_parameters(parameters, known)
        configuration = resolve(written, installation)
    return written, configuration
