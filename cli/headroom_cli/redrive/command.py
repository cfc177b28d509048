"""The command: take what lies in the queue, deal with it, hand the rest back."""

from __future__ import annotations

import asyncio
import time

from rich.console import Console

from headroom.config.ssm_source import SsmSource
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.quiet import hush
from headroom_cli.aws import Aws
from headroom_cli.redrive import screen
from headroom_cli.redrive.letters import Message
from headroom_cli.redrive.plan import Found, addressee, sort_out
from headroom_cli.redrive.queue import MOST, Queue
from headroom_cli.redrive.signals import as_ctrl_c
from headroom_cli.redrive.steps import Desk, drop, send, tidy
from headroom_cli.redrive.wish import Wish
from headroom_cli.stack import Stack

OK, TROUBLE = 0, 1


def redrive(console: Console, aws: Aws, stack: Stack, wish: Wish) -> int:
    """Do it and return the exit code: 1 when something stays that should have been sent.

    Whatever is not deleted is handed back to the queue, also at an error, at Ctrl-C, SIGTERM and
    SIGHUP. Raises ConfigUnavailable, StateUnavailable.
    """
    hush()
    queue = Queue(aws.sqs, stack.queue_url)
    with as_ctrl_c():
        try:
            return _redrive(Desk(console, aws, stack, queue, wish))
        finally:
            queue.hand_back()


def _redrive(desk: Desk) -> int:
    taken = desk.queue.take(desk.wish.wait)
    if _hidden(desk, taken) and not taken:
        return TROUBLE
    found = sort_out(taken, desk.wish.channels)
    screen.show_found(desk.console, found, more=len(taken) >= MOST)
    well = _named_rightly(desk, found)
    well &= tidy(desk, found)
    well &= drop(desk, found) if desk.wish.drop else send(desk, found)
    return OK if well else TROUBLE


def _hidden(desk: Desk, taken: list[Message]) -> bool:
    """Whether there are more than we were given; it is said. SQS counts ours as hidden too."""
    number = sum(desk.queue.counts()) - len(taken) if len(taken) < MOST else 0
    if number > 0:
        screen.show_hidden(desk.console, number)
    return number > 0


def _without_letters(desk: Desk, found: Found) -> set[str]:
    """Channels that were named and that nothing in the queue is for."""
    missing = set(desk.wish.channels) - {each.channel for each in found.letters}
    return missing - {addressee(message) or "" for message in found.unread}


def _named_rightly(desk: Desk, found: Found) -> bool:
    """Say what other channels have; False: there is nothing for one that was named."""
    missing = _without_letters(desk, found)
    if found.elsewhere:
        screen.show_elsewhere(desk.console, missing, found)
    configured = _configured(desk) if missing else set[str]()
    unknown = missing - configured
    if unknown:
        screen.show_unknown(desk.console, unknown, configured, found)
    return not unknown and not (missing and found.elsewhere)


def _configured(desk: Desk) -> set[str]:
    """Every channel of the stack, those that cannot be used too. Raises ConfigUnavailable."""
    source = SsmSource(desk.aws.ssm, desk.stack.prefix, ttl=0, clock=time.monotonic)
    configuration = asyncio.run(source.load())
    return {DEFAULT_CHANNEL, *configuration.channels, *configuration.bad_channels}
