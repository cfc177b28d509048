"""A project of very many variants, over a table that refuses what DynamoDB refuses."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, cast

from mypy_boto3_dynamodb import DynamoDBClient

from headroom.domain.lines import Line
from headroom.domain.notices import Notice
from headroom.domain.readings import WHOLE, Answer, Failure, Query
from headroom.domain.rules import Rule, Severity, Watch
from headroom.domain.windows import WINDOW, Instant
from headroom.ports import Deadline
from headroom.state.dynamodb import DynamoState
from tests.builders import T0, level, project, rule
from tests.simulation.outside.stores import Plain
from tests.simulation.outside.table import Table
from tests.support.world import World

SLICED = Query(slice_by="variant")
AT_ONCE: Rule = rule(levels=(level(),), watches=(Watch(SLICED, None),))
"""Critical on each variant from 114 calls, also on the open window: each is a page."""
DEAD: Rule = rule(
    name="dead-line",
    levels=(level(Severity.CRITICAL, 5, holds=5),),
    upper=False,
    watches=(Watch(SLICED, None),),
)
"""Critical on each variant at 5 calls or fewer: closed windows alone tell."""


@dataclass
class Variants:
    """So many variants, which PolyAI is asked for; each has calls of its own."""

    count: int
    high: range = range(0)
    """The windows in which all have too many calls."""
    low: range = range(0)
    """The windows in which all have too few."""
    well: set[str] = field(default_factory=set)
    """Those that are well all the same."""
    whole: dict[Instant, int] = field(default_factory=dict)
    """The calls of the whole line."""
    failing: Failure | None = None

    def __post_init__(self) -> None:
        """Name them by what does not shrink, as PolyAI's ids."""
        keys = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(self.count))
        self.names = {key[:16]: f"Variant {number}" for number, key in enumerate(keys)}

    def answer(self, first: Instant, until: Instant) -> Answer:
        """What PolyAI answers for these windows."""
        windows = range(first - first % WINDOW, until + 1, WINDOW)
        drawn = random.Random(first)  # noqa: S311 - no secret
        series = {
            key: {window: self._base(key, window) + drawn.randrange(80) for window in windows}
            for key in self.names
        }
        return Answer(series, self.names)

    def _base(self, key: str, window: Instant) -> int:
        if key in self.well:
            return 20
        return 120 if window in self.high else -80 if window in self.low else 20

    async def fetch(
        self,
        _line: Line,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        """See `Readings`."""
        assert deadline.left() > 0
        if self.failing:
            return self.failing
        return self.answer(first, until) if query == SLICED else Answer({WHOLE: self.whole})


class OneByOne(Plain):
    """The table for threads side by side: each request is atomic."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        lock = Lock()
        for name in ("get_item", "put_item", "update_item", "transact_write_items", "_query"):
            setattr(self, name, _holding(lock, getattr(self, name)))


def _holding(lock: Lock, ask: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def locked(**asked: Any) -> dict[str, Any]:  # noqa: ANN401 - the operation's parameters
        with lock:
            return ask(**asked)

    return locked


class Flood(World):
    """`support-line` with so many variants."""

    def __init__(self, path: Path, count: int, *rules: Rule) -> None:
        super().__init__(path, project(rules=rules or (AT_ONCE,)))
        self.table = Table()
        client = cast("DynamoDBClient", OneByOne(self.table))
        self.state = DynamoState(  # type: ignore[assignment]  # any store will do
            client, "headroom", clock=lambda: self.now
        )
        self.variants = Variants(count)
        self.readings = self.variants  # type: ignore[assignment]  # whatever answers
        self.remaining = 600.0

    def checks(self, *minutes: int) -> None:
        """Check at these minutes after `T0`; each must be stored."""
        for minute in minutes:
            report = self.check(T0 + minute * 60)
            assert not report.unreachable, report.unreachable
            assert not [each for each in report.problems if "DynamoDB" in each]


def by_series(notices: Iterable[Notice]) -> dict[str, list[str]]:
    """The kinds of the notices of each series, in order."""
    heard = defaultdict(list)
    for each in notices:
        heard[each.series].append(each.kind.value)
    return dict(heard)


def windows(first: Instant, count: int) -> range:
    """So many windows."""
    return range(first, first + count * WINDOW, WINDOW)
