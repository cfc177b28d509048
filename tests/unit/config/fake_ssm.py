"""A Parameter Store (moto's) that counts its calls, and refuses what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

from headroom.config.configuration import Configuration
from headroom.config.ssm_source import SsmSource

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/headroom/test"
SECRETS = ("keys/", "channels/", "heartbeat")


class Clock:
    """Seconds, turned by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeSsm:
    """Use it within `mock_aws`. `calls` are those since the last `put`."""

    def __init__(self) -> None:
        self.client: SSMClient = boto3.client("ssm", region_name="eu-west-2")
        self.client.meta.events.register("before-call.ssm", self._called)
        self.clock = Clock()
        self.calls: list[str] = []
        self.failing = False
        """Whether nothing can be reached."""
        self.refusing: dict[str, str] = {}
        """Error codes, by operation."""
        self.missing = False
        """Whether `GetParameter` finds nothing."""
        self.throttled = ""
        """The parameter whose calls are throttled."""
        self._locked: set[str] = set()
        self._written = 0

    def _called(self, model: Any, params: Any, **_: object) -> None:  # noqa: ANN401 -- botocore's hook
        self.calls.append(model.name)
        if self.failing:
            raise EndpointConnectionError(endpoint_url="https://ssm.test")
        asked = json.loads(params["body"])
        if model.name in self.refusing:
            raise refusal(self.refusing[model.name], model.name)
        if self.throttled and asked.get("Name") == self.throttled:
            raise refusal("ThrottlingException", model.name)
        if self.missing and model.name == "GetParameter":
            raise self.client.exceptions.ParameterNotFound({}, model.name)
        names = asked.get("Names", [asked.get("Name", "")])
        listing = model.name == "GetParametersByPath"
        if asked.get("WithDecryption") and self._locked and (listing or self._locked & {*names}):
            raise refusal("AccessDeniedException", model.name)

    def put(self, name: str, value: object, *, secure: bool | None = None) -> None:
        """Write a version, newer than all before: they are compared by the millisecond."""
        while (now := time.time_ns() // 10**6) <= self._written:
            pass
        self._written = now + 1
        secure = name.startswith(SECRETS) if secure is None else secure
        self.client.put_parameter(
            Name=f"{PREFIX}/{name}",
            Value=value if isinstance(value, str) else json.dumps(value),
            Type="SecureString" if secure else "String",
            Overwrite=True,
        )
        self.calls.clear()

    def lock(self, name: str) -> None:
        """Take away the key that this value is encrypted with."""
        self._locked.add(f"{PREFIX}/{name}")

    def source(self, ttl: int = 300) -> SsmSource:
        """A new instance's source."""
        return SsmSource(self.client, f"{PREFIX}/", ttl=ttl, clock=self.clock)

    def load(self) -> Configuration:
        """The configuration that a new instance reads."""
        return asyncio.run(self.source().load())


def refusal(code: str, operation: str) -> ClientError:
    """An error of AWS, with a secret in its message."""
    return ClientError({"Error": {"Code": code, "Message": "sesame"}}, operation)
