"""Undeliverable notices, in a stack's queue or a laptop's state file; none is hidden or removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom.domain.rules import DEFAULT_CHANNEL
from headroom_cli.console import count
from headroom_cli.doctor.engine import Finding, Findings, fail, ok, warn
from headroom_cli.redrive.messages import DeadLetter, Message, MessageKind
from headroom_cli.redrive.output import others
from headroom_cli.redrive.plan import classify
from headroom_cli.redrive.queue import Queue
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST = 50
"""Messages that are read: enough for an overview."""
UNREAD = "unreadable notice: message"
CONSOLE = "nobody was notified; read it in the console: SQS, {}, Poll for messages"


@dataclass(frozen=True, slots=True)
class QueuedDeadLetters:
    """A stack's dead-letter queue, by channel and reason; SQS counts approximately."""

    client: Callable[[], SQSClient]
    stack: Callable[[], Stack]
    name: str = "dead letters"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        queue = Queue(self.client(), stack.queue_url)
        visible, hidden = queue.counts()
        messages = queue.look(wait=1, most=MOST) if visible else []
        yield from self._findings(messages, stack)
        if hidden:
            detail = f"{count(hidden, 'message')} hidden: a redrive is running or was interrupted"
            yield warn(self.name, detail, "run this again in 5 minutes")
        if visible > len(messages):
            detail = f"about {count(visible, 'message')}, of which {len(messages)} were read"
            yield warn(self.name, detail, "run this again for the others")
        if not visible and not hidden:
            yield ok(self.name, "none")

    def _findings(self, messages: list[Message], stack: Stack) -> Iterator[Finding]:
        found = classify(messages)
        redrive = f"headroom redrive --stack {stack.name}"
        for (channel, reason), number in _grouped(found.letters).items():
            detail = f"{count(number, 'notice')} for {channel}: {reason}"
            yield fail(self.name, detail, f"fix {_place(channel, stack)}, then: {redrive}")
        for each in found.unread:
            queue = stack.queue_url.rpartition("/")[2]
            yield fail(self.name, f"{UNREAD} {each.id}", CONSOLE.format(queue))
        rest: Counter[MessageKind] = Counter(each.kind for each in messages)
        del rest[MessageKind.NOTICE]
        if rest:
            fix = f"{redrive} --tidy" if found.settled else "find their origin in the SQS console"
            yield warn(self.name, others(rest), fix)


@dataclass(frozen=True, slots=True)
class LocalDeadLetters:
    """Notices that `watch` could not deliver, in its state file; nothing sends these again."""

    letters: Callable[[], Iterable[tuple[str, str]]]
    """Channel and reason of each."""
    config: str
    state: str
    name: str = "dead letters"

    def look(self) -> Findings:
        """See `Probe`."""
        found = Counter(self.letters())
        for (channel, reason), number in found.items():
            detail = f"{count(number, 'notice')} for {channel} in two weeks: {reason}"
            kept = f"they are kept in {self.state}, table dead_letters"
            fix = f"fix channels.{channel} in {self.config}; nobody was notified, {kept}"
            yield fail(self.name, detail, fix)
        if not found:
            yield ok(self.name, "none")


def _grouped(letters: Iterable[DeadLetter]) -> Counter[tuple[str, str]]:
    return Counter((each.channel, each.reason) for each in letters)


def _place(channel: str, stack: Stack) -> str:
    """Name the place to fix: the channel `default` is a topic, not a parameter."""
    return stack.topic_arn if channel == DEFAULT_CHANNEL else f"channels/{channel}"
