"""The real model that tests marked `real_model` run."""

from __future__ import annotations

from pathlib import Path

import pytest

SMOLLM2 = Path(__file__).parents[3] / ".real-model" / "agenttune" / "models" / "smollm2"


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct's folder; it is only read."""
    if not SMOLLM2.exists():
        pytest.skip("no real model is there: `make real-model` fetches it, and `make test` does so first")
    return SMOLLM2
