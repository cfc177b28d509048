"""Whether AWS knows who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from headroom_cli.aws import Aws
from headroom_cli.doctor.engine import Findings, fail, ok
from headroom_cli.doctor.explain import LOG_IN


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, and where."""

    account: str
    arn: str
    region: str


def identity(aws: Aws) -> Identity:
    """By GetCallerIdentity, which everybody may call. Raises ClientError, BotoCoreError."""
    found = aws.sts.get_caller_identity()
    return Identity(found["Account"], found["Arn"], aws.region)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account, the region and the role."""

    identity: Callable[[], Identity]
    name: str = "credentials"

    def look(self) -> Findings:
        """See `Probe`."""
        found = self.identity()
        if not found.region:
            yield fail(self.name, "no region is set", LOG_IN)
        yield ok(self.name, f"account {found.account}, {found.region}, as {found.arn}")
