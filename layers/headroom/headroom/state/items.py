"""The rows of the DynamoDB table (DESIGN section 6): keys, and what is inside.

A document is one JSON text (packed when long) but for what channels owe: that is a map that one
update can reach into.
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
"""Attribute values as the low-level client takes and gives them."""

STATE = "STATE"
WATERMARK: Item = {"pk": {"S": "WATERMARK"}, "sk": {"S": "1/0"}}
"""There is one shard: the count, and the first of them."""

SINGLY = 88
"""Rows of history beside the document's own: a transaction stays under 90 items."""
PAGE = 300_000
"""Bytes of notices that share one row when there are more than that."""


def key(project: str) -> Item:
    """Where the project's document is: a hash spreads the names, so that a shard is a range."""
    spread = hashlib.sha256(project.encode()).hexdigest()[:2]
    return {"pk": {"S": STATE}, "sk": {"S": f"{spread}#{project}"}}


def of_document(document: ProjectState, mark: str) -> Item:
    """The row of a document; `mark` tells this write from every other."""
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
    """Whose row it is; `<hh>#<project>`."""
    name: str = item["sk"]["S"].partition("#")[2]
    return name


def to_document(item: Item) -> ProjectState:
    """The document of its row. Raises StateUnavailable when it makes no sense."""
    with codec.understood(f"document {item['sk']['S']}"):
        (stored,) = item["body"].values()
        tree = codec.unpacked(stored)
        notices = tree.get("outbox", {})
        tree["outbox"] = {
            name: _to_pending(pending["M"], notices.get(name))
            for name, pending in item["outbox"]["M"].items()
        }
        expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
        return codec.parse(tree, version=int(item["version"]["N"]), expires_at=expires_at)


def change(notice_id: str, channel: str, token: str, delivery: PendingDelivery | None) -> Item:
    """The update that records a delivery: it replaces or removes what one channel owes.

    The last channel leaves a notice without channels, which is gone for every reader (see `codec`).
    No one expression could remove either the channel or the notice; with two requests, the second
    made when the first is refused, deliveries side by side could both be refused twice.
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
    """The watermark of its row. Raises StateUnavailable when it makes no sense."""
    with codec.understood("watermark"):
        return codec.parse_watermark(item["body"]["S"])


def of_history(project: str, history: Sequence[Notice], expires_at: Instant) -> list[Item]:
    """The rows of one commit's history: one for each notice, or as few as hold them when many."""
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


def _to_pending(attributes: Item, body: codec.Tree | None) -> codec.Tree:
    """One notice of the outbox; its body lay beside what is owed once."""
    deliveries = attributes["deliveries"]["M"]
    tree: codec.Tree = json.loads(attributes["body"]["S"]) if body is None else body
    return tree | {
        "deliveries": {channel: _to_delivery(one["M"]) for channel, one in deliveries.items()}
    }


def _of_delivery(tree: codec.Tree) -> Item:
    lease = {"S": tree.pop("lease", "")}
    return {"M": {"lease": lease, "body": {"S": codec.text(tree)}}}


def _to_delivery(attributes: Item) -> codec.Tree:
    tree: codec.Tree = json.loads(attributes["body"]["S"])
    return tree | {"lease": attributes["lease"]["S"]}


def _pages(history: Sequence[Notice]) -> Iterator[list[Notice]]:
    page: list[Notice] = []
    room = PAGE
    for notice in history:
        needed = len(codec.text(notice.as_json()).encode())
        if page and needed > room:
            yield page
            page, room = [], PAGE
        page.append(notice)
        room -= needed
    if page:
        yield page
