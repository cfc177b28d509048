"""What is DynamoDB's own of baselines: keys, requests, and what its errors become."""

from __future__ import annotations

from array import array
from asyncio import run
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest

from headroom.domain.stored_baselines import BaselineKey
from headroom.errors import StateUnavailable
from headroom.state.dynamodb_baselines import EMPTY_ANSWERS, DynamoBaselines
from tests.builders import T0, baseline, baseline_key, document, noise, notice
from tests.contract.state.atomic_moto import Instead
from tests.contract.state.stores import Dynamo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = baseline_key()


def test_rows_have_the_keys_of_the_design(dynamo: Dynamo) -> None:
    run(dynamo.baselines.store(KEY, baseline()))
    run(dynamo.baselines.failed(baseline_key(project="sales"), T0))

    rows = dynamo.client.scan(TableName=dynamo.table)["Items"]

    assert {(row["pk"]["S"], row["sk"]["S"]) for row in rows} == {
        ("USUAL", "support-line#client_env=live"),
        ("USUAL", "sales#client_env=live"),
    }
    assert all(int(row["expires_at"]["N"]) > dynamo.clock() for row in rows)


def lines(count: int) -> list[BaselineKey]:
    return [baseline_key(project=f"line-{number}") for number in range(count)]


@pytest.mark.parametrize(("keys", "requests"), [(1, 1), (100, 1), (101, 2)])
def test_a_hundred_baselines_are_one_read(dynamo: Dynamo, keys: int, requests: int) -> None:
    run(dynamo.baselines.store(lines(1)[0], baseline()))
    dynamo.moto.asked.clear()

    assert len(run(dynamo.baselines.read(lines(keys)))) == 1

    assert [name for name, _ in dynamo.moto.asked] == ["BatchGetItem"] * requests


def test_what_one_answer_has_no_room_for_is_asked_again(dynamo: Dynamo) -> None:
    """An answer holds 16 MB: 60 baselines of 330 KB are more."""
    values = array("i")
    values.frombytes(noise(440_000, "full").encode())
    large = baseline(peaks={"": values}, first=0, until=(len(values) - 1) * 300)
    for key in lines(60):
        run(dynamo.baselines.store(key, large))
    dynamo.moto.asked.clear()

    found = run(dynamo.baselines.read(lines(60)))

    assert len(found) == 60
    assert len(dynamo.moto.asked) > 1


def test_times_are_read_without_the_readings(dynamo: Dynamo) -> None:
    run(dynamo.baselines.store(KEY, baseline()))
    dynamo.moto.asked.clear()

    run(dynamo.baselines.times([KEY]))

    ((_, body),) = dynamo.moto.asked
    asked = body["RequestItems"][dynamo.table]
    assert "body" not in asked["ExpressionAttributeNames"].values()


class Busy:
    """A table that is too busy to answer for any key, and says so."""

    def __init__(self) -> None:
        self.asked = 0

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        self.asked += 1
        return {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]}


def test_a_table_that_answers_for_no_key_is_not_asked_forever() -> None:
    busy = Busy()
    baselines = DynamoBaselines(cast("DynamoDBClient", busy), "headroom", clock=lambda: T0)

    with pytest.raises(StateUnavailable, match="headroom: it is too busy"):
        run(baselines.read([KEY]))

    assert busy.asked == EMPTY_ANSWERS


CALLS: dict[str, Callable[[DynamoBaselines], Any]] = {
    "BatchGetItem": lambda stored: stored.read([KEY]),
    "PutItem": lambda stored: stored.store(KEY, baseline()),
    "UpdateItem": lambda stored: stored.failed(KEY, T0),
    "Query": lambda stored: stored.history("support-line", T0),
}


@pytest.mark.parametrize("operation", CALLS)
def test_a_refusal_names_the_table_the_operation_and_the_code(
    dynamo: Dynamo, operation: str
) -> None:
    dynamo.moto.instead.append(Instead(operation, "400 Bad Request", "AccessDeniedException"))

    with pytest.raises(StateUnavailable) as refused:
        run(CALLS[operation](dynamo.baselines))

    for told in (dynamo.table, operation, "AccessDeniedException"):
        assert told in str(refused.value)


def test_a_history_of_many_notices_in_one_row_is_read_whole(dynamo: Dynamo) -> None:
    told = [notice(rule=f"rule-{number}", at=T0 + number) for number in range(100)]
    run(dynamo.state.commit(document(), told))

    found = run(dynamo.baselines.history("support-line", T0 - 300))

    assert sorted(each["rule"] for each in found) == sorted(each.rule for each in told)
