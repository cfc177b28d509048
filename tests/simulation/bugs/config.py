"""Bugs to plant in the handling of invalid configuration."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.config import one_project, resolve, ssm_source
from headroom.config.assembled import Assembled
from headroom.config.project import assemble
from headroom.config.raw import from_parameters
from headroom.config.validation import Problem


def bad_channel_stops_its_project(patch: pytest.MonkeyPatch) -> None:
    def strict(*asked: Any) -> Assembled:  # noqa: ANN401
        made = assemble(*asked)
        if made.unusable:
            made.project, made.only_rules = None, False
            made.problems.append(Problem("channels", "one of them cannot be used"))
        return made

    patch.setattr(one_project, "assemble", strict)


def last_good_version_forgotten(patch: pytest.MonkeyPatch) -> None:
    def forgetful(parameters: Any, _history: object, installation: str) -> Any:  # noqa: ANN401
        written = from_parameters(parameters)
        return written, resolve.resolve(written, installation)

    patch.setattr(ssm_source, "in_force", forgetful)
