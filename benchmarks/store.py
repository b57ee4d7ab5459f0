"""What the store costs: `python -m benchmarks.store [N ...]`.

A step is `add_trial`, `claim`, five times `add_reports`, `finish`: eight transactions. CPU seconds
are those of the process, kernel time included; on a crowded machine they are upper bounds, so the
cost of a bare SQLite transaction (one row, WAL) in the same minute is printed as a yardstick. A
trial of over a second is synced to disk, a shorter one is not (see `DURABLE_FROM_S`).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agenttune.goal import Goal
from agenttune.space import Categorical, Float, Int, Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.store.database import connect
from agenttune.trial import Outcome, Proposal, Report, TrialState

SIZES = (1_000, 10_000)
N_REPORTS = 5
WINDOW = 200
"""Steps at the end of a study over which the CPU time of one is taken, median."""


def main() -> None:
    """Prints one block per size; each runs in a fresh process, for the sake of its memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description="What the store costs.")
    parser.add_argument("sizes", metavar="N", type=int, nargs="*", default=SIZES, help="trials of a study")
    parser.add_argument("--here", action="store_true", help="measure one size in this process")
    options = parser.parse_args()
    if options.here:
        for line in measure(options.sizes[0]):
            print(line, flush=True)
        return
    for size in options.sizes:
        subprocess.run([sys.executable, "-m", "benchmarks.store", "--here", str(size)], check=True)


def measure(size: int) -> list[str]:
    """Fills a study with `size` trials and tells what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        made_s = cpu_s(lambda: Store.open(path).close())
        with Store.open(path) as store:
            study = store.create_study(spec()).id
            empty_mb = memory_mb()
            finished: list[int] = []
            plain = [step(store, study, finished, elapsed_s=0.5) for _ in range(size - WINDOW)][-WINDOW:]
            synced = [step(store, study, finished, elapsed_s=5.0) for _ in range(WINDOW)]
            full_mb = memory_mb()
            events_s = cpu_s(lambda: store.events(study, after=size))
            read_s = cpu_s(lambda: store.trials(study))
            store.trial(study, 0)  # compiles its statements
            one_s = cpu_s(lambda: store.trial(study, size // 2))
            read_mb = memory_mb()
        open_s = cpu_s(lambda: Store.open(path).close())
        file_mb = path.stat().st_size / 1e6
        yardstick_us = statistics.median(bare_transactions(Path(folder) / "bare.db")) * 1e6
    return [
        f"store, {size} trials with {N_REPORTS} reports each",
        f"  step           {spread_ms(plain)}",
        f"  step, synced   {spread_ms(synced)}",
        f"  yardstick      {yardstick_us:8.1f} us CPU for a bare transaction",
        f"  make, open     {made_s * 1e3:8.1f} ms, {open_s * 1e3:.1f} ms CPU",
        f"  read all       {read_s * 1e3:8.1f} ms CPU; one trial {one_s * 1e3:.2f}, 1,000 events {events_s * 1e3:.1f}",
        f"  memory         {empty_mb:8.1f} MB resident empty, {full_mb:.1f} written, {read_mb:.1f} with all read",
        f"  file           {file_mb:8.2f} MB",
    ]


def spread_ms(times_s: list[float]) -> str:
    """Median, and the fastest tenth: what it costs when nobody else wants the processor."""
    tenth = statistics.quantiles(times_s, n=10)[0]
    return f"{statistics.median(times_s) * 1e3:8.2f} ms CPU median, {tenth * 1e3:.2f} fastest tenth"


def spec() -> StudySpec:
    """A study of four parameters."""
    space = Space(
        lr=Float(1e-5, 1e-1, log=True),
        dropout=Float(0.0, 0.5),
        layers=Int(1, 8),
        optimizer=Categorical(["adam", "sgd"]),
    )
    return StudySpec("bench", space, Goal("accuracy", "maximize"), {"type": "told"})


def step(store: Store, study: str, finished: list[int], *, elapsed_s: float) -> float:
    """One step of a study whose trials `finished` are; returns its CPU seconds, the proposer's work left out."""
    number = len(finished)
    proposal = Proposal(
        config={"lr": 0.00123, "dropout": 0.25, "layers": 3, "optimizer": "adam"},
        arm="gp",
        reason="expected improvement 0.0123 over 0.9735",
        predicted_mean=0.9735,
        predicted_sd=0.0123,
        prediction_source="posterior",
        seen_trials=tuple(finished),
    )
    began = time.process_time()
    store.add_trial(study, proposal, seed=number)
    claim = store.claim(study)
    assert claim is not None
    for index in range(N_REPORTS):
        store.add_reports(claim[1].id, [Report(index, {"accuracy": 0.5 + index / 20}, index * 1.5)])
    store.finish(study, number, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.9735}, elapsed_s))
    spent_s = time.process_time() - began
    finished.append(number)
    return spent_s


def bare_transactions(path: Path) -> list[float]:
    """CPU seconds of transactions that insert one row of 100 bytes."""
    raw = connect(path, mode="rwc")
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "CREATE TABLE t (x TEXT)"):
        raw.execute(statement)

    def insert() -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO t VALUES (?)", ("x" * 100,))
        raw.execute("COMMIT")

    times = [cpu_s(insert) for _ in range(500)]
    raw.close()
    return times


def cpu_s(action: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    action()
    return time.process_time() - began


def memory_mb() -> float:
    """Resident memory now (Linux), else at its peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
