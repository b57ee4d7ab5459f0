"""What a script is seen to have: argparse options and printed metrics, found in its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from agenttune.errors import UserError
from agenttune.types import Json, Scalar

MOST_BYTES = 1_000_000
NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
"""Of a printed number, as a pattern with one group."""
PRINTERS = ("print", "info", "debug", "warning", "write", "echo", "log")
"""Functions and methods that print."""
_LABEL = re.compile(r"([A-Za-z_][\w@/. -]*?)[\"']?\s*(?:=|:|\bis\b)\s*$")
_PERCENT = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[diouxXeEfFgGs]")
_FIELD = re.compile(r"\{[^{}]*\}")
Kind = Literal["float", "int", "str", "bool"]


@dataclass(frozen=True, slots=True)
class Option:
    """One argparse option."""

    name: str
    """As a parameter: "batch_size"."""
    flag: str
    """As it is typed: "--batch-size"; empty for a positional one."""
    kind: Kind
    default: Scalar | None
    """None where it has none, or it cannot be told."""
    choices: tuple[Scalar, ...]
    help: str
    line: int
    is_switch: bool = False
    """Whether it takes no value (`store_true`)."""
    is_negatable: bool = False
    """Whether `--no-NAME` switches it off (`BooleanOptionalAction`)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that is printed under a name."""

    name: str
    regex: str
    """Finds the number in a line of the output; one group."""
    line: int
    is_repeated: bool
    """Whether it is printed in a loop."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it was read."""

    path: Path
    options: tuple[Option, ...]
    metrics: tuple[Metric, ...]
    unknowns: tuple[str, ...]
    """What could not be told, one sentence each."""

    def option(self, name: str) -> Option | None:
        """The option of that name, however it is hyphenated."""
        plain = name.replace("-", "_")
        return next((option for option in self.options if option.name == plain), None)

    def metric(self, name: str) -> Metric | None:
        """The last metric that is printed under that name."""
        return next((metric for metric in reversed(self.metrics) if metric.name == name), None)

    def to_json(self) -> dict[str, Json]:
        """The record as JSON."""
        content: dict[str, Json] = {**asdict(self), "path": str(self.path)}
        return content


def inspect_script(path: Path) -> Script:
    """Reads a Python script.

    Raises:
        UserError: it cannot be read, is longer than `MOST_BYTES`, or is no Python.
    """
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path.name} is no file: give a Python script")
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB: too long for a script")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} cannot be read as text: {error}") from None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{path.name} is no Python that can be parsed: {error}") from None
    return read_tree(tree, path)


def read_tree(tree: ast.Module, path: Path) -> Script:
    """The same of a parsed script."""
    constants = dict(_constants(tree))
    options, unknowns = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            option = _option(node, constants)
            if option is None:
                unknowns.append(f"line {node.lineno}: the name of an option is not written there")
            else:
                options.append(option)
    loops = _lines_in_loops(tree)
    found = [metric for node in ast.walk(tree) if isinstance(node, ast.Call) for metric in _printed(node, loops)]
    metrics = sorted(found, key=lambda metric: metric.line)
    if not options:
        unknowns.append("it has no argparse options, so nothing can be set from outside")
    if not metrics:
        unknowns.append("it prints no number under a name, so no metric can be read")
    return Script(path, tuple(sorted(options, key=lambda option: option.line)), tuple(metrics), tuple(unknowns))


# -- options ---------------------------------------------------------------------------------------


def _option(call: ast.Call, constants: dict[str, Scalar]) -> Option | None:
    names = [value for argument in call.args if isinstance(value := _value(argument, constants), str)]
    if not names:
        return None
    flag = next((name for name in names if name.startswith("--")), names[0])
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    dest = _value(given["dest"], constants) if "dest" in given else None
    name = str(dest) if isinstance(dest, str) else flag.lstrip("-").replace("-", "_")
    action = given.get("action")
    is_switch = isinstance(action, ast.Constant) and action.value in ("store_true", "store_false")
    is_negatable = isinstance(action, ast.Attribute | ast.Name) and "BooleanOptionalAction" in ast.unparse(action)
    default = _value(given["default"], constants) if "default" in given else None
    if isinstance(action, ast.Constant) and is_switch and default is None:
        default = action.value == "store_false"
    choices = _values(given["choices"], constants) if "choices" in given else ()
    told = _value(given["help"], constants) if "help" in given else ""
    return Option(
        name=name,
        flag=flag if flag.startswith("-") else "",
        kind=_kind(given.get("type"), default, choices, is_bool=is_switch or is_negatable),
        default=default,
        choices=choices,
        help=str(told or "")[:300],
        line=call.lineno,
        is_switch=is_switch,
        is_negatable=is_negatable,
    )


def _kind(type_: ast.expr | None, default: Scalar | None, choices: Sequence[Scalar], *, is_bool: bool) -> Kind:
    if is_bool:
        return "bool"
    named = ast.unparse(type_) if type_ is not None else ""
    if named in ("float", "int", "str"):
        return named  # type: ignore[return-value]  # one of the three
    example = default if default is not None else next(iter(choices), None)
    if isinstance(example, bool):
        return "bool"
    if isinstance(example, int) and named != "float":
        return "int" if type_ is None else "str" if named else "int"
    return "float" if isinstance(example, float) else "str"


def _constants(tree: ast.Module) -> Iterator[tuple[str, Scalar]]:
    """Module-level names with a literal value."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], _value(statement.value, {})
            if isinstance(target, ast.Name) and value is not None:
                yield target.id, value


def _value(node: ast.expr, constants: dict[str, Scalar]) -> Scalar | None:
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def _values(node: ast.expr, constants: dict[str, Scalar]) -> tuple[Scalar, ...]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        found = [_value(entry, constants) for entry in node.elts]
        return tuple(value for value in found if value is not None)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "range":
        numbers = [_value(argument, constants) for argument in node.args]
        if numbers and all(isinstance(number, int) for number in numbers):
            return tuple(range(*numbers))[:100]  # type: ignore[arg-type]  # ints, as looked at
    return ()


# -- metrics ---------------------------------------------------------------------------------------


def _lines_in_loops(tree: ast.Module) -> set[int]:
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    return {line for loop in loops for line in range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)}


def _printed(call: ast.Call, loops: set[int]) -> Iterator[Metric]:
    """What one call prints under names."""
    function = call.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    if name not in PRINTERS:
        return
    for label, separator in _labels(call.args):
        plain = re.sub(r"[^\w]+", "_", label.strip()).strip("_")
        if plain and not plain[0].isdigit():
            regex = rf"{re.escape(label)}[\"']?{separator}{NUMBER}"
            yield Metric(plain, regex, call.lineno, call.lineno in loops)


def _labels(arguments: Sequence[ast.expr]) -> Iterator[tuple[str, str]]:
    """(label, what stands between it and the number, as a pattern) of whatever is printed."""
    for index, argument in enumerate(arguments):
        if isinstance(argument, ast.JoinedStr):
            before = ""
            for part in argument.values:
                if isinstance(part, ast.Constant):
                    before = str(part.value)
                else:
                    yield from _label_in(before)
                    before = ""
        elif isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod):
            yield from _labels_of(argument.left, _PERCENT)
        elif isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
            if argument.func.attr == "format":
                yield from _labels_of(argument.func.value, _FIELD)
            elif argument.func.attr == "dumps" and argument.args:
                yield from _labels(argument.args)
        elif isinstance(argument, ast.Dict):
            keys = [key.value for key in argument.keys if isinstance(key, ast.Constant)]
            yield from ((str(key), r"\s*:\s*") for key in keys)
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            text = argument.value
            if _PERCENT.search(text) and index + 1 < len(arguments):  # logging's own way
                yield from _labels_of(argument, _PERCENT)
            elif index + 1 < len(arguments) and not isinstance(arguments[index + 1], ast.Constant):
                yield from _label_in(text if _LABEL.search(text) else f"{text}:", r"\s*[:=]?\s*")


def _labels_of(node: ast.expr, field: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for piece in field.split(node.value)[:-1]:
            yield from _label_in(piece) if _LABEL.search(piece) else _label_in(f"{piece.rstrip()}:", r"\s+")


def _label_in(text: str, separator: str = r"\s*(?:=|:|is)\s*") -> Iterator[tuple[str, str]]:
    found = _LABEL.search(text)
    if found:
        label = found[1].strip()
        label = label.split(",")[-1].strip()
        if label:
            yield label, separator
