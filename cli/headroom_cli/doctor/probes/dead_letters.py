"""What lies in the dead-letter queue; looking hides nothing from others."""

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
"""Messages that are looked at: enough to know what sort of night it is."""
UNREAD = "a notice that cannot be read: message"
CONSOLE = "read it in the console: SQS, {}, Poll for messages; nobody was told of it"


@dataclass(frozen=True, slots=True)
class QueuedDeadLetters:
    """SQS's count, which is approximate, and the sorts of those that it shows."""

    client: Callable[[], SQSClient]
    stack: Callable[[], Stack]
    name: str = "dead letters"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        queue = Queue(self.client(), stack.queue_url)
        visible, hidden = queue.counts()
        messages = queue.look(wait=1, most=MOST) if visible else []
        yield from self._shown(messages, stack)
        if hidden:
            told = f"{hidden} {'is' if hidden == 1 else 'are'} hidden: another redrive has them "
            yield warn(self.name, f"{told}or was ended", "look again in 5 minutes")
        if visible > len(messages):
            told = f"about {count(visible, 'message')}, of which {len(messages)} were looked at"
            yield warn(self.name, told, "run this again for the others")
        if not visible and not hidden:
            yield ok(self.name, "none")

    def _shown(self, messages: list[Message], stack: Stack) -> Iterator[Finding]:
        found = classify(messages)
        redrive = f"headroom redrive --stack {stack.name}"
        for (channel, reason), number in _grouped(found.letters).items():
            told = f"{count(number, 'notice')} for {channel}: {reason}"
            yield fail(self.name, told, f"fix {_place(channel, stack)}, then: {redrive}")
        for each in found.unread:
            queue = stack.queue_url.rpartition("/")[2]
            yield fail(self.name, f"{UNREAD} {each.id}", CONSOLE.format(queue))
        rest: Counter[MessageKind] = Counter(each.kind for each in messages)
        del rest[MessageKind.NOTICE]
        if rest:
            fix = f"{redrive} --tidy" if found.settled else "see whose they are, in the console"
            yield warn(self.name, others(rest), fix)


@dataclass(frozen=True, slots=True)
class LocalDeadLetters:
    """What `watch` gave up, in its state file: there is no queue to send it from again."""

    letters: Callable[[], Iterable[tuple[str, str]]]
    """Channel and reason of each."""
    config: str
    state: str
    name: str = "dead letters"

    def look(self) -> Findings:
        """See `Probe`."""
        found = Counter(self.letters())
        for (channel, reason), number in found.items():
            told = f"{count(number, 'notice')} for {channel} in two weeks: {reason}"
            kept = f"nobody was told; they are kept in {self.state}, table dead_letters"
            yield fail(self.name, told, f"fix channels.{channel} in {self.config}; {kept}")
        if not found:
            yield ok(self.name, "none")


def _grouped(letters: Iterable[DeadLetter]) -> Counter[tuple[str, str]]:
    return Counter((each.channel, each.reason) for each in letters)


def _place(channel: str, stack: Stack) -> str:
    """Where its trouble is: the channel `default` is no parameter."""
    return stack.topic_arn if channel == DEFAULT_CHANNEL else f"channels/{channel}"
