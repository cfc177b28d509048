"""One project from what was written: as much of it as can be judged, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from headroom.config.assembled import Assembled
from headroom.config.models import MemberModel, ProjectModel, RuleModel
from headroom.config.raw import RawEntry
from headroom.config.routes import NOBODY
from headroom.config.rules import BEYOND_LIMIT, needs_limit, needs_zone, read_rules, rule
from headroom.config.shared import SharedConfig
from headroom.config.types import is_name
from headroom.config.validation import Problem, meant, read_partly
from headroom.config.wording import named, step
from headroom.domain.lines import Line
from headroom.domain.regions import studio_url
from headroom.domain.rules import Project, Routing, Rule
from headroom.domain.zones import UTC_ZONE

IDENTITY = frozenset({"project_id", "region", "account_id", "client_env", "api_key"})
"""Keys that say which line is read: with one of them wrong, another line would be judged."""
RESERVED = "headroom"
"""The project of Headroom's own alerts."""


def place_of(name: str) -> str:
    """Where a project is written; every notice names it too."""
    return f"projects.{name if is_name(name) else named(name)}"


def assemble(name: str, entry: RawEntry, shared: SharedConfig) -> Assembled:
    """One project together with the defaults, and with everything that it names looked up."""
    where = place_of(name)
    if wrong := bad_name(name, where) or entry.wrong(where):
        return Assembled(problems=[wrong], only_rules=False)
    own = entry.content if isinstance(entry.content, dict) else {}
    misspelt = meant(
        (str(key) for key in own if key not in ProjectModel.known_keys()), ProjectModel
    )
    merged = {key: value for key, value in shared.defaults.content.items() if key not in misspelt}
    content = {**merged, **own} if own else entry.content
    member = name in shared.members and "rules" not in own
    partly = read_partly(MemberModel if member else ProjectModel, content, where)
    lost = misspelt | partly.lost
    made = Assembled(member=member, problems=list(partly.problems), only_rules=not partly.problems)
    rules = made.readable(read_rules(partly.left.get("rules"), f"{where}.rules"))
    if partly.model is not None and not lost & IDENTITY:
        making = Assembly(
            where, partly.model, rules, frozenset(map(str, own)), entry, shared, lost, made
        )
        made.project = making.project(name)
    return made


def bad_name(name: str, where: str, what: str = "project") -> Problem | None:
    """Why nothing of this sort can have this name; None where it can."""
    text = ""
    if "/" in name:
        text = f"a {what}'s name has no slash: it is one part of an SSM path"
    elif name == RESERVED:
        text = f'the name "{RESERVED}" is reserved for Headroom\'s own alerts: choose another'
    elif name in {".", ".."}:
        text = f"a {what}'s name has at least one character that is no dot"
    elif not is_name(name):
        text = f"a {what}'s name has at most 64 letters, digits, dots, - and _"
    return Problem(where, text) if text else None


def _line(name: str, written: ProjectModel) -> Line:
    ids = (written.region, written.account_id, written.project_id)
    return Line(
        name=name,
        region=written.region,
        account_id=written.account_id,
        project_id=written.project_id,
        client_env=written.client_env,
        api_key=written.api_key,
        studio_url=studio_url(*ids),
    )


@dataclass(eq=False, repr=False)
class Assembly:
    """One project in the making, from what was written merged with the defaults."""

    where: str
    written: ProjectModel
    rules: Mapping[str, RuleModel]
    own: frozenset[str]
    """Keys that the project itself has."""
    entry: RawEntry
    shared: SharedConfig
    lost: frozenset[str]
    """Keys of its own that are wrong: the defaults do not stand in for them."""
    made: Assembled

    @property
    def newer_defaults(self) -> bool:
        """Whether the defaults changed after the project: they may have had what it lacks."""
        defaults = self.shared.defaults
        return defaults.given and defaults.version >= self.entry.version

    @property
    def limit(self) -> int | None:
        """None: there is none."""
        return self.written.limit or None

    @property
    def timezone(self) -> str | None:
        """None: it was given and is wrong, so that nobody knows which one was meant."""
        own = "timezone" in self.own
        lost = "timezone" in (self.lost if own else self.lost | self.shared.defaults.lost)
        return None if lost else self.written.timezone or UTC_ZONE

    def project(self, name: str) -> Project | None:
        """The domain's project; None where it cannot be read, or none of its rules judged."""
        written, defaults = self.written, self.shared.defaults
        known = [self._known(key) for key in ("region", "account_id", "client_env")]
        known.append(self._known("api_key") and self._has_key())
        rules = self._judged()
        routing = self._routing()
        line = self.made.line = _line(name, written) if all(known) else None
        if line is None or not rules:
            return None
        return Project(
            name=name,
            lines=(line,),
            rules=rules,
            routing=routing,
            limit=self.limit,
            version=self.entry.version + defaults.version,
            changed=max(self.entry.version, defaults.version) // 1000,
            installation=self.shared.installation,
            unjudged=frozenset(self.made.unjudged),
            holidays_until=self._holidays_until(),
        )

    def _holidays_until(self) -> date | None:
        """The first day on which the holidays of a rule are known no longer."""
        return min(
            filter(None, (each.holidays_until for each in self.rules.values())), default=None
        )

    def _known(self, key: str) -> bool:
        """Whether a key that says which line is read has a value; if not, whose fault that is."""
        given = key in self.own or key in self.shared.defaults.content
        if not given and key in self.shared.defaults.lost:
            return self._blame(Problem(f"{self.where}.{key}", "is invalid in defaults"))
        if getattr(self.written, key):
            return True
        problem = Problem(f"{self.where}.{key}", "is missing: give it here or in defaults")
        if self.newer_defaults:
            return self._lacks(problem, key)
        return self._own(problem)

    def _has_key(self) -> bool:
        """Whether the API key can be used; if not, whose fault that is."""
        name = self.written.api_key
        text = self.shared.key_problem(name)
        problem = Problem(f"{self.where}.api_key", text)
        if not text:
            return True
        if place := self.shared.blamed_key(name):
            return self._blame(problem, place)
        if "api_key" not in self.own:
            return self._lacks(problem, "api_key", text)
        return self._own(problem)

    def _own(self, problem: Problem) -> bool:
        """It is the project's own fault."""
        self.made.problems.append(problem)
        self.made.only_rules = False
        return False

    def _blame(self, problem: Problem, place: str = "defaults") -> bool:
        """It is not the project's own fault: the fault of that place is notified.

        A project without a readable rule is not judged because of its own fault.
        """
        self.made.shared.append(problem)
        if self.rules or self.made.member:
            self.made.blamed = self.made.blamed or place
        return False

    def _lacks(self, problem: Problem, key: str, why: str = "is missing") -> bool:
        """The defaults are valid, and lack what this project needs under this key."""
        if (self.rules or self.made.member) and not self.made.lacking:
            self.made.lacking = Problem("defaults", why, "missing", key)
        return self._blame(problem)

    def _judged(self) -> tuple[Rule, ...]:
        made = []
        for name, written in self.rules.items():
            where = f"{self.where}.rules.{step(name)}"
            self._look_up(where, written.channels)
            one = self._rule(name, written, where)
            if isinstance(one, Rule):
                own = self.shared.routing(one.routing) if one.routing else None
                made.append(replace(one, routing=own))
            else:
                self.made.unjudged[name] = None
                self._rejected(written, one)
        return tuple(made)

    def _rule(self, name: str, written: RuleModel, where: str) -> Rule | list[Problem]:
        return rule(
            name,
            written,
            limit=self.limit,
            client_env=self.written.client_env,
            timezone=self.timezone,
            where=where,
        )

    def _rejected(self, written: RuleModel, problems: Sequence[Problem]) -> None:
        """Whose fault it is that a rule cannot be judged."""
        beyond = all(each.code == BEYOND_LIMIT for each in problems)
        given = self.newer_defaults and "limit" not in self.own
        if self.timezone is None and needs_zone(written):
            if "timezone" not in self.lost:  # there it is reported by itself
                self._blame(problems[0])
        elif beyond and given:
            self._lacks(problems[0], "limit", problems[0].text)
        elif self.limit or not needs_limit(written):
            self.made.problems.extend(problems)
        elif "limit" in self.lost:
            return  # which is reported, and is the cause
        elif "limit" in self.shared.defaults.lost:
            self._blame(problems[0])
        elif given:
            self._lacks(problems[0], "limit")
        else:
            self.made.problems.extend(problems)

    def _routing(self) -> Routing:
        where = self.where if "channels" in self.own else "defaults"
        self._look_up(where, self.written.channels)
        return self.shared.routing(self.written.channels or NOBODY)

    def _look_up(self, where: str, routing: Routing | None) -> None:
        names = dict.fromkeys(name for channels in (routing or {}).values() for name in channels)
        for name in names:
            if not self.shared.usable(name):
                self.made.unusable.setdefault(name, []).append(f"{where}.channels")
