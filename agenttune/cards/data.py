"""Data cards: what is known of a data set, and the data set itself as features and target.

Data come from scikit-learn's bundled sets by name, or from a CSV file. Everything inferred (which
columns are numbers, whether the target is classes or a number, what was left out) is written on the
card as a note. Not for: encoding columns as numbers (pipeline.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agenttune.cards.csv_file import content_hash, near, read_csv, read_header, repeated_names
from agenttune.cards.metrics import Task
from agenttune.cards.odd_cells import settle
from agenttune.errors import DataError

ColumnKind = Literal["number", "category", "boolean"]

MOST_CLASS_NUMBERS = 20
"""Whole numbers with at most this many distinct values count as classes (digits, ratings, 0/1)."""
MAX_LEVELS = 50
"""Columns one category may become; the rarest levels share the last. Keeps a careless column affordable."""
_ID_NAME = re.compile(r"(unnamed.*|index|idx|row.*|(.*[_ ])?(id|uuid|key|no|nr))$", re.IGNORECASE)
_ID_SHARE = 0.95
"""A text column with this share of distinct values names rows rather than describes them."""
_ID_ROWS = 20
"""Fewer rows than this say nothing about that."""


@dataclass(frozen=True, slots=True)
class BundledSet:
    """A data set that comes with scikit-learn."""

    loader: str
    """Function in `sklearn.datasets`."""
    target: str
    """What its target is called here."""
    synonyms: tuple[str, ...] = ()
    target_synonyms: tuple[str, ...] = ()


BUNDLED = {
    "digits": BundledSet("load_digits", "digit", ("digits",), ("number", "class")),
    "iris": BundledSet("load_iris", "species", ("iris",), ("class",)),
    "wine": BundledSet("load_wine", "cultivar", ("wine", "wines"), ("class",)),
    "breast_cancer": BundledSet(
        "load_breast_cancer", "diagnosis", ("breast cancer", "breast-cancer", "breast_cancer"), ("class", "malignancy")
    ),
    "diabetes": BundledSet("load_diabetes", "progression", ("diabetes",), ("disease progression",)),
}
"""Name -> data set. To add one: a line here."""


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """What is known of one column."""

    name: str
    kind: ColumnKind
    n_missing: int
    n_distinct: int
    is_used: bool = True
    """False for columns left out of the features; `note` says why."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DataCard:
    """What is known of a data set."""

    name: str
    source: str
    """"scikit-learn", or the absolute path of a file."""
    n_rows: int
    """Rows with a target."""
    columns: tuple[ColumnCard, ...]
    """Without the target."""
    target: str
    task: Task
    task_reason: str
    """What the target was taken for, in words."""
    is_target_numeric: bool = False
    """Whether the target holds numbers, so that taking it for classes was a choice."""
    classes: tuple[tuple[str, int], ...] = ()
    """(label, rows) of each class, in the order of the class numbers; empty for numbers."""
    sha256: str | None = None
    """Of the file's bytes; None for bundled sets."""
    notes: tuple[str, ...] = ()
    """What was left out or repaired, one sentence each."""

    def facts(self) -> list[str]:
        """The card in a few phrases."""
        used = [column for column in self.columns if column.is_used]
        n_numbers = sum(column.kind == "number" for column in used)
        n_missing = sum(column.n_missing for column in used)
        kinds = [f"{n_numbers} numbers"] if n_numbers else []
        kinds += [f"{len(used) - n_numbers} categories"] if len(used) > n_numbers else []
        phrases = [f"{self.n_rows} rows, {' + '.join(kinds)}"]
        phrases += [f"{n_missing} missing values"] if n_missing else []
        return [*phrases, f"target {self.target}: {self.task_reason}"]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A data set ready for a pipeline."""

    card: DataCard
    features: Any
    """n rows; an n x p float array, or a pandas frame when there are categories or missing values."""
    target: NDArray[Any]
    """n class numbers 0..K-1, or n floats."""
    numbers: tuple[str, ...] = ()
    """Columns of a frame that hold numbers."""
    categories: tuple[str, ...] = ()
    """Columns of a frame that hold categories or booleans."""

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 when the target is a number."""
        return len(self.card.classes)

    def rows(self, positions: NDArray[np.intp]) -> Any:
        """The features of those rows."""
        return self.features[positions] if isinstance(self.features, np.ndarray) else self.features.iloc[positions]


def data_name(path: Path) -> str:
    """What a data file is called: "penguins" for penguins.csv and penguins.csv.gz."""
    return path.name.partition(".")[0] or path.name


def column_names(source: str | Path) -> list[str]:
    """The names a target may have, without reading the rows.

    Raises:
        DataError: the file cannot be used.
    """
    if isinstance(source, str) and source in BUNDLED:
        return [BUNDLED[source].target, *BUNDLED[source].target_synonyms]
    return read_header(Path(source))


def load_dataset(source: str | Path, *, target: str | None = None, task: Task | None = None) -> Dataset:
    """Reads a data set.

    Args:
        source: a name in `BUNDLED`, or the path of a CSV file.
        target: the column to predict; None is allowed for bundled sets only.
        task: what to take the target for; None infers it by the rule on the card.

    Raises:
        DataError: missing, empty or unusable file; unknown target; a target with one value.
    """
    if isinstance(source, str) and source in BUNDLED:
        return _load_bundled(source, target, task)
    return _load_file(Path(source), target, task)


def _load_bundled(name: str, target: str | None, task: Task | None) -> Dataset:
    import sklearn.datasets

    bundled = BUNDLED[name]
    if target is not None and target.lower() not in (bundled.target, *bundled.target_synonyms):
        raise DataError(f"the target of {name} is {bundled.target!r}, but got {target!r}")
    loaded = getattr(sklearn.datasets, bundled.loader)()
    features = np.asarray(loaded.data, dtype=np.float64)
    labels = [str(label) for label in loaded.target_names] if "target_names" in loaded else []
    values = np.asarray(loaded.target)
    is_text = bool(labels) and not labels[0].isdecimal()
    task, reason = _task_of(bundled.target, np.array(labels, dtype=object)[values] if is_text else values, task)
    classes, numbers = _encode(bundled.target, values, task, labels)
    columns = tuple(
        ColumnCard(str(column), "number", 0, int(np.unique(features[:, position]).size))
        for position, column in enumerate(loaded.feature_names)
    )
    card = DataCard(
        name,
        "scikit-learn",
        len(values),
        columns,
        bundled.target,
        task,
        reason,
        is_target_numeric=not is_text,
        classes=classes,
    )
    return Dataset(card, features, numbers, numbers=tuple(column.name for column in columns))


def _load_file(path: Path, target: str | None, task: Task | None) -> Dataset:
    frame = read_csv(path)
    target = _target_column(path, [str(name) for name in frame.columns], target)
    notes = settle(path, frame, target=target, most_classes=MOST_CLASS_NUMBERS)
    is_missing = frame[target].isna()
    if bool(is_missing.all()):
        raise DataError(f"target {target!r} of {path} is missing in every row, so there is nothing to learn")
    if bool(is_missing.any()):
        notes.append(f"{int(is_missing.sum())} rows without {target!r} left out")
        frame = frame[~is_missing].reset_index(drop=True)
    values = frame[target].infer_objects().to_numpy()
    task, reason = _task_of(target, values, task)
    classes, numbers = _encode(target, values, task, [])
    columns = [_column_card(str(name), frame[name]) for name in frame.columns if name != target]
    notes += [f"{column.name!r} left out: {column.note}" for column in columns if not column.is_used]
    notes += [
        f"{column.name!r} has {column.n_distinct} levels, the rarest of which share one column"
        for column in columns
        if column.is_used and column.kind == "category" and column.n_distinct > MAX_LEVELS
    ]
    card = DataCard(
        data_name(path),
        str(path.resolve()),
        len(frame),
        tuple(columns),
        target,
        task,
        reason,
        is_target_numeric=values.dtype.kind in "iuf",
        classes=classes,
        sha256=content_hash(path),
        notes=tuple(notes),
    )
    used = [column for column in columns if column.is_used]
    if not used:
        raise DataError(f"{path} has no column to predict {target!r} from: {'; '.join(notes)}")
    return Dataset(
        card,
        _features(frame, used),
        numbers,
        numbers=tuple(column.name for column in used if column.kind == "number"),
        categories=tuple(column.name for column in used if column.kind != "number"),
    )


def _target_column(path: Path, columns: Sequence[str], target: str | None) -> str:
    if target is None:
        raise DataError(
            f"which column of {path} is to be predicted? Name it (`tune --target`, `code --column`): {_listed(columns)}"
        )
    folded = [name for name in columns if name.lower() == target.lower()]
    found = target if target in columns else folded[0] if len(folded) == 1 else None
    if found is not None and found in repeated_names(path):
        raise DataError(
            f"{path} has several columns named {found!r}, so it is not clear which is to be predicted: "
            "rename or remove all but one"
        )
    if found is not None:
        return found
    raise DataError(f"{path} has no column {target!r}{near(target, columns)}; it has {_listed(columns)}")


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:12])
    return shown if len(columns) <= 12 else f"{shown} and {len(columns) - 12} more"


def _task_of(target: str, values: NDArray[Any], asked: Task | None) -> tuple[Task, str]:
    """The task and the rule that chose it, in words."""
    distinct = sorted({str(value) for value in values})
    is_numeric = values.dtype.kind in "iuf"
    if len(distinct) < 2:
        raise DataError(
            f"target {target!r} has one value only ({distinct[0]!r}), so there is nothing to learn: "
            "choose another column, or add rows of another class"
        )
    is_whole = is_numeric and bool(np.all(np.isfinite(values))) and bool(np.all(values == np.round(values)))
    are_few = is_whole and len(distinct) <= MOST_CLASS_NUMBERS
    inferred: Task = "classification" if not is_numeric or are_few else "regression"
    task = asked or inferred
    if task == "regression" and not is_numeric:
        text = next((value for value in distinct if not re.fullmatch(r"[-+.,eE\d]+", value)), distinct[0])
        raise DataError(f"target {target!r} holds text ({text!r}, ...), so it cannot be predicted as a number")
    if task == "classification":
        return task, f"{len(distinct)} classes{' of whole numbers' if are_few else ''}"
    if inferred == "classification":
        return task, f"whole numbers ({len(distinct)} distinct), taken as a number as asked"
    return task, f"a number ({len(distinct)} distinct values)"


def _encode(
    target: str, values: NDArray[Any], task: Task, labels: Sequence[str]
) -> tuple[tuple[tuple[str, int], ...], NDArray[Any]]:
    """((label, rows) per class, class numbers), or ((), floats)."""
    if task == "regression":
        numbers = values.astype(np.float64)
        if not np.all(np.isfinite(numbers)):
            raise DataError(f"target {target!r} holds infinite values: remove those rows")
        return (), numbers
    is_numeric = values.dtype.kind in "iuf"
    distinct, positions = np.unique(values if is_numeric else values.astype(str), return_inverse=True)
    counts = np.bincount(positions)
    names = list(labels) or [f"{value:g}" if is_numeric else str(value) for value in distinct]
    return tuple((name, int(count)) for name, count in zip(names, counts, strict=True)), positions.astype(np.intp)


def _column_card(name: str, column: Any) -> ColumnCard:
    """What one column of a frame holds, and whether it is of use.

    Args:
        column: a pandas series.
    """
    present = column.dropna()
    kind: ColumnKind = "category"
    if column.dtype.kind == "b" or (len(present) and present.map(lambda value: isinstance(value, bool)).all()):
        kind = "boolean"
    elif column.dtype.kind in "iuf":
        kind = "number"
    n_distinct = int(present.nunique())
    note = None
    if n_distinct <= 1:
        note = "it is empty" if n_distinct == 0 else "it has one value only"
    elif _names_rows(name, kind, present, n_distinct):
        note = "it numbers or names the rows"
    return ColumnCard(name, kind, int(column.isna().sum()), n_distinct, is_used=note is None, note=note)


def _names_rows(name: str, kind: ColumnKind, present: Any, n_distinct: int) -> bool:
    if len(present) < _ID_ROWS:
        return False
    if kind == "category":
        return n_distinct >= _ID_SHARE * len(present)
    if kind == "number" and n_distinct == len(present) and bool(_ID_NAME.match(name)):
        return bool((present == present.round()).all())
    return False


def _features(frame: Any, used: Sequence[ColumnCard]) -> Any:
    """The used columns: numbers as floats (infinite ones missing), the rest as text, missing as NaN."""
    import pandas

    columns = {}
    for column in used:
        values = frame[column.name]
        if column.kind == "number":
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan).copy()
            numbers[~np.isfinite(numbers)] = np.nan
            columns[column.name] = pandas.Series(numbers)
        else:
            texts = [
                np.nan if is_missing else str(value) for value, is_missing in zip(values, values.isna(), strict=True)
            ]
            columns[column.name] = pandas.Series(texts, dtype=object)
    return pandas.DataFrame(columns)
