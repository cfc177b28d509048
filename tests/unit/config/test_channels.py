"""Channels as operators write them: what is taken, what is refused, and that no secret is told."""

from __future__ import annotations

import json

import pytest

from headroom.config.channels import PagerDutyModel, SlackModel, SnsModel
from headroom.config.raw import json_entry
from headroom.config.shared import channel
from headroom.config.validation import Problem
from tests.unit.config.documents import PAGER, SLACK, WEBHOOK, part

TOPIC = "arn:aws:sns:eu-west-2:123456789012:calls"


def test_each_type_is_read() -> None:
    slack = channel("a", part(SLACK))
    assert isinstance(slack, SlackModel)
    assert slack.webhook_url.get_secret_value() == WEBHOOK
    pager = channel("a", part({**PAGER, "service_region": "eu", "api_url": "http://[::1]:80/e"}))
    assert isinstance(pager, PagerDutyModel)
    assert (pager.service_region, pager.api_url) == ("eu", "http://[::1]:80/e")
    sns = channel("a", part({"type": "sns", "topic_arn": TOPIC, "chatbot": True}))
    assert isinstance(sns, SnsModel)
    assert (sns.topic_arn, sns.chatbot) == (TOPIC, True)


@pytest.mark.parametrize(
    "address",
    ["https://x.test/a", "http://localhost:1/a", "http://127.8.9.1:1/a", "http://[::1]:1/a"],
)
def test_addresses_are_https_or_http_to_loopback(address: str) -> None:
    slack = channel("a", part({"type": "slack", "webhook_url": address}))
    assert isinstance(slack, SlackModel)
    assert slack.webhook_url.get_secret_value() == address


SECRET = "sesame0pen"
BAD = [
    ("slack", {"webhook_url": f"http://x.test/{SECRET}"}, "webhook_url: the address must be https"),
    ("slack", {"webhook_url": f"ftp://x.test/{SECRET}"}, "must be https"),
    ("slack", {"webhook_url": f"http://localhost.test/{SECRET}"}, "must be https"),
    ("slack", {"webhook_url": f"https:///{SECRET}"}, "this is not a web address"),
    ("slack", {"webhook_url": f"https://[{SECRET}/x"}, "this is not a web address"),
    ("slack", {"webhook_url": f"https://x.test:{SECRET}/x"}, "this is not a web address"),
    ("slack", {"webhook_url": f"https://me:{SECRET}@x.test/x"}, "must not hold a user name"),
    ("slack", {"webhook_url": f"https://x.test/ {SECRET}"}, "no blanks"),
    ("slack", {"webhook_url": f"https://hooks.slack.com/workflows/{SECRET}"}, "Workflow Builder"),
    ("slack", {"webhook_url": f"https://hooks.slack.com/triggers/{SECRET}"}, "incoming webhook"),
    ("slack", {"webhook_url": [SECRET]}, "expected text in quotes"),
    ("slack", {"webhook_url": "https://x.test", "bot_token": SECRET}, "is not supported yet"),
    ("slack", {"webhok_url": SECRET}, 'unknown key "webhok_url": did you mean "webhook_url"?'),
    ("slack", {}, "webhook_url: is missing"),
    ("pagerduty", {"routing_key": SECRET}, "expected the 32 letters and digits"),
    ("pagerduty", {"routing_key": SECRET + "!" * 22}, "found 32 characters"),
    ("pagerduty", {"routing_key": {SECRET: 1}}, "routing_key: expected text in quotes"),
    ("pagerduty", {**PAGER, "service_region": "eur"}, """'eur' is not known: did you mean "eu"?"""),
    ("pagerduty", {**PAGER, "api_url": f"http://x.test/{SECRET}"}, "api_url: the address must be"),
    ("sns", {"topic_arn": "calls"}, "expected the ARN of an SNS topic"),
    ("sns", {"topic_arn": f"{TOPIC}.fifo"}, "use a standard topic"),
    ("sns", {"topic_arn": TOPIC, "chatbot": "yes"}, "chatbot: expected true or false"),
    ("webhook", {"url": "https://x.test", "secret": SECRET}, 'type "webhook" is not supported yet'),
    ("slak", {"webhook_url": SECRET}, """type 'slak' is not known: did you mean "slack"?"""),
]


@pytest.mark.parametrize(("sort", "written", "problem"), BAD)
def test_a_bad_channel_is_refused_without_its_secret(
    sort: str, written: dict[str, object], problem: str
) -> None:
    refused = channel("ops", part({**written, "type": sort}))
    assert isinstance(refused, Problem)
    assert refused.where == "channels.ops"
    assert problem in refused.told
    assert SECRET not in repr(refused)


def test_json_that_is_cut_off_is_told_without_its_text() -> None:
    cut = json_entry(json.dumps({"type": "slack", "webhook_url": SECRET})[:-3])
    refused = channel("ops", cut)
    assert "the JSON is cut off at line 1" in str(refused)
    assert SECRET not in repr(refused)


@pytest.mark.parametrize("name", ["default", "a b", "", "x" * 65])
def test_a_channels_name_is_short_plain_and_not_the_built_in_one(name: str) -> None:
    refused = channel(name, part(SLACK))
    assert isinstance(refused, Problem)
    assert "name" in refused.text


def test_a_model_shows_no_secret() -> None:
    assert "sesame" not in repr(channel("a", part(SLACK)))
    assert "k" * 32 not in str(channel("a", part(PAGER)))
    assert "sesame" not in repr(part(SLACK))
