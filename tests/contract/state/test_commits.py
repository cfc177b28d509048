"""What every store promises of documents (DESIGN section 6)."""

from __future__ import annotations

from asyncio import run

import pytest

from headroom.domain.notices import Kind, Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Severity
from headroom.domain.undeliverable import Refusals
from headroom.errors import LostRace
from headroom.state import codec
from tests.builders import T0, document, incident, noise, notice, pending
from tests.contract.state.stores import Store

HOUR = 3600
DAY = 24 * HOUR


def troubled(**changes: object) -> ProjectState:
    told = notice()
    made = {
        "incidents": {told.alert_id: incident()},
        "outbox": {told.id: pending(told, "ops-slack", "on-call")},
        "behind": {"client_env=live&language=es-ES": T0 - 600},
        "failing_since": T0 - 300,
        "refusals": {
            "on-call": Refusals(2, ("a",), Severity.CRITICAL, "404", at=T0, counted=("n",))
        },
        "config_version": 7,
        "next_seq": 2,
    }
    return document(**(made | changes))


def test_what_is_committed_is_what_is_loaded_and_read(store: Store) -> None:
    committed = run(store.state.commit(troubled()))

    assert committed == troubled(version=1)
    assert run(store.state.load()).documents == {"support-line": committed}
    assert run(store.state.read("support-line")) == committed


def test_nothing_stored_is_no_document_and_no_watermark(store: Store) -> None:
    loaded = run(store.state.load())

    assert (loaded.documents, loaded.watermark) == ({}, None)
    assert run(store.state.read("support-line")) is None


def test_the_second_of_two_commits_from_one_version_loses_and_writes_nothing(store: Store) -> None:
    read = run(store.state.commit(troubled()))
    won = run(store.state.commit(troubled(version=1, next_seq=3), [notice()]))

    with pytest.raises(LostRace, match="support-line"):
        run(store.state.commit(read, [notice(Kind.RESOLVED)]))
    with pytest.raises(LostRace):
        run(store.state.commit(read))

    assert run(store.state.read("support-line")) == won
    assert [event.notices for event in store.history("support-line")] == [[notice().as_json()]]


@pytest.mark.parametrize("history", [[], [notice()]], ids=["alone", "with history"])
def test_a_check_that_saw_no_document_loses_once_there_is_one(
    store: Store, history: list[Notice]
) -> None:
    won = run(store.state.commit(troubled()))

    with pytest.raises(LostRace):
        run(store.state.commit(troubled(next_seq=9), history))

    assert run(store.state.read("support-line")) == won


def test_a_document_that_is_gone_is_not_created_again_from_an_old_version(store: Store) -> None:
    with pytest.raises(LostRace):
        run(store.state.commit(troubled(version=3)))

    assert run(store.state.read("support-line")) is None


def test_an_expired_document_still_present_is_a_quiet_document_with_its_version(
    store: Store,
) -> None:
    quiet = run(store.state.commit(document(expires_at=store.clock() + HOUR)))
    store.clock.now += 2 * HOUR

    assert run(store.state.load()).documents == {"support-line": quiet}
    assert run(store.state.read("support-line")) == quiet
    with pytest.raises(LostRace):
        run(store.state.commit(troubled()))


def test_a_document_that_stops_being_quiet_loses_its_expiry(store: Store) -> None:
    run(store.state.commit(document(expires_at=store.clock() + HOUR)))
    run(store.state.commit(troubled(version=1, expires_at=store.clock() + HOUR)))
    store.clock.now += 30 * DAY

    assert run(store.state.load()).documents == {"support-line": troubled(version=2)}


def test_projects_are_loaded_together_each_its_own(store: Store) -> None:
    numbers = {"support-line": 1, "sales.eu": 2, "Ünïted-1": 3}
    for name, number in numbers.items():
        run(store.state.commit(troubled(project=name, next_seq=number)))

    found = run(store.state.load()).documents

    assert {name: one.next_seq for name, one in found.items()} == numbers


def test_history_is_kept_90_days_one_event_for_each_notice(store: Store) -> None:
    told = [notice(), notice(Kind.RESOLVED)]

    run(store.state.commit(troubled(), told))

    assert [(event.notices, event.expires_at) for event in store.history("support-line")] == [
        ([one.as_json()], store.clock() + 90 * DAY) for one in told
    ]


def test_a_notice_twice_in_one_history_does_not_stop_the_commit(store: Store) -> None:
    run(store.state.commit(troubled(), [notice(), notice()]))

    assert run(store.state.read("support-line")) == troubled(version=1)


@pytest.mark.parametrize("count", [88, 89, 200, 600])
def test_a_storm_is_committed_whole_with_its_history(store: Store, count: int) -> None:
    told = [
        notice(rule=f"rule-{number}", at=T0 + number, description="語" * 600)
        for number in range(count)
    ]

    run(store.state.commit(troubled(), told))

    kept = [one for event in store.history("support-line") for one in event.notices]
    assert kept == [one.as_json() for one in told]


def test_half_a_character_in_a_text_from_elsewhere_spoils_only_itself(store: Store) -> None:
    """PolyAI's error bodies and operators' JSON may hold a lone surrogate."""
    told = notice(reason="\ud83d gone")

    run(store.state.commit(document(outbox={told.id: pending(told)}), [told]))

    found = run(store.state.load()).documents["support-line"]
    assert found.outbox[told.id].notice.reason == "? gone"


def test_a_document_of_250_kilobytes_is_stored(store: Store) -> None:
    told = [notice(description=noise(2000, str(number)), at=number) for number in range(160)]
    large = document(outbox={one.id: pending(one, "ops-slack") for one in told})
    assert 240_000 < codec.size(large) < codec.LIMIT

    committed = run(store.state.commit(large))

    assert run(store.state.load()).documents == {"support-line": committed}


def test_thousands_of_open_incidents_are_one_document(store: Store) -> None:
    """Far more than a project begins today: those of an older version must be able to end."""
    open_now = {
        f"alert-{number}": incident(
            last=notice(series=f"+4420{number:08}", incident_id=f"{number:020x}"), peak=number % 150
        )
        for number in range(3000)
    }
    committed = run(store.state.commit(troubled(incidents=open_now)))

    assert codec.size(committed) < codec.LIMIT
    assert run(store.state.read("support-line")) == committed
