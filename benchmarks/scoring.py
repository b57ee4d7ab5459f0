"""Regret out of what a campaign kept, and what can be said of methods by it. No tables, no plots (bench_report.py).

Regret of a run after n trials is (best - incumbent) / (best - median), where best is the better of the best known
value and the best that any method here found, and median that of random configurations. On pooled tasks, and where
nothing is known, best and worst value that any of the compared methods found take their place, as LLAMBO's paper
has it: the pool grows with the methods, so pooled regret compares within one report only. All conditions of a task
share one scale, since none of them changes which values can be had: names are exchanged one for one, and so are the
values of a mirrored number. While every trial of a run failed, its regret is that of the median (of the worst, where
it is pooled). Runs that a used-up space stopped short keep their incumbent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agenttune.errors import UserError
from benchmarks.versions import VERSIONS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

N_BOOTSTRAP = 10_000
LEAST_TASKS = 5
"""Tasks below which a bootstrap over them says nothing."""
TIE = 1e-3
"""Difference in mean normalised regret on a task up to which two methods count as level."""
PUBLISHED = "llambo"
UNPUBLISHED = ["cpu_s", "tokens_in", "tokens_out"]
"""What is not known of those runs."""
TASK = ["suite", "task", "condition"]
RUN = [*TASK, "method", "seed"]
"""What tells runs apart; a model is part of the method's name."""
COLUMNS = {
    *(*RUN, "model", "n_trials", "trial", "value", "incumbent", "arm"),
    *("cpu_s", "requests", "tokens_in", "tokens_out", "usd"),
    *("direction", "best", "median", "is_pooled"),
}
"""What is read of a cell; a file without one of them is none."""


def read(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Every trial of a campaign, and the names of files that could not be read or are no cells.

    The column `versions` has what measured a trial; it is missing where the cell is older. A method that asks a model
    carries the model's name: "model openai:NAME".

    Raises:
        UserError: there are no results.
    """
    import pandas as pd

    files = sorted((folder / "cells").glob("*.parquet"))
    cells = {file.name: read_cell(file) for file in files}
    unread = [name for name, trials in cells.items() if trials is None]
    if len(unread) == len(files):
        notes = "".join(f" ({note})" for note in unread_note(unread))
        raise UserError(f"there are no results under {folder}{notes}; python -m benchmarks.campaign makes some")
    trials = pd.concat([trials for trials in cells.values() if trials is not None], ignore_index=True)
    trials["model"] = trials["model"].fillna("")
    trials["method"] = (trials["method"] + " " + trials["model"]).str.rstrip()
    trials[UNPUBLISHED] = trials[UNPUBLISHED].mask(trials["method"] == PUBLISHED)  # older cells have 0
    return trials, unread


def unread_note(unread: Sequence[str]) -> Iterator[str]:
    """A sentence that names the files that `read` left out, where there are some."""
    if unread:
        what = (
            "1 file could not be read and is" if len(unread) == 1 else f"{len(unread)} files could not be read and are"
        )
        yield f"{what} left out: {', '.join(unread)}"


def read_cell(file: Path) -> pd.DataFrame | None:
    """The trials of a file; None if it is damaged or no cell."""
    import pandas as pd
    import pyarrow as pa

    try:
        trials = pd.read_parquet(file)
    except (OSError, pa.ArrowException):
        return None
    if not set(trials) >= COLUMNS:
        return None
    return trials.assign(versions=pd.Series(trials.attrs.pop(VERSIONS, None), trials.index, dtype="str"))


def measured_by(trials: pd.DataFrame) -> str:
    """A sentence on which versions measured how many of the runs."""
    runs = trials.drop_duplicates(RUN)[VERSIONS].fillna("unknown versions").value_counts()
    return f"Measured by {'; '.join(f'{versions} ({count} runs)' for versions, count in runs.items())}."


def longest(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials without those of runs that were also made with more trials: a method may use its budget."""
    kept: pd.DataFrame = trials[trials["n_trials"] == trials.groupby(RUN)["n_trials"].transform("max")]
    return kept.reset_index(drop=True)


def n_runs(trials: pd.DataFrame) -> int:
    """How many runs there are, those of different lengths counted apart."""
    return len(trials[[*RUN, "n_trials"]].drop_duplicates())


def with_regret(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with a column `regret`, that of the incumbent after each; `is_pooled` says how it was normalised."""
    import pandas as pd

    parts = [_scored(part) for _, part in trials.groupby(["suite", "task"], sort=False)]
    return pd.concat(parts, ignore_index=True)


def with_published(scored: pd.DataFrame) -> pd.DataFrame:
    """Published runs also beside what was run with the default granted, marked: they had none."""
    import pandas as pd

    published = scored[(scored["method"] == PUBLISHED) & (scored["condition"] == "real")]
    has_default = scored.loc[scored["condition"] == "default", ["suite", "task"]].drop_duplicates()
    copied = published.merge(has_default, on=["suite", "task"])
    return pd.concat([scored, copied.assign(condition="default", method=f"{PUBLISHED}, no default")], ignore_index=True)


def _scored(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials of one task, whatever the condition; cells of different times may know different extremes."""
    sign = 1.0 if trials["direction"].iloc[0] == "maximize" else -1.0
    values = sign * trials["value"].to_numpy(float)
    found = values[np.isfinite(values)]
    best, worst = (float(found.max()), float(found.min())) if len(found) else (0.0, 0.0)
    known, median = ((sign * trials[name].astype(float)).max() for name in ("best", "median"))
    is_pooled = bool(trials["is_pooled"].any()) or not (np.isfinite(known) and np.isfinite(median))
    if not is_pooled:
        best, worst = max(best, known), median
    span = best - worst
    incumbents = sign * trials["incumbent"].to_numpy(float)
    regret = (best - np.where(np.isfinite(incumbents), incumbents, worst)) / span if span > 0 else np.zeros(len(trials))
    return trials.assign(regret=regret, is_pooled=is_pooled)


def curves(scored: pd.DataFrame, n_trials: int) -> pd.DataFrame:
    """Regret of every run after 1 to `n_trials` trials: one row per run, one column per number of trials.

    Runs that were made with fewer are left out: what they would have reached is not known.

    Raises:
        ValueError: a run is there twice; `longest` keeps one of each.
    """
    is_shown = (scored["trial"] < n_trials) & (scored["n_trials"] >= n_trials)
    table = scored[is_shown].pivot(index=RUN, columns="trial", values="regret")
    table = table.rename(columns=lambda number: int(number) + 1)
    return table.reindex(columns=range(1, n_trials + 1)).ffill(axis=1)


def mean_by_task(table: pd.DataFrame, n_trials: int) -> pd.DataFrame:
    """Mean regret over seeds after so many trials: tasks x methods, tasks that all methods have run alone."""
    return table[n_trials].groupby([*TASK, "method"]).mean().unstack("method").dropna()


def with_equal_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The runs of those seeds of a task that every method of its suite and condition has."""
    index = table.index.to_frame(index=False)
    methods = index.groupby(["suite", "condition"])["method"].nunique()
    n_wanted = methods.reindex(index.set_index(["suite", "condition"]).index).to_numpy()
    n_found = index.groupby([*TASK, "seed"])["method"].transform("nunique").to_numpy()
    kept: pd.DataFrame = table.loc[n_found == n_wanted]
    return kept


def of_all_suites(scored: pd.DataFrame) -> pd.DataFrame:
    """The runs of those methods that every suite has runs of; none where there is no such method."""
    suites = scored.groupby("method")["suite"].nunique()
    kept: pd.DataFrame = scored[scored["method"].isin(suites.index[suites == scored["suite"].nunique()])]
    return kept


def left_out(table: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Tasks (suite, name) of one condition that `with_equal_seeds` leaves out, and the methods that lack runs."""
    import pandas as pd

    index = table.index.to_frame(index=False)
    methods = sorted(index["method"].unique())
    found: dict[tuple[str, str], list[str]] = {}
    for (suite, task), runs in index.groupby(["suite", "task"], sort=False):
        has_run = pd.crosstab(runs["seed"], runs["method"]).reindex(columns=methods, fill_value=0) > 0
        if not has_run.all(axis=1).any():
            found[str(suite), str(task)] = [str(name) for name in methods if not has_run[name].all()]
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method beside another, over tasks."""

    ours: str
    theirs: str
    wins: int
    ties: int
    losses: int
    difference: float
    """Mean over tasks of the paired difference in regret; below 0 the first is better."""
    low: float
    high: float
    """Ends of its 95% interval, by bootstrap over tasks."""


def compared(by_task: pd.DataFrame, ours: str, theirs: str) -> Comparison:
    """The comparison of two columns of `mean_by_task`."""
    differences = (by_task[ours] - by_task[theirs]).to_numpy(float)
    difference, low, high = interval(differences)
    return Comparison(
        ours,
        theirs,
        wins=int((differences < -TIE).sum()),
        ties=int((abs(differences) <= TIE).sum()),
        losses=int((differences > TIE).sum()),
        difference=difference,
        low=low,
        high=high,
    )


def interval(differences: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean of one difference per task, and its 95% interval by bootstrap over tasks."""
    drawn = np.random.default_rng(0).integers(len(differences), size=(N_BOOTSTRAP, len(differences)))
    low, high = np.quantile(differences[drawn].mean(1), [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)


def trials_of(runs: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """The trials that the curves of some runs are made of: of no other run, and none beyond the last column."""
    keys = trials.set_index(list(runs.index.names)).index
    return trials[keys.isin(runs.index) & (trials["trial"] < runs.columns.max()).to_numpy()]


def mean_ranks(by_task: pd.DataFrame) -> pd.Series[Any]:
    """Mean rank over tasks; 1 is the best, equals share a rank."""
    ranks: pd.Series[Any] = by_task.round(9).rank(axis=1).mean()
    return ranks


def costs(trials: pd.DataFrame) -> pd.DataFrame:
    """Means per proposal of each method, the shared starts left out: CPU seconds, requests, tokens, dollars.

    One unknown amount makes the mean unknown (NaN).
    """
    own = trials[trials["arm"] != "start"]
    amounts = own[["cpu_s", "requests", "tokens_in", "tokens_out", "usd"]].astype(float).groupby(own["method"])
    means: pd.DataFrame = amounts.mean().where(amounts.count().eq(amounts.size(), axis=0))
    return means


def shown(n_trials: int, wanted: Sequence[int] = (10, 15, 25, 30, 50)) -> list[int]:
    """Numbers of trials at which tables look."""
    inside = [n for n in wanted if n <= n_trials]
    return inside or [n_trials]
