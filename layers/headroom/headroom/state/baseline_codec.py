"""Encodes baselines: five weeks of readings of one query in a few kilobytes.

A body is two lengths, a compressed JSON head, and for each series its readings, compressed too.
Readings are stored by byte: all low bytes, then all high ones, which are nearly all alike.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headroom.domain.baseline import Baseline, NewLevel
from headroom.domain.baselines import Unread
from headroom.domain.windows import WINDOW

FORMAT = 1
"""Rises when an older Headroom would misread a body; the store keeps it beside the body."""

LIMIT = 350_000
"""Bytes of a body; DynamoDB rejects an item of 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html."""

KEPT = 60 * 24 * 3600
"""Seconds that a baseline stays that is not made again: its rule or project is gone."""

KINDS = ("h", "i")
"""Types of `array` that baselines have: two or four bytes a reading."""

_HEAD = struct.Struct(">I")
_INVALID = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What an invalid body raises while it is decoded."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One baseline as it is stored."""

    body: bytes
    no_room: tuple[str, ...] = ()
    """The series that are not in the body, the least busy ones."""


def encode(baseline: Baseline) -> Encoded:
    """Encode as many series as there is room for, the busiest first."""
    busiest = sorted(baseline.peaks, key=lambda series: (-_calls(baseline.peaks[series]), series))
    kept: list[tuple[dict[str, Any], bytes]] = []
    room = LIMIT
    for place, series in enumerate(busiest):
        entry = _entry(baseline, series)
        room -= len(entry[1]) + len(json.dumps(entry[0]))  # the head shrinks: this is the most
        if room < 0:
            return Encoded(_body(baseline, kept), tuple(sorted(busiest[place:])))
        kept.append(entry)
    return Encoded(_body(baseline, kept))


def decode(form: int, body: bytes) -> Baseline | Unread:
    """The baseline of a body; Unread when it is invalid, cut off, or of a newer format."""
    if form > FORMAT:
        return Unread(f"a newer version of Headroom made it (format {form}, known: {FORMAT})")
    try:
        return _decode(body)
    except _INVALID as error:
        return Unread(f"the stored item is invalid ({type(error).__name__}: {error})")


def _body(baseline: Baseline, entries: list[tuple[dict[str, Any], bytes]]) -> bytes:
    head = {
        "first": baseline.first,
        "until": baseline.until,
        "made": baseline.made,
        "series": [described for described, _ in entries],
    }
    packed = zlib.compress(json.dumps(head, separators=(",", ":")).encode(), 9)
    return _HEAD.pack(len(packed)) + packed + b"".join(peaks for _, peaks in entries)


def _entry(baseline: Baseline, series: str) -> tuple[dict[str, Any], bytes]:
    """A series' part of the head, and its readings."""
    peaks = baseline.peaks[series]
    packed = zlib.compress(_planes(peaks), 9)
    levels = [[each.since, each.ratio, each.known] for each in baseline.levels.get(series, ())]
    described = {
        "key": series,
        "type": peaks.typecode,
        "bytes": len(packed),
        "left_out": [list(span) for span in baseline.left_out.get(series, ())],
        "levels": levels,
    }
    return described, packed


def _decode(body: bytes) -> Baseline:
    (length,) = _HEAD.unpack_from(body)
    end = _HEAD.size + length
    head = json.loads(zlib.decompress(body[_HEAD.size : end]))
    first, until, made = (int(head[name]) for name in ("first", "until", "made"))
    most = (until - first) // WINDOW + 1
    peaks: dict[str, array[int]] = {}
    for each in head["series"]:
        packed, end = body[end : end + each["bytes"]], end + each["bytes"]
        peaks[each["key"]] = _readings(each["type"], zlib.decompress(packed), most)
    return Baseline(
        first=first,
        until=until,
        made=made,
        peaks=peaks,
        left_out={
            each["key"]: tuple((int(begin), int(stop)) for begin, stop in each["left_out"])
            for each in head["series"]
            if each["left_out"]
        },
        levels={each["key"]: _levels(each) for each in head["series"] if each["levels"]},
    )


def _levels(described: Mapping[str, Any]) -> tuple[NewLevel, ...]:
    return tuple(
        NewLevel(since=int(since), ratio=float(ratio), known=int(known))
        for since, ratio, known in described["levels"]
    )


def _planes(readings: array[int]) -> bytes:
    """The readings byte by byte, each place together, the low one first."""
    written = _little(readings).tobytes()
    size = readings.itemsize
    return b"".join(written[place::size] for place in range(size))


def _readings(kind: str, planes: bytes, most: int) -> array[int]:
    """The inverse of `_planes`. Raises ValueError for more windows than there can be."""
    if kind not in KINDS:
        raise ValueError(f"unknown type of readings {kind!r:.10}")
    readings: array[int] = array(kind)
    size = readings.itemsize
    windows, rest = divmod(len(planes), size)
    if rest or windows > most:
        raise ValueError(f"{len(planes)} bytes for at most {most} windows")
    written = bytearray(len(planes))
    for place in range(size):
        written[place::size] = planes[place * windows : (place + 1) * windows]
    readings.frombytes(bytes(written))
    return _little(readings)


def _little(readings: array[int]) -> array[int]:
    """The same with the low byte first in memory, or back; the same array where it is so anyway."""
    if sys.byteorder == "little":
        return readings
    turned = array(readings.typecode, readings)
    turned.byteswap()
    return turned


def _calls(peaks: array[int]) -> int:
    return sum(each for each in peaks if each > 0)
