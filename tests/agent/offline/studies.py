"""Three studies that people talk about: an SVM, the training of a network, a database server."""

from __future__ import annotations

from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Float, Int, Space
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.testing.views import complete, failed
from agenttune.trial import Trial
from agenttune.types import Config, Metrics

SVM = Space(
    C=Float(1e-3, 1e3, log=True, default=1.0),
    gamma=Float(1e-5, 1.0, log=True, default=0.01),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5, default=3)), "sigmoid": None}, default="rbf"),
)
MLP = Space(
    lr=Float(1e-5, 1e-1, log=True, default=1e-3),
    batch_size=Int(16, 512, log=True, default=64),
    hidden_units=Int(32, 1024, log=True, default=128),
    n_layers=Int(1, 6, default=2),
    dropout=Float(0.0, 0.5, default=0.1),
    optimizer=Categorical(
        {
            "adam": None,
            "sgd": Space(momentum=Float(0.0, 0.99, default=0.9), nesterov=Bool(default=False)),
            "rmsprop": None,
        },
        default="adam",
    ),
    constraints=["batch_size * hidden_units <= 262144"],
)
DB = Space(
    shared_buffers_mb=Int(128, 8192, log=True, default=512, unit="MB"),
    work_mem_mb=Int(1, 256, log=True, default=4),
    max_connections=Int(20, 200, default=100),
    checkpoint_timeout_s=Int(30, 3600, default=300, unit="s"),
    random_page_cost=Float(1.0, 4.0, default=4.0),
    wal_compression=Bool(default=False),
    io_method=Categorical(["sync", "worker", "io_uring"], default="sync"),
)
COMMAND = {"type": "command", "command": "./measure {trial}"}


def row_of(name: str, *, state: StudyState = StudyState.RUNNING) -> StudyRow:
    """The row of one of the studies."""
    spec = {
        "svm": StudySpec("svm-digits", SVM, Goal("accuracy", "maximize"), {**COMMAND}, budget=Budget(trials=30)),
        "mlp": StudySpec(
            "mlp",
            MLP,
            Goal("val_accuracy", "maximize"),
            {**COMMAND},
            budget=Budget(trials=40, seconds=3600.0),
            workers=2,
        ),
        "db": StudySpec(
            "postgres", DB, Goal("p95_latency_ms", "minimize", constraints=("throughput_tps > 900",)), {**COMMAND}
        ),
    }[name]
    return StudyRow("1", spec, state, space_version=1, created_at=0.0, active_s=60.0, n_trials=12)


def view_of(name: str) -> StudyView:
    """The study after twelve trials, 0 to 11, of which 4 failed and 7 is the best."""
    spec = row_of(name).spec
    trials = [_trial(name, number, spec.space.fill({})) for number in range(12)]
    return StudyView.of(spec, trials, spaces={1: spec.space}, space_version=1)


def _trial(name: str, number: int, config: Config) -> Trial:
    gain = 1.0 - abs(number - 7) / 10
    measured: dict[str, Metrics] = {
        "svm": {"accuracy": 0.9 * gain},
        "mlp": {"val_accuracy": 0.9 * gain, "latency_ms": 20.0 + number},
        "db": {"p95_latency_ms": 50.0 - 10 * gain, "throughput_tps": 1000.0},
    }
    return failed(number, config) if number == 4 else complete(number, config, measured[name])
