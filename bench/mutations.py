"""Small faults for `bench/mutants.py`: one changed node of a module's syntax tree each."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
NO_CODE = ("annotation", "returns", "decorator_list")
EMPTY = ("None", "False", "''", "0", "()", "[]", "{}")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault, and the source of its module with it."""

    path: Path
    line: int
    function: int
    """The line where its function begins, 0 outside functions."""
    before: str
    after: str = ""

    @property
    def diff(self) -> str:
        """The changed lines."""
        sources = self.before.splitlines(), self.after.splitlines()
        lines = difflib.unified_diff(*sources, n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def count(path: Path) -> int:
    """How many mutants a module has."""
    return sum(1 for _ in _planted(ast.parse(path.read_text()), Mutant(path, 0, 0, "")))


def mutants(path: Path, numbers: Container[int]) -> Iterator[Mutant]:
    """Those mutants of a module."""
    tree = ast.parse(path.read_text())
    start = Mutant(path, 0, 0, ast.unparse(tree))
    for number, each in enumerate(_planted(tree, start)):
        if number in numbers:
            yield replace(each, after=ast.unparse(tree))


def _planted(parent: ast.AST, at: Mutant) -> Iterator[Mutant]:
    """Plant one fault after another below the node; each is there while it is yielded."""
    for field, value in ast.iter_fields(parent):
        nodes = value if isinstance(value, list) else [value]
        for place, node in enumerate(nodes):
            if not isinstance(node, ast.AST) or field in NO_CODE:
                continue
            here = replace(at, line=getattr(node, "lineno", at.line))
            for new in _changes(node):
                nodes[place] = new
                setattr(parent, field, value if nodes is value else new)
                yield here
            nodes[place] = node
            setattr(parent, field, value)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                begins = min(each.lineno for each in (node, *node.decorator_list))
                here = replace(here, function=begins)
            yield from _planted(node, here)


def _changes(node: ast.AST) -> list[ast.AST]:
    """The nodes that replace this one, one after another."""
    new: list[ast.AST] = []
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            new = [operand]
        case ast.Name(id=name) if name in NAMES:
            new = [ast.Name(NAMES[name])]
        case ast.Constant(value=bool(value)):
            new = [ast.Constant(not value)]
        case ast.Constant(value=int(value)):
            new = [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) not in EMPTY:
            new = [ast.Return(ast.Constant(None))]
        case ast.IfExp(body=body, orelse=orelse):
            new = [body, orelse]
        case (
            ast.If(orelse=[])
            | ast.Expr(value=ast.Call() | ast.Await() | ast.Yield())
            | ast.Assign(targets=[ast.Attribute() | ast.Subscript()])
            | ast.AugAssign()
            | ast.Raise()
            | ast.Continue()
            | ast.Break()
            | ast.Delete()
        ):
            new = [ast.Pass()]
        case _ if type(node) in SWAPS:
            new = [SWAPS[type(node)]()]
    return new
