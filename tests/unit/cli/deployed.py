"""The real template, deployed into an AWS on loopback: what commands about a stack run against."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from headroom.bootstrap import system_clock
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Watermark
from headroom.state.deadletters import SqsDeadLetters
from headroom.state.dynamodb import DynamoState
from headroom.state.dynamodb_baselines import DynamoBaselines
from headroom_cli.demo.cloud import ENVIRONMENT, REGION, Cloud
from headroom_cli.main import run
from headroom_cli.stack import Stack, find
from tests.deployment import of_type, resource, translated

MADE = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
)
"""What moto's CloudFormation makes; the schedule and the table's expiry are made beside it."""
NAMES = count()


@dataclass(frozen=True)
class Deployed:
    """One stack, and the command that is about it."""

    cloud: Cloud
    stack: Stack

    def run(self, command: str, *more: str) -> int:
        """Run the command on the stack, and return its exit code."""
        with pytest.raises(SystemExit) as ended:
            run([command, "--stack", self.stack.name, *more])
        return int(ended.value.code or 0)

    def client(self, service: str) -> Any:  # noqa: ANN401 (a client of botocore's)
        """A client of the same AWS."""
        return self.cloud.client(service)

    def put(self, name: str, value: object, *, secure: bool = False) -> None:
        """Store a parameter under the stack's prefix."""
        self.client("ssm").put_parameter(
            Name=f"{self.stack.prefix}/{name}",
            Value=value if isinstance(value, str) else json.dumps(value),
            Type="SecureString" if secure else "String",
            Overwrite=True,
        )

    def letter(self, notice: Notice, channel: str, reason: str = "given up after 24 hours") -> None:
        """Give a notice up, as delivery does."""
        letters = SqsDeadLetters(lambda: self.client("sqs"), self.stack.queue_url)
        asyncio.run(letters.put(notice.as_json(), channel, reason))

    def message(self, body: object) -> None:
        """Put anything into the dead-letter queue."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.client("sqs").send_message(QueueUrl=self.stack.queue_url, MessageBody=text)

    def lying(self) -> list[dict[str, Any]]:
        """What lies in the queue, for everybody to see."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.stack.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [_json(message["Body"]) for message in answer.get("Messages", [])]

    @property
    def state(self) -> DynamoState:
        """The stack's table."""
        return DynamoState(self.client("dynamodb"), self.stack.table, clock=system_clock)

    @property
    def baselines(self) -> DynamoBaselines:
        """The same table."""
        return DynamoBaselines(self.client("dynamodb"), self.stack.table, clock=system_clock)

    def store(self, *documents: ProjectState, watermark: Watermark | None = None) -> None:
        """Have these in the table."""
        for document in documents:
            asyncio.run(self.state.commit(document))
        if watermark:
            asyncio.run(self.state.move(watermark))


def _json(text: str) -> dict[str, Any]:
    found = json.loads(text) if text.startswith("{") else {}
    return found if isinstance(found, dict) else {}


@contextmanager
def aws() -> Iterator[Cloud]:
    """An AWS with the code of the functions where `sam deploy` would have put it."""
    with Cloud() as cloud, pytest.MonkeyPatch.context() as environment:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        environment.setenv("AWS_ENDPOINT_URL", cloud.url)
        environment.delenv("AWS_REGION", raising=False)
        environment.delenv("AWS_PROFILE", raising=False)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as file:
            file.writestr("app.py", "")
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="bucket", Key="key", Body=code.getvalue())
        yield cloud


def deploy(cloud: Cloud, **parameters: str) -> Deployed:
    """Deploy the template under a name of its own."""
    name = f"headroom-test{next(NAMES)}"
    given = {"Prefix": f"/headroom/{name}", **parameters}
    cloud.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(_template()),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
    )
    stack = find(cloud.client("cloudformation"), name)
    _schedules(cloud, stack)
    (table,) = of_type("AWS::DynamoDB::Table").values()
    cloud.client("dynamodb").update_time_to_live(
        TableName=stack.table, TimeToLiveSpecification=table["TimeToLiveSpecification"]
    )
    return Deployed(cloud, stack)


def _template() -> dict[str, Any]:
    whole = translated()
    made = {name: each for name, each in whole["Resources"].items() if each["Type"] in MADE}
    told = {
        name: each for name, each in whole["Outputs"].items() if each["Value"].get("Ref") in made
    }
    told["Prefix"] = whole["Outputs"]["Prefix"]
    return {**whole, "Resources": made, "Outputs": told}


def _schedules(cloud: Cloud, stack: Stack) -> None:
    names = {"CheckFunction": stack.schedule, "BaselineFunction": stack.making}
    for written in of_type("AWS::Scheduler::Schedule").values():
        function = written["Target"]["Arn"]["Fn::GetAtt"][0]
        assert written["Name"] == resource(function)["FunctionName"]
        name = names[function]
        cloud.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression=written["ScheduleExpression"],
            State=written.get("State", "ENABLED"),
            FlexibleTimeWindow=written["FlexibleTimeWindow"],
            Target={
                "Arn": f"arn:aws:lambda:{REGION}:123456789012:function:{name}",
                "RoleArn": "arn:aws:iam::123456789012:role/schedule",
            },
        )


def lines(text: str) -> Sequence[str]:
    """What a command printed, without the blanks at the ends."""
    return [line.rstrip() for line in text.splitlines()]
