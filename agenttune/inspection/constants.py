"""Constants of a script that look like hyperparameters: `LR = 0.01`, entries of a dict, defaults of a dataclass.

Only what is written as a literal and assigned once. Not for: setting them (patching.py).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agenttune.inspection.literals import Kind, called, kind_of, literal_value
from agenttune.inspection.usual import FIDELITY, KNOWN
from agenttune.types import Scalar

LONGEST_TEXT = 200
"""Characters of a text; a longer one is no hyperparameter."""
DEEPEST = 5
"""Dicts within dicts."""
_HOLDER = re.compile(r"conf|cfg|param|hyper|settings|option|args|arguments|defaults", re.IGNORECASE)
"""In the name of a dict or a dataclass that holds hyperparameters; `LABELS = {"cat": 0}` does not."""
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_SECRET = re.compile(r"key|token|secret|password|passwd|credential", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScriptConstant:
    """One value that is written in the script."""

    name: str
    """"LR"; "CONFIG.lr" of an entry or a field."""
    variable: str
    """Environment variable that sets it once the script is patched: "LR", "CONFIG_LR"."""
    kind: Kind
    value: Scalar
    line: int


def find_constants(tree: ast.Module) -> Iterator[tuple[ScriptConstant, ast.expr]]:
    """(the constant, where its value is written) of each, in order."""
    n_assigned = _times_assigned(tree)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            if _HOLDER.search(statement.name) and any(
                called(entry) == "dataclass" for entry in statement.decorator_list
            ):
                for entry in statement.body:
                    yield from _assigned(entry, f"{statement.name}.")
            continue
        for constant, node in _assigned(statement, ""):
            top = constant.name.partition(".")[0]
            if n_assigned[top] == 1 and (top != constant.name or top.isupper() or _is_usual(top)):
                yield constant, node


def _is_usual(name: str) -> bool:
    return bool(FIDELITY.search(name)) or any(re.search(pattern, name) for pattern, *_ in KNOWN)


def _times_assigned(tree: ast.Module) -> Counter[str]:
    """How often each name of the module is assigned, entries of it included; twice where a function may do so."""
    times: Counter[str] = Counter()
    stack: list[tuple[ast.AST, bool]] = [(tree, True)]
    while stack:
        node, is_module = stack.pop()
        if isinstance(node, ast.Global):
            times.update([*node.names, *node.names])
        elif isinstance(node, ast.Name) and is_module and not isinstance(node.ctx, ast.Load):
            times[node.id] += 1
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            times[node.value.id] += not isinstance(node.ctx, ast.Load)
        is_module = is_module and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
        )
        stack += [(child, is_module) for child in ast.iter_child_nodes(node)]
    return times


def _assigned(statement: ast.stmt, prefix: str) -> Iterator[tuple[ScriptConstant, ast.expr]]:
    annotation = ""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and not prefix:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value, annotation = statement.target, statement.value, called(statement.annotation)
    else:
        return
    if not isinstance(target, ast.Name):
        return
    if isinstance(value, ast.Dict):
        if _HOLDER.search(target.id):
            yield from _entries(value, prefix + target.id)
    else:
        yield from _constant(target.id, value, prefix, annotation)


def _entries(value: ast.Dict, name: str) -> Iterator[tuple[ScriptConstant, ast.expr]]:
    stack = [(value, f"{name}.")]
    while stack:
        content, prefix = stack.pop(0)
        for key, entry in zip(content.keys, content.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            if not isinstance(entry, ast.Dict):
                yield from _constant(key.value, entry, prefix)
            elif prefix.count(".") < DEEPEST and _NAME.fullmatch(key.value):
                stack.append((entry, f"{prefix}{key.value}."))


def _constant(
    name: str, node: ast.expr, prefix: str, annotation: str = ""
) -> Iterator[tuple[ScriptConstant, ast.expr]]:
    value = None if isinstance(node, ast.Name) else literal_value(node, {})
    if value is None or not _NAME.fullmatch(name) or _SECRET.search(name):
        return
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return
    kind = kind_of(value)
    whole = prefix + name
    yield (
        ScriptConstant(
            name=whole,
            variable=whole.replace(".", "_").upper(),
            kind="float" if kind == "int" and annotation == "float" else kind,
            value=value,
            line=node.lineno,
        ),
        node,
    )
