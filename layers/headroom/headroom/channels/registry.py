"""The channels of a configuration: which adapter each becomes, and what stands in for a bad one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import httpx

from headroom.channels.pagerduty import PagerDuty
from headroom.channels.port import Channel
from headroom.channels.slack import SlackWebhook
from headroom.channels.sns import Sns
from headroom.config.channels import PagerDutyModel, SlackModel, SnsModel
from headroom.config.models import ChannelModel
from headroom.config.port import Configuration
from headroom.domain.notices import Notice
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.errors import DeliveryError
from headroom.outgoing.threads import Threads
from headroom.outgoing.transport import client

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class ChannelRegistry:
    """The channels of a configuration; made anew only when that changed.

    With `loopback` they, and the heartbeat, may be on this machine. `sends` are the threads of all
    SNS topics, those of `default` among them.
    """

    def __init__(
        self,
        default: Channel,
        publisher: Callable[[], SNSClient],
        sends: Threads,
        *,
        loopback: bool = False,
    ) -> None:
        self._loopback = loopback
        self._default = default
        self._publisher = publisher
        self._sends = sends
        self._http: httpx.AsyncClient | None = None
        self._configuration: Configuration | None = None
        self._channels: Mapping[str, Channel] = {}

    def __call__(self, configuration: Configuration) -> Mapping[str, Channel]:
        """By name, the built-in one included."""
        known = self._configuration
        if known is None or known.channels is not configuration.channels:
            bad = configuration.bad_channels.items()
            made = {name: self._make(name, each) for name, each in configuration.channels.items()}
            unusable = {
                name: UnusableChannel(name, each.problem, pages=bool(each.pages))
                for name, each in bad
            }
            self._channels = {DEFAULT_CHANNEL: self._default, **unusable, **made}
            self._configuration = configuration
        return self._channels

    def _make(self, name: str, model: ChannelModel) -> Channel:
        match model:
            case SnsModel():
                return Sns(
                    name, model.topic_arn, self._publisher, self._sends, chatbot=model.chatbot
                )
            case SlackModel():
                return SlackWebhook(name, model.webhook_url, self.http())
            case PagerDutyModel():
                return PagerDuty(
                    name,
                    model.routing_key,
                    self.http(),
                    service_region=model.service_region,
                    api_url=model.api_url,
                )

    def http(self) -> httpx.AsyncClient:
        """One for channels and the heartbeat, made when first needed: certificates are slow."""
        self._http = self._http or client(loopback=self._loopback)
        return self._http

    async def close(self) -> None:
        """End the connections."""
        await self._sends.close()
        if self._http is not None:
            await self._http.aclose()
            self._http = None


@dataclass(frozen=True, slots=True)
class UnusableChannel:
    """Stands in for it: every try fails and may be repeated, for the 24 hours that any try has."""

    name: str
    problem: str
    pages: bool
    timeout: ClassVar[float] = 0.0

    async def send(self, notice: Notice) -> None:  # noqa: ARG002 (nothing can be done with it)
        """Raises DeliveryError."""
        raise DeliveryError(
            f"its configuration is invalid: {self.problem}", retryable=True, channel_at_fault=True
        )
