"""AWS's clients block: what hangs in one must not hold up another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sns import SNSClient
from mypy_boto3_sqs import SQSClient

from headroom import bootstrap
from headroom.channels import sns
from headroom.channels.sns import Sns
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.net.threads import Threads
from headroom.state import dynamodb
from headroom.state.deadletters import SqsDeadLetters
from headroom.state.dynamodb import DynamoState
from tests.builders import T0, notice

HANGING = sns.THREADS - 1
SOON = 5.0


class Topics:
    """SNS: every topic hangs until `freed`, but for one."""

    def __init__(self) -> None:
        self.freed = threading.Event()
        self.hanging = threading.Semaphore(0)

    def publish(self, **message: Any) -> dict[str, str]:  # noqa: ANN401
        if message["TopicArn"] != "well":
            self.hanging.release()
            self.freed.wait(30)
        return {"MessageId": "1"}


class Aws:
    """A table and a queue that answer at once."""

    def put_item(self, **_: object) -> dict[str, Any]:
        return {}

    update_item = send_message = put_item


class HangingTable:
    """A table whose reads hang until the topics are freed."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    def get_item(self, **_: object) -> dict[str, Any]:
        self._topics.publish(TopicArn="table")
        return {}


@contextmanager
def topics() -> Iterator[Topics]:
    made = Topics()
    try:
        yield made
    finally:
        made.freed.set()


async def hang(made: Topics, threads: Threads) -> list[asyncio.Task[DeliveryFailure | None]]:
    """Sends that hang, one less than there are threads; each has begun."""
    channels = [_topic(f"hangs-{number}", made, threads) for number in range(HANGING)]
    sends = [asyncio.create_task(each.send(notice())) for each in channels]
    for _ in sends:
        await asyncio.to_thread(made.hanging.acquire)
    return sends


def _topic(arn: str, made: Topics, threads: Threads) -> Sns:
    return Sns(arn, lambda: cast("SNSClient", made), threads)


def test_topics_that_hang_delay_no_commit_no_record_no_dead_letter_and_no_other_topic() -> None:
    async def scenario(made: Topics) -> None:
        threads = Threads(sns.THREADS, "sns")
        hanging = await hang(made, threads)
        state = DynamoState(cast("DynamoDBClient", Aws()), "table", clock=lambda: T0)
        letters = SqsDeadLetters(lambda: cast("SQSClient", Aws()), "queue")
        delivery = PendingDelivery(attempts=1)
        async with asyncio.timeout(SOON):
            stored = await state.commit(ProjectState(project="support-line", watermark=T0))
            assert stored.version == 1
            assert await state.record("support-line", "id", "ops", token="lease", delivery=delivery)
            await letters.put({"kind": "fired"}, "ops", "refused")
            assert await _topic("well", made, threads).send(notice()) is None
        assert not any(each.done() for each in hanging)
        made.freed.set()
        await asyncio.gather(*hanging)

    with topics() as made:
        asyncio.run(scenario(made))


def test_a_table_that_hangs_delays_no_send_and_no_dead_letter() -> None:
    async def scenario(made: Topics) -> None:
        table = cast("DynamoDBClient", HangingTable(made))
        state = DynamoState(table, "table", clock=lambda: T0)
        reads = [asyncio.create_task(state.read("line")) for _ in range(2 * dynamodb.THREADS)]
        for _ in range(dynamodb.THREADS):
            await asyncio.to_thread(made.hanging.acquire)
        async with asyncio.timeout(SOON):
            await _topic("well", made, Threads(sns.THREADS, "sns")).send(notice())
            letters = SqsDeadLetters(lambda: cast("SQSClient", Aws()), "queue")
            await letters.put({"kind": "fired"}, "ops", "refused")
        assert not any(each.done() for each in reads)
        made.freed.set()
        await asyncio.gather(*reads)

    with topics() as made:
        asyncio.run(scenario(made))


def test_closing_waits_for_no_call_that_hangs() -> None:
    async def scenario(made: Topics) -> None:
        threads = Threads(sns.THREADS, "sns")
        hanging = await hang(made, threads)
        async with asyncio.timeout(SOON):
            await threads.close()
        assert not any(each.done() for each in hanging)
        made.freed.set()
        await asyncio.gather(*hanging)

    with topics() as made:
        asyncio.run(scenario(made))


def test_no_thread_is_made_before_the_first_call() -> None:
    before = threading.active_count()
    Threads(4, "idle")
    assert threading.active_count() == before


def test_a_send_that_is_given_up_frees_its_thread_before_the_send_could_have_ended() -> None:
    """Botocore's own time-outs, with its pause of a second at most, are shorter than the send's."""
    longest = sns.ATTEMPTS * (sns.CONNECT_TIMEOUT + sns.READ_TIMEOUT) + sns.ATTEMPTS - 1
    assert longest < sns.TIMEOUT
    assert bootstrap.PUBLISH.connect_timeout == sns.CONNECT_TIMEOUT  # type: ignore[attr-defined]
    assert bootstrap.PUBLISH.read_timeout == sns.READ_TIMEOUT  # type: ignore[attr-defined]
    assert bootstrap.PUBLISH.max_pool_connections == sns.THREADS  # type: ignore[attr-defined]
