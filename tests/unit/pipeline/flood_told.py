"""More to tell than one document holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import Pending
from headroom.posting import Sender
from headroom.room import Posted
from tests.builders import T0, noise, notice

CHAT = ("ops-slack",)
PAGER = ("on-call",)
BOTH = ("ops-slack", "on-call")
PAGERS = frozenset(PAGER)


def long(kind: Kind = Kind.FIRED, *, series: str, **changes: Any) -> Notice:  # noqa: ANN401
    """Takes nearly a kilobyte, however many there are; made slim, a fifth."""
    return notice(kind, series=series, **{"description": noise(1000, series), **changes})


def sender(now: int = T0, **changes: object) -> Sender:
    return replace(Sender("token", now, now + 110, pagers=PAGERS), **changes)  # type: ignore[arg-type]


def digest(posted: Posted) -> Pending:
    (found,) = (one for one in posted.document.outbox.values() if one.notice.rule == "digest")
    return found


def flood(count: int = 400, channels: tuple[str, ...] = CHAT) -> list[Told]:
    return [Told(long(series=f"variant-{number}"), channels) for number in range(count)]
