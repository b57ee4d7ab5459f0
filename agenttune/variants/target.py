"""The target: which part of a file is to be changed, found by its name in the syntax tree, and put back.

Everything outside it stays byte for byte. Not for: whether a block may stand in its place (checking.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agenttune.errors import TargetError
from agenttune.variants.source import MOST_FILE_CHARS, Lines, Unparsable, parse, plain_ends, rows_in_strings

Kind: TypeAlias = Literal["file", "function", "class"]
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MOST_LISTED = 30
"""Names in a sentence about a name that is not there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A part of a file."""

    name: str
    """"build_model", "Net", "Trainer.step"; "" for the whole file."""
    kind: Kind
    source: str
    """Its text with its decorators, unindented, with line ends \\n."""
    start: int
    """Offset in the file, in characters, of its first line."""
    end: int
    """Offset behind its last line."""
    indent: str
    """What stands in front of its lines in the file."""

    @property
    def short_name(self) -> str:
        """The name that its definition gives: "step" of "Trainer.step"."""
        return self.name.rpartition(".")[2]

    @property
    def title(self) -> str:
        """As sentences call it: "the function step", "the whole file"."""
        return f"the {self.kind} {self.name}" if self.name else "the whole file"


def find_target(text: str, name: str) -> Target:
    """The definition of that name in a file.

    Args:
        text: the file, with its line ends as they are.
        name: of a function, a class or a method ("Trainer.step"); "" for the whole file.

    Raises:
        TargetError: it is not there, is there twice, or is no definition; the sentence lists what can be named.
    """
    try:
        tree = parse(text, most_chars=MOST_FILE_CHARS)
    except Unparsable as error:
        raise TargetError(f"a file whose code is to be changed must parse, but this one does not: {error}") from None
    if not name:
        return Target("", "file", plain_ends(text), 0, len(text), "")
    found = list(definitions(tree))
    nodes = [node for dotted, node in found if dotted == name]
    if len(nodes) != 1:
        raise TargetError(_why_not(name, tree, found))
    return _target(text, name, nodes[0])


def definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """(dotted name, node) of every function, class and method, in order; not those within functions."""
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, Definition):
            yield prefix + node.name, node
            prefix += f"{node.name}."
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = (ast.stmt, ast.ExceptHandler, ast.match_case)
            children = [child for child in ast.iter_child_nodes(node) if isinstance(child, inner)]
            stack += [(prefix, child) for child in reversed(children)]


def kind_of(node: Definition) -> Kind:
    """What a definition defines."""
    return "class" if isinstance(node, ast.ClassDef) else "function"


def put(text: str, target: Target, block: str) -> str:
    """The file with a block in the target's place, indented and with line ends as the file has them.

    Args:
        text: the file that the target was found in.
        target: what is replaced.
        block: what stands there then, unindented; it parses.
    """
    block = tidy(block)
    if block == tidy(target.source):
        return text
    replaced = text[target.start : target.end]
    newline = next((end for end in ("\r\n", "\n", "\r") if end in replaced or end in text), "\n")
    is_last = target.end == len(text) and not replaced.endswith(("\n", "\r"))
    rows = rows_in_strings(block)
    lines = [
        line if row in rows or not line.strip() else target.indent + line
        for row, line in enumerate(block.removesuffix("\n").split("\n"), start=1)
    ]
    return text[: target.start] + newline.join(lines) + ("" if is_last else newline) + text[target.end :]


def tidy(block: str) -> str:
    """A block with line ends \\n, without empty lines around it, with one end of a line behind it."""
    lines = plain_ends(block.removeprefix("\ufeff")).split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines) + "\n"


def _target(text: str, name: str, node: Definition) -> Target:
    lines = Lines(text)
    first, last = _first_row(lines, node), node.end_lineno or node.lineno
    start, end = lines.starts[first - 1], lines.starts[last]
    line = lines.lines[first - 1]
    indent = line[: len(line) - len(line.lstrip())]
    rows = rows_in_strings(text) if indent else frozenset()
    source = "".join(
        lines.lines[row - 1] if row in rows else lines.lines[row - 1].removeprefix(indent)
        for row in range(first, last + 1)
    )
    return Target(name, kind_of(node), tidy(source), start, end, indent)


def _first_row(lines: Lines, node: Definition) -> int:
    """The line of its first decorator's sign, which may stand above the decorator itself: `@(` and a new line."""
    if not node.decorator_list:
        return node.lineno
    row = node.decorator_list[0].lineno
    while not lines.lines[row - 1].lstrip().startswith("@"):
        row -= 1
    return row


def _why_not(name: str, tree: ast.Module, found: list[tuple[str, Definition]]) -> str:
    listed = list(dict.fromkeys(dotted for dotted, _ in found))
    more = f" and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
    way_out = f"name one of {', '.join(listed[:MOST_LISTED])}{more}" if listed else "it has no function and no class"
    rows = [node.lineno for dotted, node in found if dotted == name]
    if rows:
        where = " and ".join(map(str, rows[:5]))
        return f"a target is defined once, but {name!r} is defined in lines {where}; rename one, or name the whole file"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Lambda):
            continue
        if any(isinstance(place, ast.Name) and place.id == name for place in node.targets):
            return f"a target is a definition, but {name!r} is a lambda (line {node.lineno}); write it with `def`"
    return f"a target is a function, a class or a method of the file, but there is no {name[:80]!r}; {way_out}"
