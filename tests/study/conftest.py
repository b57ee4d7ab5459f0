"""Studies for tests: a store of their own, cheap objectives, quick proposers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune import Budget, Float, Goal, Int, Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.testing.answers import Responder
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from tests.study.models import Held, Make, Serve

SPACE = Space(x=Float(0.0, 1.0, default=0.5), n=Int(1, 4, default=2))

SMOOTH_OBJECTIVE = {"type": "python", "target": "agenttune.testing.functions:smooth"}
COMMAND = "import json, os, sys; json.dump({'score': float(sys.argv[1])}, open(os.environ['AGENTTUNE_RESULT'], 'w'))"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "agenttune.db") as opened:
        yield opened


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[..., StudySpec]:
    """Makes the spec of a study whose command reports its own `x` as the score."""

    def make(**changes: Any) -> StudySpec:
        spec = StudySpec(
            name="study",
            space=SPACE,
            goal=Goal("score", "maximize"),
            objective={
                "type": "command",
                "command": [sys.executable, "-c", COMMAND, "{x}"],
            },
            budget=Budget(trials=4),
            proposer="sobol",
            limits=TrialLimits(),
            cwd=str(tmp_path),
        )
        return replace(spec, **changes)

    return make


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server; whatever waits in it is let go at the end."""
    started: list[ModelServer] = []

    def start(responder: Responder) -> ModelServer:
        server = ModelServer(responder)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        if isinstance(server.responder, Held):
            server.responder.is_let.set()
        server.stop()


@pytest.fixture
def make(make_spec: Make) -> Make:
    """Makes the spec of a study of `SMOOTH` in this process that asks the model of a server."""

    def made(server: ModelServer, trials: int, **changes: Any) -> StudySpec:
        settings = {
            "space": SMOOTH.space,
            "goal": Goal("value", "maximize"),
            "objective": SMOOTH_OBJECTIVE,
            "executor": "inline",
            "proposer": "llm+gp",
            "model": f"{server.url}#test",
            "budget": Budget(trials=trials),
        }
        return make_spec(**{**settings, **changes})

    return made
