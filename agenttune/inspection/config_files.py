"""Config files that a script reads, and the numbers in them. Read as data within the script's folder, never run.

YAML is read event by event, so that aliases are not followed and no object is made of a tag.
"""

from __future__ import annotations

import ast
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from agenttune.inspection.literals import called, literal_value
from agenttune.types import Scalar

MOST_BYTES = 1_000_000
MOST_NUMBERS = 100
"""Of one file."""
MOST_EVENTS = 20_000
"""Of a YAML file: its parser is slow, about 50,000 a second."""
DEEPEST = 50
"""Of a YAML file: its scanner takes time for every level at every token."""
MOST_DOTS = 200
"""In a line of TOML: the standard library's parser takes time quadratic in the parts of a key."""
SUFFIXES = (".yaml", ".yml", ".json", ".toml")
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})(?:\.\d{0,17})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_READERS = (
    "open",
    "read_text",
    "read_bytes",
    "load",
    "safe_load",
    "load_config",
    "read_config",
    "read_yaml",
    "read_json",
)
"""Of `Path("x.yaml").open()` and `open("x.yaml")`; a name that is only written elsewhere is no config file."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One config file, as the script names it."""

    name: str
    line: int
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    """"optimizer.lr" -> its value."""
    problem: str = ""
    """Why it was not read; empty where it was."""


def config_names(calls: Sequence[ast.Call], constants: Mapping[str, Scalar]) -> Iterator[tuple[str, int]]:
    """(name, line) of each config file that a call opens."""
    for node in calls:
        if called(node) not in _READERS or _is_writing(node):
            continue
        places = list(node.args[:1])
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
            places += node.func.value.args[-1:]  # of Path(...)
        elif isinstance(node.func, ast.Attribute):
            places.append(node.func.value)
        for place in places:
            name = _file_name(place, constants)
            if name.endswith(SUFFIXES):
                yield name, node.lineno


def _is_writing(call: ast.Call) -> bool:
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    modes += call.args[:2] if called(call) == "open" else []
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return any(re.fullmatch(r"[rwaxbt+]{1,4}", text) and set(text) & set("wax+") for text in texts)


def _file_name(node: ast.expr, constants: Mapping[str, Scalar]) -> str:
    """The name that is written there, also as the end of `folder / "x.yaml"` or `os.path.join(folder, "x.yaml")`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        node = node.right
    elif isinstance(node, ast.Call) and called(node) in ("join", "Path") and node.args:
        node = node.args[-1]
    value = literal_value(node, constants)
    return value if isinstance(value, str) else ""


def read_config(folder: Path, name: str, line: int) -> ConfigFile:
    """The numbers of a config file below that folder; links that lead out of it are not followed."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            return ConfigFile(name, line, problem="it lies outside the folder of the script")
        if any(part.startswith(".") for part in path.relative_to(root).parts):
            return ConfigFile(name, line, problem="it is hidden")
        if not path.is_file():
            return ConfigFile(name, line, problem="it is not there")
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return ConfigFile(name, line, problem=f"it has more than {MOST_BYTES // 1_000_000} MB")
        found = _numbers(content.decode("utf-8-sig"), path.suffix)
        return ConfigFile(name, line, dict(islice(found, MOST_NUMBERS)))
    except ModuleNotFoundError:
        return ConfigFile(name, line, problem="PyYAML is not installed")
    except OSError as error:
        return ConfigFile(name, line, problem=f"it cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError, MemoryError) as error:  # what the parsers raise
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        return ConfigFile(name, line, problem=f"it cannot be read: {reason}")


def _numbers(text: str, suffix: str) -> Iterator[tuple[str, int | float]]:
    if suffix == ".json":
        return _leaves(json.loads(text))
    if suffix == ".toml":
        if any(line.count(".") > MOST_DOTS for line in text.split("\n")):
            raise ValueError(f"a line has more than {MOST_DOTS} dots")
        return _leaves(tomllib.loads(text))
    return _yaml_numbers(text)


def _leaves(content: object) -> Iterator[tuple[str, int | float]]:
    stack = [("", content)]
    while stack:
        prefix, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{prefix}.{key}" if prefix else str(key), entry) for key, entry in reversed(value.items())]
        elif isinstance(value, int | float) and not isinstance(value, bool) and prefix and _is_plain(value):
            yield prefix[:200], value


def _is_plain(value: int | float) -> bool:
    return math.isfinite(value) if isinstance(value, float) else value.bit_length() <= 63


def _yaml_numbers(text: str) -> Iterator[tuple[str, int | float]]:
    """Numbers of mappings; what stands in lists is left out, and aliases stay what they are."""
    import yaml

    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        yield from _of_events(islice(events, MOST_EVENTS))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _of_events(events: Iterator[Any]) -> Iterator[tuple[str, int | float]]:
    levels: list[tuple[str | None, str | None]] = []
    """(prefix of a mapping, None of a list; the key that waits for its value) of each open collection."""
    for event in events:
        kind = type(event).__name__.removesuffix("Event")
        if kind in ("MappingEnd", "SequenceEnd"):
            levels.pop()
            continue
        if kind not in ("MappingStart", "SequenceStart", "Scalar", "Alias"):
            continue
        prefix, key = levels[-1] if levels else ("", "")
        is_key = bool(levels) and prefix is not None and key is None
        if is_key:
            levels[-1] = prefix, str(event.value)[:80] if kind == "Scalar" else "?"
        elif levels and prefix is not None:
            levels[-1] = prefix, None
        if len(levels) >= DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if kind in ("MappingStart", "SequenceStart"):
            is_open = kind == "MappingStart" and prefix is not None and not is_key and len(prefix) < 200
            levels.append((f"{prefix}{key}." if is_open and levels else "" if is_open else None, None))
        elif kind == "Scalar" and levels and prefix is not None and not is_key:
            number = _number(event.value) if event.implicit[0] and _NUMBER.fullmatch(event.value) else math.inf
            if _is_plain(number):
                yield f"{prefix}{key}", number


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
