"""Studies over code: what is kept of a task, before anything runs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from agenttune.budget import Budget
from agenttune.errors import ObjectiveError
from agenttune.goal import Goal
from agenttune.objectives import load_objective
from agenttune.plan import ModelChoice
from agenttune.spec import StudySpec
from agenttune.study.code_task import CodeTask, code_spec

NEAREST = """import numpy as np


def columns():
    return 2


def fit_predict(train_x, train_y, new_x):
    n = columns()
    return train_y[np.linalg.norm(new_x[:, None, :n] - train_x[None, :, :n], axis=2).argmin(axis=1)]
"""
SCRIPT = "def slope():\n    return 1.0\n\n\nprint(f'score={slope():.4f}')\n"
MODEL = "http://127.0.0.1:9/v1#nobody"


def spec_of(file: Path, target: str, metric: str, *, data: str | None = None, column: str | None = None) -> StudySpec:
    """A study that nobody runs, so that no model is asked."""
    task = CodeTask(
        file, target, Goal(metric, "maximize"), data=data, data_target=column, allow_unsafe=True, folder=file.parent
    )
    return code_spec(task, ModelChoice(MODEL), name="made", budget=Budget(trials=2))


def test_script_in_a_name_with_spaces_is_one_word_of_its_command(tmp_path: Path) -> None:
    file = tmp_path / "my model.py"
    file.write_text(SCRIPT)
    command = spec_of(file, "slope", "score").objective["command"]
    assert shlex.split(str(command)) == [sys.executable, "my model.py"]


def test_data_that_changed_since_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(NEAREST)
    rows = [f"{number},{number % 5},{'ab'[number % 2]}" for number in range(60)]
    table = tmp_path / "rows.csv"
    table.write_text("\n".join(["x,y,label", *rows]))
    spec = spec_of(tmp_path / "model.py", "columns", "accuracy", data="rows.csv", column="label")
    load_objective(spec.objective, cwd=tmp_path)
    table.write_text("\n".join(["x,y,label", *reversed(rows)]))
    with pytest.raises(ObjectiveError, match="has changed since the study was made"):
        load_objective(spec.objective, cwd=tmp_path)
