"""Everything around the function in the demo, started and stopped together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom_cli.config_file.publish import Parameter, parameters, write
from headroom_cli.demo import scenario
from headroom_cli.demo.cloud import ENVIRONMENT, Cloud, Stack
from headroom_cli.demo.config import DemoConfig
from headroom_cli.demo.function import Function
from headroom_cli.simulator.polyai import Simulator
from headroom_cli.simulator.receivers import Inbox, Received

PREFIX = "/headroom/demo"


@dataclass(frozen=True, slots=True)
class DemoServices:
    """The running services."""

    cloud: Cloud
    stack: Stack
    pushed: Mapping[str, Parameter]
    simulator: Simulator
    inbox: Inbox
    check: Function
    baseline: Function

    def set_time(self, now: Instant) -> None:
        """Set the time for PolyAI and the channels."""
        self.simulator.now = self.inbox.now = now

    def write(self, name: str, value: str) -> None:
        """Write a parameter; without a value, as it was pushed."""
        pushed = self.pushed[name]
        self.cloud.client("ssm").put_parameter(
            Name=f"{PREFIX}/{name}",
            Value=value or pushed.value.get_secret_value(),
            Type="SecureString" if pushed.secure else "String",
            Overwrite=True,
        )

    def collect(self) -> None:
        """Move what the topic delivered since the last call into the inbox."""
        sqs, queue = self.cloud.client("sqs"), self.stack.inbox_url
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                notice = json.loads(message["Body"])
                received = Received(
                    self.inbox.now, DEFAULT_CHANNEL, notice["summary"], notice["id"]
                )
                self.inbox.received.append(received)
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def expire(self, now: Instant) -> None:
        """Delete expired items, as DynamoDB does and moto does not."""
        table = self.cloud.client("dynamodb")
        for item in self._rows("expires_at < :place", {"N": str(now)}):
            key = {name: item[name] for name in ("pk", "sk")}
            table.delete_item(TableName=self.stack.table, Key=key)

    def history(self) -> Iterator[dict[str, Any]]:
        """Yield every committed notice, from the table's history."""
        for item in self._rows("begins_with(sk, :place)", {"S": "EVENT#"}):
            yield from json.loads(item["notices"]["S"])

    def _rows(self, condition: str, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self.stack.table,
                FilterExpression=condition,
                ExpressionAttributeValues={":place": place},
            )
        )
        for page in pages:
            yield from page["Items"]


@contextmanager
def started(root: Path, config: DemoConfig, log: Path) -> Iterator[DemoServices]:
    """Start everything and push the configuration; stop everything at the end."""
    projects = config.projects
    simulator = Simulator(
        scenario.lines(projects), scenario.keys(projects), scenario.api_faults(projects)
    )
    inbox = Inbox(config.hooks, config.routing_keys, scenario.CHANNEL_FAULTS)
    with Cloud() as cloud, simulator.serve() as polyai, inbox.serve() as mail:
        stack = cloud.deploy(root / "template.yaml")
        wanted = parameters(config.document(mail.url))
        write(cloud.client("ssm"), PREFIX, wanted)
        log.write_bytes(b"")
        check, baseline = (
            Function(
                root / "functions" / name / "app.py",
                _environment(name, cloud, stack, polyai.url),
                log,
            )
            for name in ("check", "baseline")
        )
        with check, baseline:
            pushed = {each.name: each for each in wanted}
            yield DemoServices(cloud, stack, pushed, simulator, inbox, check, baseline)


def _environment(name: str, cloud: Cloud, stack: Stack, polyai_url: str) -> Mapping[str, str]:
    return {
        **ENVIRONMENT,
        "AWS_ENDPOINT_URL": cloud.url,
        "HEADROOM_SSM_PREFIX": PREFIX,
        "HEADROOM_TABLE": stack.table,
        "HEADROOM_TOPIC_ARN": stack.topic_arn,
        "HEADROOM_DEAD_LETTER_URL": stack.dead_letter_url,
        "HEADROOM_CLOCK": "event",
        "HEADROOM_POLYAI_URL": polyai_url,
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "Headroom",
    }
