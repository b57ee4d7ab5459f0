"""Kills studies at random moments and counts what was lost or done twice: `python -m benchmarks.soak`.

Several studies of 40 trials run with two workers each, one study after the other. At random
moments SIGKILL hits the driver, a worker (the child that runs an attempt) or a grandchild (the
command it started); a study without a driver is resumed. At the end of each study it must have
exactly its trials COMPLETE, and the traces its commands left must show that no finished work was
lost and none was done twice.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from agenttune import driver
from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.space import Float, Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.trial import TrialState

VICTIMS = ("driver", "worker", "grandchild")
ATTEMPTS = 50
"""Deaths one trial may survive here: the killer is no respecter of the usual three."""
PATIENCE_S = 300.0
"""A study that takes longer is stuck."""


@dataclass
class Tally:
    """What became of one study."""

    kills: Counter[str] = field(default_factory=Counter)
    resumes: int = 0
    complete: int = 0
    finished_twice: int = 0
    overlapping: int = 0
    lost: int = 0
    seconds: float = 0.0
    attempts: int = 0

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost or doubled."""
        return self.finished_twice == self.overlapping == self.lost == 0


def main() -> int:
    """Runs the soak and prints one line a study and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="leave store and traces in this folder")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="agenttune-soak-")) if options.keep is None else options.keep
    rng = random.Random(options.seed)
    tallies = []
    left = options.kills
    print("study  complete  attempts  kills (driver worker grandchild)  resumes  lost  doubled  seconds", flush=True)
    for index in range(options.studies):
        quota = left // (options.studies - index)
        tally = soak(folder, index, options, quota, rng)
        left -= sum(tally.kills.values())
        tallies.append(tally)
        print_row(str(index), tally)
    print_row("sum", total(tallies))
    if options.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
    right = all(tally.is_right and tally.complete == options.trials for tally in tallies)
    print("nothing lost, nothing doubled" if right else "FAILED: see the rows above")
    return 0 if right and left == 0 else 1


def soak(folder: Path, index: int, options: argparse.Namespace, quota: int, rng: random.Random) -> Tally:
    """One study: started, killed `quota` times, resumed as often as needed, checked."""
    folder.mkdir(parents=True, exist_ok=True)
    traces = folder / f"traces-{index}.txt"
    store = Store.open(folder / "agenttune.db")
    study_id = store.create_study(spec(f"soak-{index}", traces, options)).id
    tally, begun = Tally(), time.monotonic()
    driver.start(study_id, store.path)
    while time.monotonic() - begun < PATIENCE_S:
        row = store.study(study_id)
        if row.state.is_ended and not has_live_driver(row):
            break
        if not has_live_driver(row):
            with contextlib.suppress(UserError):  # it may have ended between two looks
                driver.start(study_id, store.path)
                tally.resumes += 1
            continue
        time.sleep(rng.uniform(0.0, 0.4))
        if sum(tally.kills.values()) < quota:
            victim = min(VICTIMS, key=lambda kind: (tally.kills[kind], rng.random()))
            tally.kills[victim] += kill(store, study_id, victim, rng)
    tally.seconds = time.monotonic() - begun
    check(store, study_id, traces, tally)
    store.close()
    return tally


def spec(name: str, traces: Path, options: argparse.Namespace) -> StudySpec:
    """A study whose trials are commands with traces."""
    script = Path(__file__).with_name("soak_objective.py")
    command = [sys.executable, str(script), "--x", "{x}", "--traces", str(traces)]
    return StudySpec(
        name=name,
        space=Space(x=Float(0.0, 1.0)),
        goal=Goal("score", "maximize"),
        objective={"type": "command", "command": list(command)},
        budget=Budget(trials=options.trials),
        proposer="sobol",
        workers=options.workers,
        seed=options.seed,
        limits=TrialLimits(attempts=ATTEMPTS),
        cwd=str(Path.cwd()),
    )


def kill(store: Store, study_id: str, victim: str, rng: random.Random) -> int:
    """Sends SIGKILL to one process of the wanted kind; 0 if there is none just now."""
    row = store.study(study_id)
    if row.driver is None:
        return 0
    pids = [row.driver.pid]
    if victim != "driver":
        workers = [a.lease.pid for a in store.running_attempts(study_id) if a.lease is not None]
        pids = workers if victim == "worker" else [child for pid in workers for child in children(pid)]
    if not pids:
        return 0
    try:
        os.kill(rng.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def children(pid: int) -> list[int]:
    """Pids of the direct children of a process."""
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def check(store: Store, study_id: str, traces: Path, tally: Tally) -> None:
    """Compares what the store says with what the commands really did."""
    trials = store.trials(study_id)
    tally.complete = sum(trial.state is TrialState.COMPLETE for trial in trials)
    recorded = {trial.number: trial.value("score") for trial in trials}
    ended: dict[int, list[float]] = {}
    running: dict[int, float] = {}
    for line in traces.read_text().splitlines():
        kind, number, token = line.split()
        if kind == "start":
            tally.attempts += 1
            if int(number) in ended:
                tally.finished_twice += 1
            running[int(number)] = float(token)
        else:
            if running.get(int(number)) != float(token):
                tally.overlapping += 1
            ended.setdefault(int(number), []).append(float(token))
    tally.lost = sum(recorded.get(number) not in tokens for number, tokens in ended.items())


def total(tallies: list[Tally]) -> Tally:
    """The sums over all studies."""
    summed = Tally()
    for tally in tallies:
        summed.kills.update(tally.kills)
        for name in ("resumes", "complete", "finished_twice", "overlapping", "lost", "seconds", "attempts"):
            setattr(summed, name, getattr(summed, name) + getattr(tally, name))
    return summed


def print_row(label: str, tally: Tally) -> None:
    """One line of the table."""
    kills = " ".join(f"{tally.kills[victim]:>3}" for victim in VICTIMS)
    print(
        f"{label:>5}  {tally.complete:>8}  {tally.attempts:>8}  {sum(tally.kills.values()):>5} ({kills})"
        f"{'':>14}  {tally.resumes:>7}  {tally.lost:>4}  {tally.finished_twice + tally.overlapping:>7}"
        f"  {tally.seconds:>7.1f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
