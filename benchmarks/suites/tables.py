"""Measured tables: storage systems, compilers, reactions, databases; the tasks that random search does not solve.

A table that holds nearly every cell is looked up, and a cell nobody measured is a failed trial. One that holds a
sample of its cells answers with the row nearest in the unit cube. The two of MySQL, samples of a continuous space, are
stood for by a random forest. Of several metrics the table's first one is the goal.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agenttune.history import config_key
from agenttune.space import Categorical, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Config
from benchmarks.suites import Evaluate, Task

if TYPE_CHECKING:
    import pandas as pd

NEEDS_DATA = True
FULL = 0.9
"""Share of the cells from which a table counts as measured."""
MAX_LEVELS = 40
"""Values of a number above which its column is a range."""
WIDE = 1_000.0
"""Ratio of a range's ends from which it is searched on a log scale."""
N_TREES = 100
MEANINGS = {
    "Learning_rate": "log10 of the step size",
    "Spout_wait": "milliseconds a source waits when it has nothing to emit",
    "Spliters": "parallel workers that split sentences",
    "Counters": "parallel workers that count words",
    "Netty_min_wait": "milliseconds before a lost connection is tried again",
    "Max_spout": "tuples a source may have under way",
}


def names(root: Path | None) -> list[str]:
    """Tasks of tasks.json that tell methods apart."""
    return [entry["id"] for entry in _listed(_root(root)) if entry["discriminates"]]


def load(name: str, root: Path | None) -> Task:
    """A table."""
    (entry,) = (entry for entry in _listed(_root(root)) if entry["id"] == name)
    rows = _rows(_root(root), entry)
    goal = entry["objectives"][0]
    space = Space({knob: _parameter(knob, rows[knob]) for knob in entry["knob_names"]})
    configs = [_config(space, record) for record in rows[entry["knob_names"]].to_dict("records")]
    values = rows[goal["name"]].to_numpy(float)
    is_max = goal["direction"] == "max"
    evaluate: Evaluate
    if name.startswith("db_"):
        evaluate = _forest(space, configs, values)
        best, at_best, at_worst = None, None, None
    else:
        share = len(rows) / entry["grid_cells"]
        evaluate = _looked_up(configs, values) if share >= FULL else _nearest(space, configs, values)
        best = float(values.max() if is_max else values.min())
        ends = (int(values.argmin()), int(values.argmax()))
        at_worst, at_best = (configs[end] for end in (ends if is_max else ends[::-1]))
    return Task(
        "tables",
        name,
        space,
        evaluate,
        "maximize" if is_max else "minimize",
        conditions=("neutral", "shifted"),
        metric=goal["name"],
        best=best,
        median=float(np.median(values)),
        optimum=at_best,
        worst=at_worst,
    )


def _root(root: Path | None) -> Path:
    assert root is not None
    return root


@cache
def _listed(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((root / "tasks.json").read_text())["tasks"]
    return found


def _rows(root: Path, entry: dict[str, Any]) -> pd.DataFrame:
    """One row per configuration, repeated measurements averaged."""
    import pandas as pd

    read = entry.get("read", {})
    rows = pd.read_csv(root / entry["file"], keep_default_na=False, na_values=[""], **read)
    if entry.get("columns"):
        rows.columns = pd.Index(entry["columns"])
    rows.columns = pd.Index([str(column).strip() for column in rows.columns])
    rows = rows.rename(columns=entry.get("rename", {}))
    metric = entry["objectives"][0]["name"]
    rows[metric] = pd.to_numeric(rows[metric], errors="coerce")
    means: pd.DataFrame = rows.groupby(entry["knob_names"], as_index=False)[metric].mean().dropna(subset=[metric])
    return means


def _parameter(name: str, column: pd.Series[Any]) -> Parameter:
    meaning = MEANINGS.get(name, "")
    values = column.unique().tolist()
    if not all(isinstance(value, int | float) for value in values):
        return Categorical(sorted(values), meaning=meaning)
    if len(values) <= MAX_LEVELS:
        return Ordinal(sorted(values), meaning=meaning)
    low, high = min(values), max(values)
    kind = Int if all(float(value).is_integer() for value in values) else Float
    return kind(low, high, log=low > 0 and high / low > WIDE, meaning=meaning)


def _config(space: Space, record: dict[Any, Any]) -> Config:
    return space.validate(
        {str(name): value.item() if hasattr(value, "item") else value for name, value in record.items()}
    )


def _looked_up(configs: list[Config], values: np.ndarray[Any, Any]) -> Evaluate:
    known = {config_key(config): float(value) for config, value in zip(configs, values, strict=True)}
    return lambda config: known.get(config_key(config))


def _nearest(space: Space, configs: list[Config], values: np.ndarray[Any, Any]) -> Evaluate:
    points = space.to_unit(configs)

    def evaluate(config: Config) -> float:
        (point,) = space.to_unit([config])
        return float(values[((points - point) ** 2).sum(1).argmin()])

    return evaluate


def _forest(space: Space, configs: list[Config], values: np.ndarray[Any, Any]) -> Evaluate:
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(N_TREES, min_samples_leaf=2, random_state=0, n_jobs=1)
    forest.fit(space.to_unit(configs), values)
    return lambda config: float(forest.predict(space.to_unit([config]))[0])
