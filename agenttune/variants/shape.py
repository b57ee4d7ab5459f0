"""The shape of code: what is left of its syntax tree without what changes nothing that it does.

Left out: comments, layout, docstrings, `pass`, annotations, and what the locals of functions are called. Kept: names of
parameters, attributes and module, which others use, and every number, those in PARAMS too. Two blocks of one shape
do the same; blocks of two shapes may, too, which fingerprint.py looks at.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from agenttune.variants.interface import RANGES
from agenttune.variants.source import MOST_FILE_CHARS, parse

_BODIES = frozenset({"body", "orelse", "finalbody"})
_LEFT_OUT = frozenset({"annotation", "returns", "type_comment", "kind", "type_ignores", "ctx", "simple"})
"""Fields of nodes that change nothing."""


def shape_of(block: str) -> str:
    """The shape of a text that parses, as a hash.

    Raises:
        Unparsable: it does not.
    """
    return shape_of_tree(parse(block, most_chars=MOST_FILE_CHARS))


def shape_of_tree(tree: ast.Module) -> str:
    """The same of its tree."""
    spelling = _Spelling()
    spelling.spell(tree, _Scope(None, ()))
    return hashlib.sha256("\n".join(spelling.words).encode()).hexdigest()


class _Scope:
    """Names as one part of the code sees them."""

    def __init__(
        self, outer: _Scope | None, local: Iterable[str], *, known: Iterable[str] = (), is_class: bool = False
    ) -> None:
        self.outer = outer
        self.renamed: dict[str, str | None] = dict.fromkeys(local)
        """Local -> what it is called in the shape; None until it is met."""
        self.known = frozenset(known)
        """Names that keep theirs here: parameters, attributes, and what is declared global."""
        self.is_class = is_class
        """Whether functions within do not see its names."""


class _Spelling:
    """A tree as words, with brackets, so that different trees have different words."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.n_locals = 0
        """Locals are numbered in the order in which they are met."""

    def spell(self, node: ast.AST, scope: _Scope) -> None:
        """Adds a node's words."""
        self.words.append(f"({type(node).__name__}")
        match node:
            case ast.Constant():
                self.words.append(f"{type(node.value).__name__} {node.value!r}")
            case ast.Name():
                self.words.append(self._called(node.id, scope))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.words.append(self._called(node.name, scope))
                self._spell_all(node.decorator_list, scope)
                self._function(node.args, node.body, scope)
            case ast.Lambda():
                self._lambda(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.alias():
                bound = self._called(node.asname or node.name.partition(".")[0], scope)
                self.words.append(f"{node.name} {node.asname is None and '.' in node.name} {bound}")
            case ast.AnnAssign() if node.value is not None and not scope.is_class:
                self.words[-1] = "(Assign"
                self._fields(ast.Assign([node.target], node.value), scope)
            case _:
                self._fields(node, scope)
        self.words.append(")")

    def _spell_all(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> None:
        self.words.append("[")
        for node in nodes:
            if node is None:
                self.words.append("-")
            else:
                self.spell(node, scope)
        self.words.append("]")

    def _fields(self, node: ast.AST, scope: _Scope) -> None:
        for name, value in ast.iter_fields(node):
            if name in _LEFT_OUT:
                continue
            self.words.append(f"{name}=")
            entries = value if isinstance(value, list) else [value]
            for entry in _doing(entries, scope) if name in _BODIES and isinstance(value, list) else entries:
                if isinstance(entry, ast.AST):
                    self.spell(entry, scope)
                elif isinstance(entry, str) and _names_a_variable(node, name):
                    self.words.append(self._called(entry, scope))
                else:
                    self.words.append(repr(entry))

    def _function(self, arguments: ast.arguments, body: list[ast.stmt], scope: _Scope) -> None:
        self._spell_all([*arguments.defaults, *arguments.kw_defaults], scope)
        names = _parameters(arguments)
        bound, declared = _bound(body)
        inner = _Scope(scope, [name for name in bound if name not in names], known=[*names, *declared])
        self.words.append(f"{_kinds(arguments)} {names}")
        self._spell_all(_doing(body, inner), inner)

    def _lambda(self, node: ast.Lambda, scope: _Scope) -> None:
        """Its parameters are locals as well: who wrote it calls it, and not by keyword."""
        self._spell_all([*node.args.defaults, *node.args.kw_defaults], scope)
        names = _parameters(node.args)
        inner = _Scope(scope, [*names, *_bound([node.body])[0]])
        self.words.append(f"{_kinds(node.args)} {[self._called(name, inner) for name in names]}")
        self.spell(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: _Scope) -> None:
        self.words.append(self._called(node.name, scope))
        for outside in (node.decorator_list, node.bases, node.keywords):
            self._spell_all(outside, scope)
        bound, declared = _bound(node.body)
        inner = _Scope(scope, (), known=[*bound, *declared], is_class=True)
        self._spell_all(_doing(node.body, inner), inner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: _Scope) -> None:
        targets = [
            entry.id
            for part in node.generators
            for entry in ast.walk(part.target)
            if isinstance(entry, ast.Name) and isinstance(entry.ctx, ast.Store)
        ]
        inner = _Scope(scope, targets)
        for index, part in enumerate(node.generators):
            self.words.append("async for" if part.is_async else "for")
            self.spell(part.iter, inner if index else scope)
            self._spell_all([part.target, *part.ifs], inner)
        self._spell_all((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,), inner)

    def _called(self, name: str, scope: _Scope) -> str:
        """What a name is in the shape: itself, or the number of the local that it is there."""
        seen: _Scope | None = scope
        while seen is not None:
            if not seen.is_class or seen is scope:
                if name in seen.known:
                    return name
                if name in seen.renamed:
                    return self._number(seen, name)
            seen = seen.outer
        return name

    def _number(self, scope: _Scope, name: str) -> str:
        number = scope.renamed[name]
        if number is None:
            self.n_locals += 1
            number = scope.renamed[name] = f"<{self.n_locals}>"
        return number


def _parameters(arguments: ast.arguments) -> list[str]:
    placed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument.arg for argument in placed if argument is not None]


def _kinds(arguments: ast.arguments) -> list[int]:
    """How many parameters there are of each kind."""
    kinds = (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)
    return [*map(len, kinds), int(arguments.vararg is not None), int(arguments.kwarg is not None)]


def _bound(body: Sequence[ast.AST]) -> tuple[list[str], list[str]]:
    """(names that a function's body binds, names that it declares to be somebody else's)."""
    bound: dict[str, None] = {}
    declared: list[str] = []
    outer: list[str] = []
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in reversed(body)]
    while stack:
        node, is_own = stack.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and is_own:
            bound[node.id] = None
        elif isinstance(node, ast.NamedExpr):  # also of a comprehension's, which binds around it
            assert isinstance(node.target, ast.Name)
            bound[node.target.id] = None
        elif isinstance(node, ast.Global):
            declared += node.names
        elif isinstance(node, ast.Nonlocal):
            outer += node.names
        elif isinstance(node, ast.alias):
            bound[node.asname or node.name.partition(".")[0]] = None
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound[node.name] = None
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound[node.rest] = None
        inner: Iterator[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound[node.name] = None
            inner = iter(node.decorator_list)
        elif isinstance(node, ast.Lambda):
            inner = iter(())
        stack += [(child, is_own and not isinstance(node, ast.comprehension)) for child in reversed(list(inner))]
    return [name for name in bound if name not in declared and name not in outer], declared


def _doing(body: Iterable[ast.stmt], scope: _Scope) -> list[ast.stmt]:
    """The statements that do something: no `pass`, no docstring, no bare annotation, no ranges of numbers."""
    return [
        node
        for node in body
        if not isinstance(node, ast.Pass)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.AnnAssign) and node.value is None and not scope.is_class)
        and not _is_ranges(node)
    ]


def _is_ranges(node: ast.stmt) -> bool:
    places = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [place.id for place in places if isinstance(place, ast.Name)] == [RANGES]


def _names_a_variable(node: ast.AST, field: str) -> bool:
    """Whether the text in that field of a node is the name of a variable, not of an attribute or a parameter."""
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return field == "name"
    return isinstance(node, ast.Global | ast.Nonlocal) or (isinstance(node, ast.MatchMapping) and field == "rest")
