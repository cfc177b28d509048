"""JSON that nearly means something: junk at any place, and slips in what was written well."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.texts import ANYTHING, LARGEST, pump, pumped, slip

Tree = Any
Place = tuple[Any, ...]
"""Keys and numbers that lead to a value, from the outside in."""

_HUGE = 10**30


def nested(value: Tree, deep: int, as_list: bool) -> Tree:  # noqa: FBT001 -- drawn
    """The value in so many lists or mappings, one in another."""
    for _ in range(deep):
        value = [value] if as_list else {"a": value}
    return value


SCALARS: st.SearchStrategy[Tree] = (
    st.none()
    | st.booleans()
    | st.integers(-3, 400)
    | st.sampled_from([_HUGE, -_HUGE, 10**400, 2**63, 2**31, -1, 0])
    | st.floats()
    | ANYTHING
    | pumped(ANYTHING, 2000)
)
"""Values of every type of JSON, the impossible ones of Python's reader too."""

JUNK: st.SearchStrategy[Tree] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANYTHING, inner, max_size=4),
    max_leaves=8,
) | st.builds(nested, SCALARS, st.integers(2, 500), st.booleans())
"""Any small tree, or a deep one."""


def places(tree: Tree, here: Place = ()) -> Iterator[Place]:
    """Every place in the tree, the whole first."""
    yield here
    pairs = tree.items() if isinstance(tree, dict) else ()
    for key, value in enumerate(tree) if isinstance(tree, list) else pairs:
        yield from places(value, (*here, key))


@st.composite
def mutated(draw: st.DrawFn, good: Tree, edits: int = 3) -> Tree:
    """The tree after a few slips."""
    tree: Tree = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, edits))):
        every = list(places(tree))
        place = draw(st.sampled_from(every))
        if not place:
            tree = draw(JUNK) if draw(st.integers(0, 9)) == 0 else tree
        else:
            draw(st.sampled_from(_SLIPS))(draw, tree, place)
    return tree


def _delete(_: st.DrawFn, tree: Tree, place: Place) -> None:
    del at(tree, place[:-1])[place[-1]]


def _replace(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    at(tree, place[:-1])[place[-1]] = draw(JUNK)


def _misspell(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    """In the value when it is text, else in the key."""
    inside, key = at(tree, place[:-1]), place[-1]
    if isinstance(inside[key], str):
        once = draw(st.booleans())
        inside[key] = slip(draw, inside[key]) if once else pump(draw, inside[key], 2000)
    elif isinstance(key, str):
        inside[slip(draw, key)] = inside.pop(key)


def _duplicate(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    """Again and again beside it, as often as a parameter would hold it."""
    inside, key = at(tree, place[:-1]), place[-1]
    times = min(draw(st.sampled_from([1, 2, 300])), LARGEST // len(repr(inside[key])))
    if isinstance(inside, list):
        inside[key:key] = [copy.deepcopy(inside[key]) for _ in range(times)]
    else:
        inside |= {f"{key!s}-{number}": copy.deepcopy(inside[key]) for number in range(times)}


def _move(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    """What stands at another place, here too."""
    other = draw(st.sampled_from(list(places(tree))))
    at(tree, place[:-1])[place[-1]] = copy.deepcopy(at(tree, other))


def _wrap(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    inside, key = at(tree, place[:-1]), place[-1]
    deep = draw(st.sampled_from([1, 2, 200]))
    inside[key] = nested(inside[key], deep, as_list=draw(st.booleans()))


def _retype(draw: st.DrawFn, tree: Tree, place: Place) -> None:
    inside, key = at(tree, place[:-1]), place[-1]
    value = inside[key]
    inside[key] = draw(st.sampled_from([str(value)[:2000], [value], {"a": value}, None, True, 0]))


Slip = Callable[[st.DrawFn, Tree, Place], None]
_SLIPS: tuple[Slip, ...] = (_delete, _replace, _misspell, _duplicate, _move, _wrap, _retype)


def at(tree: Tree, place: Place) -> Tree:
    """What stands at a place."""
    for key in place:
        tree = tree[key]
    return tree
