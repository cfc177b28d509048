"""Lines: what is read. A project, which is what is judged, has one line or several (`rules`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from headroom.domain.readings import Failure, Query

DEFAULT_KEY = "default"
"""The API key of projects that name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One phone line: a PolyAI project, and the name of the key that reads it, not the key."""

    name: str = ""
    """The project that defines it."""
    region: str = ""
    account_id: str = ""
    project_id: str = ""
    client_env: str = "live"
    api_key: str = DEFAULT_KEY
    studio_url: str = ""
    problem: str = ""
    """Why it is not known which line it is: the configuration of its project is invalid."""

    @property
    def ids(self) -> tuple[str, str, str]:
        """Which line it is: region, account id and project id."""
        return self.region, self.account_id, self.project_id


SEVERAL = Line()
"""In place of a project's only line where it has several: it has no ids."""


class LineQuery(NamedTuple):
    """A query as one line is asked it; `key` names it in the project's document."""

    line: Line
    query: Query
    key: str


@dataclass(frozen=True, slots=True)
class LineFailure:
    """Why one line could not be read, or not far enough."""

    line: Line
    failure: Failure
