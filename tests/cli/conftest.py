"""A store with a small study in it, made by hand, and a server of models: nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Budget
from agenttune.cli import main
from agenttune.goal import Goal
from agenttune.space import Categorical, Float, Int, Space
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.store import Store
from agenttune.testing.server import ModelServer
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, Report, TrialState

SPACE = Space(
    C=Float(0.01, 100.0, log=True, default=1.0),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5, default=3))}, default="rbf"),
)
CONFIGS: list[dict[str, Any]] = [
    {"C": 1.0, "kernel": "rbf"},
    {"C": 10.0, "kernel": "poly", "degree": 2},
    {"C": 0.02, "kernel": "rbf"},
    {"C": 50.0, "kernel": "rbf"},
]
VALUES = [0.9, 0.95, None, 0.93]
"""Of the trials; None failed."""


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what a module makes once, and a home for it: that of the first test is not there yet."""
    folder = tmp_path_factory.mktemp("scene")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        for name in ("CONFIG", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name))
        yield folder


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Where the store of the test lies."""
    return tmp_path / "studies.db"


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(store_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server that offers what fits."""
    with ModelServer() as started:
        yield started


@pytest.fixture
def spec(server: ModelServer) -> str:
    """Of a model at the server."""
    return f"{server.url}#test"


@pytest.fixture
def make_study(store: Store) -> Callable[..., StudyRow]:
    """A study that ended after four trials, one of them failed."""

    def make(
        name: str = "svc-digits",
        *,
        state: StudyState = StudyState.FINISHED,
        trials: bool = True,
        request: str = "tune an SVM on digits",
        objective: dict[str, Any] | None = None,
        constraints: tuple[str, ...] = (),
    ) -> StudyRow:
        spec = StudySpec(
            name=name,
            space=SPACE,
            goal=Goal("accuracy", "maximize", constraints),
            objective=objective or {"type": "told"},
            budget=Budget(trials=4),
            request=request,
            default=CONFIGS[0],
        )
        row = store.create_study(spec)
        if trials:
            for config, value in zip(CONFIGS, VALUES, strict=True):
                add_trial(store, row, config, value)
        store.set_state(row.id, state, reason="4 trials done" if state.is_ended else None)
        return store.study(row.id)

    return make


def add_trial(store: Store, row: StudyRow, config: dict[str, Any], value: float | None, **others: Any) -> int:
    """Proposes, claims and finishes one trial."""
    arm = "default" if config == CONFIGS[0] else "gp"
    why = f"because of {len(config)}"
    proposal = Proposal(config, arm, why, predicted_mean=0.92, predicted_sd=0.01, prediction_source="tokens")
    added = store.add_trial(row.id, proposal, seed=1, **others)
    assert added is not None
    claimed = store.claim(row.id)
    assert claimed is not None
    trial, attempt = claimed
    folder = Path(attempt.directory)
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("epoch 1\n\x1b[31mepoch 2\x1b[0m\n")
    if value is None:
        failure = Failure(
            FailureKind.CRASH, "ValueError: C is too small", traceback_tail="File x\nValueError", exit_code=1
        )
        store.finish(row.id, trial.number, TrialState.FAILED, failure=failure)
    else:
        store.add_reports(attempt.id, [Report(0, {"accuracy": value - 0.1}, 0.1)])
        store.finish(row.id, trial.number, TrialState.COMPLETE, outcome=Outcome({"accuracy": value}, 1.5))
    return trial.number


@pytest.fixture
def study(make_study: Callable[..., StudyRow]) -> StudyRow:
    """The study `make_study` makes by default."""
    return make_study()


@pytest.fixture
def agenttune(store_path: Path) -> Callable[..., int]:
    """Runs a command on the test's store, in this process."""
    return lambda *words: main([*words, "--store", str(store_path)])
