"""Fixtures of the interface's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.store import Store
from tests.tui.workshop import IdleEngine, Workshop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A workshop with an empty store, in which no driver starts."""
    path = tmp_path / "at.db"
    engine = IdleEngine(path)
    monkeypatch.setattr("agenttune.steering.start", lambda study_id, path: engine.driven.append(study_id))
    with Store.open(path) as store:
        yield Workshop(store, engine)
