"""One group from what was written: its lines are those of projects, its rules like a project's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.config.assembled import Assembled
from headroom.config.models import GroupModel, MemberModel, ProjectModel, RuleModel
from headroom.config.project import Assembly, bad_name
from headroom.config.raw import RawEntry
from headroom.config.rules import read_rules
from headroom.config.shared import SharedConfig
from headroom.config.types import is_name
from headroom.config.validation import Problem, meant, read_partly
from headroom.config.wording import named, suggestion
from headroom.domain.lines import Line
from headroom.domain.rules import Basis, Project, Rule

_WHAT = frozenset({"projects", "basis"})
"""Keys that say what is judged: with one of them wrong, something else would be."""
UNREADABLE = "its configuration is invalid"
"""Why a line of a group is not known."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What groups may name."""

    lines: Mapping[str, Line] = field(default_factory=dict)
    """By project; without those whose configuration does not say which line it is."""
    blamed: Mapping[str, str] = field(default_factory=dict)
    """Of these, the place of the fault."""
    groups: frozenset[str] = frozenset()

    @property
    def projects(self) -> frozenset[str]:
        """Every project that is written, valid or not."""
        return frozenset(self.lines.keys() | self.blamed.keys())


def place_of(name: str) -> str:
    """Where a group is written; its notices name it too."""
    return f"groups.{name if is_name(name) else named(name)}"


def assemble(name: str, entry: RawEntry, shared: SharedConfig, candidates: Candidates) -> Assembled:
    """One group, with everything that it names looked up.

    Of the defaults it has the channels and the time zone: a limit is never inherited, for that of
    one line is no limit of several.
    """
    where = place_of(name)
    if wrong := bad_name(name, where, "group") or entry.wrong(where):
        return Assembled(problems=[wrong], only_rules=False)
    own = entry.content if isinstance(entry.content, dict) else {}
    known = GroupModel.known_keys()
    misspelt = meant((str(key) for key in own if key not in known), GroupModel)
    inherited = {
        key: value
        for key, value in shared.defaults.content.items()
        if key in ("channels", "timezone") and key not in misspelt
    }
    content = {**inherited, **own} if own else entry.content
    partly = read_partly(GroupModel, content, where)
    made = Assembled(problems=list(partly.problems), only_rules=not partly.problems)
    rules = made.readable(read_rules(partly.left.get("rules"), f"{where}.rules"))
    lost = misspelt | partly.lost
    if partly.model is None or lost & _WHAT:
        return made
    lines = _lines(partly.model, where, candidates, made)
    if lines is None:
        return made
    making = _GroupAssembly(
        where,
        _like_a_project(partly.model, lines),
        _of_several(rules, where, made),
        frozenset(map(str, own)),
        entry,
        _without_limit(shared),
        lost,
        made,
    )
    made.project = making.group(name, partly.model, lines)
    return made


def _without_limit(shared: SharedConfig) -> SharedConfig:
    """The defaults, which are not to blame for what a group lacks."""
    defaults = shared.defaults
    return replace(shared, defaults=replace(defaults, given=False, lost=defaults.lost - {"limit"}))


def _like_a_project(written: GroupModel, lines: tuple[Line, ...]) -> ProjectModel:
    """What its rules are resolved by; with several environments each line has its own."""
    environments = {each.client_env for each in lines if not each.problem}
    return MemberModel.model_construct(
        project_id="",
        limit=written.limit,
        channels=written.channels,
        timezone=written.timezone,
        client_env=environments.pop() if len(environments) == 1 else "",
    )


def _lines(
    written: GroupModel, where: str, candidates: Candidates, made: Assembled
) -> tuple[Line, ...] | None:
    """The lines of the projects that it names; None where they are wrong, or none is known."""
    wrong = [*_misnamed(written.projects, f"{where}.projects", candidates)]
    found = [
        candidates.lines.get(name) or Line(name=name, problem=f"{name}: {UNREADABLE}")
        for name in written.projects
    ]
    if not wrong:
        wrong = [*_counted_twice(found, f"{where}.projects")]
    if wrong:
        made.problems.extend(wrong)
        made.only_rules = False
        return None
    if all(each.problem for each in found):
        names = ", ".join(map(named, written.projects))
        made.shared.append(Problem(f"{where}.projects", f"no line is known: see {names}"))
        made.blamed = candidates.blamed[written.projects[0]]
        return None
    return tuple(found)


def _misnamed(names: list[str], where: str, candidates: Candidates) -> Iterator[Problem]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Problem(where, f'"{named(name)}" is listed twice: name it once')
        if name in candidates.projects:
            continue
        if name in candidates.groups:
            text = f'"{named(name)}" is a group: name the projects of its lines instead'
        else:
            text = f'there is no project "{named(name)}": {suggestion(name, candidates.projects)}'
        yield Problem(where, text)


def _counted_twice(lines: list[Line], where: str) -> Iterator[Problem]:
    """Projects with the same line: its calls would be counted twice."""
    first: dict[tuple[object, ...], str] = {}
    for each in lines:
        which = (*each.ids, each.client_env)
        if not each.problem and which in first:
            text = (
                f'"{named(first[which])}" and "{named(each.name)}" are the same line '
                f"({'/'.join(each.ids)}), which would be counted twice: name one of them"
            )
            yield Problem(where, text)
        first.setdefault(which if not each.problem else (each.name,), each.name)


_OF_ONE_LINE = ("variant_id", "variant_name")


def _of_several(
    rules: Mapping[str, RuleModel], where: str, made: Assembled
) -> dict[str, RuleModel]:
    """The rules that a group may have: variants belong to one line."""
    found = {}
    for name, each in rules.items():
        key = next((key for key in _OF_ONE_LINE if getattr(each, key)), "")
        if each.per is not None and each.per.by == "variant":
            key = "per"
        if not key:
            found[name] = each
            continue
        place = f"{where}.rules.{named(name)}.{key}"
        text = "variants belong to one line: write this rule in the project of that line"
        made.unjudged[name] = None
        made.problems.append(Problem(place, text))
    return found


@dataclass(eq=False, repr=False)
class _GroupAssembly(Assembly):
    """One group in the making."""

    def group(self, name: str, written: GroupModel, lines: tuple[Line, ...]) -> Project | None:
        """The domain's project; None where none of its rules can be judged."""
        rules = tuple(each for each in self._judged() if self._sound(each, written.basis))
        routing = self._routing()
        if not rules:
            return None
        defaults = self.shared.defaults
        return Project(
            name=name,
            lines=lines,
            rules=rules,
            routing=routing,
            limit=self.limit,
            basis=written.basis,
            group=True,
            version=self.entry.version + defaults.version,
            changed=max(self.entry.version, defaults.version) // 1000,
            installation=self.shared.installation,
            unjudged=frozenset(self.made.unjudged),
            holidays_until=self._holidays_until(),
        )

    def _sound(self, rule: Rule, basis: Basis) -> bool:
        """Whether the group's value proves what the rule says.

        The sum of the peaks is at least the group's peak: where it is low, the group is. The
        largest of them is at most the group's peak, and shows only that nobody calls at all.
        """
        if rule.upper or basis is Basis.SUM:
            return True
        empty = all(each.usual is None and each.fires <= 0 for each in rule.levels)
        if not empty:
            level = rule.levels[0]
            place = f"{self.where}.rules.{named(rule.name)}.{level.severity}"
            text = (
                f"'{level.condition}' cannot be judged with basis: max, since a group may have "
                "more calls than its largest line: give '<= 0', or basis: sum"
            )
            self.made.problems.append(Problem(place, text))
            self.made.unjudged[rule.name] = None
        return empty
