"""Models of a fake engine, each in a real process of its own, and the real model that tests marked `real_model` run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.models.local import LocalModel
from agenttune.models.local.address import Wanted
from agenttune.models.local.client import stop_hosts
from agenttune.types import Json
from tests.models.local.hosts import FAKE_HOST, Make

SMOLLM2 = Path(__file__).parents[3] / ".real-model" / "agenttune" / "models" / "smollm2"


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct's folder; it is only read."""
    if not SMOLLM2.exists():
        pytest.skip("no real model is there: `make real-model` fetches it, and `make test` does so first")
    return SMOLLM2


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a model whose engine does what the keywords say (fake_host.py)."""

    def made(*, name: str = "tiny", idle_s: float = 600.0, **asked_to: Json) -> LocalModel:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        config, content = folder / "config.json", json.dumps(asked_to)
        if not config.exists() or config.read_text() != content:  # a file that was written anew is another model
            config.write_text(content)
        return LocalModel(f"hf:{folder}", Wanted(str(folder)), idle_s=idle_s, command=FAKE_HOST)

    yield made
    stop_hosts()
