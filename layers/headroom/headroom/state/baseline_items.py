"""The rows of baselines in the DynamoDB table: their keys and attributes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import Instant, iso
from headroom.state.baseline_codec import FORMAT, KEPT, decode
from headroom.state.items import Item, number

USUAL = "USUAL"

LONGEST = 1000
"""Bytes of a sort key; DynamoDB rejects one of more than 1024. A longer one ends with a hash:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html."""

NAMES = {
    f"#{name}": name
    for name in ("pk", "sk", "line", "format", "made", "tried", "wanted", "expires_at")
}
"""The attributes that `to_times` needs; in expressions some words are reserved by DynamoDB."""


def key(wanted: BaselineKey) -> Item:
    """The key of a baseline: the project's name holds no `#`, whatever the query holds."""
    name = f"{wanted.project}#{wanted.query}"
    if len(name.encode()) > LONGEST:
        name = f"{wanted.project}#{hashlib.sha256(wanted.query.encode()).hexdigest()}"
    return {"pk": {"S": USUAL}, "sk": {"S": name}}


def by_key(wanted: Collection[BaselineKey]) -> dict[str, BaselineKey]:
    """The same keys by their `sk`."""
    return {key(each)["sk"]["S"]: each for each in wanted}


def of_baseline(wanted: BaselineKey, baseline: Baseline, body: bytes, now: Instant) -> Item:
    """The row of a baseline."""
    return {
        **key(wanted),
        "line": {"S": wanted.line},
        "format": number(FORMAT),
        "made": number(baseline.made),
        "body": {"B": body},
        "expires_at": number(now + KEPT),
    }


def failure(wanted: BaselineKey, at: Instant) -> Item:
    """The update that stores a failed attempt beside the baseline of the same line, if it is there.

    A row of another line does not meet its condition, nor does a missing one: see `first_failure`.
    """
    return {
        "Key": key(wanted),
        "UpdateExpression": "SET #tried = :at, #wanted = if_not_exists(#wanted, :at)",
        "ConditionExpression": "#line = :line",
        "ExpressionAttributeNames": {f"#{name}": name for name in ("tried", "wanted", "line")},
        "ExpressionAttributeValues": {":line": {"S": wanted.line}, ":at": number(at)},
    }


def first_failure(wanted: BaselineKey, at: Instant, now: Instant) -> Item:
    """The row of a baseline that could not be made yet."""
    return {
        **key(wanted),
        "line": {"S": wanted.line},
        "tried": number(at),
        "wanted": number(at),
        "expires_at": number(now + KEPT),
    }


def is_of(item: Item, wanted: BaselineKey, now: Instant) -> bool:
    """Whether the row is of the line that the project has now, and not expired."""
    line: str = item.get("line", {}).get("S", "")
    return wanted.line in (line, "") and _whole(item, "expires_at", now + 1) > now


def to_baseline(item: Item) -> Baseline | Unread | None:
    """The baseline of a row; None: it holds failed attempts only."""
    body = item.get("body", {}).get("B")
    if body is None:
        return None
    return decode(_whole(item, "format"), bytes(body))


def to_times(item: Item) -> Times:
    """When the baseline of a row was made; one that this Headroom cannot read was never made."""
    known = _whole(item, "format") <= FORMAT
    return Times(
        made=_whole(item, "made") if known else 0,
        tried=_whole(item, "tried"),
        wanted=_whole(item, "wanted"),
    )


def since(project: str, begin: Instant) -> dict[str, Any]:
    """The query for a project's notices from an instant on (`items.of_history`)."""
    return {
        "KeyConditionExpression": "pk = :project AND sk >= :begin",
        "ExpressionAttributeValues": {
            ":project": {"S": f"PROJECT#{project}"},
            ":begin": {"S": f"EVENT#{iso(begin)}"},
        },
    }


def _whole(item: Item, name: str, default: int = 0) -> int:
    """A whole number of the row; what is not one counts as missing."""
    try:
        return int(item[name]["N"])
    except (KeyError, TypeError, ValueError):
        return default
