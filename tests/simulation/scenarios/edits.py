"""What operators write: rules of every sort, and what they change over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from tests.simulation.facts import Edit, InvalidProject, ProjectFacts, RuleFacts

Routing = Mapping[str, tuple[str, ...]]

ROUTINGS: tuple[Routing, ...] = (
    {"warning": ("ops-slack",), "critical": ("ops-slack", "on-call")},
    {"warning": ("ops-slack", "duty-chat"), "critical": ("duty-chat", "on-call")},
    {"warning": ("default",), "critical": ("default",)},
    {"warning": ("on-call",), "critical": ("on-call",)},
    {"warning": ("duty-chat",), "critical": ("ops-slack",)},
)
QUERIES = ("all", "all", "all", "language=es-ES", "by variant")
REPEATS = ((1, 1), (1, 1), (2, 2), (2, 3), (1, 3), (3, 3), (3, 5), (2, 6))
MISSING = ("zero", "zero", "ignore", "breach", "ok")
REMINDERS = (None, 1800, 3600, 14400)
REGIONS = ("uk-1", "uk-1", "uk-1", "us-1")
KEYS = ("default", "default", "default", "other")
HOUR = 3600


def edits(dice: Random, projects: list[str], began: int, calm: int) -> Iterator[Edit]:
    """The configuration at the start, and every change of it."""
    now: dict[str, ProjectFacts] = {}
    for name in projects:
        now[name] = _project(dice)
        begins = began if dice.random() < 0.9 else dice.randint(began, calm)
        yield Edit(begins, name, now[name])
    for _ in range(dice.choice([0, 1, 2, 4, 8])):
        name = dice.choice(projects)
        at = dice.randint(began + 60, calm - 60)
        yield from _change(dice, name, now, at, calm)


def placed(dice: Random, written: Sequence[Edit]) -> list[Edit]:
    """Give each project its region and key for good; most have the same."""
    names = sorted({each.project for each in written})
    places = {name: (dice.choice(REGIONS), dice.choice(KEYS)) for name in names}
    return [_placed(each, *places[each.project]) for each in written]


def _placed(edit: Edit, region: str, key: str) -> Edit:
    if not isinstance(edit.now, ProjectFacts):
        return edit
    return replace(edit, now=replace(edit.now, region=region, key=key))


def _change(
    dice: Random, name: str, now: dict[str, ProjectFacts], at: int, calm: int
) -> Iterator[Edit]:
    what = dice.choice(["numbers", "numbers", "rules", "routing", "remove", "refuse"])
    back = min(calm - 30, at + dice.randint(30, dice.choice([300, 3 * HOUR])))
    if what == "remove":
        yield Edit(at, name, None)
    elif what == "refuse":
        yield Edit(at, name, InvalidProject())
    if what in ("remove", "refuse"):
        if dice.random() < 0.8:
            yield Edit(back, name, now[name])
        return
    now[name] = _edited(dice, now[name], what)
    yield Edit(at, name, now[name])


def _edited(dice: Random, project: ProjectFacts, what: str) -> ProjectFacts:
    if what == "routing":
        return replace(project, channels=dice.choice(ROUTINGS))
    if what == "rules":
        kept = tuple(rule for rule in project.rules if dice.random() < 0.6)
        return replace(project, rules=kept or (_rule(dice, "rule-9"),))
    changed = dice.randrange(len(project.rules))
    rules = list(project.rules)
    rules[changed] = _numbers(dice, rules[changed])
    return replace(project, rules=tuple(rules))


def _project(dice: Random) -> ProjectFacts:
    rules = tuple(_rule(dice, f"rule-{number}") for number in range(dice.randint(1, 3)))
    return ProjectFacts(rules, dice.choice(ROUTINGS))


def _rule(dice: Random, name: str) -> RuleFacts:
    upper = dice.random() < 0.65
    made = RuleFacts(
        name=name,
        query=dice.choice(QUERIES),
        upper=upper,
        warning=70 if upper else 5,
        critical=90 if upper else 0,
        remind=dice.choice(REMINDERS),
        channels=dice.choice(ROUTINGS) if dice.random() < 0.2 else None,
    )
    return _numbers(dice, made)


def _numbers(dice: Random, rule: RuleFacts) -> RuleFacts:
    """Write other numbers in the same rule."""
    margin = dice.choice([0, 0, 3, 5, 10])
    if rule.upper:
        warning, critical = dice.choice([65, 70, 75]), dice.choice([85, 90, 95])
    else:
        warning, critical = dice.choice([4, 5, 7]), dice.choice([0, 1, 2])
    needed, among = dice.choice(REPEATS)
    one = dice.random()
    return replace(
        rule,
        warning=None if one < 0.15 else warning,
        critical=None if one > 0.85 else critical,
        needed=needed,
        among=among,
        margin=margin,
        missing=dice.choice(MISSING),
    )
