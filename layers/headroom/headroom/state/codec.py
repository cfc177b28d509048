"""Documents as trees ready for JSON, kept small: what has its default is left out.

So a field may be added at any time, with a default: documents without it are taken, and a field
that only a newer Headroom knows is passed over. A field whose default must change gets a new name.
The version and the expiry are not in the tree: stores keep them beside it, to compare them.

A delivery removes only what its channel owes. A notice that no channel owes any more is therefore
gone for every reader, whether or not the last delivery could remove it as well.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from headroom.domain.notices import Notice
from headroom.domain.overflow import Capacity
from headroom.domain.project_state import FORMAT, ProjectState
from headroom.domain.watermark import Watermark
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable

Tree = dict[str, Any]

WATERMARK_FORMAT = 1
"""The same of the watermark. An older Headroom that meets a newer one does nothing at all, so this
is raised only where the watermark itself would be misread."""

LIMIT = 300_000
"""Bytes of `size` that a document should stay below; DynamoDB refuses an item of 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html."""

HISTORY_LIMIT = 3_000_000
"""Bytes of the history in one commit; DynamoDB refuses a transaction of 4 MB (the same page)."""

LONG = 16_384
"""Characters of a body from which on it is packed."""

_SENSELESS = (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error)
"""What reading something raises that is no document."""

HISTORY_KEPT = 90 * 24 * 3600
"""Seconds."""


def dump(document: ProjectState) -> Tree:
    """The tree of a document; `outbox` is always there."""
    tree: Tree = _documents().dump_python(
        document, mode="json", exclude={"version", "expires_at", "new"}, exclude_defaults=True
    )
    _drop_settled(tree)
    return {"format": FORMAT, **tree}


def parse(tree: Tree, *, version: int, expires_at: Instant | None) -> ProjectState:
    """The document of a tree, which is used up; within `understood`.

    Raises StateUnavailable for a document of a newer format, before anything else is read of it.
    """
    _check_format(tree, FORMAT)
    _drop_settled(tree)
    whole = to_json({**tree, "version": version, "expires_at": expires_at})
    return _documents().validate_json(whole, strict=True)


def following(document: ProjectState) -> ProjectState:
    """The document as a commit stores it: the next version, and expiring only while it is quiet."""
    expires_at = document.expires_at if document.quiet else None
    return replace(document, version=document.version + 1, expires_at=expires_at)


def dump_watermark(watermark: Watermark) -> str:
    """The JSON of a watermark."""
    return text({"format": WATERMARK_FORMAT, **_watermarks().dump_python(watermark, mode="json")})


def parse_watermark(stored: str) -> Watermark:
    """The watermark of its JSON; within `understood`.

    Raises StateUnavailable for one of a newer format, so that no older Headroom moves it.
    """
    tree: Tree = json.loads(stored)
    _check_format(tree, WATERMARK_FORMAT)
    return _watermarks().validate_json(to_json(tree), strict=True)


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Raise StateUnavailable when what is stored is invalid; `what` names it.

    Never advises to delete anything: a document may hold notices that nobody has received yet.
    """
    try:
        yield
    except StateUnavailable as error:
        raise StateUnavailable(f"the stored {what} cannot be read: {error}") from None
    except _SENSELESS as error:
        raise StateUnavailable(
            f"the stored {what} is invalid ({_problem(error)}): deploy the newest version that ran "
            "here, or restore the item from the table's backup; it stays as it is"
        ) from error


def sorted_out(
    stored: Mapping[str, Callable[[], ProjectState]],
) -> tuple[dict[str, ProjectState], dict[str, str]]:
    """The documents that can be read, and of the others why not: one must not stop the rest."""
    documents, unreadable = {}, {}
    for project, read in stored.items():
        try:
            documents[project] = read()
        except StateUnavailable as error:
            unreadable[project] = str(error)
    return documents, unreadable


def text(tree: Mapping[str, object] | Sequence[object]) -> str:
    """The one form of stored JSON.

    Half a character (a lone surrogate, which JSON allows) becomes `?`: it comes in with what others
    wrote, and neither UTF-8 nor pydantic would take it back.
    """
    written = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    return written.encode(errors="replace").decode()


def take_deliveries(tree: Tree) -> Tree:
    """Take out of a tree what channels owe, by notice: it is stored for itself, to be updated."""
    return {notice: pending.pop("deliveries") for notice, pending in tree["outbox"].items()}


def body(tree: Tree) -> str | bytes:
    """The stored form of a document without what is owed: text, or packed when that grows long.

    Hundreds of incidents or notices differ in little, and shrink to a tenth; what is short stays
    readable.
    """
    written = text(tree)
    return written if len(written) < LONG else zlib.compress(written.encode())


def unpacked(stored: str | bytes) -> Tree:
    """The tree of what `body` made; within `understood`."""
    tree: Tree = json.loads(stored if isinstance(stored, str) else zlib.decompress(stored))
    return tree


def size(document: ProjectState) -> int:
    """Bytes of the stored form, to be held against `LIMIT`."""
    tree = dump(document)
    deliveries = text(take_deliveries(tree))
    stored = body(tree)
    return len(deliveries.encode()) + len(stored.encode() if isinstance(stored, str) else stored)


def notice_size(notice: Notice) -> int:
    """Bytes of a notice in history."""
    return len(text(notice.as_json()).encode())


def _check_format(tree: Tree, known: int) -> None:
    """Take out the format; what has none is of the first. Raises StateUnavailable if newer."""
    found = tree.pop("format", 1)
    if not isinstance(found, int) or found > known:
        raise StateUnavailable(
            f"it has format {found!r:.20} and this version of Headroom reads up to {known}: a "
            "newer version wrote it. Deploy that version again; it stays as it is"
        )


def _drop_settled(tree: Tree) -> None:
    outbox = tree.pop("outbox", {})
    left = {name: pending for name, pending in outbox.items() if pending.get("deliveries")}
    tree["outbox"] = dict(sorted(left.items(), key=_alike))


def _alike(stored: tuple[str, Tree]) -> tuple[str, str]:
    """What is alike lies close together, and so is packed well."""
    notice = stored[1].get("notice", {})
    return str(notice.get("rule", "")), str(notice.get("series", ""))


def _problem(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


CAPACITY = Capacity(LIMIT, size, HISTORY_LIMIT, notice_size)


@cache
def _documents() -> TypeAdapter[ProjectState]:
    """Built at the first document: 12 ms that a check with nothing wrong does not pay."""
    return TypeAdapter(ProjectState)


@cache
def _watermarks() -> TypeAdapter[Watermark]:
    return TypeAdapter(Watermark)
