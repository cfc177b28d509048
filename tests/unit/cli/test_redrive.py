"""What no try could deliver is sent again once, in order, and never pages for what is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.domain.notices import Kind, Reading
from headroom.domain.windows import WINDOW
from headroom_cli.simulator.faults import FaultKind
from tests.unit.cli.redrive_night import DAY, FAILED_CHECK, Night, open_for, told


def test_a_notice_is_sent_with_the_same_id_says_how_late_it_is_and_leaves_the_queue(
    night: Night,
) -> None:
    fired = told()
    night.deployed.store(open_for(fired))
    night.deployed.letter(fired, "on-call")
    code, said = night.redrive()
    (page,) = night.inbox.received
    assert page.identity == fired.id
    assert page.headline == f"LATE 2 d: {fired.summary}"
    assert (code, night.left()) == (0, [])
    assert "1 notice sent\n" in said


def test_a_letter_that_was_cut_to_fit_is_sent_too(night: Night) -> None:
    huge = told(readings=tuple(Reading(WINDOW * n, 10**9) for n in range(6_000)))
    night.deployed.letter(replace(huge, description="x" * 300_000), "ops-slack")
    night.redrive()
    assert [line for _, line in night.received] == [f"LATE 2 d, over: {huge.summary}"]


def test_only_what_the_channel_took_leaves_the_queue_and_the_rest_says_why(night: Night) -> None:
    night.deployed.letter(told(), "on-call")
    night.deployed.letter(told(), "ops-slack")
    night.deployed.message(FAILED_CHECK)
    night.deployed.store(open_for(told()))
    night.fault("ops-slack", FaultKind.GONE)
    code, said = night.redrive()
    assert code == 1
    assert [channel for channel, _ in night.received] == ["on-call"]
    assert "kept   ops-slack           CRITICAL" in said
    assert "410 channel_is_archived" in said
    assert sorted(map(str, night.left())) == ["None", "ops-slack"]


def test_an_alert_is_told_in_the_order_of_time_whatever_the_queue_says(night: Night) -> None:
    for kind, later in ((Kind.RESOLVED, 0), (Kind.ESCALATED, 300), (Kind.FIRED, 0)):
        night.deployed.letter(told(kind, later), "ops-slack")
    night.redrive()
    words = [headline.split(": ")[1].split()[0] for _, headline in night.received]
    assert words == ["CRITICAL", "CRITICAL", "RESOLVED"]
    assert night.left() == []


def test_what_stays_keeps_the_later_ones_of_its_alert_and_of_a_busy_channel_all(
    night: Night,
) -> None:
    """A second of waiting is worth it, an hour is not."""
    night.deployed.letter(told(), "ops-slack")
    night.deployed.letter(told(Kind.RESOLVED), "ops-slack")
    night.fault("ops-slack", FaultKind.BUSY, retry_after=3600)
    code, said = night.redrive()
    assert (code, night.received, len(night.left())) == (1, [], 2)
    assert night.inbox.refused == {429: 1}
    assert said.count("not tried: the one before it was not sent") == 1


def test_copies_are_sent_once_and_leave_together(night: Night) -> None:
    for _ in range(3):
        night.deployed.letter(told(), "ops-slack")
    code, said = night.redrive()
    assert (code, len(night.received), night.left()) == (0, 1, [])
    assert "(3 copies, sent once)" in said


@pytest.mark.parametrize("kind", [Kind.FIRED, Kind.ESCALATED, Kind.EASED, Kind.REMINDER])
def test_a_pager_hears_no_trigger_of_what_is_over_and_people_do(night: Night, kind: Kind) -> None:
    """PagerDuty would open a new alert; nobody would ever resolve it."""
    for channel in ("on-call", "ops-slack"):
        night.deployed.letter(told(kind), channel)
    code, said = night.redrive()
    assert [channel for channel, _ in night.received] == ["ops-slack"]
    assert night.received[0][1].startswith(f"LATE 2 d, over: {told(kind).summary[:60]}")
    assert night.left() == ["on-call"]
    assert "held back: its incident has ended: nobody is paged for it" in said
    assert f"-> delete them: {night.command} --channel on-call --drop-over\n" in said
    assert code == 0


def test_the_end_goes_to_the_pager_unless_a_newer_incident_of_its_alert_is_open(
    night: Night,
) -> None:
    """It would close the page that is burning now."""
    end = told(Kind.RESOLVED)
    newer = told(Kind.FIRED, DAY, since=end.since + DAY, incident_id="newer")
    night.deployed.store(open_for(newer))
    night.deployed.letter(end, "on-call")
    _, said = night.redrive()
    assert night.received == []
    assert "held back: a newer incident of its alert is open" in said
    other = told(Kind.RESOLVED, rule="dead-line", id="other")
    night.deployed.letter(other, "on-call")
    night.redrive()
    assert [headline.split(":")[0] for _, headline in night.received] == ["resolve"]


def test_to_this_machine_only_where_aws_itself_is_on_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack on AWS that names loopback means its own, never that of whoever redrives."""
    night.deployed.letter(told(), "ops-slack")
    for client in ("sqs", "ssm", "dynamodb", "sns"):
        getattr(night.aws, client)  # made now: what follows is not to move them
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example.com")
    code, said = night.redrive()
    assert (code, night.received, night.left()) == (1, [], ["ops-slack"])
    assert "its address is on loopback, but AWS_ENDPOINT_URL is not: give a public" in said
