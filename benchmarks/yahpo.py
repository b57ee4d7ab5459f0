"""Surrogates of real tuning surfaces (YAHPO Gym: lcbench, rbv2_rpart), evaluated with onnxruntime alone.

The data is the public repository slds-lmu/yahpo_data (Apache-2.0): a folder per scenario with `model.onnx`,
`config_space.json` and `encoding.json`, and beside them `reference_<scenario>.json` with the best and the
median value per instance. The order of the tensors' columns is not in those files, hence `SCENARIOS`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agenttune.space import Categorical, Float, Int, Parameter, Space
from agenttune.types import Config

RPART_METRICS = ("acc", "bac", "auc", "brier", "f1", "logloss", "timetrain", "timepredict", "memory")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the files of a scenario do not say."""

    categorical: tuple[str, ...]
    """Columns of the integer tensor, in order."""
    continuous: tuple[str, ...]
    """Columns of the float tensor, in order."""
    outputs: tuple[str, ...]
    fidelity: dict[str, float]
    """Fidelity parameters at their full value."""
    instance: str
    """The parameter that names the data set."""
    target: str
    """The output to maximise."""


SCENARIOS = {
    "lcbench": Scenario(
        categorical=("OpenML_task_id",),
        continuous=(
            "epoch",
            "batch_size",
            "learning_rate",
            "momentum",
            "weight_decay",
            "num_layers",
            "max_units",
            "max_dropout",
        ),
        outputs=(
            "time",
            "val_accuracy",
            "val_cross_entropy",
            "val_balanced_accuracy",
            "test_cross_entropy",
            "test_balanced_accuracy",
        ),
        fidelity={"epoch": 52},
        instance="OpenML_task_id",
        target="val_accuracy",
    ),
    "rbv2_rpart": Scenario(
        categorical=("task_id", "num.impute.selected.cpo"),
        continuous=("cp", "maxdepth", "minbucket", "minsplit", "trainsize", "repl"),
        outputs=RPART_METRICS,
        fidelity={"trainsize": 1.0, "repl": 10},
        instance="task_id",
        target="acc",
    ),
}


class Surface:
    """One scenario; one instance of it is one function to maximise."""

    def __init__(self, name: str, root: Path) -> None:
        """Reads the scenario `name` under `root`, the folder that holds all of them."""
        self.scenario = SCENARIOS[name]
        described = json.loads((root / name / "config_space.json").read_text())
        self._encoding = json.loads((root / name / "encoding.json").read_text())
        import onnxruntime  # of the extra `bench`: the names of tasks can be told without it

        fixed = {self.scenario.instance, *self.scenario.fidelity}
        self.space = Space({p["name"]: _parameter(p) for p in described["hyperparameters"] if p["name"] not in fixed})
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(root / name / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def evaluate(self, config: Config, instance: str) -> float:
        """The target's value at full fidelity."""
        return self.outputs(config, instance)[self.scenario.target]

    def outputs(self, config: Config, instance: str) -> dict[str, float]:
        """Every output at full fidelity, by name."""
        scenario = self.scenario
        values: dict[str, Any] = {**scenario.fidelity, **config, scenario.instance: instance}
        floats = np.array([[values[name] for name in scenario.continuous]], np.float32)
        codes = np.array([[self._encoding[name][values[name]] for name in scenario.categorical]], np.int32)
        (output,) = self._session.run(None, {"x_cat": codes, "x_cont": floats})[0]
        return dict(zip(scenario.outputs, map(float, output), strict=True))


def _parameter(described: dict[str, Any]) -> Parameter:
    if described["type"] == "categorical":
        return Categorical(list(described["choices"]))
    kind = Int if described["type"] == "uniform_int" else Float
    return kind(described["lower"], described["upper"], log=bool(described.get("log")))


def references(name: str, root: Path, n: int) -> dict[str, tuple[float, float]]:
    """(best, median of random) of the first `n` trusted instances of a scenario, in the file's order."""
    content = json.loads((root / f"reference_{name}.json").read_text())["instances"]
    trusted = [(instance, figures) for instance, figures in content.items() if figures["trusted"]]
    return {instance: (figures["best"], figures["median_random"]) for instance, figures in trusted[:n]}
