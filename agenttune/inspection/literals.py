"""Values that are written out in a syntax tree, bounded to what a parameter may be."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Literal

from agenttune.types import Scalar

Kind = Literal["float", "int", "str", "bool"]
MOST_BITS = 63
"""Of a whole number; a longer one is no hyperparameter, and no float either."""


def literal_value(node: ast.expr, constants: Mapping[str, Scalar]) -> Scalar | None:
    """The scalar that is written there, or that a constant of that name has; None where it cannot be told."""
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if value.bit_length() <= MOST_BITS else None
    return value if isinstance(value, str) else None


def literal_values(node: ast.expr, constants: Mapping[str, Scalar]) -> tuple[Scalar, ...]:
    """The same of a list, a tuple, a set or a range."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        found = [literal_value(entry, constants) for entry in node.elts]
        return tuple(value for value in found if value is not None)
    if isinstance(node, ast.Call) and called(node) == "range":
        numbers = [literal_value(argument, constants) for argument in node.args]
        if numbers and all(isinstance(number, int) for number in numbers):
            try:
                return tuple(range(*numbers)[:100])  # type: ignore[arg-type]  # ints, as looked at
            except (TypeError, ValueError):  # four of them, or a step of 0
                return ()
    return ()


def kind_of(value: Scalar) -> Kind:
    """The kind of a value."""
    if isinstance(value, bool):
        return "bool"
    return "int" if isinstance(value, int) else "float" if isinstance(value, float) else "str"


def called(node: ast.AST | None) -> str:
    """Last name of what is called or named: "safe_load" of `yaml.safe_load(...)`; empty where there is none."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
