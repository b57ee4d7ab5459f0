"""What tests of the agent share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune.agent import Agent
from agenttune.models import Reply, ToolCall
from agenttune.store import Store
from agenttune.testing.scripted import ScriptedModel

Make = Callable[..., Agent]
SCRIPT = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1, help="step size")
lr = parser.parse_args().lr
print(f"accuracy={1 - (lr - 0.03) ** 2}")
"""
"""A training script of a person's own."""


def calling(name: str, **arguments: Any) -> Reply:
    """A reply that calls one tool."""
    return Reply(
        "",
        usage={"prompt": 100, "completion": 10},
        tool_calls=(ToolCall(f"call-{name}", name, json.dumps(arguments)),),
    )


def saying(text: str) -> Reply:
    """A reply in words."""
    return Reply(text, usage={"prompt": 100, "completion": 10})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "agenttune.db") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workspace."""
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def make(store: Store, folder: Path) -> Make:
    """Makes an agent whose model takes the given steps, which costs nothing."""

    def made(*steps: Any, **options: Any) -> Agent:
        model = ScriptedModel(*steps, is_local=True)
        return Agent(model, workspace=folder, store=store, **{"approve": lambda asked: True, **options})

    return made
