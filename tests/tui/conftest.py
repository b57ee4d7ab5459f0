"""Fixtures of the interface's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.store import Store
from tests.tui.workshop import IdleEngine, Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """A workshop with an empty store."""
    path = tmp_path / "at.db"
    with Store.open(path) as store:
        yield Workshop(store, IdleEngine(path))
