"""The command: receive the queue's messages, process them, and release the rest."""

from __future__ import annotations

import asyncio
import time

from rich.console import Console

from headroom.bootstrap import limit_loggers
from headroom.config.ssm_source import SsmSource
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom_cli.aws import Aws
from headroom_cli.redrive import output
from headroom_cli.redrive.messages import Message
from headroom_cli.redrive.options import Options
from headroom_cli.redrive.plan import QueueContents, channel_of, classify
from headroom_cli.redrive.queue import MOST, Queue
from headroom_cli.redrive.workflow import Context, drop, send, tidy
from headroom_cli.signals import as_ctrl_c
from headroom_cli.stack import Stack

OK, TROUBLE = 0, 1


def redrive(console: Console, aws: Aws, stack: Stack, options: Options) -> int:
    """Run the command and return the exit code: 1 if something remains that should have been sent.

    Messages that are not deleted are released to the queue, also after an error, Ctrl-C, SIGTERM
    and SIGHUP. Raises ConfigUnavailable, StateUnavailable.
    """
    limit_loggers()
    queue = Queue(aws.sqs, stack.queue_url)
    with as_ctrl_c():
        try:
            return _redrive(Context(console, aws, stack, queue, options))
        finally:
            queue.release()


def _redrive(context: Context) -> int:
    taken = context.queue.take(context.options.wait)
    if _hidden(context, taken) and not taken:
        return TROUBLE
    found = classify(taken, context.options.channels)
    output.show_found(context.console, found, more=len(taken) >= MOST)
    well = _channels_exist(context, found)
    well &= tidy(context, found)
    well &= drop(context, found) if context.options.drop else send(context, found)
    return OK if well else TROUBLE


def _hidden(context: Context, taken: list[Message]) -> bool:
    """Print how many messages others hold, if any. SQS counts ours as hidden too."""
    number = sum(context.queue.counts()) - len(taken) if len(taken) < MOST else 0
    if number > 0:
        output.show_hidden(context.console, number)
    return number > 0


def _without_notices(context: Context, found: QueueContents) -> set[str]:
    """Return the named channels that have nothing in the queue."""
    missing = set(context.options.channels) - {each.channel for each in found.letters}
    return missing - {channel_of(message) or "" for message in found.unread}


def _channels_exist(context: Context, found: QueueContents) -> bool:
    """Print what other channels have; False: a named channel has nothing."""
    missing = _without_notices(context, found)
    if found.elsewhere:
        output.show_elsewhere(context.console, missing, found)
    configured = _configured(context) if missing else set[str]()
    unknown = missing - configured
    if unknown:
        output.show_unknown(context.console, unknown, configured, found)
    return not unknown and not (missing and found.elsewhere)


def _configured(context: Context) -> set[str]:
    """Return every channel of the stack, including invalid ones. Raises ConfigUnavailable."""
    source = SsmSource(context.aws.ssm, context.stack.prefix, ttl=0, clock=time.monotonic)
    configuration = asyncio.run(source.load())
    return {DEFAULT_CHANNEL, *configuration.channels, *configuration.bad_channels}
