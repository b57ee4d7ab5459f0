"""What every objective must do: inherit `ObjectiveConformance` and say how yours is described.

::

    class TestMine(ObjectiveConformance):
        def content(self, folder: Path) -> dict[str, Json]:
            return {"type": "mine", ...}

        config: ClassVar[Config] = {"x": 0.5}
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import ClassVar

import numpy as np

from agenttune.objectives import Objective, load_objective
from agenttune.objectives.outcome import outcome_values
from agenttune.types import Config, Json


class FakeRun:
    """A `Run` that keeps its reports in a list."""

    def __init__(self, folder: Path, *, metric: str = "score", seed: int = 11) -> None:
        self.trial_number = 4
        self.seed = seed
        self.study_seed = 7
        self.replicate_of: int | None = None
        self.attempt = 1
        self.checkpoint_dir = folder / "checkpoint"
        self.directory = folder / "attempt"
        self.metric = metric
        self.should_stop = False
        self.reports: list[tuple[int, dict[str, float]]] = []
        for path in (self.checkpoint_dir, self.directory):
            path.mkdir(parents=True, exist_ok=True)

    def report(self, step: int, **metrics: float) -> None:
        """Keeps the report."""
        self.reports.append((step, metrics))


class ObjectiveConformance:
    """What executors and studies rely on."""

    config: ClassVar[Config] = {}
    """A configuration that can be evaluated."""
    metric: ClassVar[str] = "score"

    def content(self, folder: Path) -> dict[str, Json]:
        """The study's `objective` entry; files it needs are made in `folder`, which is its `cwd`."""
        raise NotImplementedError

    def load(self, folder: Path) -> Objective:
        """The objective as the process of an attempt loads it."""
        return load_objective(self.content(folder), cwd=folder)

    def values(self, folder: Path) -> dict[str, float]:
        """Its metrics for `config`."""
        run = FakeRun(folder / "files", metric=self.metric)
        return outcome_values(self.load(folder).evaluate(self.config, run), self.metric)

    def test_its_description_is_plain_json(self, tmp_path: Path) -> None:
        content = self.content(tmp_path)
        assert json.loads(json.dumps(content, allow_nan=False)) == content

    def test_it_measures_the_goals_metric(self, tmp_path: Path) -> None:
        assert self.metric in self.values(tmp_path)

    def test_the_same_seed_measures_the_same(self, tmp_path: Path) -> None:
        assert self.values(tmp_path) == self.values(tmp_path)

    def test_it_leaves_the_configuration_as_it_is(self, tmp_path: Path) -> None:
        before = dict(self.config)
        self.values(tmp_path)
        assert dict(self.config) == before

    def test_it_leaves_global_randomness_alone(self, tmp_path: Path) -> None:
        before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]  # a tuple, as `legacy` says
        self.values(tmp_path)
        after = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]  # as above
        assert after == before

    def test_it_leaves_the_working_folder_alone(self, tmp_path: Path) -> None:
        before = Path.cwd()
        self.values(tmp_path)
        assert Path.cwd() == before

    def test_steps_of_reports_grow(self, tmp_path: Path) -> None:
        run = FakeRun(tmp_path / "files", metric=self.metric)
        self.load(tmp_path).evaluate(self.config, run)
        steps = [step for step, _ in run.reports]
        assert steps == sorted(set(steps))
