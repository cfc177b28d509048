"""Makes the wired application from the settings; the only module that knows every adapter."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache

import boto3
from botocore.config import Config

from headroom.app import App, EventClock
from headroom.channels import sns
from headroom.channels.heartbeat import HttpHeartbeat
from headroom.channels.registry import ChannelRegistry
from headroom.channels.sns import Sns
from headroom.config.ssm_source import SsmSource
from headroom.domain.windows import Instant
from headroom.net.threads import Threads
from headroom.polyai.client import PolyAI
from headroom.ports import Channel, Ports, Source, Stores
from headroom.settings import Settings
from headroom.state.codec import CAPACITY
from headroom.state.deadletters import SqsDeadLetters
from headroom.state.dynamodb import DynamoState
from headroom.state.dynamodb_baselines import DynamoBaselines

STORE = Config(
    connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3}
)
"""For DynamoDB, Parameter Store and SQS: a check has a minute, and a record two seconds."""

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
    table = aws.client("dynamodb", config=STORE)
    state = DynamoState(table, settings.table, clock=clock)
    baselines = DynamoBaselines(table, settings.table, clock=clock)
    dead_letters = SqsDeadLetters(queue, settings.dead_letter_url)
    sends = Threads(sns.THREADS, "sns")
    return wire(
        source,
        Stores(state, baselines, dead_letters),
        PolyAI(source, base_url=settings.polyai_url, loopback=settings.loopback),
        ChannelRegistry(
            Sns(settings.topic_arn, publisher, sends),
            publisher,
            sends,
            loopback=settings.loopback,
        ),
        clock=clock,
        beats=True,
        closers=(source.close, state.close, baselines.close, dead_letters.close),
    )


def local(
    source: Source,
    stores: Stores,
    *,
    default: Channel,
    polyai_url: str | None = None,
    clock: Callable[[], Instant],
    beats: bool = False,
    muted: bool = False,
) -> App:
    """The same pipeline without AWS, except for SNS channels that the operator configured.

    PolyAI, channels and the heartbeat may be on this machine, as simulators are. With `beats`,
    complete checks call the configured heartbeat: for checks that run by themselves. With `muted`,
    every channel accepts its notices and sends nothing.
    """
    publisher = cache(lambda: boto3.Session().client("sns", config=PUBLISH))
    sends = Threads(sns.THREADS, "sns")
    channels = ChannelRegistry(default, publisher, sends, loopback=True, muted=muted)
    polyai = PolyAI(source, base_url=polyai_url, loopback=True)
    return wire(source, stores, polyai, channels, clock=clock, beats=beats)


def wire(
    source: Source,
    stores: Stores,
    polyai: PolyAI,
    channels: ChannelRegistry,
    *,
    clock: Callable[[], Instant],
    beats: bool,
    closers: Sequence[Callable[[], Awaitable[None]]] = (),
) -> App:
    """Put the adapters together; `closers` close those that have no other owner."""
    limit_loggers()
    heartbeat = HttpHeartbeat(channels.http) if beats else None
    ports = Ports(
        source=source,
        state=stores.state,
        baselines=stores.baselines,
        dead_letters=stores.dead_letters,
        readings=polyai,
        channels=channels,
        clock=clock,
        capacity=CAPACITY,
        heartbeat=heartbeat,
    )
    return App(ports, [polyai.close, channels.close, *closers])


def system_clock() -> Instant:
    """Return the whole seconds since 1970 UTC."""
    return int(time.time())


LEVELS = {
    "httpx": logging.WARNING,  # INFO logs the whole URL of each request
    "httpcore": logging.INFO,
    "boto3": logging.INFO,
    "botocore": logging.INFO,  # DEBUG logs whole answers: decrypted parameters, and credentials
    "urllib3": logging.INFO,
}
"""The lowest level at which each library logs nothing secret."""


def limit_loggers() -> None:
    """Keep secrets out of the logs of libraries, whatever level the rest has."""
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)
