"""The demo's last line is computed from what was owed and what arrived, and from nothing else."""

from __future__ import annotations

from typing import Any

from headroom_cli.demo.audit import Audit
from headroom_cli.simulator.receivers import Received

KINDS = {"ops-slack": "slack", "on-call": "pagerduty", "default": "sns"}


def notice(name: str, kind: str = "fired", *channels: str) -> dict[str, Any]:
    told = {"id": name, "incident_id": "i1", "kind": kind, "summary": f"{kind} {name}"}
    return {**told, "channels": channels or ("ops-slack", "on-call", "default")}


def audit(*notices: dict[str, Any]) -> Audit:
    made = Audit(KINDS)
    made.add({"notices": notices})
    return made


def got(channel: str, identity: str) -> Received:
    return Received(0, channel, identity, identity)


def test_each_channel_is_known_by_what_it_can_carry() -> None:
    fired, over = notice("n1"), notice("n2", "resolved")
    arrived = [
        *(got("ops-slack", "fired n1"), got("on-call", "n1"), got("default", "n1")),
        *(got("ops-slack", "resolved n2"), got("on-call", "resolve i1"), got("default", "n2")),
    ]
    result = audit(fired, over).result([fired, over], arrived)
    assert (result.lost, result.duplicates) == ((), ())
    assert result.delivered == {
        (kind, channel): 1 for kind in ("fired", "resolved") for channel in KINDS
    }


def test_what_was_owed_and_did_not_arrive_is_lost() -> None:
    fired = notice("n1", "fired", "ops-slack", "on-call")
    result = audit(fired).result([fired], [got("ops-slack", "fired n1")])
    assert result.lost == ("on-call: fired n1",)
    assert result.duplicates == ()


def test_what_arrives_more_often_than_it_was_owed_is_a_duplicate() -> None:
    fired = notice("n1", "fired", "ops-slack")
    twice = [got("ops-slack", "fired n1")] * 2
    result = audit(fired).result([fired], [*twice, got("on-call", "n1")])
    assert result.lost == ()
    assert result.duplicates == ("ops-slack: fired n1", "on-call: n1")


def test_two_notices_that_read_alike_are_owed_twice() -> None:
    one, two = notice("n1", "fired", "ops-slack"), notice("n2", "fired", "ops-slack")
    two["summary"] = one["summary"]
    result = audit(one, two).result([one, two], [got("ops-slack", "fired n1")])
    assert result.lost == ("ops-slack: fired n1",)


def test_what_was_over_when_it_was_first_told_is_owed_to_people_and_not_to_a_pager() -> None:
    paged = notice("n1", "missed", "on-call")
    result = audit(paged).result([paged], [got("default", "n1")])
    assert (result.lost, result.duplicates) == ((), ())
    both = notice("n2", "missed", "ops-slack", "on-call")
    assert audit(both).result([both], []).lost == ("ops-slack: missed n2",)


def test_a_notice_that_only_the_history_has_is_lost() -> None:
    assert audit().result([notice("n1")], []).lost == (
        "notice n1, in only one of history and reports",
    )
