"""The list of probes, for a stack and for a laptop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from shlex import quote

from headroom.bootstrap import system_clock
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.watermark import Loaded
from headroom.state.dynamodb import DynamoState
from headroom.state.dynamodb_baselines import DynamoBaselines
from headroom.state.sqlite import SqliteState, dead_letters
from headroom.state.sqlite_baselines import SqliteBaselines
from headroom_cli.aws import Aws
from headroom_cli.doctor.configuration import OperatorConfig, of_file, of_stack
from headroom_cli.doctor.engine import Probe, SharedValue
from headroom_cli.doctor.explain import NotCreatedYet
from headroom_cli.doctor.probes.alarms import Alarms
from headroom_cli.doctor.probes.aws_resources import (
    EVERY_HOUR,
    Credentials,
    Function,
    Identity,
    Schedule,
    StackProbe,
    Table,
    identity,
)
from headroom_cli.doctor.probes.baselines import Baselines
from headroom_cli.doctor.probes.checks import PATIENTLY, Checks, Progress
from headroom_cli.doctor.probes.dead_letters import LocalDeadLetters, QueuedDeadLetters
from headroom_cli.doctor.probes.hosts import Hosts
from headroom_cli.doctor.probes.notices import Notices
from headroom_cli.doctor.probes.parameters import Parameters
from headroom_cli.doctor.probes.projects import Projects
from headroom_cli.doctor.probes.topics import ChannelTopics, StackTopics
from headroom_cli.laptop.application import state_copy, state_path
from headroom_cli.stack import Stack, find


def on_aws(aws: Aws, name: str) -> list[Probe]:
    """Return the probes for a deployed stack; each comes after those it depends on."""
    who = SharedValue("credentials", lambda: identity(aws))
    stack = SharedValue("stack", lambda: _of_cloudformation(who(), aws, name))
    setup = SharedValue("parameters", lambda: _of_parameters(stack(), aws))
    loaded = SharedValue("state", lambda: _of_table(stack(), aws))
    return [
        Credentials(who.own),
        StackProbe(stack.own),
        Function(lambda: aws.functions, stack),
        Schedule(lambda: aws.scheduler, stack),
        Checks(lambda: aws.cloudwatch, stack, loaded, system_clock, local=aws.on_loopback),
        Progress(
            loaded.own,
            system_clock,
            lambda: _log(stack()),
            lambda: f"{PATIENTLY}{_log(stack())}",
        ),
        Alarms(lambda: aws.cloudwatch, stack),
        Table(lambda: aws.dynamodb, stack),
        Notices(
            loaded,
            system_clock,
            lambda channel: f"{_log(stack())} | grep {channel}",
        ),
        QueuedDeadLetters(lambda: aws.sqs, stack),
        Parameters(setup.own),
        Baselines(
            setup,
            lambda keys: _times(stack(), aws, keys),
            system_clock,
            lambda: _make_now(stack()),
            Schedule(
                lambda: aws.scheduler,
                stack,
                attrgetter("making"),
                EVERY_HOUR,
                "every hour",
                "what is usual is not made",
            ),
        ),
        Projects(
            setup,
            lambda: stack().parameters.get("PolyaiUrl") or None,
            system_clock,
            loopback=aws.on_loopback,
        ),
        StackTopics(lambda: aws.sns, stack),
        ChannelTopics(lambda: aws.sns, setup, stack),
        Hosts(setup, loopback=aws.on_loopback),
    ]


KEPT = 14 * 24 * 3600
"""Seconds for which a laptop's dead letters are shown: as long as a stack's queue keeps them."""


def on_laptop(aws: Aws, config: Path, state: Path, polyai_url: str | None) -> list[Probe]:
    """Return the probes for a `headroom watch`; AWS is called only for SNS channels."""
    setup = SharedValue("file", lambda: of_file(config, os.environ.get))
    loaded = SharedValue("state", lambda: _of_file(state, watch))
    watch = f"headroom watch --config {quote(str(config))}"
    if state != state_path(config):
        watch += f" --state {quote(str(state))}"

    def start(*_: str) -> str:
        return watch

    def make() -> str:
        return watch.replace("watch", "baseline", 1)

    return [
        Parameters(setup.own, name="file"),
        Projects(setup, lambda: polyai_url, system_clock, loopback=True),
        ChannelTopics(lambda: aws.sns, setup, None),
        Hosts(setup, loopback=True),
        Baselines(setup, lambda keys: _times_in_file(state, keys), system_clock, make),
        Progress(loaded.own, system_clock, start, start),
        Notices(loaded, system_clock, start),
        LocalDeadLetters(lambda: _given_up(state), str(config), str(state)),
    ]


def _of_cloudformation(_: Identity, aws: Aws, name: str) -> Stack:
    """Wait for the credentials: otherwise every service would fail for the same reason."""
    return find(aws.cloudformation, name)


def _of_parameters(stack: Stack, aws: Aws) -> OperatorConfig:
    return of_stack(aws.ssm, stack.prefix, stack.parameters.get("KmsKeyArn", ""))


def _of_table(stack: Stack, aws: Aws) -> Loaded:
    return asyncio.run(DynamoState(aws.dynamodb, stack.table, clock=system_clock).load())


def _of_file(state: Path, watch: str) -> Loaded:
    """Read a copy: opening the store deletes what has expired."""
    if not state.exists():
        raise NotCreatedYet(f"{state} does not exist: no check has run with this file yet", watch)
    with state_copy(state) as copy:
        return asyncio.run(SqliteState(copy, clock=system_clock).load())


def _times(stack: Stack, aws: Aws, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Times]:
    store = DynamoBaselines(aws.dynamodb, stack.table, clock=system_clock)
    return asyncio.run(store.times(keys))


def _times_in_file(state: Path, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Times]:
    with state_copy(state) as copy:
        return asyncio.run(SqliteBaselines(copy, clock=system_clock).times(keys))


def _make_now(stack: Stack) -> str:
    """Return the command that runs the making and shows its report, with the reasons of failures.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file-binary.html
    """
    return (
        f"aws lambda invoke --function-name {stack.making} --cli-binary-format raw-in-base64-out "
        """--payload '{"time": "'$(date -u +%FT%TZ)'"}' /dev/stdout"""
    )


def _given_up(state: Path) -> list[tuple[str, str]]:
    """Return channel and reason of each dead letter on a laptop."""
    if not state.exists():
        return []
    with state_copy(state) as copy:
        return dead_letters(copy, since=system_clock() - KEPT)


def _log(stack: Stack) -> str:
    return f"aws logs tail {stack.log_group} --since 30m --format short"
