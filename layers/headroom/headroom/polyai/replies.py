"""One HTTP answer, read as far as it may be."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from headroom.net.responses import retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of one answer; `whole` is False when the body was cut off."""

    status: int
    headers: httpx.Headers
    body: bytearray
    whole: bool

    @property
    def correlation_id(self) -> str:
        """What PolyAI's support asks for; '' when there is none."""
        return str(self.headers.get("x-polyai-correlation-id", ""))

    @property
    def retry_after(self) -> float | None:
        """The seconds that it asks to wait, None when it does not say."""
        return retry_after(self.headers)
