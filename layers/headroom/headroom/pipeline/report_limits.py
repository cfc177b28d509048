"""Cuts reports to the size that Lambda allows for its answer and its log line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import accumulate, takewhile
from typing import Any, TypeVar

from headroom.domain.rules import Severity

ANSWER = 5_000_000
"""Bytes of the function's answer. Lambda takes 6 MB:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
LOG_LINE = 200_000
"""Bytes of the line `checked`, less than a log event's 256 KB, as the logger adds to it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

SHARE = 7
"""Each part but the notices gets at most a seventh, so that none crowds out another."""

LEFT_OUT = 180
"""Bytes for `left_out` itself with all six parts."""

T = TypeVar("T")


def fitted(report: Mapping[str, Any], room: int) -> dict[str, Any]:
    """Return the whole report if it fits, else as many entries of each part as fit.

    Then the most severe notices come first, and `left_out` counts the missing entries by part.
    """
    whole: dict[str, Any] = {**report, "left_out": {}}
    if _size(whole) <= room:
        return whole
    share = room // SHARE
    notices = sorted(report["notices"], key=lambda each: -Severity(each["severity"]).rank)
    kept = {
        "unreachable": dict(_first(report["unreachable"].items(), share)),
        "config_errors": dict(_first(report["config_errors"].items(), share)),
        "abstaining": _first(report["abstaining"], share),
        "problems": _first(report["problems"], share),
        "not_sent": _first(report["not_sent"], share),
    }
    kept["notices"] = _first(notices, room - _size({**report, "notices": [], **kept}) - LEFT_OUT)
    cut = {part: len(report[part]) - len(entries) for part, entries in kept.items()}
    return {**report, **kept, "left_out": {part: n for part, n in cut.items() if n}}


def evenly_fitted(report: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The whole report if it fits, else each list and each mapping cut to an equal share.

    `left_out` counts the missing entries by part.
    """
    whole: dict[str, Any] = {**report, "left_out": {}}
    if _size(whole) <= room:
        return whole
    parts = {name: each for name, each in report.items() if isinstance(each, list | dict)}
    share = room // (len(parts) + 1)
    kept = {
        name: _first(each, share) if isinstance(each, list) else dict(_first(each.items(), share))
        for name, each in parts.items()
    }
    cut = {name: len(parts[name]) - len(entries) for name, entries in kept.items()}
    return {**report, **kept, "left_out": {name: n for name, n in cut.items() if n}}


def _first(entries: Iterable[T], room: int) -> list[T]:
    """As many whole entries as fit."""
    listed = list(entries)
    ends = accumulate(_size(each) + len(", ") for each in listed)
    return listed[: sum(1 for _ in takewhile(lambda end: end <= room, ends))]


def _size(value: object) -> int:
    """The most bytes of its JSON: all ASCII, as some serializers write it."""
    return len(json.dumps(value))
