"""Studies for tests: a store of their own, cheap objectives, quick proposers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.testing.answers import Responder
from agenttune.testing.server import ModelServer
from tests.study.models import Held, Make, Serve
from tests.study.specs import OWN_OBJECTIVE, asking, reporting


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "agenttune.db") as opened:
        yield opened


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[..., StudySpec]:
    """Makes the spec of a study whose command reports its own `x` as the score."""
    return lambda **changes: replace(reporting(tmp_path), **changes)


@pytest.fixture
def make_inline(make_spec: Make) -> Make:
    """Makes the spec of the same study with trials of this process, which take no time."""
    return lambda **changes: make_spec(**{"objective": OWN_OBJECTIVE, "executor": "inline", **changes})


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
    return lambda server, trials, **changes: asking(make_spec(), server, trials, **changes)
