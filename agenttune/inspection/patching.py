"""`propose_patch`: what to change in a script so that its metric is printed and its constants can be set from outside.

A patch is data: nothing is written here, and nothing of the script is run. All that is not changed stays as it is, byte
for byte. What cannot be found is said so, never guessed.
"""

from __future__ import annotations

import ast
import io
import keyword
import os
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

from agenttune.errors import UserError
from agenttune.inspection.constants import ScriptConstant, find_constants
from agenttune.inspection.literals import called
from agenttune.inspection.printed import printed_metrics
from agenttune.inspection.script import TRUE, Source, parse_source, read_content

MOST_CONSTANTS = 50
"""In one patch: more is not read by whoever has to allow it."""
MOST_TRIED = 100
"""Values that are looked at for a place behind them."""
N_CONTEXT = 3
"""Unchanged lines around each change in a diff."""
WORDS = frozenset(
    "accuracy acc loss score f1 rmse mse mae auc auroc r2 precision recall error perplexity ppl bleu iou dice".split()
)
"""Last word in the name of a variable that holds a metric."""
_ENDINGS = re.compile(r"_(?:test|val|valid|validation|train|mean|avg|final)$")
CALLS = {
    "score": "score",
    "accuracy_score": "accuracy",
    "balanced_accuracy_score": "accuracy",
    "f1_score": "f1",
    "roc_auc_score": "auc",
    "r2_score": "r2",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_error": "mae",
    "log_loss": "log_loss",
}
"""Function whose result is a metric -> its name."""
_NO_END = "\n\\ No newline at end of file\n"
_TAKEN = re.compile(
    r"PATH|HOME|USER|SHELL|PWD|LANG|TERM|TMPDIR|TZ|DISPLAY|(?:PYTHON|LD|LC|AGENTTUNE|CUDA|OMP|MKL|NCCL|HF|SSH|XDG)_.*|PYTHON.*"
)
"""Environment variables that mean something to other programs."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of one script."""

    before: bytes
    after: bytes
    diff: str
    """Unified, with the line ends of the script."""
    metric: str | None
    """Name that the script prints once it is patched; None where nothing was to be done or found."""
    variables: dict[str, str]
    """Environment variable -> constant that it sets."""
    notes: tuple[str, ...]
    """What was not done, one sentence each."""


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    """Offsets in the text, in characters."""
    text: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value that may be the metric."""

    metric: str
    variable: str | None
    """None where it is printed without a name."""
    statement: ast.stmt
    outer: tuple[list[ast.stmt], int]
    """Block, and index in it, of the statement behind which it is known: itself, or the outermost loop around it."""
    merit: tuple[bool, bool, int]


def propose_patch(path: Path, *, metric: str | None = None, constants: Sequence[str] = ()) -> Patch:
    """What to change in a script.

    Args:
        path: the script.
        metric: name that is to be printed; None takes what is found, where the script prints nothing yet.
        constants: names of those that environment variables are to set.

    Raises:
        UserError: it cannot be read, a constant is not there or cannot be set, or nothing is to be changed.
    """
    content = read_content(path)
    try:
        return _Patching(parse_source(content, path.name), path).patch(content, metric, constants)
    except RecursionError:
        raise UserError(f"{path.name} is nested too deeply to be patched") from None


class _Patching:
    """One script that is looked at."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source, self.path = source, path
        self.lines = list(io.StringIO(source.text, newline=""))  # as Python counts them: ends are \n, \r\n and \r
        self.starts = [0, *accumulate(map(len, self.lines))]

    def patch(self, content: bytes, metric: str | None, constants: Sequence[str]) -> Patch:
        edits, variables = self._constants(constants)
        found, notes = self._metric(metric)
        if found is not None:
            metric, edit = found
            edits.append(edit)
        if not edits:
            raise UserError(f"nothing is to be changed in {self.path.name}: {'; '.join(notes)}")
        edits.sort(key=lambda edit: (edit.start, edit.end))
        after = _applied(self.source.text, edits).encode(self.source.encoding)
        try:
            parse_source(after, self.path.name)
        except UserError:
            raise UserError(f"{self.path.name} is written in a way that cannot be patched safely") from None
        printed = metric if found is not None else None
        return Patch(content, after, self._diff(edits), printed, variables, tuple(notes))

    # -- constants ---------------------------------------------------------------------------------

    def _constants(self, names: Sequence[str]) -> tuple[list[_Edit], dict[str, str]]:
        if len(names) > MOST_CONSTANTS:
            raise UserError(f"at most {MOST_CONSTANTS} constants are made settable at once, but got {len(names)}")
        edits: list[_Edit] = []
        variables: dict[str, str] = {}
        found = find_constants(self.source.tree) if names else iter(())
        there = {constant.name: (constant, node) for constant, node in found}
        for name in dict.fromkeys(names):
            if name not in there:
                known = ", ".join(list(there)[:20]) or "none"
                raise UserError(f"{self.path.name} has no constant {name[:80]!r} that can be set; it has {known}")
            constant, node = there[name]
            if _TAKEN.fullmatch(constant.variable) or constant.variable in os.environ:
                raise UserError(f"{name} cannot be set by a variable {constant.variable}: that one is in use already")
            if constant.variable in variables:
                raise UserError(f"{name} and {variables[constant.variable]} would be set by the same variable")
            variables[constant.variable] = name
            edits.append(self._settable(constant, node))
        if edits and not self._has_os(min(edit.start for edit in edits)):
            edits.append(self._import(min(edit.start for edit in edits)))
        return edits, variables

    def _settable(self, constant: ScriptConstant, node: ast.expr) -> _Edit:
        start, end = self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)
        written = self.source.text[start:end]
        if constant.kind == "bool":
            options = ", ".join(f'"{word}"' for word in TRUE)
            text = f'os.environ.get("{constant.variable}", "{constant.value}").lower() in ({options})'
            return _Edit(start, end, text)
        text = f'os.environ.get("{constant.variable}", {written})'
        return _Edit(start, end, text if constant.kind == "str" else f"{constant.kind}({text})")

    def _has_os(self, before: int) -> bool:
        imports = [node for node in self.source.tree.body if isinstance(node, ast.Import)]
        return any(
            alias.name == "os" and alias.asname is None and self._offset(node.lineno, node.col_offset) < before
            for node in imports
            for alias in node.names
        )

    def _import(self, before: int) -> _Edit:
        body = self.source.tree.body
        n_header = int(ast.get_docstring(self.source.tree, clean=False) is not None)
        while n_header < len(body) and getattr(body[n_header], "module", None) == "__future__":
            n_header += 1
        edit = self._after(body, n_header - 1, "import os") if n_header else self._in_front(body[0], "import os")
        if edit is None or edit.start > before:
            raise UserError(f"there is no line of {self.path.name} where `import os` can be put")
        return edit

    # -- the metric --------------------------------------------------------------------------------

    def _metric(self, wanted: str | None) -> tuple[tuple[str, _Edit] | None, list[str]]:
        """(name and edit, or None; what was not done)."""
        if wanted is not None and (not wanted.isidentifier() or keyword.iskeyword(wanted)):
            raise UserError(f"a metric has the name of a variable, as in val_loss, but got {wanted[:80]!r}")
        printed = list(dict.fromkeys(metric.name for metric in printed_metrics(list(ast.walk(self.source.tree)))))
        if printed and (wanted is None or wanted in printed):
            return None, [f"it prints {', '.join(printed[:8])} already"]
        candidates = sorted(self._candidates(wanted), key=lambda entry: entry.merit)  # stable: of equals the last
        for candidate in candidates[: -MOST_TRIED - 1 : -1]:
            name = wanted or candidate.metric
            if candidate.variable is None:
                return (name, self._named(candidate.statement, name)), []
            edit = self._after(*candidate.outer, f'print(f"{name}: {{{candidate.variable}}}")')
            if edit is not None:
                return (name, edit), []
        what = f"no value of {wanted}" if wanted is not None else "no value that is a metric by its name"
        return None, [f"{what} is found at module level or in main(): say which variable there holds the metric"]

    def _candidates(self, wanted: str | None) -> Iterator[_Candidate]:
        """Values that may be the metric."""
        for statement, outer in _statements(self.source.tree):
            for metric, variable in _values(statement):
                if wanted is None and metric == variable and not _is_metric(metric):
                    continue
                if wanted is not None and wanted not in (metric, variable):
                    continue
                is_exact = wanted is not None and variable == wanted
                merit = (is_exact, "train" not in metric, statement.lineno)
                yield _Candidate(metric, variable, statement, outer, merit)

    def _named(self, statement: ast.stmt, name: str) -> _Edit:
        """A name in front of the only value that a statement prints."""
        assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        value = statement.value.args[0]
        at = self._offset(value.lineno, value.col_offset)
        return _Edit(at, at, f'"{name}:", ')

    # -- places ------------------------------------------------------------------------------------

    def _offset(self, line: int | None, column: int | None) -> int:
        """Of a place that a tree tells, whose columns count bytes of UTF-8."""
        assert line is not None and column is not None  # nodes of a parsed text have both
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def _indentation(self, statement: ast.stmt) -> str | None:
        """What stands in front of a statement; None where that is another one."""
        column = self._offset(statement.lineno, statement.col_offset) - self.starts[statement.lineno - 1]
        before = self.lines[statement.lineno - 1][:column]
        return before if not before.strip() else None

    def _after(self, body: Sequence[ast.stmt], index: int, text: str) -> _Edit | None:
        """A line behind a statement of a block, and behind what shares its last line; None where there is no room."""
        indentation = self._indentation(body[0])
        if indentation is None:
            return None
        end = body[index].end_lineno or body[index].lineno
        for later in islice(body, index + 1, None):
            if later.lineno > end:
                break
            end = later.end_lineno or later.lineno
        last = self.lines[end - 1]
        at, ending = self.starts[end], self._line_end()
        if not last.endswith(("\n", "\r")):
            return _Edit(at, at, f"{ending}{indentation}{text}")
        return _Edit(at, at, f"{indentation}{text}{ending}")

    def _in_front(self, statement: ast.stmt, text: str) -> _Edit:
        decorators = getattr(statement, "decorator_list", [])
        at = self.starts[min([statement.lineno, *(entry.lineno for entry in decorators)]) - 1]
        return _Edit(at, at, f"{text}{self._line_end()}")

    def _line_end(self) -> str:
        first = self.lines[0]
        return next((ending for ending in ("\r\n", "\n", "\r") if first.endswith(ending)), "\n")

    # -- the diff ----------------------------------------------------------------------------------

    def _diff(self, edits: Sequence[_Edit]) -> str:
        """Made from the edits, as comparing texts takes time quadratic in some."""
        told = [f"--- a/{self.path.name}\n", f"+++ b/{self.path.name}\n"]
        shift = 0
        for hunk in self._hunks(edits):
            first, last = max(hunk[0][0] - N_CONTEXT, 0), min(hunk[-1][1] + N_CONTEXT, len(self.lines))
            lines, at, change = [], first, 0
            for start, end, new in hunk:
                lines += [f" {line}" for line in self.lines[at:start]]
                lines += [f"-{line}" for line in self.lines[start:end]] + [f"+{line}" for line in new]
                at, change = end, change + len(new) - (end - start)
            lines += [f" {line}" for line in self.lines[at:last]]
            n_old, n_new = last - first, last - first + change
            told.append(f"@@ -{first + 1},{n_old} +{first + 1 + shift},{n_new} @@\n")
            told += [line if line.endswith(("\n", "\r")) else f"{line}{_NO_END}" for line in lines]
            shift += change
        return "".join(told)

    def _hunks(self, edits: Sequence[_Edit]) -> list[list[tuple[int, int, list[str]]]]:
        """Changes as (first line, line after the last, new lines), those that are near each other in one list."""
        spans: list[tuple[int, int, list[_Edit]]] = []
        for edit in edits:
            start = end = bisect_right(self.starts, edit.start) - 1
            if not edit.text.endswith(("\n", "\r")):  # no whole new line
                start = min(start, len(self.lines) - 1)
                end = bisect_right(self.starts, max(edit.end - 1, self.starts[start]))
            if spans and start < spans[-1][1]:
                spans[-1] = spans[-1][0], max(end, spans[-1][1]), [*spans[-1][2], edit]
            else:
                spans.append((start, end, [edit]))
        hunks: list[list[tuple[int, int, list[str]]]] = []
        for start, end, within in spans:
            offset = self.starts[start]
            moved = [_Edit(edit.start - offset, edit.end - offset, edit.text) for edit in within]
            text = _applied(self.source.text[offset : self.starts[end]], moved)
            change = start, end, list(io.StringIO(text, newline=""))
            if hunks and start - hunks[-1][-1][1] <= 2 * N_CONTEXT:
                hunks[-1].append(change)
            else:
                hunks.append([change])
        return hunks


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, tuple[list[ast.stmt], int]]]:
    """(statement, where it or the outermost loop around it stands) of what runs once: the module and main()."""
    blocks: list[tuple[list[ast.stmt], tuple[list[ast.stmt], int] | None]] = [(tree.body, None)]
    while blocks:
        body, loop = blocks.pop()
        for index, statement in enumerate(body):
            yield statement, loop or (body, index)
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                if statement.name == "main" and body is tree.body:
                    blocks.append((statement.body, None))
            elif not isinstance(statement, ast.ClassDef):
                is_loop = isinstance(statement, ast.For | ast.AsyncFor | ast.While)
                inner = loop or ((body, index) if is_loop else None)
                within = [getattr(statement, name, None) for name in ("body", "orelse", "finalbody")]
                blocks += [(block, inner) for block in within if block]


def _values(statement: ast.stmt) -> Iterator[tuple[str, str | None]]:
    """(name of the metric, variable that holds it; None where it is printed without a name) of a statement."""
    if isinstance(statement, ast.Expr) and called(statement.value) == "print":
        call = statement.value
        if isinstance(call, ast.Call) and len(call.args) == 1 and (name := _of_call(call.args[0])):
            yield name, None
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and statement.value is not None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        name = _of_call(statement.value)
        for target in targets:
            if isinstance(target, ast.Name):
                if name and not _is_metric(target.id):
                    yield name, target.id
                elif _may_be_number(statement.value):
                    yield target.id, target.id
            elif isinstance(target, ast.Tuple | ast.List):
                yield from ((entry.id, entry.id) for entry in target.elts if isinstance(entry, ast.Name))


def _of_call(node: ast.expr) -> str:
    """The metric that a known call gives, also within `round(...)` and the like."""
    if isinstance(node, ast.Call) and called(node) in ("round", "float") and node.args:
        node = node.args[0]
    return CALLS.get(called(node), "") if isinstance(node, ast.Call) else ""


def _may_be_number(node: ast.expr) -> bool:
    """False of lists, texts and of what a class makes: `loss = nn.MSELoss()`."""
    if isinstance(node, ast.Call):
        return not called(node)[:1].isupper()
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return not isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.Lambda | ast.ListComp | ast.JoinedStr)


def _is_metric(variable: str) -> bool:
    plain = _ENDINGS.sub("", variable.lower())
    return plain.rpartition("_")[2] in WORDS
