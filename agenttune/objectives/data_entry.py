"""What the `objective` entries of estimators and of code say of their data: the set, its hash, the held-out share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agenttune.cards.csv_file import content_hash
from agenttune.cards.data import BUNDLED, Dataset, load_dataset
from agenttune.cards.metrics import Task
from agenttune.errors import ObjectiveError
from agenttune.types import Json, is_number

DEFAULT_HELD_OUT = 0.2


def dataset_of(content: Mapping[str, Json], cwd: Path, *, target: Json, task: Task) -> Dataset:
    """The set that an entry names.

    Args:
        content: the entry: `data`, the name of a bundled set or the path of a CSV file, relative to `cwd`, and maybe
            `sha256`, of the file's bytes when the study was made.
        cwd: where paths begin.
        target: column to predict; None is the one that data of a single target has.
        task: what the target is taken for.

    Raises:
        ObjectiveError: a data file that has changed.
        DataError: one that cannot be used.
    """
    named = str(content["data"])
    source = named if named in BUNDLED else (cwd / Path(named).expanduser()).resolve()
    expected = content.get("sha256")
    if expected is not None and isinstance(source, Path) and content_hash(source) != expected:
        raise ObjectiveError(
            f"{source} has changed since the study was made, so its trials would not compare: "
            "restore the file, or start a new study"
        )
    return load_dataset(source, target=None if target is None else str(target), task=task)


def held_out_share(content: Mapping[str, Json]) -> float:
    """The share of the rows that tuning never sees.

    Raises:
        ObjectiveError: it is none.
    """
    share = content.get("held_out", DEFAULT_HELD_OUT)
    if not is_number(share) or not 0 < share < 1:
        raise ObjectiveError(f"`held_out` must be a share between 0 and 1, but got {share!r}")
    return float(share)
