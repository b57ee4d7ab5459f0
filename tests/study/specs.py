"""Specs of studies that cost little: cheap objectives, quick proposers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from agenttune import Budget, Float, Goal, Int, Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from agenttune.types import Config, Json

SPACE = Space(x=Float(0.0, 1.0, default=0.5), n=Int(1, 4, default=2))
SMOOTH_OBJECTIVE: dict[str, Json] = {"type": "python", "target": "agenttune.testing.functions:smooth"}
COMMAND = "import json, os, sys; json.dump({'score': float(sys.argv[1])}, open(os.environ['AGENTTUNE_RESULT'], 'w'))"
OWN_OBJECTIVE: dict[str, Json] = {"type": "python", "target": "tests.study.specs:own"}


def own(config: Config) -> dict[str, float]:
    """The `x` of a configuration as its score."""
    return {"score": float(config["x"])}


def reporting(folder: Path) -> StudySpec:
    """A study whose command reports its own `x` as the score."""
    return StudySpec(
        name="study",
        space=SPACE,
        goal=Goal("score", "maximize"),
        objective={"type": "command", "command": [sys.executable, "-c", COMMAND, "{x}"]},
        budget=Budget(trials=4),
        proposer="sobol",
        limits=TrialLimits(),
        cwd=str(folder),
    )


def asking(spec: StudySpec, server: ModelServer, trials: int, **changes: Any) -> StudySpec:
    """The study with `SMOOTH` for an objective, in this process, that asks the model of a server."""
    settings = {
        "space": SMOOTH.space,
        "goal": Goal("value", "maximize"),
        "objective": SMOOTH_OBJECTIVE,
        "executor": "inline",
        "proposer": "llm+gp",
        "model": f"{server.url}#test",
        "budget": Budget(trials=trials),
    }
    return replace(spec, **{**settings, **changes})
