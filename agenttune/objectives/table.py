"""Objectives that are tables: every configuration was measured before, one row each, in a CSV file.

Columns are parameters and metrics. A cell nobody measured is a failed trial. Not for: data to train
on (estimator.py).
"""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives import Run
from agenttune.types import Config, Json, Metrics, Scalar

FIELDS = ("type", "path", "metric", "duplicates")

RELATIVE_TOLERANCE = 1e-9
"""Numbers this close are the same: enough for what decimal text and arithmetic do to a float."""

UNMEASURED = frozenset({"", "na", "nan", "n/a", "null", "none", "?"})
"""Cells without a measurement, whatever their case."""


@dataclass(frozen=True, slots=True)
class TableObjective:
    """Looks configurations up in a table."""

    path: Path
    columns: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]]
    """Cells by line number, as an editor counts."""
    metric: str | None = None
    """Column of the goal's metric; None: the column called as the metric is."""
    duplicates: str = "refuse"
    """Several rows for one configuration: "refuse" (a column is missing from the space, most likely), or "mean"."""

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> TableObjective:
        """Reads `{"type": "table", "path": "table.csv", "metric": "accuracy", "duplicates": "refuse"}`.

        Raises:
            ObjectiveError: an unknown entry, a missing or empty file, rows of another width than the header.
        """
        for name in content:
            if name not in FIELDS:
                near = difflib.get_close_matches(name, FIELDS, n=1)
                hint = f": did you mean {near[0]!r}?" if near else f"; there are {', '.join(FIELDS)}"
                raise ObjectiveError(f"a table objective has no entry {name!r}{hint}")
        metric, duplicates = content.get("metric"), content.get("duplicates", "refuse")
        if duplicates not in ("refuse", "mean"):
            raise ObjectiveError(f"`duplicates` must be 'refuse' or 'mean', but got {duplicates!r}")
        path = cwd / str(content.get("path", ""))
        columns, rows = _read(path)
        table = cls(path, columns, rows, None if metric is None else str(metric), str(duplicates))
        if table.metric is not None:
            table._position(table.metric)
        return table

    def check(self, names: list[str], metric: str) -> None:
        """Refuses a space or a goal that the table has no columns for.

        Raises:
            ObjectiveError: names the column that is missing and the nearest there is.
        """
        for name in [*names, self.metric or metric]:
            self._position(name)

    def evaluate(self, config: Config, run: Run) -> Metrics:
        """The goal's metric in the row of `config`, and whatever else was measured there.

        Raises:
            TrialFailure: no row, an unmeasured cell, or several rows where they are refused.
        """
        matching = self._matching(config)
        if not matching:
            asked = ", ".join(f"{name}={value}" for name, value in config.items())
            raise TrialFailure(f"{self.path.name} has no row for {asked}")
        if len(matching) > 1 and self.duplicates == "refuse":
            lines = " and ".join(str(line) for line in matching[:2])
            raise TrialFailure(
                f"lines {lines} of {self.path.name} both fit this configuration: a column may be missing from the "
                'space; duplicates = "mean" averages them'
            )
        measured = [self._metrics(line, config, run.metric) for line in matching]
        names = set.intersection(*(set(metrics) for metrics in measured))
        return {name: math.fsum(metrics[name] for metrics in measured) / len(measured) for name in sorted(names)}

    def _matching(self, config: Config) -> list[int]:
        """Line numbers of the rows that hold this configuration."""
        wanted = [(self._position(name), value) for name, value in config.items()]
        return [
            line for line, row in self.rows.items() if all(_is_same(row[position], value) for position, value in wanted)
        ]

    def _metrics(self, line: int, config: Config, metric: str) -> dict[str, float]:
        row = self.rows[line]
        column = self.metric or metric
        cell = row[self._position(column)].strip()
        if cell.lower() in UNMEASURED:
            raise TrialFailure(f"line {line} of {self.path.name} has no measurement of {column}")
        number = _number(cell)
        if number is None:
            raise TrialFailure(f"line {line} of {self.path.name} has {column} = {cell!r} where a number was expected")
        others = {
            name: value
            for name, text in zip(self.columns, row, strict=True)
            if name not in config and name != column and (value := _number(text)) is not None and math.isfinite(value)
        }
        return others | {metric: number}

    def _position(self, name: str) -> int:
        if name not in self.columns:
            near = difflib.get_close_matches(name, self.columns, n=1)
            hint = f": did you mean {near[0]!r}?" if near else f"; it has {', '.join(self.columns)}"
            raise ObjectiveError(f"{self.path.name} has no column {name!r}{hint}")
        return self.columns.index(name)


def _read(path: Path) -> tuple[tuple[str, ...], dict[int, tuple[str, ...]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            rows = dict((reader.line_num, tuple(row)) for row in reader if row)  # noqa: C402  # the key moves as it reads
    except OSError as error:
        raise ObjectiveError(f"the table {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ObjectiveError(f"the table {path} is no CSV file in UTF-8: {error}") from error
    if len(rows) < 2:
        raise ObjectiveError(f"the table {path} needs a header and at least one row")
    columns = tuple(name.strip() for name in rows.pop(min(rows)))
    for number, row in rows.items():
        if len(row) != len(columns):
            raise ObjectiveError(f"line {number} of {path} has {len(row)} cells, but the header has {len(columns)}")
    return columns, rows


def _is_same(cell: str, value: Scalar) -> bool:
    cell = cell.strip()
    if isinstance(value, str):
        return cell == value
    if isinstance(value, bool):
        return cell.lower() in (("true", "1", "1.0") if value else ("false", "0", "0.0"))
    number = _number(cell)
    return number is not None and math.isclose(number, value, rel_tol=RELATIVE_TOLERANCE)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
