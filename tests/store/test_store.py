"""The SQLite store conforms."""

from __future__ import annotations

from pathlib import Path

from agenttune.store import Store
from agenttune.testing.store import StoreConformance


class TestStore(StoreConformance):
    def open_store(self, path: Path) -> Store:
        return Store.open(path)
