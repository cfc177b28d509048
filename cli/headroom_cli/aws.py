"""AWS clients for the commands, each created on first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from headroom.errors import ConfigUnavailable
from headroom.settings import aws_on_loopback

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

QUICK = Config(
    connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2}
)
"""A person is waiting: give up after about ten seconds."""
ENDPOINT = "is AWS_ENDPOINT_URL right? It is an address such as http://localhost:4566"


class Aws:
    """Clients for one account and region, shared by threads.

    boto3 sessions are not thread-safe, so clients are created one at a time. Each property raises
    ConfigUnavailable, and BotoCoreError if the profile or the region is missing.
    """

    def __init__(self) -> None:
        self._turn = threading.RLock()

    @cached_property
    def session(self) -> boto3.Session:
        """As the environment says; boto3 itself ignores AWS_REGION (see `push`)."""
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)

    @property
    def region(self) -> str:
        """Such as `eu-west-2`; empty if none is set."""
        with self._turn:
            return self.session.region_name or ""

    @property
    def on_loopback(self) -> bool:
        """Whether AWS is emulated on this machine; then PolyAI and the channels may be, too."""
        return aws_on_loopback()

    @contextmanager
    def _making(self) -> Iterator[None]:
        """Create one client at a time, and explain an invalid endpoint, which botocore does not."""
        with self._turn:
            try:
                yield
            except ValueError as error:
                raise ConfigUnavailable(f"AWS: {error}: {ENDPOINT}") from None

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """CloudFormation: stacks."""
        with self._making():
            return self.session.client("cloudformation", config=QUICK)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """CloudWatch: metrics and alarms."""
        with self._making():
            return self.session.client("cloudwatch", config=QUICK)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB: the table."""
        with self._making():
            return self.session.client("dynamodb", config=QUICK)

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda."""
        with self._making():
            return self.session.client("lambda", config=QUICK)

    @cached_property
    def scheduler(self) -> EventBridgeSchedulerClient:
        """EventBridge Scheduler, which starts the checks."""
        with self._making():
            return self.session.client("scheduler", config=QUICK)

    @cached_property
    def sns(self) -> SNSClient:
        """SNS: topics."""
        with self._making():
            return self.session.client("sns", config=QUICK)

    @cached_property
    def sqs(self) -> SQSClient:
        """SQS: queues."""
        with self._making():
            return self.session.client("sqs", config=QUICK)

    @cached_property
    def ssm(self) -> SSMClient:
        """Systems Manager: Parameter Store."""
        with self._making():
            return self.session.client("ssm", config=QUICK)

    @cached_property
    def sts(self) -> STSClient:
        """STS: the caller's identity."""
        with self._making():
            return self.session.client("sts", config=QUICK)
