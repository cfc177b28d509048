"""A person sees what lies there, and says what goes: which channel, what unsent, or nothing."""

from __future__ import annotations

import pytest

from tests.unit.cli.redrive_night import FAILED_CHECK, Night, told


def test_what_lies_there_is_shown_with_channel_reason_and_first_line_and_a_dry_run_leaves_it(
    night: Night,
) -> None:
    fired = told()
    night.deployed.letter(fired, "ops-slack", "404 no_service")
    night.deployed.message(FAILED_CHECK)
    night.deployed.message({"time": "2026-11-23T10:05:00Z"})
    night.deployed.message("hello there")
    code, said = night.redrive(dry_run=True)
    assert code == 0
    assert "1 failed check, 1 event that reached no check, 1 message that Headroom did not" in said
    assert f"UTC  ops-slack           {fired.summary}\n" in said
    assert "          404 no_service\n" in said
    assert night.received == []
    assert (
        len(
            night.deployed.client("sqs").receive_message(
                QueueUrl=night.deployed.stack.queue_url, MaxNumberOfMessages=10
            )["Messages"]
        )
        == 4
    )


def test_a_channel_that_has_nothing_is_named_beside_those_that_have(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    code, said = night.redrive("ops-slak")
    assert (code, "none for ops-slak; there is 1 for ops-slack\n" in said) == (1, True)


@pytest.mark.parametrize("waiting", [["ops-slack"], []])
def test_a_channel_that_there_is_not_is_an_error_that_names_those_that_there_are(
    night: Night, waiting: list[str]
) -> None:
    for channel in waiting:
        night.deployed.letter(told(), channel)
    code, said = night.redrive("nope", drop=True)
    known = "configured: default, on-call, ops-slack"
    line = f"no channel nope; {known}; with dead letters: {', '.join(waiting) or 'none'}\n"
    assert (code, line in said) == (1, True)
    assert night.left() == waiting


def test_a_channel_that_is_configured_and_has_nothing_is_no_error(night: Night) -> None:
    code, said = night.redrive("on-call")
    assert (code, said) == (0, "no notices\n")


def test_one_channel_alone_and_what_is_gone_for_good_is_dropped_unsent(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(), "old-slack")
    code, said = night.redrive("old-slack")
    assert "no such channel is configured" in said
    assert "there is 1 for ops-slack" in said
    assert len(night.left()) == 2
    code, said = night.redrive("old-slack", drop=True)
    assert (code, night.received, night.left()) == (0, [], ["ops-slack"])
    assert "1 message deleted" in said


def test_only_what_is_over_is_dropped_and_what_may_be_sent_waits(night: Night) -> None:
    night.deployed.letter(told(), "on-call")
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(), "old-slack")
    code, said = night.redrive(drop_over=True)
    assert "1 message deleted" in said
    assert f"run this again, or {night.command} --channel old-slack --drop\n" in said
    assert (code, night.received, sorted(night.left())) == (1, [], ["old-slack", "ops-slack"])


def test_failed_checks_go_only_if_that_is_asked_for_and_nothing_else_goes_with_them(
    night: Night,
) -> None:
    night.deployed.letter(told(), "old-slack")
    for body in (FAILED_CHECK, {"time": "2026-11-23T10:05:00Z"}, {"notice": 7}, "hello"):
        night.deployed.message(body)
    night.redrive()
    assert len(night.deployed.lying()) == 5
    _, said = night.redrive(tidy=True)
    assert "2 messages deleted" in said
    assert len(night.deployed.lying()) == 3


def test_a_notice_of_another_version_is_told_and_goes_only_with_tidy_and_drop(
    night: Night,
) -> None:
    night.deployed.message({"notice": {"id": 7}, "channel": "ops-slack", "reason": "404"})
    night.deployed.message("hello there")
    for wishes in ({}, {"drop": True}, {"tidy": True}):
        code, said = night.redrive(**wishes)
        assert (code, len(night.deployed.lying())) == (1, 2)
        assert "1 left: a notice of another version, message " in said
        assert "aws sqs receive-message --queue-url http" in said
        assert f"{night.command} --channel ops-slack --tidy --drop\n" in said
    code, said = night.redrive("ops-slack", tidy=True, drop=True)
    assert (code, "1 message deleted" in said, len(night.deployed.lying())) == (0, True, 1)


def test_no_to_tidying_still_asks_to_send_and_no_to_both_does_nothing(night: Night) -> None:
    night.deployed.letter(told(), "ops-slack")
    night.deployed.message(FAILED_CHECK)
    night.refuses[:] = ["delete", "send"]
    code, said = night.redrive(tidy=True)
    assert (code, "nothing sent" in said, len(night.deployed.lying())) == (1, True, 2)
    night.refuses.remove("send")
    code, _ = night.redrive(tidy=True)
    assert (code, len(night.received), night.left()) == (1, 1, ["None"])
