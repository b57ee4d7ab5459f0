"""Models of a fake engine, each in a real process of its own."""

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
