from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from agenttune.models.local.engine import Engine
from agenttune.testing.tiny_llama import make_tiny_llama

SMOLLM2 = Path(__file__).parents[3] / ".real-model" / "agenttune" / "models" / "smollm2"


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Two test processes share two cores: threads that wait for each other would only slow both."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Llama of a million parameters."""
    return make_tiny_llama(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def engine(tiny_llama: Path) -> Engine:
    """That model, loaded."""
    return Engine.load(str(tiny_llama), device="cpu", dtype="float32")


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct's folder; it is only read."""
    if not SMOLLM2.exists():
        pytest.skip("no real model is there: `make real-model` fetches it, and `make test` does so first")
    return SMOLLM2
