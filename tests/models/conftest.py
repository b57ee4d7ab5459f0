"""A server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agenttune.models.openai import OpenAIModel
from agenttune.testing.server import ModelServer


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Answers valid values until the test gives it another responder."""
    with ModelServer() as running:
        yield running


@pytest.fixture
def model(server: ModelServer) -> OpenAIModel:
    """The model of that server."""
    return OpenAIModel.from_spec(f"{server.url}#test")
