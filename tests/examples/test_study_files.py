"""The study files of examples/ load, and their objectives measure what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.errors import TrialFailure
from agenttune.objectives import load_objective
from agenttune.objectives.outcome import outcome_values
from agenttune.plan import load_study_file
from agenttune.testing.objectives import FakeRun

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*/study.toml"))


def test_every_kind_of_objective_has_an_example() -> None:
    kinds = {load_study_file(path).objective["type"] for path in FILES}
    assert kinds == {"estimator", "command", "python", "table"}


@pytest.mark.parametrize("path", FILES, ids=[path.parent.name for path in FILES])
def test_example_measures_its_metric(path: Path, tmp_path: Path) -> None:
    spec = load_study_file(path)
    run = FakeRun(tmp_path, metric=spec.goal.metric)
    assert spec.default is not None
    objective = load_objective(spec.objective, cwd=Path(spec.cwd))
    values = outcome_values(objective.evaluate(spec.default, run), spec.goal.metric)
    assert np.isfinite(values[spec.goal.metric])
    assert spec.goal.is_feasible(values)


def test_table_of_the_example_has_an_unmeasured_cell(tmp_path: Path) -> None:
    spec = load_study_file(EXAMPLES / "table" / "study.toml")
    objective = load_objective(spec.objective, cwd=Path(spec.cwd))
    with pytest.raises(TrialFailure, match="no measurement"):
        objective.evaluate(
            {"threads": 16, "cache_mb": 1024, "compression": "none"}, FakeRun(tmp_path, metric=spec.goal.metric)
        )
