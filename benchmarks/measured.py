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
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import UserError
from benchmarks import scoring
from benchmarks.campaign import CELLS, Cell, folder_of_cells, is_done, keep
from benchmarks.versions import VERSIONS

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "measured"
RUN = [field.name for field in fields(Cell)]


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
            file, n_runs, unread = keep_runs(options.folder, FOLDER)
            print("\n".join([*scoring.unread_note(unread), f"{n_runs} runs are kept in {file}"]))
        else:
            out = options.out or Path("bench-results") / options.name
            print(f"{restore(options.name, out, FOLDER)} runs restored to {out}")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def keep_runs(folder: Path, kept_in: Path) -> tuple[Path, int, list[str]]:
    """Adds a campaign's runs to the file of its name.

    Returns:
        The file, how many runs it holds then, and the names of the campaign's files that could not be read.

    Raises:
        UserError: there are no results in the folder, or what was kept before cannot be read.
    """
    import pandas as pd

    file = kept_in / f"{folder.resolve().name}.parquet"
    cells = {path.name: scoring.read_cell(path) for path in sorted((folder / CELLS).glob("*.parquet"))}
    found = {_file_of(trials): trials for trials in cells.values() if trials is not None}
    if not found:
        raise UserError(f"there are no results under {folder}; python -m benchmarks.campaign makes some")
    runs = {**(_kept(file) if file.exists() else {}), **found}
    kept_in.mkdir(exist_ok=True)
    aside = file.with_suffix(".part")
    pd.concat([runs[name] for name in sorted(runs)]).to_parquet(aside, index=False, compression="zstd")
    aside.replace(file)
    return file, len(runs), [name for name, trials in cells.items() if trials is None]


def restore(name: str, out: Path, kept_in: Path) -> int:
    """Makes a cell of every run of a file that the folder lacks; how many.

    Raises:
        UserError: nothing is kept under that name, or what is cannot be read, or the folder cannot be made.
    """
    file = kept_in / f"{name}.parquet"
    if not file.exists():
        there = ", ".join(sorted(path.stem for path in kept_in.glob("*.parquet"))) or "nothing"
        raise UserError(f"no runs are kept as {name!r}; kept are: {there}")
    folder = folder_of_cells(out)
    missing = {cell: trials for cell, trials in _kept(file).items() if not is_done(folder / cell)}
    for cell, trials in missing.items():
        keep(trials.drop(columns=VERSIONS), folder / cell, measured_by=trials[VERSIONS].iloc[0])
    return len(missing)


def _kept(file: Path) -> dict[str, pd.DataFrame]:
    """The runs of a file, by the names of their cells.

    Raises:
        UserError: it is no file of runs.
    """
    import pandas as pd

    if scoring.read_cell(file) is None:
        raise UserError(f"{file} cannot be read as runs; check it out anew, or remove it and keep them anew")
    trials = pd.read_parquet(file)
    trials = trials.astype(object).where(trials.notna(), None)
    return {_file_of(run): run for _, run in trials.groupby(RUN, dropna=False)}


def _file_of(trials: pd.DataFrame) -> str:
    """The name of a run's cell, whatever its file is called."""
    return Cell(*trials[RUN].iloc[0]).file


if __name__ == "__main__":
    sys.exit(main())
