"""One project as it is written: the part that can be judged, and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.config.models import RuleModel
from headroom.config.validation import Partly, Problem
from headroom.domain.lines import Line
from headroom.domain.rules import Project


@dataclass(slots=True)
class Assembled:
    """A project as far as it can be judged, and its problems."""

    project: Project | None = None
    """None: nothing of it can be judged."""
    line: Line | None = None
    """Its line, for groups too; None: it is not known which."""
    member: bool = False
    """It has no rules, and needs none: a group names it."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the project's own part, so that not all of it can be judged."""
    slight: list[Problem] = field(default_factory=list)
    """What else is wrong with it, in reminders or in the text of notices: rules are judged without
    it."""
    shared: list[Problem] = field(default_factory=list)
    """What is wrong because of the defaults or a key."""
    blamed: str = ""
    """The place of the fault that `shared` comes from."""
    lacking: Problem | None = None
    """What the project needs of valid defaults and does not find there; `subject`: the key."""
    unjudged: dict[str, None] = field(default_factory=dict)
    """Rules that cannot be judged, in their order."""
    only_rules: bool = True
    """Whether `problems` are of single rules, and the rest of the project is good."""
    unusable: dict[str, list[str]] = field(default_factory=dict)
    """Channels that cannot be used, and the places that name them."""

    @property
    def wrong(self) -> list[Problem]:
        """Everything that is wrong with the project's own part."""
        return [*self.problems, *self.slight]

    def readable(self, rules: Mapping[str, Partly[RuleModel]]) -> dict[str, RuleModel]:
        """The rules that can be read, perhaps without a key that no rule is judged by."""
        found = {}
        for name, partly in rules.items():
            slight = all(each.subject in RuleModel.lenient for each in partly.problems)
            (self.slight if slight else self.problems).extend(partly.problems)
            if slight and partly.model:
                found[name] = partly.model
            else:
                self.unjudged[name] = None
        return found
