"""`Retry-After`, as any service may answer it: the one place that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST = 365 * 24 * 3600.0
"""Seconds; what asks for more counts as this, so that no number is too large to reckon with."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, 0 to `LONGEST`; None when it does not say.

    `headers` have lower-case names, or heed no case. Both forms of RFC 9110 section 10.2.3; a date
    counts from the answer's own `Date`, so that neither clock has to be right.
    """
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdecimal():
        return min(float(told), LONGEST)
    try:
        until, sent = (parsedate_to_datetime(date) for date in (told, headers.get("date", "")))
        return min(max(0.0, (until - sent).total_seconds()), LONGEST)
    except (ValueError, TypeError, OverflowError):  # no dates, or only one of them names a zone
        return None
