"""Scikit-learn estimators as objectives."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agenttune.errors import DataError, ObjectiveError, TrialFailure, UserError
from agenttune.objectives.estimator import EstimatorObjective
from agenttune.testing.objectives import FakeRun, ObjectiveConformance
from agenttune.types import Config, Json

FLOWERS = Path(__file__).parent.parent / "data" / "flowers.csv"
SVM: Config = {"C": 1.0, "gamma": 0.25, "kernel": "rbf"}
TREE: Config = {
    "max_depth": 3,
    "min_samples_split": 2,
    "min_samples_leaf": 1,
    "ccp_alpha": 0.0,
    "criterion": "gini",
}
MLP: Config = {"n_layers": 1, "width": 16, "learning_rate_init": 1e-4, "activation": "relu"}
NEIGHBOURS: Config = {"n_neighbors": 5, "weights": "uniform", "metric": "euclidean"}
IRIS: dict[str, Json] = {"type": "estimator", "family": "svm", "data": "iris", "metric": "accuracy"}


def objective(**changes: Json) -> EstimatorObjective:
    return EstimatorObjective.from_json({**IRIS, **changes}, cwd=Path.cwd())


class TestConformance(ObjectiveConformance):
    config = SVM
    metric = "accuracy"

    def content(self, folder: Path) -> dict[str, Json]:
        return dict(IRIS)


class TestConformanceOnAFile(ObjectiveConformance):
    config = TREE
    metric = "f1"

    def content(self, folder: Path) -> dict[str, Json]:
        (folder / "flowers.csv").write_bytes(FLOWERS.read_bytes())
        return {
            "type": "estimator",
            "family": "decision-tree",
            "data": "flowers.csv",
            "target": "species",
            "metric": "f1",
        }


def test_mean_and_spread_over_folds_are_told(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    values = objective().evaluate(SVM, run)
    assert values["accuracy"] > 0.9
    assert values["accuracy"] == run.reports[-1][1]["accuracy"]
    assert 0 < values["accuracy_sd"] < 0.1


def test_each_fold_is_reported(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    objective(folds=3).evaluate(SVM, run)
    assert [step for step, _ in run.reports] == [0, 1, 2]


def test_asked_to_stop_it_ends_after_the_fold(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.should_stop = True
    assert objective().evaluate(SVM, run) == {"accuracy": run.reports[0][1]["accuracy"]}
    assert len(run.reports) == 1


def test_trials_of_one_study_share_their_folds(tmp_path: Path) -> None:
    first, second = FakeRun(tmp_path, seed=1), FakeRun(tmp_path, seed=2)
    assert objective().evaluate(SVM, first) == objective().evaluate(SVM, second)


def test_replicates_have_folds_of_their_own(tmp_path: Path) -> None:
    scores = set()
    for seed in range(6):
        run = FakeRun(tmp_path, seed=seed)
        run.replicate_of = 0
        scores.add(tuple(metrics["accuracy"] for _, metrics in _reports(run)))
    assert len(scores) > 1


def _reports(run: FakeRun) -> list[tuple[int, dict[str, float]]]:
    objective().evaluate(SVM, run)
    return run.reports


def test_evaluation_never_reads_the_part_held_out(tmp_path: Path) -> None:
    clean, spoilt = objective(), objective()
    from agenttune.cards.pipeline import split

    _, kept = split(spoilt.dataset, held_out=0.2, seed=FakeRun(tmp_path).study_seed)
    spoilt.dataset.features[kept] = np.nan
    assert spoilt.evaluate(SVM, FakeRun(tmp_path)) == clean.evaluate(SVM, FakeRun(tmp_path))


def test_held_out_part_is_scored_by_one_fit(tmp_path: Path) -> None:
    values = objective().held_out(SVM, FakeRun(tmp_path))
    assert list(values) == ["accuracy"]
    assert values["accuracy"] * 30 == pytest.approx(round(values["accuracy"] * 30))


def test_regression_is_scored_in_the_targets_unit(tmp_path: Path) -> None:
    ridge = objective(family="ridge", data="diabetes", metric="rmse")
    values = ridge.evaluate({"alpha": 1.0, "fit_intercept": True}, FakeRun(tmp_path))
    assert 40 < values["rmse"] < 70


def test_numbers_of_missing_and_categories_are_learned_from(tmp_path: Path) -> None:
    tree = objective(family="decision-tree", data=str(FLOWERS), target="species", folds=3)
    assert tree.evaluate(TREE, FakeRun(tmp_path))["accuracy"] > 0.9


def test_refused_configuration_is_an_invalid_trial(tmp_path: Path) -> None:
    config: Config = {"n_neighbors": 1000, "weights": "uniform", "metric": "euclidean"}
    with pytest.raises(TrialFailure, match="KNeighborsClassifier refuses this configuration") as caught:
        objective(family="knn").evaluate(config, FakeRun(tmp_path))
    assert caught.value.kind == "invalid"


def test_unconverged_fit_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        objective(family="mlp", folds=2).evaluate(MLP, FakeRun(tmp_path))
    assert any("ConvergenceWarning" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fold": 3}, r"no entry 'fold' \(did you mean 'folds'\?\)"),
        ({"folds": 1}, "`folds` must be a whole number of at least 2, but got 1"),
        ({"folds": 2.5}, r"but got 2\.5"),
        ({"held_out": 1}, "`held_out` must be a share between 0 and 1"),
        ({"held_out": 0.0}, "`held_out` must be a share between 0 and 1"),
    ],
)
def test_typo_in_the_description_is_one_sentence(changes: dict[str, Json], reason: str) -> None:
    with pytest.raises(ObjectiveError, match=reason):
        objective(**changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family": "lasso"}, "lasso cannot classify"),
        ({"metric": "log_loss"}, "needs probabilities"),
        ({"metric": "speed"}, "no metric is called"),
        ({"family": "swm"}, "did you mean 'svm'"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(changes: dict[str, Json], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        objective(**changes)


@pytest.mark.parametrize("entry", ["family", "data", "metric"])
def test_missing_entry_is_named(entry: str) -> None:
    content = {name: value for name, value in IRIS.items() if name != entry}
    with pytest.raises(ObjectiveError, match=f"needs '{entry}'"):
        EstimatorObjective.from_json(content, cwd=Path.cwd())


def test_changed_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    path.write_bytes(FLOWERS.read_bytes())
    with pytest.raises(ObjectiveError, match=r"flowers\.csv has changed since the study was made"):
        objective(data=str(path), target="species", sha256="0" * 64)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        objective(data=str(tmp_path / "nowhere.csv"), target="species")


NEW_MODULES = """
import importlib, sys
from pathlib import Path
from agenttune.objectives.estimator import EstimatorObjective
from agenttune.testing.objectives import FakeRun
for name in EstimatorObjective.PRELOAD:
    importlib.import_module(name)
before = set(sys.modules)
for family, config in {families!r}.items():
    content = {{"type": "estimator", "family": family, "data": {data!r}, "target": "species", "metric": "accuracy"}}
    EstimatorObjective.from_json(content, cwd=Path()).evaluate(config, FakeRun(Path({folder!r})))
print(*(name for name in sorted(set(sys.modules) - before) if name.split(".")[0] in ("sklearn", "scipy", "pandas")))
"""


def test_what_a_trial_imports_is_preloaded(tmp_path: Path) -> None:
    families = {"svm": SVM, "decision-tree": TREE, "mlp": MLP, "knn": NEIGHBOURS}
    code = NEW_MODULES.format(families=families, data=str(FLOWERS), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
