"""What is known of a block before a trial runs it, by the file of one study."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import SandboxError
from agenttune.goal import Goal
from agenttune.objectives.code import CodeObjective
from agenttune.store import Store
from agenttune.study.code_asking import FileChecker
from agenttune.variants.fingerprint import Fingerprint
from tests.study.models import Make

SOURCE = """def columns():
    return 2


def fit_predict(train_x, train_y, new_x):
    return train_y[:1].repeat(len(new_x)) * 0 + columns() % 3
"""


@pytest.fixture
def checker(store: Store, make_spec: Make) -> FileChecker:
    """That of a study over `columns`."""
    objective = {
        **{"type": "code", "file": "model.py", "target": "columns", "source": SOURCE, "variants": "variants"},
        **{"data": "iris", "metric": "accuracy", "held_out": 0.2, "allow_unsafe": True},
    }
    spec = make_spec(objective=objective, goal=Goal("accuracy", "maximize"))
    return FileChecker(store, store.create_study(spec).id, spec)


def test_hash_tells_whether_code_does_the_same_also_after_a_driver_that_was_killed(
    checker: FileChecker, store: Store
) -> None:
    own = checker.own_fingerprint()
    (study,) = store.studies()
    left = store.study_dir(study.id) / "fingerprint"
    (left / "inner").mkdir(parents=True)
    same, other = (checker.fingerprint(SOURCE.replace("return 2", line)) for line in ("return 1 + 1", "return 1"))
    assert own is not None and same == own and other not in (None, own)
    assert not left.exists()


@pytest.mark.parametrize("error", [SandboxError("nothing confines code here"), OSError(28, "No space left on device")])
def test_code_that_cannot_be_hashed_now_is_left_to_its_trial(
    checker: FileChecker, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(self: CodeObjective, text: str, *, folder: Path, study_seed: int) -> Fingerprint:
        raise error

    monkeypatch.setattr(CodeObjective, "fingerprint", fails)
    assert checker.fingerprint(SOURCE) is None
