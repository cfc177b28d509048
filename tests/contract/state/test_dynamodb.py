"""What is DynamoDB's own: keys, requests, and what its errors become."""

from __future__ import annotations

from asyncio import run
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from headroom.errors import LostRace, StateUnavailable
from headroom.state import codec
from headroom.state.dynamodb import TRIES, DynamoState
from tests.builders import T0, delivery, document, noise, notice, pending, watermark
from tests.contract.state import table
from tests.contract.state.atomic_moto import Instead, access
from tests.contract.state.stores import Dynamo

TOLD = notice()
LEASED = replace(
    pending(TOLD), deliveries={"ops-slack": delivery(lease="mine", lease_until=T0 + 420)}
)
OWING = document(outbox={TOLD.id: LEASED})
CONFLICT = ("400 Bad Request", "com.amazonaws.dynamodb.v20120810#TransactionConflictException")


def test_rows_have_the_keys_of_the_design(dynamo: Dynamo) -> None:
    run(dynamo.state.commit(document(), [notice()]))
    run(dynamo.state.move(watermark()))

    rows = dynamo.client.scan(TableName=dynamo.table)["Items"]

    assert {(row["pk"]["S"], row["sk"]["S"]) for row in rows} == {
        ("STATE", "9d#support-line"),
        ("WATERMARK", "1/0"),
        ("PROJECT#support-line", f"EVENT#2026-11-23T10:05:00Z#{notice().id}"),
    }


def test_the_template_expires_rows_by_the_attribute_that_is_written() -> None:
    ttl = table.declared()["TimeToLiveSpecification"]

    assert ttl == {"AttributeName": "expires_at", "Enabled": True}


def test_a_load_is_two_consistent_reads(dynamo: Dynamo) -> None:
    run(dynamo.state.commit(OWING))
    dynamo.moto.asked.clear()

    run(dynamo.state.load())

    assert [(name, body["ConsistentRead"]) for name, body in dynamo.moto.asked] == [
        ("GetItem", True),
        ("Query", True),
    ]


def test_documents_of_more_than_one_page_are_all_loaded(dynamo: Dynamo) -> None:
    told = [notice(description=noise(2000, str(number)), at=number) for number in range(160)]
    outbox = {one.id: pending(one, "ops-slack") for one in told}
    names = {f"line-{number}" for number in range(6)}
    for name in names:
        run(dynamo.state.commit(document(project=name, outbox=outbox)))
    dynamo.moto.asked.clear()

    assert set(run(dynamo.state.load()).documents) == names
    assert len(dynamo.moto.bodies("Query")) == 2


def test_a_commit_is_one_write_and_a_record_is_one_update(dynamo: Dynamo) -> None:
    run(dynamo.state.commit(OWING))
    run(dynamo.state.record("support-line", TOLD.id, "ops-slack", token="mine", delivery=None))
    run(dynamo.state.commit(replace(OWING, version=2), [TOLD]))

    assert [name for name, _ in dynamo.moto.asked] == [
        "PutItem",
        "UpdateItem",
        "TransactWriteItems",
    ]


@pytest.mark.parametrize(("count", "rows"), [(88, 88), (89, 1), (180, 1)])
def test_a_long_history_becomes_one_row(dynamo: Dynamo, count: int, rows: int) -> None:
    told = [notice(rule=f"rule-{number}", at=T0 + number) for number in range(count)]

    run(dynamo.state.commit(document(), told))

    assert len(dynamo.history("support-line")) == rows
    assert len(dynamo.moto.bodies("TransactWriteItems")[0]["TransactItems"]) < 90


def test_a_commit_whose_answer_was_lost_is_not_a_lost_race(dynamo: Dynamo) -> None:
    dynamo.moto.instead.append(Instead("PutItem", "500 Server Error", "InternalServerError", True))

    committed = run(dynamo.state.commit(OWING))

    assert len(dynamo.moto.bodies("PutItem")) == 2
    assert run(dynamo.state.read("support-line")) == committed == replace(OWING, version=1)


def test_a_transaction_sent_again_carries_the_token_by_which_dynamodb_knows_it(
    dynamo: Dynamo,
) -> None:
    failed = Instead("TransactWriteItems", "500 Server Error", "InternalServerError")
    dynamo.moto.instead.append(failed)

    run(dynamo.state.commit(OWING, [TOLD]))
    run(dynamo.state.commit(replace(OWING, version=1), [TOLD]))

    asked = dynamo.moto.bodies("TransactWriteItems")
    first, again, other = (body["ClientRequestToken"] for body in asked)
    assert first == again != other


@pytest.mark.parametrize(
    ("operation", "history"), [("PutItem", []), ("TransactWriteItems", [TOLD])]
)
def test_a_commit_that_meets_a_transaction_is_a_lost_race(
    dynamo: Dynamo, operation: str, history: list[Any]
) -> None:
    dynamo.moto.instead.append(Instead(operation, *CONFLICT))

    with pytest.raises(LostRace):
        run(dynamo.state.commit(OWING, history))


def test_a_record_that_meets_a_transaction_is_tried_again(dynamo: Dynamo) -> None:
    run(dynamo.state.commit(OWING))
    dynamo.moto.instead += [Instead("UpdateItem", *CONFLICT)] * (TRIES - 1)

    assert run(
        dynamo.state.record("support-line", TOLD.id, "ops-slack", token="mine", delivery=None)
    )


def test_a_record_that_meets_nothing_but_transactions_fails_loudly(dynamo: Dynamo) -> None:
    run(dynamo.state.commit(OWING))
    dynamo.moto.instead += [Instead("UpdateItem", *CONFLICT)] * TRIES

    with pytest.raises(StateUnavailable, match="TransactionConflictException"):
        run(dynamo.state.record("support-line", TOLD.id, "ops-slack", token="mine", delivery=None))


CALLS: dict[str, Callable[[DynamoState], Any]] = {
    "GetItem": lambda state: state.read("support-line"),
    "Query": lambda state: state.load(),
    "PutItem": lambda state: state.commit(OWING),
    "TransactWriteItems": lambda state: state.commit(OWING, [TOLD]),
    "UpdateItem": lambda state: state.record("p", "n", "c", token="mine", delivery=None),
}


@pytest.mark.parametrize("operation", CALLS)
def test_a_refusal_names_the_table_the_operation_and_the_code(
    dynamo: Dynamo, operation: str
) -> None:
    dynamo.moto.instead.append(Instead(operation, "400 Bad Request", "AccessDeniedException"))

    with pytest.raises(StateUnavailable) as refused:
        run(CALLS[operation](dynamo.state))

    for told in (dynamo.table, operation, "AccessDeniedException"):
        assert told in str(refused.value)


def test_a_watermark_that_cannot_be_written_is_not_a_lost_one(dynamo: Dynamo) -> None:
    dynamo.moto.instead.append(Instead("PutItem", "400 Bad Request", "AccessDeniedException"))

    with pytest.raises(StateUnavailable, match="AccessDeniedException"):
        run(dynamo.state.move(watermark()))


def test_no_dynamodb_at_all_is_reported_as_such(dynamo: Dynamo) -> None:
    client = boto3.client("dynamodb", **access("http://127.0.0.1:9"))
    state = DynamoState(client, dynamo.table, clock=dynamo.clock)

    with pytest.raises(StateUnavailable, match=f"{dynamo.table}: EndpointConnectionError"):
        run(state.load())


def test_a_document_that_dynamodb_cannot_hold_is_refused_by_name(dynamo: Dynamo) -> None:
    huge = document(outbox={each.id: pending(each) for each in [notice(reason=noise(600_000, ""))]})
    assert codec.size(huge) > codec.LIMIT

    with pytest.raises(StateUnavailable, match="ValidationException"):
        run(dynamo.state.commit(huge))


@pytest.mark.parametrize("attribute", ["body", "outbox", "version"])
def test_an_invalid_row_is_named_and_stops_no_other(dynamo: Dynamo, attribute: str) -> None:
    run(dynamo.state.commit(OWING))
    dynamo.client.update_item(
        TableName=dynamo.table,
        Key={"pk": {"S": "STATE"}, "sk": {"S": "9d#support-line"}},
        UpdateExpression="SET #name = :nonsense",
        ExpressionAttributeNames={"#name": attribute},
        ExpressionAttributeValues={":nonsense": {"S": '{"watermark": '}},
    )

    loaded = run(dynamo.state.load())
    assert "9d#support-line is invalid" in loaded.unreadable["support-line"]
