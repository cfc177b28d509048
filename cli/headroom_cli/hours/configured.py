"""The configuration that `headroom hours` shows: a file, or what is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.last_good import History, in_force
from headroom.config.parameter_store import stored
from headroom.config.resolve import resolve
from headroom.config.wording import named, suggestion
from headroom.domain.rules import Project
from headroom.errors import InvalidInput
from headroom_cli.config_file.calendars import holiday_names, with_dates
from headroom_cli.config_file.source import as_written, named_keys

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_STAND_IN = "not-needed-for-hours"
"""In place of every `env:NAME` and key: hours depend on none."""
Names = Mapping[date, str]
"""What holidays are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration, and what its holidays are called where that is known."""

    configuration: Configuration
    names: Mapping[str, Mapping[str, Names]]
    """By project and rule; a deployed configuration holds dates only."""

    def project(self, name: str) -> Project:
        """Return the project. Raises InvalidInput if there is none, or nothing of it is judged."""
        projects, invalid = self.configuration.projects, self.configuration.invalid
        if name in projects:
            return projects[name]
        if name in invalid:
            why = invalid[name].problem
            raise InvalidInput(f"the configuration of {named(name)} is invalid: {why}")
        known = [*projects, *invalid]
        raise InvalidInput(f"there is no project {named(name)}: {suggestion(name, known)}")


def of_file(path: Path, today: date) -> Configured:
    """Read a file; its secrets are not needed. Raises ConfigUnavailable."""
    written = as_written(path, lambda _: _STAND_IN)
    keys = {**dict.fromkeys(named_keys(written), SecretStr(_STAND_IN)), **written.keys}
    names = {
        name: {
            str(rule): holiday_names(each.get("holidays"), today)
            for rule, each in _mapping(_mapping(entry.content).get("rules")).items()
            if isinstance(each, dict)
        }
        for name, entry in (*written.projects.items(), *written.groups.items())
    }
    document = replace(with_dates(written, today), keys=keys)
    return Configured(configuration=resolve(document), names=names)


def of_stack(client: SSMClient, prefix: str) -> Configured:
    """Read what is deployed. Raises ConfigUnavailable."""
    _, configuration = in_force(stored(client, prefix), History(client, prefix))
    return Configured(configuration=configuration, names={})


def _mapping(value: object) -> Mapping[object, Any]:
    return value if isinstance(value, dict) else {}
