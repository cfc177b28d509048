"""YAML read safely: no key twice, no merge keys, nothing that grows, no secret in any error.

Only the operator's side reads YAML; PyYAML is not in the function.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any, ClassVar

import yaml

from headroom.config.pasted import SHORTEST_KEY
from headroom.config.wording import SURROGATE, shown
from headroom_cli.config_file.unusable import UnusableFile

_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_NUMBER_TAGS = (_INT, _FLOAT)

_PLAIN = re.compile(
    r"[-+]?(?:0|[1-9][0-9]*)"
    r"|[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"  # refused later, by the name of the field
)
"""Base ten, as in JSON, and what is no number in any base."""

_BASES = (
    (re.compile(r"[-+]?0[bB]"), "binary"),
    (re.compile(r"[-+]?0[xX]"), "hexadecimal"),
    (re.compile(r".*:"), "base 60"),
    (re.compile(r"[-+]?0[0-7_]+$"), "octal"),
)


def _number_problem(node: yaml.ScalarNode, value: object) -> str:
    """Why this number is refused, and what to write instead; '' when it is written in base ten.

    `value` is what PyYAML reads. A number that is long enough to be an API key is not repeated.
    """
    if node.tag not in _NUMBER_TAGS or _PLAIN.fullmatch(node.value):
        return ""
    base = next((name for pattern, name in _BASES if pattern.match(node.value)), "")
    if len(node.value) >= SHORTEST_KEY:
        reads = f" in {base}" if base else " in its own way"
        return f"YAML reads this number{reads}: write it in base ten, or put text in quotes"
    meant = int(node.value.replace("_", "")) if base == "octal" else value
    said = f"YAML reads {node.value} as {f'{base}, which is {value}' if base else value}"
    return f'{said}: write {meant}, or "{node.value}" in quotes if it is text'


LARGEST = 1_000_000
"""Bytes; a thousand projects are half of it."""

_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
"""What PyYAML quotes, as `repr` does: words of its own, or of the text, which may be a secret."""
_ITS_OWN = re.compile(
    r"<(?:stream|document|block|block [a-z]+) (?:start|end)>"
    r"|<(?:alias|anchor|directive|scalar|tag)>|.{0,2}"
)
"""Its names of tokens, and single characters."""

_CONDITION = 'a bare > begins a block of text: put the condition in quotes, such as ">= 80%"'
_ALIAS = "* and & begin YAML's aliases and anchors: put text that begins with one in quotes"
_HINTS = {
    "found character '>' that cannot start any token": _CONDITION,
    "while scanning a block scalar": _CONDITION,
    "found character '\\t' that cannot start any token": "a tab; YAML takes spaces only",
    "found character '@' that cannot start any token": "put text that begins with @ in quotes",
    "found character '%' that cannot start any token": "put text that begins with % in quotes",
    "found character '`' that cannot start any token": "put text that begins with ` in quotes",
    "mapping values are not allowed here": "a colon ends a key: put text with a colon in quotes, "
    "and line keys up with their neighbours",
    "could not find expected ':'": "the line before this is no key with a colon, and no list: is "
    "the file cut off, or a colon missing?",
    "while scanning an alias": _ALIAS,
    "while scanning an anchor": _ALIAS,
}
"""What an operator has most likely done, by PyYAML's problem or, for lack of that, its context."""
_AT_THE_END = ("'<stream end>'", "found unexpected end of stream")
_NOT_CLOSED = "what begins here is not closed before the end of the file: is the file cut off?"
_CUT_OFF = "the file ends here, before a bracket is closed: is it cut off?"
_OPEN_QUOTE = "text in quotes goes on over several lines from here: is the closing quote missing?"
_VARIABLE = re.compile(r":[ \t]+env$", re.IGNORECASE)
_ENVIRONMENT = "write env:X to read the environment variable X, without a blank after env:"
_NAMED_HINTS = {
    "found undefined alias": _ALIAS,
    "found duplicate anchor": "an anchor of this name is written twice: give each its own",
}
"""The same, by the beginning of what goes on with a name."""
_MERGE = (
    "merge keys (<<) are not taken: put what projects share under defaults, or repeat it "
    "(a whole value may be shared: rules: *standard)"
)

_WRONG_VALUES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What PyYAML's constructors raise for a value that is not what its tag or its look says."""


_NO_VALUE = "an invalid number or boolean: put text in quotes"
_DATE = "tag:yaml.org,2002:timestamp"
_LONGEST_NUMBER = 100
"""Characters; PyYAML would reckon for hours with long ones in base 60 (`1:30:00`)."""
_DEEPEST = 20
"""Brackets within brackets; what Headroom reads has three."""


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses what would silently drop or multiply what was written."""

    # Its own: other libraries in the process may teach the shared one to take any tag.
    yaml_multi_constructors: ClassVar[dict[str | None, Any]] = {}

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803 -- PyYAML's name
        """With each token PyYAML looks at every bracket that is open: a second for 300 of them."""
        if self.flow_level >= _DEEPEST:
            raise _Refused("brackets are nested too deeply", self.get_mark())
        super().fetch_flow_collection_start(TokenClass)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge keys can double a small file again and again; `defaults` is there for sharing."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise _Refused(_MERGE, key.start_mark)

    def construct_object(
        self,
        node: yaml.Node,
        deep: bool = False,  # noqa: FBT001, FBT002 -- PyYAML's signature
    ) -> object:
        """As PyYAML does; a scalar that cannot be meant as it is read is refused with its place."""
        if isinstance(node, yaml.ScalarNode):
            _check_scalar(node)
        try:
            value: object = super().construct_object(node, deep)
        except _WRONG_VALUES:
            raise _Refused(_NO_VALUE, node.start_mark) from None
        if isinstance(node, yaml.ScalarNode) and (why := _number_problem(node, value)):
            raise _Refused(why, node.start_mark)
        return value

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 -- PyYAML's signature
    ) -> dict[Hashable, object]:
        """As PyYAML does, after a look for keys that are written twice."""
        if not isinstance(node, yaml.MappingNode):  # by a tag such as !!map
            raise _Refused("expected a mapping", node.start_mark)
        seen = set()
        for key, _ in node.value:
            if key.tag == _DATE:
                raise _Refused("YAML reads this name as a date: put it in quotes", key.start_mark)
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise _Refused(f"{shown(key.value)} is written twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    """A date is text: JSON has no dates, and whoever reads one says what is wrong with it."""
    return str(loader.construct_scalar(node))


_Loader.add_constructor(_DATE, _as_written)


def _check_scalar(node: yaml.ScalarNode) -> None:
    if node.tag in _NUMBER_TAGS and len(node.value) > _LONGEST_NUMBER:
        raise _Refused(_NO_VALUE, node.start_mark)
    if SURROGATE.search(node.value):
        raise _Refused("invalid Unicode (a lone surrogate)", node.start_mark)


class _Refused(yaml.MarkedYAMLError):
    def __init__(self, problem: str, mark: yaml.Mark) -> None:
        super().__init__(problem=problem, problem_mark=mark)


def load(raw: bytes, name: str) -> object:
    """What the file holds. `name` is for errors. Raises UnusableFile with the place."""
    if len(raw) > LARGEST:
        raise UnusableFile(f"{name} is larger than {LARGEST:,} bytes")
    try:
        return yaml.load(raw.decode(), _Loader)  # noqa: S506 -- a SafeLoader that refuses more
    except UnicodeDecodeError as error:
        raise UnusableFile(f"{name} is not UTF-8 text (byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        raise UnusableFile(f"{name}{_place(error, raw.decode())}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # Their texts may repeat what was written; the names of their classes do not.
        raise UnusableFile(f"{name} is not usable YAML ({type(error).__name__})") from None


def _place(error: yaml.MarkedYAMLError, written: str) -> str:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f": {_problem(error)}"
    before = written[: mark.index]
    problem = _problem(error)
    if _VARIABLE.search(before) and written[mark.index : mark.index + 1] == ":":
        problem = _ENVIRONMENT
    elif (error.problem or "").endswith(_AT_THE_END) and error.context_mark:
        begins = error.context_mark
        mark, problem = begins, _NOT_CLOSED if begins.index < mark.index else _CUT_OFF
    elif quote := _open_quote(written, mark):
        mark, problem = quote, _OPEN_QUOTE
    return f", line {mark.line + 1}, column {mark.column + 1}: {problem}"


def _open_quote(written: str, mark: yaml.Mark) -> yaml.Mark | None:
    """Where a text in quotes begins that ends on the line of the error, and on no earlier one."""
    begins = None
    try:
        for token in yaml.scan(written, _Loader):
            if isinstance(token, yaml.ScalarToken) and token.style in {"'", '"'}:
                several = token.start_mark.line < token.end_mark.line == mark.line
                begins = token.start_mark if several else begins
    except yaml.MarkedYAMLError:
        pass  # the error itself
    return begins


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "not valid YAML"
    if isinstance(error, _Refused):
        return problem
    for said in (problem, error.context or ""):
        named = (hint for start, hint in _NAMED_HINTS.items() if said.startswith(start))
        if hint := _HINTS.get(said) or next(named, ""):
            return hint
    return _QUOTED.sub(_shown, problem)


def _shown(quoted: re.Match[str]) -> str:
    inner = quoted[1] if quoted[1] is not None else quoted[2]
    return quoted[0] if _ITS_OWN.fullmatch(inner) else "this"
