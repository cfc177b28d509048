"""What lies in the dead-letter queue; looking hides nothing from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom_cli.console import count
from headroom_cli.doctor.findings import Findings, fail, ok, warn
from headroom_cli.redrive.letters import Sort
from headroom_cli.redrive.queue import Queue
from headroom_cli.redrive.screen import others
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST = 50
"""Messages that are looked at: enough to know what sort of night it is."""


@dataclass(frozen=True, slots=True)
class Letters:
    """SQS's count, which is approximate, and the sorts of those that it shows."""

    client: Callable[[], SQSClient]
    stack: Callable[[], Stack]
    name: str = "dead letters"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        queue = Queue(self.client(), stack.queue_url)
        number = queue.count()
        if not number:
            yield ok(self.name, "none")
            return
        told = f"about {count(number, 'message')}"
        redrive = f"headroom redrive --stack {stack.name}"
        sorts = Counter(message.sort for message in queue.look(wait=1, most=MOST))
        if sorts[Sort.NOTICE]:
            yield fail(self.name, f"{told}, among them {others(sorts)}", redrive)
        else:
            seen = f", such as {others(sorts)}" if sorts else ", hidden at this moment"
            yield warn(self.name, f"{told}{seen}", f"{redrive} --tidy")
