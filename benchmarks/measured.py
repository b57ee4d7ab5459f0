"""Runs that cost hours, kept in the repository, so that tables can be told and campaigns go on without them.

    python -m benchmarks.measured restore ablation --out bench-results/ablation   # as cells, beside what is there
    python -m benchmarks.ablation --report                                         # the tables of docs/benchmarks.md
    python -m benchmarks.measured keep bench-results/ablation                      # into benchmarks/measured/

A file holds every trial of its runs with what measured it. Keeping adds to what is kept; a run that is there already
is replaced by the folder's.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agenttune.errors import UserError
from benchmarks import scoring
from benchmarks.campaign import CELLS, Cell, folder_of_cells, is_done, keep
from benchmarks.versions import VERSIONS

FOLDER = Path(__file__).parent / "measured"
RUN = ["suite", "task", "condition", "method", "seed", "n_trials", "model"]
"""What makes a cell's name; a run without a model has none."""


def main() -> int:
    """Keeps or restores; 2 if there is nothing to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("keep", help="adds a campaign's runs to those in the repository")
    one.add_argument("folder", type=Path)
    one = commands.add_parser("restore", help="makes cells of the runs in the repository")
    one.add_argument("name")
    one.add_argument("--out", type=Path, help="default: bench-results/NAME")
    options = parser.parse_args()
    try:
        if options.command == "keep":
            file, n_runs = keep_runs(options.folder, FOLDER)
            print(f"{n_runs} runs are kept in {file}")
        else:
            out = options.out or Path("bench-results") / options.name
            print(f"{restore(options.name, out, FOLDER)} runs restored to {out}")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def keep_runs(folder: Path, kept_in: Path) -> tuple[Path, int]:
    """Adds a campaign's runs to the file of its name; the file, and how many runs it holds then.

    Raises:
        UserError: there are no results in the folder.
    """
    import pandas as pd

    file = kept_in / f"{folder.resolve().name}.parquet"
    paths = sorted((folder / CELLS).glob("*.parquet"))
    found = [trials for path in paths if (trials := scoring.read_cell(path)) is not None]
    if not found:
        raise UserError(f"there are no results under {folder}; python -m benchmarks.campaign makes some")
    if file.exists():
        found.insert(0, pd.read_parquet(file))
    trials = pd.concat(found, ignore_index=True)
    trials = trials.drop_duplicates([*RUN, "trial"], keep="last").sort_values([*RUN, "trial"], ignore_index=True)
    kept_in.mkdir(exist_ok=True)
    trials.to_parquet(file, index=False, compression="zstd")
    return file, len(trials[RUN].drop_duplicates())


def restore(name: str, out: Path, kept_in: Path) -> int:
    """Makes a cell of every run of a file that the folder lacks; how many.

    Raises:
        UserError: nothing is kept under that name, or the folder cannot be made.
    """
    import pandas as pd

    file = kept_in / f"{name}.parquet"
    if not file.exists():
        there = ", ".join(sorted(path.stem for path in kept_in.glob("*.parquet"))) or "nothing"
        raise UserError(f"no runs are kept as {name!r}; kept are: {there}")
    cells = folder_of_cells(out)
    n_restored = 0
    for _, trials in pd.read_parquet(file).groupby(RUN, dropna=False):
        trials = trials.astype(object).where(trials.notna(), None)
        path = cells / Cell(*trials[RUN].iloc[0]).file
        if not is_done(path):
            keep(trials.drop(columns=VERSIONS), path, measured_by=trials[VERSIONS].iloc[0])
            n_restored += 1
    return n_restored


if __name__ == "__main__":
    sys.exit(main())
