"""Settings -> the wired application. The only place that knows every adapter."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config

from headroom.app import App, EventClock
from headroom.channels import sns
from headroom.channels.heartbeat import HttpHeartbeat
from headroom.channels.pagerduty import PagerDuty
from headroom.channels.port import Channel
from headroom.channels.slack import SlackWebhook
from headroom.channels.sns import Sns
from headroom.channels.unusable import Unusable
from headroom.config.channels import ChannelModel, PagerDutyModel, SlackModel, SnsModel
from headroom.config.configuration import Configuration
from headroom.config.port import Source
from headroom.config.ssm_source import SsmSource
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom.outgoing.threads import Threads
from headroom.outgoing.transport import client
from headroom.polyai.client import PolyAI
from headroom.ports import Ports
from headroom.quiet import hush
from headroom.settings import Settings
from headroom.state.deadletters import SqsDeadLetters
from headroom.state.dynamodb import DynamoState
from headroom.state.port import DeadLetters, State

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

STORE = Config(
    connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3}
)
"""For the table, Parameter Store and the queue: a check has a minute, and a record two seconds."""

PUBLISH = Config(
    connect_timeout=sns.CONNECT_TIMEOUT,
    read_timeout=sns.READ_TIMEOUT,
    retries={"mode": "standard", "total_max_attempts": sns.ATTEMPTS},
    max_pool_connections=sns.THREADS,
)


@cache
def app() -> App:
    """The application of a Lambda function, from its environment. Raises SettingsError."""
    return deployed(Settings.from_environment())


def deployed(settings: Settings, session: boto3.Session | None = None) -> App:
    """The application on AWS: Parameter Store, DynamoDB, SNS and SQS."""
    aws = session or boto3.Session()  # one for all clients: its loader reads each model once
    clock = EventClock() if settings.clock == "event" else system_clock
    publisher = cache(lambda: aws.client("sns", config=PUBLISH))
    queue = cache(lambda: aws.client("sqs", config=STORE))
    source = SsmSource(
        aws.client("ssm", config=STORE),
        settings.ssm_prefix,
        ttl=settings.config_ttl,
        installation=settings.installation,
        clock=clock if isinstance(clock, EventClock) else time.monotonic,  # a replay outruns both
    )
    state = DynamoState(aws.client("dynamodb", config=STORE), settings.table, clock=clock)
    dead_letters = SqsDeadLetters(queue, settings.dead_letter_url)
    sends = Threads(sns.THREADS, "sns")
    return wire(
        source,
        state,
        dead_letters,
        PolyAI(source, base_url=settings.polyai_url, loopback=settings.loopback),
        Channels(
            Sns(DEFAULT_CHANNEL, settings.topic_arn, publisher, sends),
            publisher,
            sends,
            loopback=settings.loopback,
        ),
        clock=clock,
        beats=True,
        closers=(source.close, state.close, dead_letters.close),
    )


def local(
    source: Source,
    state: State,
    dead_letters: DeadLetters,
    *,
    default: Channel,
    polyai_url: str | None = None,
    loopback: bool = False,
    clock: Callable[[], Instant],
    beats: bool = False,
) -> App:
    """The same pipeline without AWS, but for SNS channels that the operator configured.

    With `loopback` PolyAI, channels and the heartbeat may be on this machine. With `beats` complete
    checks call the configured heartbeat, as those that nobody starts should.
    """
    publisher = cache(lambda: boto3.Session().client("sns", config=PUBLISH))
    channels = Channels(default, publisher, Threads(sns.THREADS, "sns"), loopback=loopback)
    polyai = PolyAI(source, base_url=polyai_url, loopback=loopback)
    return wire(source, state, dead_letters, polyai, channels, clock=clock, beats=beats)


def wire(
    source: Source,
    state: State,
    dead_letters: DeadLetters,
    polyai: PolyAI,
    channels: Channels,
    *,
    clock: Callable[[], Instant],
    beats: bool,
    closers: Sequence[Callable[[], Awaitable[None]]] = (),
) -> App:
    """Put the adapters together; `closers` end what others of them hold open."""
    hush()
    heartbeat = HttpHeartbeat(channels.http) if beats else None
    ports = Ports(source, state, dead_letters, polyai, channels, clock, heartbeat)
    return App(ports, [polyai.close, channels.close, *closers])


def system_clock() -> Instant:
    """Whole seconds since 1970 UTC."""
    return int(time.time())


class Channels:
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
                name: Unusable(name, each.problem, pages=bool(each.pages)) for name, each in bad
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
                    api_url=model.api_url or None,
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
