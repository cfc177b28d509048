"""The operator's account: the clients that the commands use, each made when it is first needed."""

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
"""For somebody who waits: an answer within some ten seconds, or none."""


ENDPOINT = "is AWS_ENDPOINT_URL right? It is an address such as http://localhost:4566"


class Aws:
    """Clients of one account and region, to be shared by threads.

    Making one is not for two threads at once, so they take turns. Each property raises
    BotoCoreError when there is no such profile, or no region, and ConfigUnavailable.
    """

    def __init__(self) -> None:
        self._turn = threading.RLock()

    @cached_property
    def session(self) -> boto3.Session:
        """By the environment; boto3 itself reads AWS_DEFAULT_REGION alone (see `push`)."""
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)

    @property
    def region(self) -> str:
        """Such as `eu-west-2`; '' when none is set."""
        with self._turn:
            return self.session.region_name or ""

    @property
    def on_loopback(self) -> bool:
        """Whether it is on this machine: then what its stacks call may be there, too."""
        return aws_on_loopback()

    @contextmanager
    def _making(self) -> Iterator[None]:
        """One at a time; botocore says of an endpoint that is none only that it is."""
        with self._turn:
            try:
                yield
            except ValueError as error:
                raise ConfigUnavailable(f"AWS: {error}: {ENDPOINT}") from None

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """Stacks."""
        with self._making():
            return self.session.client("cloudformation", config=QUICK)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """Metrics and alarms."""
        with self._making():
            return self.session.client("cloudwatch", config=QUICK)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """The table."""
        with self._making():
            return self.session.client("dynamodb", config=QUICK)

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda."""
        with self._making():
            return self.session.client("lambda", config=QUICK)

    @cached_property
    def scheduler(self) -> EventBridgeSchedulerClient:
        """What starts the checks."""
        with self._making():
            return self.session.client("scheduler", config=QUICK)

    @cached_property
    def sns(self) -> SNSClient:
        """Topics."""
        with self._making():
            return self.session.client("sns", config=QUICK)

    @cached_property
    def sqs(self) -> SQSClient:
        """Queues."""
        with self._making():
            return self.session.client("sqs", config=QUICK)

    @cached_property
    def ssm(self) -> SSMClient:
        """Parameters."""
        with self._making():
            return self.session.client("ssm", config=QUICK)

    @cached_property
    def sts(self) -> STSClient:
        """Who we are."""
        with self._making():
            return self.session.client("sts", config=QUICK)
