"""One HTTP answer, read as far as it may be."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx


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
        """The seconds that `Retry-After` asks to wait, None when it does not say.

        Both forms of RFC 9110 section 10.2.3; a date is held against the answer's own `Date`, so
        that nobody's clock matters.
        """
        text = self.headers.get("retry-after", "")
        if text.isdecimal() and text.isascii():
            return float(text)
        try:
            until = parsedate_to_datetime(text)
            sent = parsedate_to_datetime(self.headers.get("date", ""))
            return max(0.0, (until - sent).total_seconds())
        except (
            ValueError,
            TypeError,
            OverflowError,
        ):  # not dates, or only one of them names a zone
            return None
