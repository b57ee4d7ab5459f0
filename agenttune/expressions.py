"""A small, safe language for conditions such as "batch * depth < 4096".

Used by the constraints of spaces, the metric constraints of goals, and filters. An expression is
parsed once into closures; nothing is ever passed to `eval`, and whatever is not listed here is
refused when the expression is built:

* numbers, text in quotes, True and False, names (of parameters or metrics)
* ``+ - * / // % **`` on numbers (True and False count as 1 and 0), the power bounded
* ``== != < <= > >=``, chains of them, ``in (...)`` and ``not in (...)``
* ``and``, ``or``, ``not``, parentheses
* ``abs ceil exp floor log log2 log10 max min sqrt``

Not for: assigning, calling anything else, or reading anything but the values handed over.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agenttune.errors import ExpressionError
from agenttune.types import Scalar

MAX_CHARACTERS = 1000
"""Longest text; a constraint people write is below 200."""
MAX_DEPTH = 100
"""Deepest nesting (a sum nests once per term); keeps the recursion far from the interpreter's limit."""
MAX_POWER_BITS = 4096
"""Largest whole number a power may make, in bits."""

_Values = Mapping[str, Scalar]
_Step = Callable[[_Values], Scalar]
_Operation = Callable[[Scalar, Scalar], Scalar]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; equal to another of the same text.

    Raises:
        ExpressionError: the text uses something outside the language; the message says what and where.
    """

    text: str
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    """Every name whose value it needs."""
    is_condition: bool = field(init=False, repr=False, compare=False)
    """Whether it can only come out true or false (a bare name counts: it may be a switch)."""
    _run: _Step = field(init=False, repr=False, compare=False)
    _sides: tuple[_Step, _Step] | None = field(init=False, repr=False, compare=False)
    """Of a comparison by size: the side that should be smaller, and the other."""

    def __post_init__(self) -> None:
        text = self.text.strip() if isinstance(self.text, str) else ""
        if not text:
            raise ExpressionError(f"an expression must be a text such as 'batch * depth < 4096', but got {self.text!r}")
        if len(text) > MAX_CHARACTERS:
            raise ExpressionError(
                f"an expression must have at most {MAX_CHARACTERS} characters, but {text[:30]!r}... has {len(text)}; "
                "split it into several"
            )
        body = _parse(text)
        walker = _Walker(text)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "_run", walker.build(body, 0))
        object.__setattr__(self, "_sides", walker.sides(body))
        object.__setattr__(self, "names", frozenset(walker.names))
        object.__setattr__(self, "is_condition", _is_condition(body))

    def evaluate(self, values: Mapping[str, Scalar]) -> Scalar:
        """The value of the expression; comparisons, `and`, `or`, `not` give True or False.

        Raises:
            ExpressionError: a name has no value, or these values have no result (division by zero,
                overflow, arithmetic on text, a logarithm of 0, a comparison of text with a number).
        """
        try:
            return self._run(values)
        except KeyError as error:
            raise ExpressionError(f"{self.text!r} needs a value of `{error.args[0]}`, which is not given") from None
        except (ArithmeticError, TypeError, ValueError) as error:
            given = ", ".join(f"{name}={values[name]!r}" for name in sorted(self.names) if name in values)
            raise ExpressionError(f"{self.text!r} has no value{given and ' at '}{given}: {error}") from None

    def sides(self, values: Mapping[str, Scalar]) -> tuple[float, float] | None:
        """What should be smaller and what should be larger, in a comparison of two numbers by size; else None."""
        if self._sides is None:
            return None
        try:
            smaller, larger = (float(_number(side(values))) for side in self._sides)
        except (KeyError, ArithmeticError, TypeError, ValueError):
            return None
        return smaller, larger

    def __reduce__(self) -> tuple[type[Expression], tuple[str]]:
        return Expression, (self.text,)


def _parse(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash in quotes makes the parser warn
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        where = f" near character {error.offset}" if error.offset else ""
        raise ExpressionError(
            f"{text!r} cannot be read{where}: {error.msg}; write it like 'batch * depth < 4096'"
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"{text[:60]!r} cannot be read: nested too deeply, or odd characters") from None


def _is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool)
    return isinstance(node, ast.Compare | ast.BoolOp | ast.Name)


class _Walker:
    """Turns a syntax tree into closures, and refuses what the language does not have."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()

    def build(self, node: ast.expr, depth: int) -> _Step:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"{self.text[:60]!r} is nested more than {MAX_DEPTH} deep; split it into several")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                self.names.add(name)
                return lambda values: values[name]
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.BoolOp():
                return self._logical(node, depth)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.Call():
                return self._call(node, depth)
        raise self._refusal(node, _SPOKEN.get(type(node), type(node).__name__))

    def sides(self, node: ast.expr) -> tuple[_Step, _Step] | None:
        """Of one comparison by size, the side that should be smaller, and the other."""
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _SIZES:
            return None
        left, right = self.build(node.left, 1), self.build(node.comparators[0], 1)
        return (left, right) if isinstance(node.ops[0], ast.Lt | ast.LtE) else (right, left)

    def _constant(self, node: ast.Constant) -> _Step:
        value = node.value
        if not isinstance(value, bool | int | float | str):
            raise self._refusal(node, f"the value {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refusal(node, "a number beyond 1.8e308")
        return lambda values: value

    def _unary(self, node: ast.UnaryOp, depth: int) -> _Step:
        operand = self.build(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return lambda values: not operand(values)
        if isinstance(node.op, ast.USub):
            return lambda values: -_number(operand(values))
        if isinstance(node.op, ast.UAdd):
            return lambda values: _number(operand(values))
        raise self._refusal(node, "the operator ~")

    def _binary(self, node: ast.BinOp, depth: int) -> _Step:
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise self._refusal(node, "an operator on bits or matrices")
        left, right = self.build(node.left, depth + 1), self.build(node.right, depth + 1)
        return lambda values: operation(left(values), right(values))

    def _logical(self, node: ast.BoolOp, depth: int) -> _Step:
        parts = [self.build(part, depth + 1) for part in node.values]
        if isinstance(node.op, ast.And):
            return lambda values: all(part(values) for part in parts)
        return lambda values: any(part(values) for part in parts)

    def _comparison(self, node: ast.Compare, depth: int) -> _Step:
        left = self.build(node.left, depth + 1)
        if len(node.ops) == 1 and type(node.ops[0]) in _ORDERINGS:
            compare, right = _ORDERINGS[type(node.ops[0])], self.build(node.comparators[0], depth + 1)
            return lambda values: compare(left(values), right(values))
        links = [self._link(op, part, node, depth) for op, part in zip(node.ops, node.comparators, strict=True)]

        def chain(values: _Values) -> Scalar:
            current = left(values)
            for link in links:
                is_true, current = link(current, values)
                if not is_true:
                    return False
            return True

        return chain

    def _link(
        self, op: ast.cmpop, part: ast.expr, node: ast.Compare, depth: int
    ) -> Callable[[Scalar, _Values], tuple[bool, Scalar]]:
        """One comparison of a chain: (left value, values) -> (whether it holds, right value)."""
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(part, ast.Tuple | ast.List) or len(node.ops) > 1:
                raise self._refusal(node, "`in` with something other than a list, as in kernel in ('rbf', 'poly')")
            wanted = isinstance(op, ast.In)
            members = [self.build(member, depth + 1) for member in part.elts]
            return lambda value, values: (any(value == member(values) for member in members) is wanted, value)
        compare = _ORDERINGS.get(type(op))
        if compare is None:
            raise self._refusal(node, "`is`")
        right = self.build(part, depth + 1)

        def link(value: Scalar, values: _Values) -> tuple[bool, Scalar]:
            other = right(values)
            return bool(compare(value, other)), other

        return link

    def _call(self, node: ast.Call, depth: int) -> _Step:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in _FUNCTIONS or node.keywords:
            raise self._refusal(node, "a call")
        function, (least, most) = _FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            wanted = "one value" if most == 1 else f"{least} or more values"
            raise ExpressionError(f"`{name}` takes {wanted}, but got {len(node.args)} in {self.text!r}")
        arguments = [self.build(argument, depth + 1) for argument in node.args]
        return lambda values: _finite(function(*[_number(argument(values)) for argument in arguments]))

    def _refusal(self, node: ast.expr, spoken: str) -> ExpressionError:
        part = ast.get_source_segment(self.text, node) or self.text
        return ExpressionError(
            f"{part!r} in {self.text!r} is {spoken}, which expressions do not have; there are numbers, text, names, "
            f"+ - * / // % **, comparisons, `in (...)`, and/or/not, and {', '.join(_FUNCTIONS)}"
        )


def _number(value: Scalar) -> int | float:
    if isinstance(value, str):
        raise TypeError(f"{value!r} is text, not a number")
    return value


def _finite(value: int | float) -> int | float:
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError("the result is too large")
    return value


def _arithmetic(operation: Callable[[int | float, int | float], int | float]) -> _Operation:
    def checked(left: Scalar, right: Scalar) -> Scalar:
        if isinstance(left, str) or isinstance(right, str):
            raise TypeError(f"{left if isinstance(left, str) else right!r} is text, not a number")
        return _finite(operation(left, right))

    return checked


def _power(base: int | float, exponent: int | float) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int) and abs(exponent) * base.bit_length() > MAX_POWER_BITS:
        raise OverflowError(f"{base}**{exponent} is too large")
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError(f"{base}**{exponent} is no real number")
    return result


_ARITHMETIC: dict[type[ast.operator], _Operation] = {
    ast.Add: _arithmetic(operator.add),
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
    ast.Pow: _arithmetic(_power),
}
_ORDERINGS: dict[type[ast.cmpop], Callable[[Scalar, Scalar], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SIZES = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FUNCTIONS: dict[str, tuple[Callable[..., int | float], tuple[int, int]]] = {
    "abs": (abs, (1, 1)),
    "ceil": (math.ceil, (1, 1)),
    "exp": (math.exp, (1, 1)),
    "floor": (math.floor, (1, 1)),
    "log": (math.log, (1, 1)),
    "log2": (math.log2, (1, 1)),
    "log10": (math.log10, (1, 1)),
    "max": (max, (2, 50)),
    "min": (min, (2, 50)),
    "sqrt": (math.sqrt, (1, 1)),
}
"""Name -> function, (least, most) number of values."""
_SPOKEN: dict[type[ast.expr], str] = {
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.Lambda: "a function",
    ast.IfExp: "an if-else",
    ast.JoinedStr: "a formatted text",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.Tuple: "a list outside `in (...)`",
    ast.List: "a list outside `in (...)`",
    ast.Set: "a set",
    ast.Dict: "a mapping",
    ast.Starred: "an unpacking",
}
