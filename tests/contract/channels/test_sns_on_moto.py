"""Publications as moto takes them: its own limits, and what a queue receives."""

from __future__ import annotations

import asyncio
import json

import pytest
from boto3 import Session
from moto import mock_aws

from headroom.channels.sns import Sns
from headroom.domain.notices import Notice
from headroom.net.threads import Threads
from tests.unit.channels.cases import CASES, LONGEST


def session() -> Session:
    return Session("testing", "testing", region_name="eu-west-2")


@pytest.mark.parametrize("made", [CASES["fired"], CASES["hostile"], LONGEST])
def test_a_queue_behind_the_topic_receives_the_notice_and_its_attributes(made: Notice) -> None:
    with mock_aws():
        here = session()
        sns = here.client("sns")
        sqs = here.client("sqs")
        topic = sns.create_topic(Name="told")["TopicArn"]
        queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
        channel = Sns(topic, lambda: sns, Threads(1, "sns"), chatbot=True)
        assert asyncio.run(channel.send(made)) is None
        heard = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert json.loads(heard["Message"]) == made.as_json()
    assert heard["Subject"] == made.summary
    assert heard["MessageAttributes"]["id"]["Value"] == made.id
    assert set(heard["MessageAttributes"]) == {
        "id", "incident_id", "kind", "severity", "status", "project", "rule",
    }  # fmt: skip
