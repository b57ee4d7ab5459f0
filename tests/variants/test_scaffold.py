"""Files to start from: they keep the contract of predictions as they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.cards.metrics import Task
from agenttune.errors import UserError
from agenttune.variants.entry import load
from agenttune.variants.scaffold import TARGET, write_scaffold


@pytest.mark.parametrize(("task", "shape"), [("classification", (6, 2)), ("regression", (6,))])
def test_file_runs_as_it_stands(task: Task, shape: tuple[int, ...], tmp_path: Path) -> None:
    write_scaffold(path := tmp_path / f"{task}_scaffold.py", "few.csv", task)
    rows, labels = np.arange(12.0).reshape(6, 2), np.array([0, 0, 0, 1, 1, 1])
    module = load(path)
    predicted = module.fit_predict(rows, labels, rows)
    assert predicted.shape == shape
    assert (predicted.argmax(axis=1) == labels).all() if task == "classification" else predicted[-1] > predicted[0]
    assert hasattr(module, TARGET)


def test_file_that_somebody_has_changed_is_left(tmp_path: Path) -> None:
    write_scaffold(path := tmp_path / "model.py", "few.csv", "regression")
    write_scaffold(path, "few.csv", "regression")
    path.write_text(changed := path.read_text() + "# mine\n")
    with pytest.raises(UserError, match="is there already"):
        write_scaffold(path, "few.csv", "regression")
    assert path.read_text() == changed
