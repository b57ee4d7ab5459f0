"""The numbers of a block: which of them a study may tune, within which ranges, and how values get into its text.

They stand in `PARAMS = {"lr": 0.001, "hidden": 64}`, with ranges in `RANGES = {"lr": [1e-4, 1e-1, "log"]}` beside it; a
block without PARAMS has them found among its keyword arguments and assignments. Only what is written out as a literal
counts. Not for: defaults of a function's own parameters, which belong to its interface.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agenttune.errors import ConfigInvalid, SpaceError
from agenttune.inspection import Option, usual_parameter
from agenttune.inspection.literals import kind_of, literal_value
from agenttune.inspection.usual import FIDELITY, KNOWN, LEFT_ALONE
from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Parameter
from agenttune.space.scalars import is_finite, plain, scalar_key
from agenttune.types import Scalar, is_number
from agenttune.variants.interface import PARAMS, RANGES
from agenttune.variants.refused import BlockRefused
from agenttune.variants.source import MOST_FILE_CHARS, Lines, Unparsable, parse
from agenttune.variants.target import Definition, Kind

MOST_FOUND = 8
"""Numbers that are taken where none is declared: more cannot be tuned within the tens of runs of a study over code."""
MOST_DECLARED = 20
MOST_CHOICES = 20
LONGEST_TEXT = 100
"""Characters of a choice."""
LONGEST_NAME = 60
SPREAD = 4
"""A number without a range is tuned from its quarter to its fourfold."""
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FIXED = re.compile(
    r"random_state|seed|(?:.*_)?(?:in|out|input|output)_(?:features|channels|dim|size|shape)|n_classes|classes"
    r"|n_features|features|axis|dim|dims|ndim|ndmin|ddof|index|idx|i|j|k|n_jobs|default|nargs|padding|stride|dilation|groups|kernel_size"
    r"|decimals|ndigits|indent|figsize|dpi|count|step"
)
"""Names of numbers that data, shapes or chance decide."""
_IS_SEED = re.compile(r"(?:.*_)?(?:seed|random_state)")
_PLACES = {
    "file": "at the top level of the file",
    "class": "as an attribute of the class itself",
    "function": "as a statement of the function itself, not within `if` or a loop",
}


@dataclass(frozen=True, slots=True)
class _Number:
    """A value in the text."""

    name: str
    value: Scalar
    node: ast.expr
    word: str
    """The keyword or variable that it is called after, without the suffix that tells it from others."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """Where numbers are declared."""

    numbers: ast.Dict
    body: Sequence[ast.stmt]
    """The statements that PARAMS is one of."""


def numbers_of(block: str, target_kind: Kind) -> tuple[dict[str, Parameter], dict[str, Scalar]]:
    """(parameter, value it was written with) of each number that can be tuned, by name.

    Raises:
        BlockRefused: PARAMS or RANGES is not written as it should be ("bad-numbers"), or the block does not parse.
    """
    tree = _parsed(block)
    holder = _holder(tree, target_kind)
    tuned: list[tuple[_Number, Parameter | None]]
    if holder is None:
        tuned = _tunable(_found(tree))
    else:
        numbers = _declared(holder.numbers)
        ranges = _ranges(holder.body, [number.name for number in numbers])
        tuned = [(number, _declared_range(number, ranges.get(number.name))) for number in numbers]
    parameters = {number.name: parameter for number, parameter in tuned if parameter is not None}
    values = {number.name: number.value for number, _ in tuned}
    return parameters, {name: parameter.coerce(values[name]) for name, parameter in parameters.items()}


def with_values(block: str, values: Mapping[str, Scalar]) -> str:
    """The block with other values of its numbers; all else stays byte for byte, and so does a value that it has.

    Raises:
        ConfigInvalid: it has no number of a name, or a value is no scalar.
        BlockRefused: as of `numbers_of`.
    """
    tree = _parsed(block)
    holder = _holder(tree, "file")
    numbers = {number.name: number for number in (_found(tree) if holder is None else _declared(holder.numbers))}
    lines = Lines(block)
    edits: list[tuple[int, int, str]] = []
    for name, given in values.items():
        if name not in numbers:
            rule = f"a value belongs to a number of the code, which has {', '.join(numbers) or 'none'}"
            raise ConfigInvalid(f"{rule}, not {name!r}", parameter=name)
        value, now = plain(given), numbers[name].value
        if value is None or not is_finite(value):
            rule = f"`{name}` must be a text, a finite number, true or false"
            raise ConfigInvalid(f"{rule}, but got {given!r}", parameter=name)
        if scalar_key(value) != scalar_key(now):
            edits.append((*lines.span(numbers[name].node), repr(value)))
    for start, end, text in sorted(edits, reverse=True):
        block = block[:start] + text + block[end:]
    return block


def _parsed(block: str) -> ast.Module:
    try:
        return parse(block, most_chars=MOST_FILE_CHARS)
    except Unparsable as error:
        raise BlockRefused("unparsable", f"the code must be Python that parses, but {error}") from None


# -- declared --------------------------------------------------------------------------------------


def _holder(tree: ast.Module, kind: Kind) -> _Holder | None:
    """Where PARAMS stands; None where it does not."""
    n_bound = sum(
        isinstance(node, ast.Name) and node.id == PARAMS and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(tree)
    )
    if not n_bound:
        return None
    if n_bound > 1:
        raise _bad(f"{PARAMS} is assigned once, but {n_bound} places do so; leave one")
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, Definition))]
    for body in bodies:
        if (value := _assigned(body, PARAMS)) is not None:
            return _Holder(_literal_dict(value, PARAMS), body)
    raise _bad(f"{PARAMS} = {{...}} stands {_PLACES[kind]}; move it there")


def _assigned(body: Sequence[ast.stmt], name: str) -> ast.expr | None:
    """What is assigned to that name, and to it alone."""
    for node in body:
        places: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            places = node.targets
        elif isinstance(node, ast.AnnAssign):
            places = [node.target]
        if len(places) == 1 and isinstance(places[0], ast.Name) and places[0].id == name:
            assert isinstance(node, ast.Assign | ast.AnnAssign)  # what has places
            return node.value
    return None


def _literal_dict(node: ast.expr, name: str) -> ast.Dict:
    if not isinstance(node, ast.Dict):
        raise _bad(f'{name} is a dict that is written out, as in {name} = {{"lr": ...}}, but got {_shown(node)}')
    return node


def _entries(node: ast.Dict, holder: str) -> Iterator[tuple[str, ast.expr]]:
    """(key, value) of each entry, each key a name and there once."""
    seen: set[str] = set()
    for key, value in zip(node.keys, node.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            shown = "**" if key is None else _shown(key)
            raise _bad(f'a key of {holder} is a name in quotes, as in "lr", but got {shown}')
        if name in seen:
            raise _bad(f"a key of {holder} stands there once, but {name!r} does so twice; leave one")
        seen.add(name)
        yield name, value


def _declared(node: ast.Dict) -> list[_Number]:
    numbers = []
    for name, value in _entries(node, PARAMS):
        scalar = literal_value(value, {})
        if scalar is None:
            raise _bad(
                f"a value of {PARAMS} is a number of up to 63 bits, a text, True or False, written out, but {name!r} "
                f"is {_shown(value)}; write its value, or move it out of {PARAMS}"
            )
        numbers.append(_Number(name, scalar, value, name))
    if len(numbers) > MOST_DECLARED:
        raise _bad(f"{PARAMS} has at most {MOST_DECLARED} entries, but got {len(numbers)}; keep what matters most")
    return numbers


def _ranges(body: Sequence[ast.stmt], names: Sequence[str]) -> dict[str, ast.expr]:
    """Range by name, as it is written."""
    node = _assigned(body, RANGES)
    if node is None:
        return {}
    ranges = dict(_entries(_literal_dict(node, RANGES), RANGES))
    for name in ranges:
        if name not in names:
            held = ", ".join(names) or "nothing"
            raise _bad(f"{RANGES} has ranges of what {PARAMS} holds, which is {held}, but not {name!r}; leave it out")
    return ranges


def _declared_range(number: _Number, written: ast.expr | None) -> Parameter | None:
    if written is None:
        return None if _IS_SEED.fullmatch(number.name.lower()) else _usual(number)
    values = _literals(written)
    if values is None:
        raise _bad(
            f'a range is [low, high], [low, high, "log"] or a list of at most {MOST_CHOICES} choices, written out, '
            f"with texts of at most {LONGEST_TEXT} printable characters, but {number.name!r} has {_shown(written)}"
        )
    if not _is_choice(number.value):
        raise _bad(
            f"a value with a range is a number or a text of at most {LONGEST_TEXT} printable characters, but "
            f"{number.name!r} is {_shown(number.node)}; leave its range out"
        )
    try:
        return _ranged(number, values)
    except SpaceError as error:
        raise _bad(f"the range of {number.name!r} cannot be: {error}") from None


def _literals(node: ast.expr) -> list[Scalar] | None:
    """The scalars of a list that is written out."""
    if not isinstance(node, ast.List | ast.Tuple) or not 0 < len(node.elts) <= MOST_CHOICES:
        return None
    values = [literal_value(entry, {}) for entry in node.elts]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) and all(map(_is_choice, known)) else None


def _is_choice(value: Scalar) -> bool:
    """Whether it can stand in a list of choices: a text is one line that people can read."""
    return not isinstance(value, str) or (len(value) <= LONGEST_TEXT and value.isprintable())


def _ranged(number: _Number, values: list[Scalar]) -> Parameter | None:
    """The parameter of a range, widened to hold the value that the block was written with."""
    default = number.value
    if isinstance(default, bool) and all(isinstance(value, bool) for value in values):
        return Bool(default=default)
    scale = values[-1] if values[-1] in ("log", "linear") else None
    ends = [value for value in (values[:-1] if scale else values) if is_number(value)]
    if is_number(default) and len(ends) == len(values) - (scale is not None):
        if len(ends) == 2:
            return _between(default, *ends, is_log=scale == "log")
        if scale is not None or len(ends) < 2:
            raise _bad(f"a range has two ends, but {number.name!r} has {len(ends)}")
        return Ordinal(sorted({*ends, default}), default=default)
    choices = list({scalar_key(value): value for value in [*values, default]}.values())
    return Categorical(choices, default=default) if len(choices) > 1 else None


def _between(default: float, low: float, high: float, *, is_log: bool) -> Parameter:
    if not low < high:
        raise SpaceError(f"its low end must be below its high end, but got [{low!r}, {high!r}]")
    if isinstance(default, int) and float(low).is_integer() and float(high).is_integer():
        return Int(min(int(low), default), max(int(high), default), log=is_log, default=default)
    return Float(min(low, default), max(high, default), log=is_log, default=default)


# -- found -----------------------------------------------------------------------------------------


def _found(tree: ast.Module) -> list[_Number]:
    """Positive numbers that are keyword arguments or assigned once, in order, each with a name of its own."""
    raw = list(_literal_numbers(tree))
    names = {name for name, _, _ in raw}
    numbers: list[_Number] = []
    times: Counter[str] = Counter()
    for name, value, node in raw:
        times[name] += 1
        while times[name] > 1 and f"{name}_{times[name]}" in names:
            times[name] += 1
        own = name if times[name] == 1 else f"{name}_{times[name]}"
        numbers.append(_Number(own, value, node, name))
    return numbers


def _literal_numbers(tree: ast.Module) -> Iterator[tuple[str, int | float, ast.expr]]:
    """(name, value, where it is written) of each."""
    n_assigned = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        name, value = "", None
        if isinstance(node, ast.keyword):
            name, value = node.arg or "", node.value
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            places = node.targets if isinstance(node, ast.Assign) else [node.target]
            if len(places) == 1 and isinstance(places[0], ast.Name) and n_assigned[places[0].id] == 1:
                name, value = places[0].id, node.value
        if isinstance(value, ast.Constant) and _NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
            number = literal_value(value, {})
            if is_number(number) and number > 0:
                yield name, number, value
        elif not isinstance(node, ast.arguments | ast.JoinedStr):  # an f-string's places are wrong before Python 3.12
            decorators = node.decorator_list if isinstance(node, Definition) else []
            stack += [child for child in reversed(list(ast.iter_child_nodes(node))) if child not in decorators]


def _tunable(numbers: Iterable[_Number]) -> list[tuple[_Number, Parameter | None]]:
    """Those that look like hyperparameters with their ranges, in order; where there are many, the usual ones first."""
    found = [
        (number, parameter)
        for number in numbers
        if not _looks_fixed(number.word.lower()) and (parameter := _usual(number)) is not None
    ]
    chosen = sorted(range(len(found)), key=lambda index: not _is_known(found[index][0].word.lower()))[:MOST_FOUND]
    return [found[index] for index in sorted(chosen)]


def _looks_fixed(word: str) -> bool:
    parts = [word, *word.split("_")]
    return bool(_FIXED.fullmatch(word) or FIDELITY.search(word) or any(LEFT_ALONE.fullmatch(part) for part in parts))


def _is_known(word: str) -> bool:
    return any(re.search(pattern, word) for pattern, *_ in KNOWN)


# -- ranges nobody wrote ---------------------------------------------------------------------------


def _usual(number: _Number) -> Parameter | None:
    """The parameter that a number of that name and value usually is; None where it stays as it is."""
    value = number.value
    if isinstance(value, bool):
        return Bool(default=value)
    if isinstance(value, str):
        return None
    word = number.word.lower()
    if _is_known(word):
        found = usual_parameter(Option(word, "", kind_of(value), value, (), "", number.node.lineno))
        if found is not None and found[0].contains(value):
            return replace(found[0], default=value)  # type: ignore[arg-type]  # a number, which it contains
    try:
        return _around(value) if value > 0 else None
    except SpaceError:  # at the edge of what numbers can be
        return None


def _around(value: float) -> Parameter:
    if isinstance(value, int):
        return Int(max(1, value // SPREAD), value * SPREAD, log=True, default=value)
    high = min(value * SPREAD, 1.0) if value < 1 else value * SPREAD  # below 1 it may well be a share
    return Float(value / SPREAD, high, log=True, default=value)


def _bad(reason: str) -> BlockRefused:
    return BlockRefused("bad-numbers", reason)


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 80 else f"{text[:79]}…"
