"""What the pipeline asks of a store; DynamoDB and SQLite pass the same contract tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from headroom.domain.notices import Notice
from headroom.domain.outbox import Owed
from headroom.state.document import Document, Watermark


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that one check starts from."""

    documents: Mapping[str, Document]
    watermark: Watermark | None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Projects whose stored document makes no sense, and what to do: they alone are left out."""


class State(Protocol):
    """Documents and the watermark. Every method raises StateUnavailable when the store fails."""

    async def load(self) -> Loaded:
        """All documents of the shard and its watermark, read consistently (at most 3 reads)."""
        ...

    async def read(self, project: str) -> Document | None:
        """One project's document as it is now."""
        ...

    async def commit(self, document: Document, history: Sequence[Notice] = ()) -> Document:
        """Store the document and the notices' history in one conditional write.

        Holds only while the stored version is `document.version` (0: while there is none).
        Returns it with the version raised. Raises LostRace, and then nothing was written.
        """
        ...

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        owed: Owed | None,
    ) -> bool:
        """Replace what one channel owes of one notice, or remove it (None: accepted).

        One update, which raises the document's version; a notice that no channel owes any more is
        gone with it. Holds only while the lease there is `token`; otherwise False, nothing written.
        """
        ...

    async def move(self, watermark: Watermark) -> bool:
        """Store the watermark while the stored version is `watermark.version`.

        False: lost, nothing was moved. The window never goes back.
        """
        ...


class DeadLetters(Protocol):
    """Where notices go that no try can deliver any more."""

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """Keep the whole notice (`Notice.as_json`). Raises StateUnavailable."""
        ...
