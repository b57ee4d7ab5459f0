"""Finds the best and the worst known configuration of every task: `python -m benchmarks.extremes [--data DIR]`.

Models of known skill answer with them, and they normalise regret where nobody published a best value. What is found is
kept in extremes.json beside this file, and only replaced by something better (or worse, at the other end). A search is
random draws, then steps from the best so far that shrink; a budget in seconds per task keeps it small. The median of
the draws is kept as it was found first: regret is normalised by it, and stored figures must stay comparable.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agenttune.cli.format import parse_seconds
from agenttune.errors import UserError
from agenttune.space import Categorical, Space
from agenttune.types import Config, Scalar
from benchmarks.suites import REGISTRY, Task, names_of, suite

FILE = Path(__file__).with_name("extremes.json")
N_DRAWN = 2_000
"""Random configurations, and the fixed number of them that the median is of, where the time allows it."""
N_STEPS = 3_000
SECONDS = 20.0
"""CPU seconds of one task's search; half of it for the draws, the rest for the two ends."""
LARGEST_STEP, SMALLEST_STEP = 0.3, 0.01
"""Standard deviation of a step in the unit cube, at the start and at the end of a search."""
P_CATEGORY = 0.2
"""How often a step takes another category."""
N_DIGITS = 6

Found = dict[str, dict[str, dict[str, Any]]]
"""By suite, by task: {"best", "worst": {"config", "value"}, "median"}."""


def main() -> int:
    """Searches what was asked for and keeps what was found; 2 if a suite has not the data it needs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with the tuning data")
    parser.add_argument("--suite", choices=REGISTRY, action="append", help="default: all that can be run")
    parser.add_argument(
        "--seconds", type=parse_seconds, default=SECONDS, help=f"CPU seconds per task (default {SECONDS:g})"
    )
    parser.add_argument("--new", action="store_true", help="only tasks of which nothing is known")
    options = parser.parse_args()
    chosen = options.suite or [name for name in REGISTRY if options.data or not suite(name).NEEDS_DATA]
    try:
        tasks = {name: names_of(name, options.data) for name in chosen}
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    found = known()
    for name in tasks:
        for task in tasks[name]:
            if options.new and task in found.get(name, {}):
                continue
            entry = extremes(suite(name).load(task, options.data), options.seconds, found.get(name, {}).get(task))
            found.setdefault(name, {})[task] = entry
            print(f"{name}/{task}: {entry['best']['value']:g} to {entry['worst']['value']:g}", flush=True)
            write(found)
    return 0


@cache
def known() -> Found:
    """What is kept; empty before the first search."""
    content: Found = json.loads(FILE.read_text()) if FILE.exists() else {}
    return content


def write(found: Found) -> None:
    """Keeps it, one line per task; whole or not at all."""
    suites = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(task)}: {json.dumps(entry)}" for task, entry in sorted(tasks.items()))
        + "\n}"
        for name, tasks in sorted(found.items())
    ]
    aside = FILE.with_suffix(f".{os.getpid()}.part")
    aside.write_text("{\n" + ",\n".join(suites) + "\n}\n")
    aside.replace(FILE)


def extremes(task: Task, seconds: float, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The task's entry; what was known before stands where nothing better was found."""
    sign = task.goal.sign
    rng = np.random.default_rng(0)
    ends_at = time.process_time() + seconds / 2
    drawn: list[tuple[float, Config]] = []
    for config in task.space.sample(rng, N_DRAWN):
        value = task.evaluate(config)
        if value is not None:
            drawn.append((sign * value, config))
        if time.process_time() > ends_at and len(drawn) > 20:
            break
    ranked = sorted(drawn, key=lambda entry: entry[0])
    if task.default is not None and (value := task.evaluate(task.default)) is not None:
        ranked = sorted([*ranked, (sign * value, task.default)], key=lambda entry: entry[0])
    median = rounded(sign * float(np.median([value for value, _ in drawn])))
    entry: dict[str, Any] = {"median": median if before is None else before["median"]}
    for end, start, given, way in (("best", ranked[-1], task.optimum, 1.0), ("worst", ranked[0], task.worst, -1.0)):
        candidates = [start]
        for other in (given, None if before is None else before[end]["config"]):
            if other is not None and (value := task.evaluate(other)) is not None:
                candidates.append((sign * value, other))
        first = max(candidates, key=lambda entry: way * entry[0])
        reached, at = climbed(task, first, way=way, seconds=seconds / 4, rng=rng)
        entry[end] = {"config": short(task, at), "value": rounded(sign * reached)}
    return entry


def climbed(
    task: Task, first: tuple[float, Config], *, way: float, seconds: float, rng: np.random.Generator
) -> tuple[float, Config]:
    """The end of a walk of shrinking steps that goes up (`way` = 1) or down."""
    best, config = first
    ends_at = time.process_time() + seconds
    for k in range(N_STEPS):
        if time.process_time() > ends_at:
            break
        size = LARGEST_STEP * (SMALLEST_STEP / LARGEST_STEP) ** (k / N_STEPS)
        neighbour = stepped(task.space, config, size, rng)
        value = task.evaluate(neighbour)
        if value is not None and way * task.goal.sign * value > way * best:
            best, config = task.goal.sign * value, neighbour
    return best, config


def stepped(space: Space, config: Config, size: float, rng: np.random.Generator) -> dict[str, Scalar]:
    """A neighbour in some of the parameters."""
    (point,) = space.to_unit([config])
    moves = rng.random(len(point)) < max(0.3, 1.5 / len(point))
    for column, name in enumerate(space.columns):
        if isinstance(space.parameters[name], Categorical):
            if rng.random() < P_CATEGORY:
                point[column] = rng.random()
        elif moves[column]:
            point[column] = np.clip(point[column] + rng.normal(0.0, size), 0.0, 1.0)
    (found,) = space.from_unit(space.snap(point[None, :]))
    return found


def short(task: Task, config: Config) -> dict[str, Scalar]:
    """The configuration with few digits, where that leaves it inside the space."""
    told = {name: rounded(value) if isinstance(value, float) else value for name, value in config.items()}
    return told if task.space.contains(told) else dict(config)


def rounded(value: float) -> float:
    """The value to six digits."""
    return float(f"{value:.{N_DIGITS}g}")


if __name__ == "__main__":
    sys.exit(main())
