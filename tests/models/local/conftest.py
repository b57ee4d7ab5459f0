"""Models of a fake engine, each in a real process of its own, and the real model that tests marked `real_model` run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.models.local import LocalModel
from agenttune.models.local.client import stop_hosts
from agenttune.types import Json
from tests.models.local.hosts import Make, fake_model

SMOLLM2 = Path(__file__).parents[3] / ".real-model" / "agenttune" / "models" / "smollm2"


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct's folder; it is only read."""
    if not SMOLLM2.exists():
        pytest.skip("no real model is there: `make real-model` fetches it, and `make test` does so first")
    return SMOLLM2


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a model of the test's own; see `fake_model`."""

    def made(*, name: str = "tiny", idle_s: float = 600.0, **asked_to: Json) -> LocalModel:
        return fake_model(tmp_path / name, idle_s=idle_s, **asked_to)

    yield made
    stop_hosts()
