"""The rows of the DynamoDB table: their keys and attributes.

A document is one JSON text (compressed when long) beside its deliveries, which are a map, so that
one update can change a single delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Watermark
from headroom.domain.windows import Instant, iso
from headroom.state import codec

Item = dict[str, Any]
"""Attributes in the form of the low-level client."""

STATE = "STATE"
WATERMARK: Item = {"pk": {"S": "WATERMARK"}, "sk": {"S": "1/0"}}
"""There is one shard: the number of shards, and the first of them."""

SINGLY = 88
"""The most rows of history in one commit: with the document a transaction has under 90 items."""
PAGE = 300_000
"""Bytes of notices that share one row when they are too many for a row each."""


def key(project: str) -> Item:
    """The key of a project's document: a hash spreads the names, so that a shard is a range."""
    spread = hashlib.sha256(project.encode()).hexdigest()[:2]
    return {"pk": {"S": STATE}, "sk": {"S": f"{spread}#{project}"}}


def of_document(document: ProjectState, mark: str) -> Item:
    """The row of a document; `mark` identifies this write."""
    tree = codec.dump(document)
    deliveries = codec.take_deliveries(tree)
    item = {
        **key(document.project),
        "version": number(document.version),
        "mark": {"S": mark},
        "body": _of_body(codec.body(tree)),
        "outbox": {"M": {notice: _of_pending(channels) for notice, channels in deliveries.items()}},
    }
    if document.expires_at is not None:
        item["expires_at"] = number(document.expires_at)
    return item


def project(item: Item) -> str:
    """The project of a row, from its key `<hh>#<project>`."""
    name: str = item["sk"]["S"].partition("#")[2]
    return name


def to_document(item: Item) -> ProjectState:
    """The document of a row. Raises StateUnavailable when it is invalid."""
    with codec.understood(f"document {item['sk']['S']}"):
        (stored,) = item["body"].values()
        tree = codec.unpacked(stored)
        notices = tree.get("outbox", {})
        tree["outbox"] = {
            name: notices[name] | {"deliveries": _to_deliveries(pending["M"])}
            for name, pending in item["outbox"]["M"].items()
        }
        expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
        return codec.parse(tree, version=int(item["version"]["N"]), expires_at=expires_at)


def change(notice_id: str, channel: str, token: str, delivery: PendingDelivery | None) -> Item:
    """The update that replaces or removes one pending delivery.

    The last one leaves a notice without deliveries, which every reader drops (see `codec`). No
    single expression could remove either the delivery or the notice. With a second request for the
    notice, two deliveries that are recorded side by side could each be rejected twice.
    """
    place = "outbox.#notice.deliveries.#channel"
    values = {":token": {"S": token}, ":one": number(1)}
    if delivery is not None:
        values[":delivery"] = _of_delivery(asdict(delivery))
    act = f" REMOVE {place}" if delivery is None else f", {place} = :delivery"
    return {
        "UpdateExpression": f"SET version = version + :one{act}",
        "ConditionExpression": f"{place}.lease = :token",
        "ExpressionAttributeNames": {"#notice": notice_id, "#channel": channel},
        "ExpressionAttributeValues": values,
    }


def of_watermark(watermark: Watermark) -> Item:
    """The row of the watermark."""
    return {
        **WATERMARK,
        "version": number(watermark.version),
        "window": number(watermark.window),
        "body": {"S": codec.dump_watermark(watermark)},
    }


def to_watermark(item: Item) -> Watermark:
    """The watermark of its row. Raises StateUnavailable when it is invalid."""
    with codec.understood("watermark"):
        return codec.parse_watermark(item["body"]["S"])


def of_history(project: str, history: Sequence[Notice], expires_at: Instant) -> list[Item]:
    """The rows of one commit's history: one for each notice, or few when there are many."""
    pages = [[notice] for notice in history] if len(history) <= SINGLY else _pages(history)
    rows = {f"EVENT#{iso(page[0].at)}#{page[0].id}": page for page in pages}
    return [
        {
            "pk": {"S": f"PROJECT#{project}"},
            "sk": {"S": event},
            "notices": {"S": codec.text([notice.as_json() for notice in page])},
            "expires_at": number(expires_at),
        }
        for event, page in rows.items()
    ]


def number(value: int) -> Item:
    """An attribute value."""
    return {"N": str(value)}


def _of_body(stored: str | bytes) -> Item:
    return {"S": stored} if isinstance(stored, str) else {"B": stored}


def _of_pending(deliveries: codec.Tree) -> Item:
    return {
        "M": {
            "deliveries": {"M": {channel: _of_delivery(one) for channel, one in deliveries.items()}}
        }
    }


def _to_deliveries(attributes: Item) -> codec.Tree:
    stored = attributes["deliveries"]["M"]
    return {channel: _to_delivery(one["M"]) for channel, one in stored.items()}


def _of_delivery(tree: codec.Tree) -> Item:
    lease = {"S": tree.pop("lease", "")}
    return {"M": {"lease": lease, "body": {"S": codec.text(tree)}}}


def _to_delivery(attributes: Item) -> codec.Tree:
    tree: codec.Tree = json.loads(attributes["body"]["S"])
    return tree | {"lease": attributes["lease"]["S"]}


def _pages(history: Sequence[Notice]) -> Iterator[list[Notice]]:
    page: list[Notice] = []
    left = PAGE
    for notice in history:
        needed = len(codec.text(notice.as_json()).encode())
        if page and needed > left:
            yield page
            page, left = [], PAGE
        page.append(notice)
        left -= needed
    if page:
        yield page
