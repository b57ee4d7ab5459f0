"""A scikit-learn estimator on a data set: cross-validated on one part, judged at the end on another.

The held-out part is split off by the study's seed before anything else; `evaluate` never touches it.
Folds are the same for all trials of a study (so that configurations differ, not splits), except that a
replicate is folded by its own seed. Not for: understanding what was asked (plan/).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from agenttune.cards.csv_file import near
from agenttune.cards.data import Dataset
from agenttune.cards.estimators import EstimatorCard, metric_named
from agenttune.cards.families import card_named
from agenttune.cards.metrics import Metric, Task, measure
from agenttune.cards.pipeline import Positions, folds_of, make_pipeline, split
from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives import Run
from agenttune.objectives.data_entry import DEFAULT_HELD_OUT, dataset_of, held_out_share
from agenttune.types import Config, Json, Metrics

log = logging.getLogger(__name__)

FIELDS = ("type", "family", "task", "data", "target", "metric", "folds", "held_out", "sha256")
DEFAULT_FOLDS = 5
"""The usual compromise between the noise of few folds and the cost of many."""


@dataclass(frozen=True, slots=True)
class EstimatorObjective:
    """Scores configs of one family on one data set."""

    PRELOAD: ClassVar[tuple[str, ...]] = (
        __name__,
        "pandas",
        "sklearn.compose",
        "sklearn.datasets",
        "sklearn.ensemble",
        "sklearn.impute",
        "sklearn.linear_model",
        "sklearn.model_selection",
        "sklearn.neighbors",
        "sklearn.neural_network",
        "sklearn.pipeline",
        "sklearn.svm",
        "sklearn.tree",
        "threadpoolctl",
    )
    """Their imports cost ten times what a fit of a small data set does."""

    family: EstimatorCard
    dataset: Dataset
    metric: Metric
    folds: int = DEFAULT_FOLDS
    held_out_share: float = DEFAULT_HELD_OUT
    """Share of the rows that tuning never sees."""

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> EstimatorObjective:
        """Reads `{"type": "estimator", "family", "task", "data", "target", "metric", "folds", "held_out", "sha256"}`.

        `data` is the name of a bundled set or the path of a CSV file, relative to `cwd`; `sha256` is that
        of the file's bytes when the study was made.

        Raises:
            ObjectiveError: an unknown or missing entry, or a data file that has changed.
            DataError: a data file that cannot be used.
        """
        unknown = next((name for name in content if name not in FIELDS), None)
        if unknown is not None:
            raise ObjectiveError(f"an estimator objective has no entry {unknown!r}{near(unknown, FIELDS)}")
        missing = next((name for name in ("family", "data", "metric") if name not in content), None)
        if missing is not None:
            raise ObjectiveError(f"an estimator objective needs {missing!r}")
        metric = metric_named(str(content["metric"]))
        task: Task = metric.task
        card = card_named(str(content["family"]))
        card.require(task)
        card.require_metric(metric)
        dataset = dataset_of(content, cwd, target=content.get("target"), task=task)
        folds = content.get("folds", DEFAULT_FOLDS)
        if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
            raise ObjectiveError(f"`folds` must be a whole number of at least 2, but got {folds!r}")
        return cls(card, dataset, metric, folds=folds, held_out_share=held_out_share(content))

    def evaluate(self, config: Config, run: Run) -> Metrics:
        """The metric's mean over the folds (and `<metric>_sd`, its standard deviation), on the tuning part.

        Reports the mean so far after each fold; ends after the current fold once `run.should_stop`.

        Raises:
            TrialFailure: scikit-learn refuses the configuration, or the score is no finite number.
        """
        tuning, _ = split(self.dataset, held_out=self.held_out_share, seed=run.study_seed)
        seed = run.study_seed if run.replicate_of is None else run.seed
        scores: list[float] = []
        for fold, (train, test) in enumerate(folds_of(self.dataset, tuning, folds=self.folds, seed=seed)):
            scores.append(self._score(config, train, test, seed=seed))
            run.report(fold, **{self.metric.name: float(np.mean(scores))})
            if run.should_stop:
                break
        return self._summary(scores)

    def held_out(self, config: Config, run: Run) -> Metrics:
        """The metric on the held-out part, after training on the whole tuning part.

        Raises:
            TrialFailure: as `evaluate`.
        """
        tuning, kept = split(self.dataset, held_out=self.held_out_share, seed=run.study_seed)
        return {self.metric.name: self._score(config, tuning, kept, seed=run.study_seed)}

    def _summary(self, scores: list[float]) -> Metrics:
        spread = {f"{self.metric.name}_sd": float(np.std(scores, ddof=1))} if len(scores) > 1 else {}
        return {self.metric.name: float(np.mean(scores)), **spread}

    def _score(self, config: Config, train: Positions, test: Positions, *, seed: int) -> float:
        """The metric on the rows `test` after training on the rows `train`."""
        pipeline = self._pipeline(config, seed=seed)
        with _one_thread(), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                pipeline.fit(self.dataset.rows(train), self.dataset.target[train])
                score = measure(
                    self.metric,
                    pipeline,
                    self.dataset.rows(test),
                    y=self.dataset.target[test],
                    n_classes=self.dataset.n_classes,
                )
            except ValueError as error:
                name = self.family.class_name(self.metric.task)
                raise TrialFailure(f"{name} refuses this configuration: {_first_line(error)}") from error
        _log_warnings(caught)
        if not np.isfinite(score):
            raise TrialFailure(f"{self.metric.title} is {score} for this configuration", kind="nan")
        return score

    def _pipeline(self, config: Config, *, seed: int) -> Any:
        task = self.metric.task
        return make_pipeline(
            self.dataset,
            self.family.make(config, task=task, seed=seed),
            scales=self.family.scales,
            scales_target=self.family.scales_target and task == "regression",
        )


def _one_thread() -> AbstractContextManager[object]:
    """Holds BLAS and OpenMP to one thread.

    Trials run side by side, so threads of one take the cores of another: on two busy cores a default
    gradient boosting cost 3.5 times the CPU time with threads, an MLP 4 times. It also makes a score the
    same on any number of cores.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types; comes with scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _log_warnings(caught: list[warnings.WarningMessage]) -> None:
    """Each distinct warning once: a fit that did not converge is worth a line in the log, not an alarm."""
    for text in sorted({f"{item.category.__name__}: {_first_line(Warning(str(item.message)))}" for item in caught}):
        log.warning(text)
