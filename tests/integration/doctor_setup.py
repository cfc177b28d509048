"""A deployed Headroom in which all is well, and ways to look at it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from rich.console import Console

from headroom.bootstrap import system_clock
from headroom.domain.stored_baselines import BaselineKey
from headroom.domain.windows import Instant, last_closed
from headroom_cli.aws import Aws
from headroom_cli.demo.cloud import Cloud
from headroom_cli.demo.config import made_up
from headroom_cli.doctor.command import doctor
from headroom_cli.doctor.wiring import on_aws
from headroom_cli.simulator.lines import Line
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.receivers import Inbox
from tests.builders import baseline, watermark
from tests.deployment import of_type
from tests.unit.cli.deployed import Deployed, deploy

KEY, WEBHOOK, ROUTING_KEY = made_up("key"), "hook-that-is-a-secret", made_up("routing")
SECRETS = (KEY, WEBHOOK, ROUTING_KEY)
RULES = {"near-limit": {"warning": ">= 80%"}}
OF_USUAL = {"unusual": {"warning": "<= 40% of usual"}}
USUAL = BaselineKey("support-line", "client_env=live", "uk-1/acme/support")


class Operator(Aws):
    """The operator's clients, whose answers a test may change on the way back.

    Event hooks: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
    """

    def __init__(self, cloud: Cloud) -> None:
        """Put right what moto gets wrong: who has subscribed, and how lists are written."""
        super().__init__()
        sns = cloud.client("sns")

        def subscribed(parsed: Any, **_: object) -> None:  # noqa: ANN401 (an answer of botocore's)
            if found := parsed.get("Attributes"):
                listed = sns.list_subscriptions_by_topic(TopicArn=found["TopicArn"])
                found["SubscriptionsConfirmed"] = str(len(listed["Subscriptions"]))

        def written(parsed: Any, **_: object) -> None:  # noqa: ANN401 (as above)
            for stack in parsed.get("Stacks", []):
                for each in stack["Parameters"]:
                    each["ParameterValue"] = each["ParameterValue"].strip("[']")

        self.sns.meta.events.register("after-call.sns.GetTopicAttributes", subscribed)
        self.cloudformation.meta.events.register(
            "after-call.cloudformation.DescribeStacks", written
        )

    @contextmanager
    def answering(self, operation: str, change: Callable[[Any], None]) -> Iterator[None]:
        """Have every answer to this operation changed: `DescribeStacks`."""

        def changed(parsed: Any, **_: object) -> None:  # noqa: ANN401 (as above)
            change(parsed)

        with self._listening("after-call", operation, changed):
            yield

    @contextmanager
    def refusing(self, operation: str, code: str = "AccessDeniedException") -> Iterator[None]:
        """Have this operation refused before it is sent."""
        error = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {}}
        answer = AWSResponse("", 403, HTTPHeaders(), None), error
        with self._listening("before-call", operation, lambda **_: answer):
            yield

    @contextmanager
    def _listening(self, when: str, operation: str, handler: Callable[..., Any]) -> Iterator[None]:
        clients = [getattr(self, name) for name in CLIENTS]
        events = {
            f"{when}.{each.meta.service_model.service_id.hyphenize()}.{operation}": each.meta.events
            for each in clients
        }
        for event, emitter in events.items():
            emitter.register_last(event, handler)
        try:
            yield
        finally:
            for event, emitter in events.items():
                emitter.unregister(event, handler)


CLIENTS = (
    *("cloudformation", "cloudwatch", "dynamodb", "functions", "scheduler"),
    *("sns", "sqs", "ssm", "sts"),
)


@dataclass(frozen=True)
class DoctorSetup:
    """The stack, what it talks to, and the operator who looks."""

    deployed: Deployed
    aws: Operator
    simulator: Simulator
    inbox: Inbox
    vendors: str
    """The address of the inbox, which stands for Slack and PagerDuty."""

    def look(self, *, as_json: bool = False) -> tuple[int, str]:
        """What doctor prints, as the same for every run, and its exit code."""
        console = Console(file=StringIO(), width=2000, highlight=False, markup=False)
        code = doctor(console, on_aws(self.aws, self.deployed.stack.name), as_json=as_json)
        assert isinstance(console.file, StringIO)
        said = console.file.getvalue()
        assert not any(secret in said for secret in SECRETS)
        return code, said if as_json else self.same(said)

    def same(self, said: str) -> str:
        """Names, times and lengths that differ from run to run, replaced."""
        stack = self.deployed.stack
        for name, word in (
            (stack.table, "TABLE"),
            (stack.queue_url, "QUEUE"),
            (stack.name, "prod"),
        ):
            said = said.replace(name, word)
        said = re.sub(r"-(Notice|Operations)Topic-\w+", r"-\1Topic", said)
        said = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", said)
        said = re.sub(r"\b\d+ h( \d+ min)?", "N h", said)
        said = re.sub(r"\b\d+ (min\b|checks succeeded|alarms)", r"N \1", said)
        return "\n".join(line.rstrip() for line in said.splitlines()) + "\n"

    def everything(self) -> object:
        """All that is stored, and all messages that anybody may see."""
        table = self.deployed.client("dynamodb").scan(TableName=self.deployed.stack.table)["Items"]
        parameters = self.deployed.client("ssm").get_parameters_by_path(
            Path=self.deployed.stack.prefix, Recursive=True, WithDecryption=True
        )["Parameters"]
        versions = {each["Name"]: (each["Value"], each["Version"]) for each in parameters}
        return table, versions, self.deployed.lying()

    def subscribe(self, topic_arn: str) -> None:
        """Have somebody listen."""
        self.deployed.client("sns").subscribe(
            TopicArn=topic_arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-2:123456789012:ears"
        )

    def made(self, at: Instant) -> None:
        """Let the baseline of support-line have been made then."""
        asyncio.run(self.deployed.baselines.store(USUAL, baseline(made=at)))

    def count(self, namespace: str, metric: str, dimension: str, *values: float) -> None:
        """Let CloudWatch know, one value a minute, the last of them now."""
        now = system_clock()
        self.deployed.client("cloudwatch").put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": dimension, "Value": self.deployed.stack.function}],
                    "Timestamp": datetime.fromtimestamp(now - 60 * ago, UTC),
                    "Value": value,
                }
                for ago, value in enumerate(values)
            ],
        )

    def alarms(self) -> None:
        """The template's alarms, all quiet: moto's CloudFormation makes none."""
        client, stack = self.deployed.client("cloudwatch"), self.deployed.stack
        for each in of_type("AWS::CloudWatch::Alarm").values():
            name = filled(each["AlarmName"], stack.name)
            client.put_metric_alarm(
                AlarmName=name,
                AlarmDescription=filled(each["AlarmDescription"], stack.name),
                AlarmActions=[stack.operations_topic_arn],
                MetricName="any",
                Namespace="Headroom",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                Statistic="Sum",
                ComparisonOperator="GreaterThanThreshold",
            )
            client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="all is well")


def filled(text: Any, stack: str) -> str:  # noqa: ANN401 (a template's text or function)
    """What `Fn::Sub` would make of it, as far as a reader cares."""
    written = text["Fn::Sub"] if isinstance(text, dict) else text
    written = written[0] if isinstance(written, list) else written
    return " ".join(str(written).replace("${AWS::StackName}", stack).split())


@contextmanager
def well(cloud: Cloud, aws: Operator) -> Iterator[DoctorSetup]:
    """All is well: two projects, four channels, checks every minute, nothing pending."""
    line = Line(("acme",), ("support",), 3, 10)
    sales = Line(("acme",), ("sales",), 3, 10)
    keys = {KEY: Key(frozenset({"acme"}))}
    simulator = Simulator((line, sales), keys, now=system_clock())
    inbox = Inbox({WEBHOOK: "ops-slack"}, {ROUTING_KEY: "on-call"})
    with simulator.serve() as polyai, inbox.serve() as vendors:
        topic = cloud.client("sns").create_topic(Name="calls")["TopicArn"]
        deployed = deploy(cloud, PolyaiUrl=polyai.url, TopicArns=topic)
        setup = DoctorSetup(deployed, aws, simulator, inbox, vendors.url)
        for each in (deployed.stack.topic_arn, deployed.stack.operations_topic_arn, topic):
            setup.subscribe(each)
        _configure(setup, topic)
        setup.alarms()
        setup.count("Headroom", "ProjectsChecked", "service", *[2.0] * 15)
        closed = last_closed(system_clock(), 60)
        deployed.store(watermark=watermark(window=closed))
        setup.made(system_clock() - 3600)
        yield setup


def _configure(setup: DoctorSetup, topic: str) -> None:
    put, url = setup.deployed.put, setup.vendors
    put("defaults", {"region": "uk-1", "account_id": "acme"})
    for name, rules in (("support", RULES | OF_USUAL), ("sales", RULES)):
        put(f"projects/{name}-line", {"project_id": name, "limit": 20, "rules": rules})
    slack = {"type": "slack", "webhook_url": f"{url}/services/T0/B0/{WEBHOOK}"}
    pager = {"type": "pagerduty", "routing_key": ROUTING_KEY, "api_url": url}
    put("channels/ops-slack", slack, secure=True)
    put("channels/on-call", pager, secure=True)
    put("channels/data-team", {"type": "sns", "topic_arn": topic}, secure=True)
    put("keys/default", KEY, secure=True)
    put("heartbeat", {"url": f"{url}/beat"}, secure=True)
