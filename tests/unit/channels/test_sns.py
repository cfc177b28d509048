"""What SNS is given: JSON for programs, words for people, inside every limit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from headroom.channels.sns_message import LARGEST, publication, size
from headroom.domain.notices import Notice
from tests.builders import notice
from tests.unit.channels.cases import CASES, LONGEST, notices

SUBJECT = 99
GSM_EXTENSION = "^{}\\[~]|"


def test_programs_get_the_notice_and_people_get_words() -> None:
    texts = json.loads(publication(CASES["fired"])["Message"])
    for key in ("default", "sqs", "lambda", "https", "http", "email-json"):
        assert json.loads(texts[key]) == CASES["fired"].as_json()
    assert texts["email"].startswith(CASES["fired"].summary + "\n")
    assert texts["sms"] == CASES["fired"].summary


def test_amazon_q_gets_its_own_form_under_https_only_when_asked_for() -> None:
    plain, chatbot = (publication(notice(), chatbot=asked) for asked in (False, True))
    before, after = json.loads(plain["Message"]), json.loads(chatbot["Message"])
    assert json.loads(after.pop("https"))["source"] == "custom"
    assert before.pop("https") == before["default"]
    assert before == after


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(notices())
def test_any_notice_is_a_publication_that_sns_takes(made: Notice) -> None:
    sent = publication(made, chatbot=True)
    assert 0 < len(sent["Subject"]) <= SUBJECT
    assert sent["Subject"].isascii()
    assert sent["Subject"].isprintable()
    texts = json.loads(sent["Message"])
    assert texts["default"]
    assert all(value["StringValue"] for value in sent["MessageAttributes"].values())
    assert size(sent) <= LARGEST
    septets = sum(2 if char in GSM_EXTENSION else 1 for char in texts["sms"])
    assert septets <= 160
    assert "`" not in texts["sms"]
    told = json.loads(texts["https"])["content"]
    assert len(told["title"]) <= 250
    assert len(told["description"]) <= 8000


def test_a_notice_that_is_too_large_loses_its_readings_before_its_words() -> None:
    many = replace(LONGEST, readings=LONGEST.readings * 400)
    told = json.loads(json.loads(publication(many)["Message"])["default"])
    assert told["readings"] == []
    assert told["description"] == LONGEST.description


@pytest.mark.parametrize(
    ("runbook", "kept"), [(LONGEST.runbook, LONGEST.runbook), ("https://w.example/" * 10**4, "")]
)
def test_a_link_is_whole_or_left_out_and_never_cut(runbook: str, kept: str) -> None:
    sent = publication(replace(LONGEST, project="é" * LARGEST, runbook=runbook))
    assert size(sent) <= LARGEST
    assert json.loads(json.loads(sent["Message"])["default"])["runbook"] == kept


def test_a_notice_without_end_is_still_told() -> None:
    endless = replace(LONGEST, description="é" * LARGEST, project="é" * LARGEST)
    sent = publication(endless, chatbot=True)
    assert size(sent) <= LARGEST
    assert json.loads(json.loads(sent["Message"])["default"])["id"] == LONGEST.id
