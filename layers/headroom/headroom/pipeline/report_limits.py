"""A report cut to the room that Lambda gives its answer and its log line, and what was left out."""

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
"""Bytes of the line `checked`, with room for what the logger adds. A log event holds 256 KB:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

SHARE = 6
"""Each part but the notices has a sixth at most, so that none crowds out another."""

LEFT_OUT = 150
"""Bytes for `left_out` itself, all five parts named."""

T = TypeVar("T")


def fitted(report: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The report whole if it fits, else with as many entries of each part as do.

    Then notices are the most severe first, and `left_out` has the number of those missing, by part.
    """
    whole: dict[str, Any] = {**report, "left_out": {}}
    if _size(whole) <= room:
        return whole
    share = room // SHARE
    notices = sorted(report["notices"], key=lambda each: -Severity(each["severity"]).rank)
    kept = {
        "unreachable": dict(_first(report["unreachable"].items(), share)),
        "config_errors": dict(_first(report["config_errors"].items(), share)),
        "problems": _first(report["problems"], share),
        "not_sent": _first(report["not_sent"], share),
    }
    kept["notices"] = _first(notices, room - _size({**report, "notices": [], **kept}) - LEFT_OUT)
    cut = {part: len(report[part]) - len(entries) for part, entries in kept.items()}
    return {**report, **kept, "left_out": {part: n for part, n in cut.items() if n}}


def _first(entries: Iterable[T], room: int) -> list[T]:
    """As many whole entries as there is room for."""
    listed = list(entries)
    ends = accumulate(_size(each) + len(", ") for each in listed)
    return listed[: sum(1 for _ in takewhile(lambda end: end <= room, ends))]


def _size(value: object) -> int:
    """Bytes of its JSON at most: all ASCII, as some serializers write it."""
    return len(json.dumps(value))
