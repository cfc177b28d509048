"""Answers that are no readings, in the shapes that PolyAI's platform gives them."""

from __future__ import annotations

import json
from typing import Any

from headroom_cli.simulator.http_server import Reply


class Refusal(Exception):
    """The request is answered with this status and message instead of readings."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
        """Seconds that the client is asked to wait; None: nothing is said."""

    def reply(self, trace: str) -> Reply:
        """The HTTP answer; `trace` is the correlation id."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Reply(self.status, json.dumps(self._body(trace)).encode(), headers=headers)

    def _body(self, trace: str) -> dict[str, Any]:
        """Each of the three shapes that have been seen, for a client must read them all."""
        if self.status in (401, 403, 429):
            told = {"code": self.status, "message": self.message}
            return {"error": {**told, "id": trace, "correlation_id": trace}}
        if self.status >= 500:  # noqa: PLR2004 (server errors)
            told = {"error_code": self.status, "error_message": self.message}
            return {
                "success": False,
                "error": "ServerError",
                "error_id": trace,
                **told,
                "data": None,
            }
        return {"error_message": self.message}
