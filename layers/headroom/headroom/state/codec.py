"""Encodes documents as small trees for JSON: a field with its default value is left out.

So a field with a default can be added at any time: a document without it is valid, and a field that
only a newer Headroom knows is ignored. A field whose default must change gets a new name. Stores
keep the version and the expiry outside the tree, to compare them.

An accepted notice loses only the delivery of its channel. Every reader therefore drops notices
without deliveries, whether or not the last record removed the notice too.
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
"""The format of the watermark. An older Headroom does nothing at all when it finds a newer one, so
raise it only when the watermark itself would be misread."""

LIMIT = 300_000
"""The limit for `size`, in bytes; DynamoDB rejects an item of 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html."""

HISTORY_LIMIT = 3_000_000
"""Bytes of the history in one commit; DynamoDB rejects a transaction of 4 MB (the same page)."""

LONG = 16_384
"""Characters from which on a body is compressed."""

_INVALID = (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error)
"""Exceptions that an invalid document raises while it is decoded."""

HISTORY_KEPT = 90 * 24 * 3600
"""Seconds."""


def dump(document: ProjectState) -> Tree:
    """Return the tree of a document; it always has `outbox`."""
    tree: Tree = _documents().dump_python(
        document, mode="json", exclude={"version", "expires_at", "new"}, exclude_defaults=True
    )
    _drop_settled(tree)
    return {"format": FORMAT, **tree}


def parse(tree: Tree, *, version: int, expires_at: Instant | None) -> ProjectState:
    """Return the document of a tree, which must not be used afterwards; within `understood`.

    Raises StateUnavailable for a newer format, before it decodes anything else.
    """
    _check_format(tree, FORMAT)
    _drop_settled(tree)
    whole = to_json({**tree, "version": version, "expires_at": expires_at})
    return _documents().validate_json(whole, strict=True)


def following(document: ProjectState) -> ProjectState:
    """The document as a commit stores it: one version later, expiring only while it is quiet."""
    expires_at = document.expires_at if document.quiet else None
    return replace(document, version=document.version + 1, expires_at=expires_at)


def dump_watermark(watermark: Watermark) -> str:
    """The JSON of a watermark."""
    return text({"format": WATERMARK_FORMAT, **_watermarks().dump_python(watermark, mode="json")})


def parse_watermark(stored: str) -> Watermark:
    """The watermark of its JSON; within `understood`.

    Raises StateUnavailable for a newer format, so that no older Headroom moves it.
    """
    tree: Tree = json.loads(stored)
    _check_format(tree, WATERMARK_FORMAT)
    return _watermarks().validate_json(to_json(tree), strict=True)


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Raise StateUnavailable when what is stored is invalid; `what` names it.

    The message never advises to delete: a document may hold notices that nobody has received yet.
    """
    try:
        yield
    except StateUnavailable as error:
        raise StateUnavailable(f"the stored {what} cannot be read: {error}") from None
    except _INVALID as error:
        raise StateUnavailable(
            f"the stored {what} is invalid ({_problem(error)}): deploy the newest version that ran "
            "here, or restore the item from the table's backup; it stays as it is"
        ) from error


def sorted_out(
    stored: Mapping[str, Callable[[], ProjectState]],
) -> tuple[dict[str, ProjectState], dict[str, str]]:
    """The valid documents, and why the others are invalid: one must not stop the rest."""
    documents, unreadable = {}, {}
    for project, read in stored.items():
        try:
            documents[project] = read()
        except StateUnavailable as error:
            unreadable[project] = str(error)
    return documents, unreadable


def text(tree: Mapping[str, object] | Sequence[object]) -> str:
    """Write stored JSON, always in the same form.

    Invalid Unicode (a lone surrogate, which JSON allows) becomes `?`: it may come with outside
    text, and neither UTF-8 nor pydantic would accept it when it is read again.
    """
    written = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    return written.encode(errors="replace").decode()


def take_deliveries(tree: Tree) -> Tree:
    """Take the deliveries out of a tree, by notice: they are stored apart, to be updated singly."""
    return {notice: pending.pop("deliveries") for notice, pending in tree["outbox"].items()}


def body(tree: Tree) -> str | bytes:
    """The stored form of a document without its deliveries: text, or compressed when it is long.

    Hundreds of similar incidents or notices shrink to a tenth; a short body stays readable.
    """
    written = text(tree)
    return written if len(written) < LONG else zlib.compress(written.encode())


def unpacked(stored: str | bytes) -> Tree:
    """The tree of a stored body; within `understood`."""
    tree: Tree = json.loads(stored if isinstance(stored, str) else zlib.decompress(stored))
    return tree


def size(document: ProjectState) -> int:
    """The bytes of the stored form, to compare with `LIMIT`."""
    tree = dump(document)
    deliveries = text(take_deliveries(tree))
    stored = body(tree)
    return len(deliveries.encode()) + len(stored.encode() if isinstance(stored, str) else stored)


def notice_size(notice: Notice) -> int:
    """The bytes of a notice in history."""
    return len(text(notice.as_json()).encode())


def _check_format(tree: Tree, known: int) -> None:
    """Take out the format, 1 if there is none. Raises StateUnavailable for a newer one."""
    found = tree.pop("format", 1)
    if not isinstance(found, int) or found > known:
        raise StateUnavailable(
            f"it has format {found!r:.20} and this version of Headroom reads up to {known}: a "
            "newer version wrote it. Deploy that version again; it stays as it is"
        )


def _drop_settled(tree: Tree) -> None:
    outbox = tree.pop("outbox", {})
    left = {name: pending for name, pending in outbox.items() if pending.get("deliveries")}
    tree["outbox"] = dict(sorted(left.items(), key=_similar))


def _similar(stored: tuple[str, Tree]) -> tuple[str, str]:
    """Put similar notices next to each other: they compress better."""
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
    """Built for the first document: it takes 12 ms, which a check with nothing wrong saves."""
    return TypeAdapter(ProjectState)


@cache
def _watermarks() -> TypeAdapter[Watermark]:
    return TypeAdapter(Watermark)
