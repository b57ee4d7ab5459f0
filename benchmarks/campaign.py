"""Runs methods on tasks under conditions and keeps every trial: `python -m benchmarks.campaign --profile quick`.

    python -m benchmarks.campaign --profile quick                    # no data needed
    python -m benchmarks.campaign --profile full --data DIR          # everything; resumes where it was stopped
    python -m benchmarks.campaign --suite bayesmark --data DIR --method gp --method llambo --seeds 2 --trials 30

A cell is one run: a method on a task under a condition with a seed. Cells run in parallel processes, one core each,
and each is kept as a parquet file of its own, written aside and moved into place, so that a campaign that is killed
loses the cells under way and nothing else. A cell that cannot run (no such condition, a package that is missing) is
said and left out. `benchmarks.bench_report` makes tables and plots of what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: a cell has one core
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from agenttune.cli.format import parse_positive
from agenttune.errors import UserError
from agenttune.kernel import die_with_parent
from agenttune.models import load_model
from agenttune.settings import settings_path
from benchmarks import methods, scoring
from benchmarks.methods import NotPossible, Step
from benchmarks.suites import FIXED, N_STARTS, Task, base_task, names_of, suite
from benchmarks.suites import REGISTRY as SUITES
from benchmarks.suites.conditions import REAL, applies, one_spelling, under
from benchmarks.versions import VERSIONS, versions

if TYPE_CHECKING:
    import pandas as pd

CELLS = "cells"
"""Folder of the campaign's parquet files."""
N_PROCESSES = 2
PATIENCE_S = 3600.0
UNTOLD = 20
"""Cells between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How much is run where nothing else is said."""

    methods: tuple[str, ...]
    conditions: tuple[str, ...]
    n_seeds: int
    n_trials: int
    n_tasks: int | None
    """Of each suite, the first ones; None: all."""
    is_fixed: bool = False
    """Whether it runs the fixed set instead."""


PEERS = ("optuna tpe", "optuna gp", "smac")
OURS = ("random", "default+sobol", "tpe", "gp", "auto")
PROFILES = {
    "quick": Profile((*OURS, *PEERS, "near", "worst"), (REAL,), n_seeds=1, n_trials=15, n_tasks=2),
    "model": Profile(("gp", "model", "model alone"), (REAL, "neutral"), n_seeds=1, n_trials=15, n_tasks=1),
    "full": Profile(
        (*OURS, *PEERS, *methods.SKILLS, "near alone", "llambo"),
        (REAL, "default"),
        n_seeds=5,
        n_trials=50,
        n_tasks=None,
    ),
    "peers": Profile(
        ("auto", *PEERS, "random"), (REAL, "default"), n_seeds=5, n_trials=50, n_tasks=None, is_fixed=True
    ),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One run."""

    suite: str
    task: str
    condition: str
    method: str
    seed: int
    n_trials: int
    model: str | None = None
    """Spelling of the language model, for methods that ask one."""

    @property
    def file(self) -> str:
        """Name of its file: readable, and different for different cells.

        A model whose spelling does not fit into a name gets a checksum: `hf:a/b` and `hf:a:b` read alike. The other
        parts are ours and differ anyway.
        """
        parts = [self.suite, self.task, self.condition, self.method, str(self.seed), str(self.n_trials)]
        named = [_in_a_name(part) for part in parts]
        if self.model is not None:
            fits = _in_a_name(self.model) == self.model
            named.append(self.model if fits else f"{_in_a_name(self.model)}-{zlib.crc32(self.model.encode()):08x}")
        return "__".join(named) + ".parquet"


def _in_a_name(part: str) -> str:
    return "".join(c if c.isalnum() or c in "-+." else "_" for c in part)


def main() -> int:
    """Runs what is missing; 1 if a cell broke, 2 if it could not begin or was stopped."""
    options = _options()
    profile = PROFILES[options.profile]
    try:
        cells = list(planned(profile, options))
        folder = folder_of_cells(options.out)
        missing = [cell for cell in cells if not is_done(folder / cell.file)]
        print(f"{len(cells)} cells, {len(cells) - len(missing)} of them done before", flush=True)
        return run_all(missing, options.out, data=options.data, n_processes=options.processes)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--data", type=Path, help="folder with the tuning data; adds the suites that need it")
    parser.add_argument("--suite", action="append", choices=SUITES, help="default: all that can run")
    parser.add_argument("--task", action="append", help="names of tasks; default: those of the profile")
    parser.add_argument("--method", action="append", help="default: those of the profile")
    parser.add_argument("--condition", action="append", help="real, neutral, shifted, default, or several with a plus")
    parser.add_argument("--seeds", type=parse_positive, help="how many")
    parser.add_argument("--trials", type=parse_positive, help="per run, the shared starts among them")
    parser.add_argument("--tasks", type=parse_positive, help="how many of each suite, from the first on")
    parser.add_argument("--model", help="language model for the methods `model` and `model alone`")
    parser.add_argument("--out", type=Path, default=Path("bench-results/campaign"))
    parser.add_argument("--processes", type=parse_positive, default=N_PROCESSES)
    return parser.parse_args()


def planned(profile: Profile, options: argparse.Namespace) -> Iterator[Cell]:
    """The cells that were asked for, all methods of a task together.

    Raises:
        UserError: a suite needs data that is not there, or a method a model; a name is nobody's; or there are no more
            trials than shared starts.
    """
    conditions = dict.fromkeys(one_spelling(condition) for condition in options.condition or profile.conditions)
    n_trials = options.trials or profile.n_trials
    if n_trials <= N_STARTS:
        raise UserError(f"--trials must be more than the {N_STARTS} starts that all methods share, but got {n_trials}")
    able = [name for name in profile.methods if options.model is not None or name not in methods.WITH_MODEL]
    chosen = dict.fromkeys(options.method or able)
    if options.model is None and (without := [name for name in chosen if name in methods.WITH_MODEL]):
        raise UserError(f"the method {without[0]!r} needs a language model: name one with --model")
    for name in chosen:
        methods.load(name, options.model)
    if options.model is not None:
        load_model(options.model)
    tasks = list(_tasks(profile, options))
    for seed in range(options.seeds or profile.n_seeds):
        for name, task in tasks:
            for condition in conditions:
                for method in chosen:
                    model = options.model if method in methods.WITH_MODEL else None
                    yield Cell(name, task, condition, method, seed, n_trials, model)


def _tasks(profile: Profile, options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Suites and names of tasks.

    Raises:
        UserError: a suite needs data that is not there, or none of the suites has a task that was named.
    """
    fixed = [suite for suite, _ in FIXED] if profile.is_fixed else list(SUITES)
    chosen = options.suite or [name for name in fixed if options.data or not suite(name).NEEDS_DATA]
    known = {name: names_of(name, options.data) for name in chosen}
    for task in options.task or ():
        if not any(task in names for names in known.values()):
            there = "; ".join(f"{name} has {', '.join(names)}" for name, names in known.items())
            raise UserError(f"no task is called {task!r} in the suites that were chosen: {there}")
    for name, names in known.items():
        if options.task:
            yield from ((name, task) for task in dict.fromkeys(options.task) if task in names)
        else:
            first = [task for other, task in FIXED if other == name] if profile.is_fixed else names
            yield from ((name, task) for task in first[: options.tasks or profile.n_tasks])


def folder_of_cells(out: Path) -> Path:
    """The folder of the campaign's files, made where it is missing.

    Raises:
        UserError: it cannot be made.
    """
    folder = out / CELLS
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out must name a folder to write in, but got {str(out)!r}: {error.strerror}") from error
    return folder


def is_done(file: Path) -> bool:
    """Whether a cell was kept here that a report can read."""
    return scoring.read_cell(file) is not None


def run_all(cells: Sequence[Cell], out: Path, *, data: Path | None, n_processes: int = N_PROCESSES) -> int:
    """Runs cells in processes of their own; 1 if one broke.

    Raises:
        UserError: it was interrupted, or a process was killed.
    """
    n_broken = n_left_out = 0
    said: set[str] = set()
    with workers(n_processes) as pool:
        under_way = {pool.submit(run, cell, out, data): cell for cell in cells}
        for done, future in enumerate(as_completed(under_way), 1):
            cell = under_way[future]
            try:
                why = future.result()
                n_left_out += why is not None
            except BrokenProcessPool:
                raise
            except Exception as error:  # noqa: BLE001  # one broken cell must not end the others
                why = f"{cell.suite}/{cell.task}, {cell.method}: {type(error).__name__}: {error}"
                n_broken += 1
            if why is not None and why not in said:
                said.add(why)
                print(why, flush=True)
            if done % UNTOLD == 0 or done == len(cells):
                left_out = f", {n_left_out} of them left out" if n_left_out else ""
                print(f"{done}/{len(cells)} cells{left_out}", flush=True)
    return 1 if n_broken else 0


@contextmanager
def workers(n_processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes for cells, with nobody's settings, that end with this one; an error waits for what has begun alone.

    Raises:
        UserError: it was interrupted, or a process was killed.
    """
    with tempfile.TemporaryDirectory() as folder:
        pool = ProcessPoolExecutor(
            n_processes, mp_context=get_context("spawn"), initializer=begin_worker, initargs=(folder, os.getpid())
        )
        try:
            yield pool
        except BaseException as error:
            pool.shutdown(cancel_futures=True)  # called twice, as by the pool's own `with`, it would cancel nothing
            if not isinstance(error, KeyboardInterrupt | BrokenProcessPool):
                raise
            what = "a process was killed, for its memory maybe" if isinstance(error, BrokenProcessPool) else "stopped"
            raise UserError(f"{what}; the same command goes on with what is missing") from None
        pool.shutdown()


def begin_worker(folder: str, parent: int) -> None:
    """Makes this process one that runs cells: with nobody's settings, and not for longer than the campaign.

    Ctrl-C ends it at once, as its parent will see: an exception in the midst of a queue's locks may leave both waiting.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as it is in the background of a script
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent(parent)
    use_settings_of_nobody(folder)


def use_settings_of_nobody(folder: str) -> None:
    """A daily cap or a patience of whoever measures must not show in the figures.

    A trial waits for a model, however slow: objectives here take no time in which one could think, and what stands in
    for it would pass for its own.
    """
    os.environ["XDG_CONFIG_HOME"] = folder
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(f"latency_s = {PATIENCE_S}\n")
    os.environ.pop("AGENTTUNE_MODEL", None)


def run(cell: Cell, out: Path, data: Path | None) -> str | None:
    """Runs one cell and keeps it; the reason where it cannot be run."""
    import warnings

    for category in (FutureWarning, RuntimeWarning):  # of peers: their next versions, means of nothing
        warnings.filterwarnings("ignore", category=category)
    base = base_task(cell.suite, cell.task, data)
    if not applies(base, cell.condition):
        return f"{cell.suite}: the condition {cell.condition!r} means nothing there; its cells are left out"
    task = under(base, cell.condition)
    began, clock = time.process_time(), time.perf_counter()
    try:
        steps = methods.run(methods.load(cell.method, cell.model), task, n_trials=cell.n_trials, seed=cell.seed)
    except NotPossible as why:
        return f"{cell.suite}, {cell.method}: {why}"
    spent = {"run_cpu_s": time.process_time() - began, "run_s": time.perf_counter() - clock}
    keep(rows(cell, task, steps, spent), out / CELLS / cell.file)
    return None


def rows(cell: Cell, task: Task, steps: Sequence[Step], spent: dict[str, float]) -> list[dict[str, Any]]:
    """One row per trial, with the incumbent after it and what scoring needs of the task."""
    found: list[dict[str, Any]] = []
    incumbent: float | None = None
    for number, step in enumerate(steps):
        if step.value is not None and (incumbent is None or task.goal.is_better(step.value, than=incumbent)):
            incumbent = step.value
        found.append(
            {
                **asdict(cell),
                "trial": number,
                "value": step.value,
                "incumbent": incumbent,
                "arm": step.arm,
                "cpu_s": step.cpu_s,
                "requests": step.requests,
                "tokens_in": step.tokens_in,
                "tokens_out": step.tokens_out,
                "usd": step.usd,
                "config": json.dumps(dict(step.config)),
                "direction": task.direction,
                "best": task.best,
                "median": task.median,
                "is_pooled": task.is_pooled,
                **spent,
            }
        )
    return found


def keep(content: list[dict[str, Any]] | pd.DataFrame, path: Path, *, measured_by: str | None = None) -> None:
    """Writes a cell's file whole or not at all, with what measured it (default: this) in the file's metadata."""
    import pandas as pd

    aside = path.with_suffix(f".{os.getpid()}.part")
    table = pd.DataFrame(content)
    table.attrs[VERSIONS] = versions() if measured_by is None else measured_by  # pandas keeps it in the file's schema
    table.to_parquet(aside, index=False)
    aside.replace(path)


if __name__ == "__main__":
    sys.exit(main())
