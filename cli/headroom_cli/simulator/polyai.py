"""The simulated Concurrent Calls API: keys, errors and readings."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from headroom.domain.windows import Instant
from headroom_cli.simulator.faults import Fault, FaultKind, fault_of
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.lines import Calls, Line
from headroom_cli.simulator.polyai_api import ApiError, ConcurrencyRequest, intervals

PATH = re.compile(r"/v1/(?P<account>[^/]+)/(?P<project>[^/]+)/conversations/concurrency")


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: the ids of its accounts, and when it expires."""

    accounts: frozenset[str]
    expires: Instant | None = None


@dataclass
class Simulator:
    """The API at `now`, which the caller sets.

    An unknown or expired key gets 401; a key for other accounts, such as another region's, gets
    403. `requests` counts the answers by status.
    """

    lines: Iterable[Line]
    keys: dict[str, Key]
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    now: Instant = 0
    any_key: Key | None = None
    """What an unknown key is taken for; None: it gets 401."""
    requests: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Index the lines by all their ids."""
        self._calls = {
            (account, project): Calls(line, self.seed)
            for line in self.lines
            for account in line.account_ids
            for project in line.project_ids
        }
        self._served = 0

    def serve(self) -> Loopback:
        """The HTTP server; enter it to start."""
        return Loopback(self.answer)

    def answer(self, request: Request) -> Reply:
        """Answer, count, and add PolyAI's correlation id."""
        self._served += 1
        trace = f"sim-{self._served:08x}"
        try:
            reply = self._answer(request)
        except ApiError as error:
            reply = error.reply(trace)
        self.requests[reply.status] += 1
        return replace(reply, headers={**reply.headers, "X-PolyAI-Correlation-Id": trace})

    def _answer(self, request: Request) -> Reply:
        calls = self._allowed(request)
        fault = fault_of(self.faults, calls.line.project_ids, self.now)
        match fault.kind:
            case FaultKind.BUSY:
                raise ApiError(429, "too many requests", retry_after=fault.retry_after)
            case FaultKind.BROKEN:
                raise ApiError(500, "internal error")
            case FaultKind.HTML:
                return Reply(200, b"<html><body>Back soon</body></html>", "text/html")
            case FaultKind.SILENT:
                return replace(self._readings(calls, request), wait=fault.seconds)
            case FaultKind.CUT:
                return replace(self._readings(calls, request), cut=True)
        return self._readings(calls, request)

    def _allowed(self, request: Request) -> Calls:
        found = PATH.fullmatch(request.path)
        if found is None or request.method != "GET":
            raise ApiError(404, "no such resource")
        key = self.keys.get(request.headers.get("x-api-key", ""), self.any_key)
        if key is None or (key.expires is not None and self.now >= key.expires):
            raise ApiError(401, "API key is missing, unknown or expired")
        if found["account"] not in key.accounts:
            raise ApiError(403, "API key has no access to this account")
        if found.groups() not in self._calls:
            raise ApiError(404, f"project {found['project']} was not found")
        return self._calls[found["account"], found["project"]]

    def _readings(self, calls: Calls, request: Request) -> Reply:
        wanted = ConcurrencyRequest.read(request.query)
        _, _, account, project, *_ = request.path.split("/")
        body = {
            "account_id": account,
            "project_id": project,
            "intervals": intervals(calls, wanted, self.now),
        }
        return Reply(200, json.dumps(body, separators=(",", ":")).encode())
