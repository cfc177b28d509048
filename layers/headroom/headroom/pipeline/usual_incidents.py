"""The incidents of alerts `of usual`, from a project's history: usual leaves their readings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headroom.domain.baseline import Firing
from headroom.domain.notices import Kind
from headroom.domain.readings import WHOLE, Query
from headroom.domain.rules import Rule
from headroom.domain.windows import instant


def firings(
    notices: Iterable[Mapping[str, Any]], rules: Iterable[Rule], query: Query
) -> Iterator[Firing]:
    """What the notices say of incidents of these rules on this query.

    `notices`: as history has them (`Notice.as_json`). Incidents that an older Headroom notified,
    and those of other rules, have no notice with `usual`. One of usual may have a notice without,
    as where nothing is usual any more at its end. A notice that makes no sense is passed over.
    """
    known = {rule.name: rule for rule in rules}
    of_rules = [each for each in notices if str(each.get("rule")) in known]
    of_usual = {_incident(each) for each in of_rules if each.get("usual") is not None}
    for notice in of_rules:
        if _incident(notice) not in of_usual:
            continue
        series = _series(notice, known[str(notice["rule"])], query)
        if series is not None and (firing := _firing(notice, series)) is not None:
            yield firing


def _incident(notice: Mapping[str, Any]) -> str:
    return str(notice.get("incident_id"))


def _series(notice: Mapping[str, Any], rule: Rule, query: Query) -> str | None:
    """The notice's series in the baseline; None: the notice is about another query."""
    for watch in rule.watches:
        if watch.query != query or notice.get("client_env") != query.client_env:
            continue
        if watch.series is None:
            return str(notice.get("series"))
        if watch.series == notice.get("series"):
            return WHOLE
    return None


def _firing(notice: Mapping[str, Any], series: str) -> Firing | None:
    """An end counts at the window that ended the incident, whenever a check saw it."""
    try:
        since = instant(notice["since"])
        ended = since + int(notice["duration_seconds"]) if Kind(notice["kind"]).ends else None
        return Firing(incident=str(notice["incident_id"]), series=series, since=since, ended=ended)
    except (KeyError, TypeError, ValueError):
        return None
