"""From the configured channels to their adapters.

A new channel is a module beside this one, a model in `config/channels.py`, and a case in each
`match` here; mypy names every case that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, assert_never

import httpx

from headroom.channels.pagerduty import HOSTS, PagerDuty
from headroom.channels.slack import SlackWebhook
from headroom.channels.sns import Sns
from headroom.config.channels import ChannelModel, PagerDutyModel, SlackModel, SnsModel
from headroom.config.configuration import Configuration
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.net.threads import Threads
from headroom.net.transport import client
from headroom.ports import Channel

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def called_url(model: ChannelModel) -> str | None:
    """The address that the channel calls, a secret; None where botocore chooses it."""
    match model:
        case SnsModel():
            return None
        case SlackModel():
            return model.webhook_url.get_secret_value()
        case PagerDutyModel():
            return model.api_url or HOSTS[model.service_region]
        case _:
            assert_never(model)


class ChannelRegistry:
    """Makes the channels of a configuration, and makes them again only when it has changed.

    With `loopback`, channels and the heartbeat may be on this machine. `sends` are the threads that
    all SNS topics share, that of `default` included. With `muted` every channel accepts what it is
    sent, and sends nothing: a dry run.
    """

    def __init__(
        self,
        default: Channel,
        publisher: Callable[[], SNSClient],
        sends: Threads,
        *,
        loopback: bool = False,
        muted: bool = False,
    ) -> None:
        self._muted = muted
        self._loopback = loopback
        self._default = default
        self._publisher = publisher
        self._sends = sends
        self._http: httpx.AsyncClient | None = None
        self._configuration: Configuration | None = None
        self._channels: Mapping[str, Channel] = {}

    def __call__(self, configuration: Configuration) -> Mapping[str, Channel]:
        """The channels by name, `default` included."""
        known = self._configuration
        if known is None or known.channels is not configuration.channels:
            bad = configuration.bad_channels.items()
            made = {name: self._make(each) for name, each in configuration.channels.items()}
            made[DEFAULT_CHANNEL] = self._default
            if self._muted:
                made = {name: MutedChannel(each.is_pager) for name, each in made.items()}
            unusable = {
                name: UnusableChannel(each.told, is_pager=bool(each.is_pager)) for name, each in bad
            }
            self._channels = {**unusable, **made}
            self._configuration = configuration
        return self._channels

    def _make(self, model: ChannelModel) -> Channel:
        match model:
            case SnsModel():
                return Sns(model.topic_arn, self._publisher, self._sends, chatbot=model.chatbot)
            case SlackModel():
                return SlackWebhook(model.webhook_url, self.http())
            case PagerDutyModel():
                return PagerDuty(
                    model.routing_key,
                    self.http(),
                    service_region=model.service_region,
                    api_url=model.api_url,
                )
            case _:
                assert_never(model)

    def http(self) -> httpx.AsyncClient:
        """The client of channels and heartbeat, made on first use: loading certificates is slow."""
        self._http = self._http or client(loopback=self._loopback)
        return self._http

    async def close(self) -> None:
        """Close the connections and end the threads."""
        await self._sends.close()
        if self._http is not None:
            await self._http.aclose()
            self._http = None


@dataclass(frozen=True, slots=True)
class UnusableChannel:
    """Stands in for a channel with an invalid configuration: every try fails and can be retried.

    So its notices wait, for up to 24 hours like any other, until the configuration is fixed.
    """

    problem: str
    is_pager: bool
    timeout: ClassVar[float] = 0.0

    async def send(self, notice: Notice) -> DeliveryFailure | None:  # noqa: ARG002 (never sent)
        """See `Channel.send`."""
        return DeliveryFailure(
            FailureReason.NOT_CONFIGURED,
            f"its configuration is invalid: {self.problem}",
            retryable=True,
            channel_at_fault=True,
        )


@dataclass(frozen=True, slots=True)
class MutedChannel:
    """Stands in for a channel in a dry run: it accepts everything and sends nothing."""

    is_pager: bool
    timeout: ClassVar[float] = 1.0

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """See `Channel.send`."""

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        """See `Chat.send_digest`."""
