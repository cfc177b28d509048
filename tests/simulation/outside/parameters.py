"""Parameter Store in memory, and what operators write into it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.simulation.facts import (
    Edit,
    GroupFacts,
    InvalidParameter,
    InvalidProject,
    ProjectFacts,
    RuleFacts,
)
from tests.simulation.outside.fault_injector import FaultInjector
from tests.simulation.outside.table import refusal

PREFIX = "/headroom/simulated"
PAGERS = frozenset({"on-call"})
KEYS = ("default", "other")
PEOPLE = frozenset({"ops-slack", "duty-chat", "default"})
LONG = "so-long-that-a-storm-of-notices-is-too-much-for-a-document/" * 12
_PAGE = 3
"""Parameters of one page; SSM gives ten, of more parameters than there are here."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    value: str
    secure: bool
    written: datetime


@dataclass
class Parameters:
    """All parameters by their name; each was written at a moment of its own."""

    clock: Callable[[], float]
    """Seconds since 1970."""
    rows: dict[str, list[_Parameter]] = field(default_factory=dict)
    """Every version of each, the oldest first; deleting one deletes all of them."""
    _newest: float = 0.0
    _shared: dict[str, str] = field(default_factory=dict)
    """What all projects share, as it should be."""

    def put(self, name: str, value: str, *, secure: bool = False) -> None:
        self._newest = max(self.clock(), self._newest + 0.001)
        written = datetime.fromtimestamp(self._newest, UTC)
        self.rows.setdefault(name, []).append(_Parameter(value, secure, written))

    def begin(self, settle: int, late: int) -> None:
        """Write what all projects share."""
        durations = {"settle": f"{settle}s", "late": f"{late}s"}
        defaults = {"region": "uk-1", "account_id": "acme-uk", **durations}
        self.put("defaults", json.dumps(defaults))
        for name in KEYS:
            self.put(f"keys/{name}", "0123456789abcdef", secure=True)
        for name in sorted(PEOPLE - {"default"}):
            hook = f"https://hooks.slack.com/services/{name}"
            self.put(
                f"channels/{name}", json.dumps({"type": "slack", "webhook_url": hook}), secure=True
            )
        for name in sorted(PAGERS):
            key = json.dumps({"type": "pagerduty", "routing_key": "0" * 32})
            self.put(f"channels/{name}", key, secure=True)
        self._shared = {name: versions[-1].value for name, versions in self.rows.items()}

    def group(self, group: GroupFacts) -> None:
        """Write a group."""
        written = {
            "projects": list(group.members),
            "limit": 100 * len(group.members),
            "channels": {severity: list(names) for severity, names in group.channels.items()},
            "rules": {rule.name: _rule(rule) for rule in group.rules},
        }
        self.put(f"groups/{group.name}", json.dumps(written))

    def invalidate(self, invalid: InvalidParameter) -> None:
        """Break what projects share."""
        if invalid.deleted:
            self.rows.pop(invalid.part)
        else:
            self.put(invalid.part, '{"type": ', secure=invalid.part != "defaults")

    def fix(self, invalid: InvalidParameter) -> None:
        """Put it right."""
        self.put(invalid.part, self._shared[invalid.part], secure=invalid.part != "defaults")

    def edit(self, edit: Edit) -> None:
        """Do what an operator does."""
        name = f"projects/{edit.project}"
        if edit.now is None:
            self.rows.pop(name, None)
        elif isinstance(edit.now, InvalidProject):
            self.put(name, '{"project_id": ')
        else:
            self.put(name, json.dumps(written(edit.project, edit.now)))


@dataclass(frozen=True)
class SsmClient:
    """SSM's client as `SsmSource` uses it: every page may fail."""

    parameters: Parameters
    faults: FaultInjector

    def get_paginator(self, operation: str) -> SsmClient | _History:
        return _History(self) if operation == "get_parameter_history" else self

    def paginate(self, **_asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # the same each time
        after, more = "", True
        while more:
            page = self.faults.call("listing", "", partial(self._page, after), _failed)
            more = len(page["Parameters"]) == _PAGE
            after = page["Parameters"][-1]["Name"] if more else ""
            yield page

    def _page(self, after: str) -> dict[str, Any]:
        names = sorted(f"{PREFIX}/{name}" for name in self.parameters.rows)
        return {"Parameters": [self.versions(name)[-1] for name in names if name > after][:_PAGE]}

    def versions(self, name: str) -> list[dict[str, Any]]:
        """Every version of one parameter; none when it was deleted."""
        return [
            {
                "Name": name,
                "Value": each.value,
                "Type": "SecureString" if each.secure else "String",
                "LastModifiedDate": each.written,
                "Version": number,
            }
            for number, each in enumerate(
                self.parameters.rows.get(name.removeprefix(f"{PREFIX}/"), []), 1
            )
        ]


@dataclass(frozen=True)
class _History:
    """The same client's pages of one parameter's history."""

    client: SsmClient

    def paginate(self, *, Name: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401, N803  # botocore's
        found = partial(self.client.versions, Name)
        yield {"Parameters": self.client.faults.call("history", "", found, _failed)}


def _failed(kind: str) -> Exception:
    if kind == "throttled":
        return refusal("GetParametersByPath", "ThrottlingException")
    return ReadTimeoutError(endpoint_url="https://ssm")


def written(name: str, project: ProjectFacts) -> dict[str, Any]:
    """Write the project as its operator does."""
    return {
        "project_id": f"acme-{name}",
        "limit": 100,
        "region": project.region,
        "api_key": project.key,
        "channels": {severity: list(names) for severity, names in project.channels.items()},
        "rules": {rule.name: _rule(rule) for rule in project.rules},
    }


def _rule(rule: RuleFacts) -> dict[str, Any]:
    operator = ">=" if rule.upper else "<="
    made: dict[str, Any] = {
        "for": f"{rule.needed} of {rule.among}",
        "hysteresis": f"{rule.margin}%" if rule.of_usual else rule.margin,
        "missing": rule.missing,
        "remind": "never" if rule.remind is None else f"{rule.remind}s",
    }
    if rule.during:
        made["during"] = list(rule.during)
    if rule.holidays:
        made["holidays"] = list(rule.holidays)
    if rule.zone != "UTC":
        made["timezone"] = rule.zone
    if rule.broken:
        made["for"] = "4 of 3"
    for severity, calls in (("warning", rule.warning), ("critical", rule.critical)):
        if calls is not None:
            made[severity] = f"{operator} {calls}{_basis(rule)}"
    if rule.channels is not None:
        made["channels"] = {severity: list(names) for severity, names in rule.channels.items()}
    if rule.query == "by variant":
        made["per"] = "variant"
        made["runbook"] = f"https://wiki.test/{LONG}"
        made["description"] = LONG[:500]
    elif rule.query != "all":
        filtered, _, value = rule.query.partition("=")
        made[filtered] = value
    return made


def _basis(rule: RuleFacts) -> str:
    if rule.of_usual:
        return "% of usual"
    return f" within {rule.within // 60}m" if rule.within else ""
