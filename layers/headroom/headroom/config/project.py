"""One project from what was written: as much of it as can be judged, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from headroom.config.models import ProjectModel, RuleModel
from headroom.config.raw import RawEntry
from headroom.config.routes import NOBODY, routes
from headroom.config.rules import doubts, rule
from headroom.config.shared import SharedConfig
from headroom.config.types import NAME
from headroom.config.validation import read_partly
from headroom.config.wording import TOLD, named
from headroom.domain.rules import DEFAULT_KEY, Project, Routing, Rule
from headroom.errors import ConfigError
from headroom.polyai.hosts import studio_url

IDENTITY = frozenset({"project_id", "region", "account_id", "client_env", "api_key"})
"""Keys that say which line is read: with one of them wrong, another line would be judged."""


@dataclass(slots=True)
class Assembled:
    """What came of one project."""

    project: Project | None = None
    """None: nothing of it can be judged."""
    problems: list[ConfigError] = field(default_factory=list)
    """What is wrong with the project's own part, so that not all of it can be judged."""
    doubts: list[ConfigError] = field(default_factory=list)
    """What else is wrong with it: every rule is judged all the same."""
    slight: list[ConfigError] = field(default_factory=list)
    """Those of the doubts that are of a key which no rule is judged by."""
    shared: list[ConfigError] = field(default_factory=list)
    """What is wrong because of defaults or a key."""
    blamed: str = ""
    """The place of the fault that `shared` comes from."""
    lacking: str = ""
    """What the project needs of valid defaults and does not find there."""
    unmeant: str = ""
    """Why a limit of the defaults cannot be meant beside a threshold, which is judged anyway."""
    elsewhere: list[ConfigError] = field(default_factory=list)
    """What is wrong with single rules because of either."""
    unjudged: dict[str, None] = field(default_factory=dict)
    """Rules that cannot be judged, in their order."""
    only_rules: bool = True
    """Whether `problems` are of single rules, and the rest of the project is good."""
    unusable: dict[str, list[str]] = field(default_factory=dict)
    """Channels that cannot be used, and the places that name them."""


def assemble(name: str, part: RawEntry, shared: SharedConfig) -> Assembled:
    """One project by itself, with everything that it names looked up."""
    where = f"projects.{name if NAME.fullmatch(name) else named(name)}"  # every notice names it too
    made = Assembled(problems=[*_outside(where, name, part)])
    if made.problems:
        made.only_rules = False
        return made
    partly = read_partly(ProjectModel, part.content, where)
    lost = partly.keys(ProjectModel.known_keys())
    made.problems += partly.problems
    made.slight = partly.slight
    made.doubts += partly.slight
    made.only_rules = not lost and not (partly.problems and not partly.lost)
    made.unjudged = dict.fromkeys(sorted(partly.inside("rules")))
    if partly.model is not None and not lost & IDENTITY:
        made.project = _Assembly(
            name,
            where,
            partly.model,
            shared,
            lost,
            made,
            newer_defaults=shared.defaults_given and shared.defaults_version >= part.version,
        ).project(part)
    return made


def _outside(where: str, name: str, part: RawEntry) -> Iterable[ConfigError]:
    if "/" in name:
        yield ConfigError(where, "a project's name has no slash: it is one part of an SSM path")
    elif not NAME.fullmatch(name):
        yield ConfigError(where, "a project's name has at most 64 letters, digits, dots, - and _")
    if part.problem:
        yield ConfigError(where, part.problem)


@dataclass(slots=True)
class _Assembly:
    """One project in the making: its own values before the defaults'."""

    name: str
    where: str
    written: ProjectModel
    shared: SharedConfig
    lost: frozenset[str]
    """Keys of its own that are wrong: the defaults do not stand in for them."""
    made: Assembled
    newer_defaults: bool
    """Whether the project was written before the defaults: what it lacks, they once had."""

    def project(self, part: RawEntry) -> Project | None:
        """The domain's project; None where it cannot be read, or none of its rules judged."""
        written, defaults = self.written, self.shared.defaults
        region = written.region or defaults.region or self._missing("region")
        account_id = written.account_id or defaults.account_id or self._missing("account_id")
        if not (written.client_env or defaults.client_env) and "client_env" in self.shared.lost:
            self._blame(ConfigError(f"{self.where}.client_env", "is invalid in defaults"))
        client_env = written.client_env or defaults.client_env or "live"
        limit = written.limit or (None if "limit" in self.lost else defaults.limit)
        api_key = self._api_key()
        unreadable = not (region and account_id and api_key) or bool(self.made.shared)
        rules = self._rules(limit, client_env)
        routing = self._routing()
        if unreadable or not rules:
            return None
        return Project(
            name=self.name,
            region=region,
            account_id=account_id,
            project_id=written.project_id,
            rules=rules,
            routing=routing,
            limit=limit,
            client_env=client_env,
            timezone=written.timezone or defaults.timezone or "UTC",
            api_key=api_key,
            version=part.version + self.shared.defaults_version,
            changed=max(part.version, self.shared.defaults_version) // 1000,
            studio_url=studio_url(region, account_id, written.project_id),
            installation=self.shared.installation,
            unjudged=frozenset(self.made.unjudged),
        )

    def _missing(self, key: str) -> str:
        problem = ConfigError(f"{self.where}.{key}", "is missing: give it here or in defaults")
        if key in self.shared.lost:
            return self._blame(problem)
        if self.newer_defaults and key not in self.lost:
            self._lacks(f"{key} is missing, and projects need it")
            return self._blame(problem)
        self.made.problems.append(problem)
        self.made.only_rules = False
        return ""

    def _lacks(self, why: str) -> None:
        """The defaults are valid, and of no use to this project."""
        self.made.blamed = self.made.blamed or "defaults"
        self.made.lacking = self.made.lacking or why

    def _blame(self, problem: ConfigError, place: str = "defaults") -> str:
        """It is not the project's own fault: whoever looks at that place is told."""
        self.made.shared.append(problem)
        self.made.blamed = self.made.blamed or place
        return ""

    def _api_key(self) -> str:
        """The name of a key that can be used, or ''."""
        name = self.written.api_key or self.shared.defaults.api_key or DEFAULT_KEY
        where = f"{self.where}.api_key"
        if not self.written.api_key and "api_key" in self.shared.lost:
            return self._blame(ConfigError(where, "is invalid in defaults"))
        problem = self.shared.key_problem(name)
        if not problem:
            return name
        if place := self.shared.blamed_key(name):
            return self._blame(ConfigError(where, problem), place)
        if not self.written.api_key and self.shared.defaults.api_key:
            self._lacks(f"api_key: {problem}")
            return self._blame(ConfigError(where, problem))
        self.made.problems.append(ConfigError(where, problem))
        self.made.only_rules = False
        return ""

    def _rules(self, limit: int | None, client_env: str) -> tuple[Rule, ...]:
        made = []
        for name, written in self.written.rules.items():
            where = f"{self.where}.rules.{name}"
            self._look_up(where, written.channels)
            self._doubt(written, limit, where)
            try:
                one = rule(name, written, limit=limit, client_env=client_env, where=where)
            except ConfigError as error:
                self._refuse_rule(name, written, error, limit)
                continue
            own = self.shared.routing(one.routing) if one.routing else None
            made.append(replace(one, routing=own))
        return tuple(made)

    def _doubt(self, written: RuleModel, limit: int | None, where: str) -> None:
        """A limit of newer defaults that is less than a threshold is one fault, and theirs."""
        found = doubts(written, limit=limit, where=where)
        own = doubts(written, limit=None, where=where)
        if not found or limit is None or self.written.limit or not self.newer_defaults or own:
            self.made.doubts += found
            return
        self.made.blamed = self.made.blamed or "defaults"
        self.made.unmeant = self.made.unmeant or f"limit: {found[0].problem}"
        self.made.elsewhere += found

    def _refuse_rule(
        self, name: str, written: RuleModel, error: ConfigError, limit: int | None
    ) -> None:
        self.made.unjudged[name] = None
        if limit is None and _needs_limit(written):
            if "limit" in self.lost:
                return  # which is reported, and is the cause
            if "limit" in self.shared.lost and self.shared.defaults.limit is None:
                self.made.blamed = self.made.blamed or "defaults"
                return
            if self.newer_defaults:
                self._lacks("limit is missing, and projects need it")
                self.made.elsewhere.append(error)
                return
        self.made.problems.append(error)

    def _routing(self) -> Routing:
        self._look_up(self.where, self.written.channels)
        wanted = self.written.channels
        if wanted is None and "channels" not in self.lost:
            self._look_up("defaults", self.shared.defaults.channels)
            wanted = self.shared.defaults.channels
        return self.shared.routing(wanted or NOBODY)

    def _look_up(self, where: str, routing: Routing | None) -> None:
        names = dict.fromkeys(name for channels in (routing or {}).values() for name in channels)
        for name in names:
            if not self.shared.usable(name):
                self.made.unusable.setdefault(name, []).append(f"{where}.channels")


def _needs_limit(written: RuleModel) -> bool:
    conditions = (written.warning, written.critical)
    return written.hysteresis.percent or any(each and each.of_limit for each in conditions)


def channel_problems(made: Assembled, shared: SharedConfig) -> list[ConfigError]:
    """What is wrong with the channels that a project names, each with its place."""
    found: list[ConfigError] = []
    for name, places in made.unusable.items():
        for place in places:
            hinted = len(found) < TOLD  # looking for near misses takes its time
            found.append(ConfigError(place, shared.channel_problem(name, hinted=hinted)))
    return found


def reachable(content: object, shared: SharedConfig) -> Routing:
    """Where to report a project of which nothing is judged, as far as that can be understood."""
    wanted = shared.defaults.channels or NOBODY
    if isinstance(content, dict) and "channels" in content:
        try:
            wanted = routes(content["channels"])
        except ValueError:
            wanted = NOBODY
    return shared.routing(wanted)
