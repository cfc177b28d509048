"""From what was written to what is checked: every project by itself, so that none stops another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headroom.config.document import Document, Part
from headroom.config.fields import NAME
from headroom.config.house import House, house
from headroom.config.models import ProjectModel
from headroom.config.port import Configuration
from headroom.config.routes import NOBODY, routes
from headroom.config.rules import rule
from headroom.config.wording import TOLD, listed, named
from headroom.config.written import read
from headroom.domain.rules import DEFAULT_CHANNEL, DEFAULT_KEY, Project, Refused, Routing, Rule
from headroom.errors import ConfigError
from headroom.polyai.hosts import studio_url


def resolve(document: Document, installation: str = "") -> Configuration:
    """The whole configuration; a project that cannot be used is in `refused`.

    `installation` names the Headroom that it is for.
    """
    shared = house(document, installation)
    projects: dict[str, Project] = {}
    refused: dict[str, Refused] = {}
    for name, part in document.projects.items():
        problems: list[ConfigError] = []
        project = _project(name, part, shared, problems)
        if project is None or problems:
            refused[name] = _refused(name, part, shared, problems)
        else:
            projects[name] = project
    return Configuration(
        projects=projects,
        refused=refused,
        channels=shared.channels,
        settle=shared.defaults.settle,
        late=shared.defaults.late,
        bad_channels=shared.bad_channels,
        heartbeat=shared.heartbeat,
        faults=_untold(shared, refused),
        ignored=document.ignored,
        installation=installation,
    )


def _untold(shared: House, refused: Mapping[str, Refused]) -> dict[str, str]:
    """What is wrong with defaults, channels and keys, but for what a refused project tells."""
    told = "\n".join(project.problem for project in refused.values())
    faults = {
        problem.where: problem.problem
        for problem in shared.defaults_problems[:TOLD]
        if str(problem) not in told
    }
    for name, bad in shared.bad_channels.items():
        if shared.channel_problem(name) not in told:
            faults[f"channels.{named(name)}"] = bad.problem
    for name, problem in shared.bad_keys.items():
        if shared.key_problem(name) not in told:
            faults[f"keys.{named(name)}"] = problem
    return faults | ({"heartbeat": shared.bad_heartbeat} if shared.bad_heartbeat else {})


def _project(name: str, part: Part, shared: House, problems: list[ConfigError]) -> Project | None:
    """The project; None or not, it holds only when no problem was added."""
    where = f"projects.{name if NAME.fullmatch(name) else named(name)}"  # every notice names it too
    problems += _outside(where, name, part)
    problems += shared.defaults_problems
    if problems:
        return None
    written, found = read(ProjectModel, part.content, where)
    problems += found
    if written is None:
        return None
    return _Assembly(name, written, shared, problems).project(part.version)


def _outside(where: str, name: str, part: Part) -> Iterable[ConfigError]:
    if "/" in name:
        yield ConfigError(where, "a project's name has no slash: it is one part of an SSM path")
    elif not NAME.fullmatch(name):
        yield ConfigError(where, "a project's name has at most 64 letters, digits, dots, - and _")
    if part.problem:
        yield ConfigError(where, part.problem)


class _Assembly:
    """One project in the making: its own values before the defaults'."""

    def __init__(
        self, name: str, written: ProjectModel, shared: House, problems: list[ConfigError]
    ) -> None:
        self.name = name
        self.where = f"projects.{name}"
        self.written = written
        self.shared = shared
        self.problems = problems
        defaults = shared.defaults
        self.region = written.region or defaults.region or self._missing("region")
        self.account_id = written.account_id or defaults.account_id or self._missing("account_id")
        self.client_env = written.client_env or defaults.client_env or "live"
        self.limit = written.limit or defaults.limit
        self.api_key = written.api_key or defaults.api_key or DEFAULT_KEY

    def _missing(self, key: str) -> str:
        self.problems.append(
            ConfigError(f"{self.where}.{key}", "is missing: give it here or in defaults")
        )
        return ""

    def project(self, version: int) -> Project | None:
        """The domain's project, with everything that it names looked up."""
        rules = self._rules()
        routing = self._routing()
        self._note(f"{self.where}.api_key", self.shared.key_problem(self.api_key))
        if self.problems:
            return None
        return Project(
            name=self.name,
            region=self.region,
            account_id=self.account_id,
            project_id=self.written.project_id,
            rules=rules,
            routing=routing,
            limit=self.limit,
            client_env=self.client_env,
            timezone=self.written.timezone or self.shared.defaults.timezone or "UTC",
            api_key=self.api_key,
            version=version + self.shared.defaults_version,
            changed=max(version, self.shared.defaults_version) // 1000,
            studio_url=studio_url(self.region, self.account_id, self.written.project_id),
            installation=self.shared.installation,
        )

    def _rules(self) -> tuple[Rule, ...]:
        made = []
        for name, written in self.written.rules.items():
            where = f"{self.where}.rules.{name}"
            try:
                made.append(
                    rule(name, written, limit=self.limit, client_env=self.client_env, where=where)
                )
            except ConfigError as error:
                self.problems.append(error)
            self._check(where, written.channels)
        return tuple(made)

    def _routing(self) -> Routing:
        self._check(self.where, self.written.channels)
        if self.written.channels is None:
            self._check("defaults", self.shared.defaults.channels)
        return self.written.channels or self.shared.defaults.channels or NOBODY

    def _check(self, where: str, routing: Routing | None) -> None:
        names = dict.fromkeys(name for channels in (routing or {}).values() for name in channels)
        for name in names:
            hinted = len(self.problems) < TOLD  # looking for near misses takes its time
            problem = self.shared.channel_problem(name, hinted=hinted)
            self._note(f"{where}.channels", problem)

    def _note(self, where: str, problem: str) -> None:
        if problem:
            self.problems.append(ConfigError(where, problem))


def _refused(name: str, part: Part, shared: House, problems: Sequence[ConfigError]) -> Refused:
    return Refused(
        name=name,
        problem=listed(problems),
        routing=_reachable(part.content, shared),
        version=part.version + shared.defaults_version,
        installation=shared.installation,
    )


def _reachable(content: object, shared: House) -> Routing:
    """Where to tell of the trouble: as written where that can be understood, else `default`."""
    wanted = shared.defaults.channels or NOBODY
    if isinstance(content, dict) and "channels" in content:
        try:
            wanted = routes(content["channels"])
        except ValueError:
            wanted = NOBODY
    good = {
        severity: tuple(name for name in names if not shared.channel_problem(name, hinted=False))
        for severity, names in wanted.items()
    }
    return {severity: names or (DEFAULT_CHANNEL,) for severity, names in good.items()}
