"""What a script is seen to have, found in its syntax tree: options, constants, config files, printed metrics.

Options are those of argparse and click, and environment variables with a default.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from agenttune.errors import UserError
from agenttune.inspection.config_files import SUFFIXES, ConfigFile, config_names, read_config
from agenttune.inspection.constants import ScriptConstant, find_constants
from agenttune.inspection.literals import Kind, called, literal_value, literal_values
from agenttune.inspection.printed import Metric, bare_metrics, printed_metrics
from agenttune.types import Json, Scalar

MOST_BYTES = 1_000_000
MOST_CONSTANTS = 200
"""That are listed; a script with more holds a table."""
MOST_CONFIGS = 10
"""Config files that are read."""
MOST_UNKNOWNS = 30
NO_VALUE = ("store_true", "store_false", "store_const", "append_const", "count", "help", "version")
"""Actions of options without a value."""
TRUE = ("1", "true", "yes")
"""What a variable of a switch says when it is on."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value that can be set from outside."""

    name: str
    """As a parameter: "batch_size"."""
    flag: str
    """As it is typed: "--batch-size"; empty for a positional one and a variable."""
    kind: Kind
    default: Scalar | None
    """None where it has none, or it cannot be told."""
    choices: tuple[Scalar, ...]
    help: str
    line: int
    takes_value: bool = True
    """Whether a value of its own follows it in a command."""
    on: str = ""
    """Word of a command that makes it true: "--amp" (`store_true`)."""
    off: str = ""
    """Word of a command that makes it false: "--no-amp" (`store_false`, `BooleanOptionalAction`)."""
    variable: str = ""
    """Environment variable that sets it; empty for one of the command line."""
    others: tuple[str, ...] = ()
    """What else is typed for it: "-l" and "--rate" beside "--learning-rate"."""

    def is_called(self, name: str) -> bool:
        """Whether one of its flags spells the name, however it is hyphenated; one that switches it off does not."""
        flags = () if self.off and not self.on else (self.flag, *self.others)
        return name in [flag.lstrip("-").replace("-", "_") for flag in flags]


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it was read."""

    path: Path
    options: tuple[Option, ...]
    metrics: tuple[Metric, ...]
    unknowns: tuple[str, ...]
    """What could not be told, one sentence each."""
    constants: tuple[ScriptConstant, ...] = ()
    """Values that nothing sets from outside, unless the script is patched (patching.py)."""
    configs: tuple[ConfigFile, ...] = ()
    bare: tuple[Metric, ...] = ()
    """Numbers that may be metrics, if somebody asks for them by name: "epoch 3 val_loss 0.5", "loss: " + str(x)."""

    def option(self, name: str) -> Option | None:
        """The option of that name or flag, however it is hyphenated."""
        plain = name.replace("-", "_")
        found = next((option for option in self.options if option.name == plain), None)
        found = found or next((option for option in self.options if option.is_called(plain)), None)
        return found or next((option for option in self.options if option.variable == plain != ""), None)

    def constant(self, name: str) -> ScriptConstant | None:
        """The constant of that name, or of the last part of it."""
        ends = (constant for constant in self.constants if constant.name.rpartition(".")[2] == name)
        return next((constant for constant in self.constants if constant.name == name), None) or next(ends, None)

    def metric(self, name: str) -> Metric | None:
        """The last metric that is printed under that name."""
        return next((metric for metric in reversed((*self.bare, *self.metrics)) if metric.name == name), None)

    def to_json(self) -> dict[str, Json]:
        """The record as JSON."""
        content: dict[str, Json] = {**asdict(self), "path": str(self.path)}
        return content


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a script, with its line ends as they are; a byte order mark is part of the encoding."""

    text: str
    encoding: str
    tree: ast.Module


def inspect_script(path: Path) -> Script:
    """Reads a Python script and the config files it names.

    Raises:
        UserError: it cannot be read, is longer than `MOST_BYTES`, or is no Python.
    """
    try:
        return read_tree(parse_source(read_content(path), path.name).tree, path)
    except RecursionError:
        raise UserError(f"{path.name} is nested too deeply to be read") from None


def read_content(path: Path) -> bytes:
    """The bytes of a script.

    Raises:
        UserError: it cannot be read.
    """
    if not path.is_file():
        raise UserError(f"{path.name} cannot be read as text: there is no file of that name")
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read as text: {error}") from None


def parse_source(content: bytes, name: str) -> Source:
    """The text and the tree of what was read.

    Raises:
        UserError: it is too long, or no Python.
    """
    if len(content) > MOST_BYTES:
        raise UserError(f"{name} has more than {MOST_BYTES // 1_000_000} MB: too long for a script")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        if text.encode(encoding) != content:
            raise ValueError(f"its encoding {encoding} does not give the same bytes back")
    except (SyntaxError, ValueError, LookupError) as error:
        raise UserError(f"{name} cannot be read as text: {error}") from None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{name} is no Python that can be parsed: {error}") from None
    return Source(text, encoding, tree)


def read_tree(tree: ast.Module, path: Path) -> Script:
    """What a parsed script has."""
    values = dict(_constants(tree))
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    options, unknowns = [], []
    for node in filter(_is_option, calls):
        option = _option(node, values)
        if option is None:
            unknowns.append(f"line {node.lineno}: the name of an option is not written there")
        else:
            options.append(option)
    typed = {option.name for option in options}
    options += [option for option in _variables(nodes, values) if option.name not in typed]
    metrics = printed_metrics(nodes)
    constants = [constant for constant, _ in find_constants(tree)]
    if not options:
        more = ": patch_script makes constants settable" if constants else ""
        unknowns.append(f"it has no argparse options, so nothing can be set from outside{more}")
    if not metrics:
        unknowns.append("it prints no number under a name, so no metric can be read")
    if len(constants) > MOST_CONSTANTS:
        unknowns.append(f"{len(constants) - MOST_CONSTANTS:,} more constants are not listed")
    configs = tuple(_configs(calls, path, options, values))
    unknowns += [f"config file {config.name[:80]}: {config.problem}" for config in configs if config.problem]
    if len(unknowns) > MOST_UNKNOWNS:
        unknowns = [f"{len(unknowns) - MOST_UNKNOWNS:,} more like the first of these", *unknowns[-MOST_UNKNOWNS:]]
    return Script(
        path,
        tuple(sorted(options, key=lambda option: option.line)),
        metrics,
        tuple(unknowns),
        tuple(constants[:MOST_CONSTANTS]),
        configs,
        bare_metrics(nodes),
    )


def _configs(
    calls: Sequence[ast.Call], path: Path, options: Sequence[Option], values: dict[str, Scalar]
) -> Iterator[ConfigFile]:
    named = dict(config_names(calls, values))
    defaults = [(option.default, option.line) for option in options]
    named |= {name: line for name, line in defaults if isinstance(name, str) and name.endswith(SUFFIXES)}
    for name, line in islice(named.items(), MOST_CONFIGS):
        yield read_config(path.parent, name, line)


# -- options ---------------------------------------------------------------------------------------


def _is_option(call: ast.Call) -> bool:
    """Whether it is `parser.add_argument(...)` or `@click.option(...)`."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    return function.attr == "add_argument" or (function.attr == "option" and called(function.value) == "click")


def _variables(nodes: Sequence[ast.AST], constants: dict[str, Scalar]) -> Iterator[Option]:
    """Environment variables that are read with a default: `float(os.environ.get("LR", 0.01))`."""
    kinds: dict[int, Kind] = {}
    names: set[str] = set()
    for node in nodes:  # outer ones come first
        if isinstance(node, ast.Call) and called(node) in ("float", "int") and len(node.args) == 1:
            kinds[id(node.args[0])] = "float" if called(node) == "float" else "int"
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Call) and called(node.left) == "lower":
            function = node.left.func
            kinds[id(function.value if isinstance(function, ast.Attribute) else function)] = "bool"
        elif isinstance(node, ast.Call) and len(node.args) == 2 and _reads_environment(node):
            name, default = (literal_value(argument, constants) for argument in node.args)
            if isinstance(name, str) and default is not None and name not in names:
                names.add(name)
                yield _variable(name, default, kinds.get(id(node)), node.lineno)


def _reads_environment(call: ast.Call) -> bool:
    if called(call) == "getenv":
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr == "get" and called(call.func.value) == "environ"


def _variable(name: str, default: Scalar, kind: Kind | None, line: int) -> Option:
    value: Scalar | None = default
    try:
        if kind == "bool":
            value = str(default).lower() in TRUE
        elif kind is not None:
            value = float(default) if kind == "float" else int(default)
    except ValueError:
        value = None
    return Option(name.lower(), "", kind or "str", value, (), "", line, variable=name)


def _option(call: ast.Call, constants: dict[str, Scalar]) -> Option | None:
    names = [value for argument in call.args if isinstance(value := literal_value(argument, constants), str)]
    if not names:
        return None
    flag, _, off = next((name for name in names if name.startswith("--")), names[0]).partition("/")  # click's
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    dest = literal_value(given["dest"], constants) if "dest" in given else None
    name = str(dest) if isinstance(dest, str) else flag.lstrip("-").replace("-", "_")
    action, is_flag, type_ = given.get("action"), given.get("is_flag"), given.get("type")
    acts = str(action.value) if isinstance(action, ast.Constant) else called(action)
    if isinstance(is_flag, ast.Constant) and is_flag.value is True:
        acts = "store_true"  # click's name for it
    takes_value = acts not in NO_VALUE
    on = flag if off or acts == "store_true" else ""
    if acts == "store_false":
        off = flag
    elif acts == "BooleanOptionalAction" and flag.startswith("--"):
        on, off = flag, f"--no-{flag.removeprefix('--')}"
    elif flag.startswith("-") and takes_value and called(call) == "add_argument" and called(type_) == "bool":
        on, off = f"{flag}=1", f"{flag}="  # to argparse every text but an empty one is true
    default = literal_value(given["default"], constants) if "default" in given else None
    if default is None and acts in ("store_true", "store_false"):
        default = acts == "store_false"
    choices = literal_values(given["choices"], constants) if "choices" in given else ()
    if isinstance(type_, ast.Call) and called(type_) == "Choice" and type_.args:
        choices, type_ = literal_values(type_.args[0], constants), None
    told = literal_value(given["help"], constants) if "help" in given else ""
    return Option(
        name=name,
        flag=flag if flag.startswith("-") else "",
        kind=_kind(type_, default, choices, is_bool=bool(on or off)),
        default=default,
        choices=choices,
        help=str(told or "")[:300],
        line=call.lineno,
        takes_value=takes_value and not (on or off),
        on=on,
        off=off,
        others=tuple(text for text in names if text.startswith("-") and text.partition("/")[0] != flag),
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
    """Module-level names with a literal value, whatever they are for."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], literal_value(statement.value, {})
            if isinstance(target, ast.Name) and value is not None:
                yield target.id, value
