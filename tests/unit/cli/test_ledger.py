"""The demo's last line is computed from what was owed and what arrived, and from nothing else."""

from __future__ import annotations

from typing import Any

from headroom_cli.demo.audit import Ledger
from headroom_cli.simulator.receivers import Received

KINDS = {"ops-slack": "slack", "on-call": "pagerduty", "default": "sns"}


def notice(name: str, kind: str = "fired", *channels: str) -> dict[str, Any]:
    told = {"id": name, "incident_id": "i1", "kind": kind, "summary": f"{kind} {name}"}
    return {**told, "channels": channels or ("ops-slack", "on-call", "default")}


def ledger(*notices: dict[str, Any]) -> Ledger:
    made = Ledger(KINDS)
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
    balance = ledger(fired, over).balance([fired, over], arrived)
    assert (balance.lost, balance.duplicates) == ((), ())
    assert balance.heard == {
        (kind, channel): 1 for kind in ("fired", "resolved") for channel in KINDS
    }


def test_what_was_owed_and_did_not_arrive_is_lost() -> None:
    fired = notice("n1", "fired", "ops-slack", "on-call")
    balance = ledger(fired).balance([fired], [got("ops-slack", "fired n1")])
    assert balance.lost == ("on-call: fired n1",)
    assert balance.duplicates == ()


def test_what_arrives_more_often_than_it_was_owed_is_a_duplicate() -> None:
    fired = notice("n1", "fired", "ops-slack")
    twice = [got("ops-slack", "fired n1")] * 2
    balance = ledger(fired).balance([fired], [*twice, got("on-call", "n1")])
    assert balance.lost == ()
    assert balance.duplicates == ("ops-slack: fired n1", "on-call: n1")


def test_two_notices_that_read_alike_are_owed_twice() -> None:
    one, two = notice("n1", "fired", "ops-slack"), notice("n2", "fired", "ops-slack")
    two["summary"] = one["summary"]
    balance = ledger(one, two).balance([one, two], [got("ops-slack", "fired n1")])
    assert balance.lost == ("ops-slack: fired n1",)


def test_what_was_over_when_it_was_first_told_is_owed_to_people_and_not_to_a_pager() -> None:
    paged = notice("n1", "missed", "on-call")
    balance = ledger(paged).balance([paged], [got("default", "n1")])
    assert (balance.lost, balance.duplicates) == ((), ())
    both = notice("n2", "missed", "ops-slack", "on-call")
    assert ledger(both).balance([both], []).lost == ("ops-slack: missed n2",)


def test_a_notice_that_only_the_history_has_is_lost() -> None:
    assert ledger().balance([notice("n1")], []).lost == (
        "notice n1, in only one of history and reports",
    )
