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

SPACE = Space(x=Float(0.0, 1.0, default=0.5), n=Int(1, 4, default=2))

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
