"""The numbers that a script prints under names, found in its syntax tree, each with a regex that reads it.

Not for: reading a run's output (objectives/measurements.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agenttune.inspection.literals import called

LONGEST_LABEL = 120
"""Characters in front of a printed number that are looked at."""
SCALED = r"(?:[numµμ]s(?:ecs?)?|m(?:ins?)?|h(?:rs?)?|[kKMGTP]i?(?:[Bb](?:its?)?)?(?:ps)?)"
"""Units, as a pattern, that stand for a multiple of another: 125ms may be 1.25s in the next trial."""
_OPENING = "([-+]?"
APART = r"(?<!\w)(?<!\w[/.-])"
"""Before a metric's name, as a pattern: `loss` is not read from `val_loss`, `val/loss` or `val-loss`."""
PRINTERS = ("print", "info", "debug", "warning", "write", "echo", "log")
"""Functions and methods that print."""
_LABEL = re.compile(r"([A-Za-z_][\w@/. -]*?)[\"']?\s*(?:=|:|\bis\b)$")
_PERCENT = re.compile(r"%[-+ #0]*+\d*+(?:\.\d++)?[diouxXeEfFgGs]")
_UNIT = re.compile(r"[^\W\d_]+")
_FIELD = re.compile(r"\{[^{}]*\}")


def number_pattern(unit: str = "") -> str:
    """Of a printed number, as a pattern with one group: the whole of what is printed.

    "11,000" is not taken for 11, and a number that diverged is taken, so that the value before it does not stand.
    What is more than a number is taken with all that is glued to it, so that it is refused: "0:01:05", "24/73",
    "125ms".

    Args:
        unit: letters that are always printed right behind it, and are left out then; without it those are left out
            that are not `SCALED`.
    """
    here = rf"{re.escape(unit)}(?![^\W\d_])"
    glued = rf"(?!{here})[^\W\d_]\w*" if unit else rf"{SCALED}(?![^\W_])|[^\W\d_]+\d\w*"
    end = rf"(?={here})|(?!\w)" if unit else r"(?!\w)"
    number = r"\.?\d(?:[\d.,_]*\d)?(?:[eE][-+]?\d+)?(?!\d)"
    return rf"{_OPENING}(?:{number}(?:[:/]\d[\w.:/]*|{glued})?|(?i:nan|inf|infinity)(?:{end})))"


NUMBER = number_pattern()
"""Of a printed number of which nothing else is known."""


def named(regex: str, name: str) -> str:
    """The regex of a metric, with its group called `name`."""
    return regex.replace(_OPENING, f"(?P<{name}>{_OPENING[1:]}", 1)


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
class _Label:
    """What is printed in front of a number."""

    text: str
    separator: str
    """What stands between it and the number, as a pattern."""
    unit: str = ""
    """Letters right behind the number, where the script writes them there."""

    @property
    def name(self) -> str:
        """As that of a metric."""
        return re.sub(r"[^\w]+", "_", self.text).strip("_")

    @property
    def is_name(self) -> bool:
        """Whether a metric can be called so."""
        return bool(self.name) and not self.name[0].isdigit()


def printed_metrics(nodes: Sequence[ast.AST]) -> tuple[Metric, ...]:
    """What a script prints under names, by line."""
    return _metrics(nodes, _labels)


def bare_metrics(nodes: Sequence[ast.AST]) -> tuple[Metric, ...]:
    """What a script prints in f-strings behind a word alone, and in sums of texts, by line."""
    return _metrics(nodes, _bare_labels)


def _metrics(nodes: Sequence[ast.AST], find: Callable[[Sequence[ast.expr]], Iterator[_Label]]) -> tuple[Metric, ...]:
    loops = [node for node in nodes if isinstance(node, ast.For | ast.While)]
    within = {line for loop in loops for line in range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)}
    calls = [node for node in nodes if isinstance(node, ast.Call) and called(node) in PRINTERS]
    found = [(call.lineno, label) for call in calls for label in find(call.args) if label.is_name]
    texts = {label.text for _, label in found}
    units: dict[str, set[str]] = {}
    for _, label in found:
        units.setdefault(label.name, set()).add(label.unit)
    metrics = []
    for line, label in found:
        number = number_pattern(label.unit if len(units[label.name]) == 1 else "")
        regex = f"{_before(label.text, texts)}{re.escape(label.text)}[\"']?{label.separator}{number}"
        metrics.append(Metric(label.name, regex, line, line in within))
    return tuple(sorted(metrics, key=lambda metric: metric.line))


def _before(label: str, labels: Iterable[str]) -> str:
    """What must not stand before a label, as a pattern: where "val loss" is printed, too, its loss is another."""
    longer = sorted(other for other in labels if other.endswith(f" {label}"))
    return APART + "".join(f"(?<!{re.escape(other.removesuffix(label))})" for other in longer)


def _labels(arguments: Sequence[ast.expr]) -> Iterator[_Label]:
    """Of whatever is printed; in f-strings, which people write as sentences, only those that a sign follows."""
    for index, argument in enumerate(arguments):
        following = arguments[index + 1] if index + 1 < len(arguments) else None
        if not (isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add)):
            yield from _labels_of(_pieces(argument), is_sentence=isinstance(argument, ast.JoinedStr))
        if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
            if argument.func.attr == "dumps":
                yield from _labels(argument.args[:1])
        elif isinstance(argument, ast.Dict):
            keys = [key.value for key in argument.keys if isinstance(key, ast.Constant)]
            yield from (_Label(str(key), r"\s*:\s*") for key in keys)
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str) and following is not None:
            text = argument.value
            if _PERCENT.search(text):  # logging's own way
                yield from _labels_of(_PERCENT.split(text))
            elif not isinstance(following, ast.Constant):
                yield from _label_in(text if _label(text) else f"{text}:", _behind(following), r"\s*[:=]?\s*")


def _bare_labels(arguments: Sequence[ast.expr]) -> Iterator[_Label]:
    """Of sums of texts, and of words alone in f-strings: two that belong together, or the last of a sentence."""
    for argument in arguments:
        is_sum = isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add)
        for before, behind in pairwise(_pieces(argument)) if is_sum or isinstance(argument, ast.JoinedStr) else ():
            words = _label(f"{before.rstrip()}:").split()
            if _label(before) and is_sum:
                yield from _label_in(before, behind)
            elif words and not _label(before):
                label = " ".join(words if len(words) == 2 else words[-1:])
                yield from _label_in(f"{label}:", behind, r"\s+")


def _labels_of(pieces: Sequence[str], *, is_sentence: bool = False) -> Iterator[_Label]:
    for before, behind in pairwise(pieces):
        if _label(before):
            yield from _label_in(before, behind)
        elif not is_sentence:
            yield from _label_in(f"{before.rstrip()}:", behind, r"\s+")


def _pieces(node: ast.expr) -> list[str]:
    """The texts before, between and behind the values that a text is put together of."""
    if isinstance(node, ast.JoinedStr):
        return _joined([str(part.value)] if isinstance(part, ast.Constant) else ["", ""] for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([_pieces(node.left), _pieces(node.right)])
    template, field = None, _PERCENT
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        template = node.left
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        template, field = node.func.value, _FIELD
    text = template.value if isinstance(template, ast.Constant) else None
    return field.split(text) if isinstance(text, str) else ["", ""]


def _joined(parts: Iterable[list[str]]) -> list[str]:
    """The pieces of several texts, one behind the other."""
    pieces = [""]
    for first, *others in parts:
        pieces[-1] += first
        pieces += others
    return pieces


def _behind(node: ast.expr) -> str:
    """What stands behind the number that a text begins with."""
    pieces = _pieces(node)
    return pieces[1] if len(pieces) > 1 and not pieces[0] else ""


def _label_in(text: str, behind: str, separator: str = r"\s*(?:=|:|is)\s*") -> Iterator[_Label]:
    label, unit = _label(text), _UNIT.match(behind)
    if label:
        yield _Label(label, separator, unit[0] if unit else "")


def _label(text: str) -> str:
    """The words in front of the sign that a text ends with; empty where it ends with none."""
    found = _LABEL.search(text.rstrip()[-LONGEST_LABEL:])
    return found[1].strip() if found else ""
