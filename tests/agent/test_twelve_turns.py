"""A conversation of twelve turns over HTTP: a real server, a real store, real trials, a policy that asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agenttune.agent import Agent
from agenttune.agent.events import ApprovalRequested, Failed, ToolReturned
from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.server import ModelServer
from agenttune.types import Json
from tests.study.models import wait_for

pytestmark = pytest.mark.slow

BOWL = """
import time
from pathlib import Path

def measure(config, run):
    while run.trial_number > 4 and not Path("go").exists() and not run.should_stop:
        time.sleep(0.01)
    return -((config["x"] - 0.3) ** 2) - (config["y"] - 0.6) ** 2
"""
DOCUMENT: dict[str, Json] = {
    "name": "bowl",
    "objective": {"type": "python", "target": "bowl.py:measure"},
    "space": {
        "x": {"type": "float", "low": 0.0, "high": 1.0, "default": 0.9},
        "y": {"type": "float", "low": 0.0, "high": 1.0, "default": 0.9},
    },
    "goal": {"metric": "score", "direction": "maximize"},
    "budget": {"trials": 60},
    "proposer": "random",
}
TURNS: list[tuple[str, str | None, dict[str, Json]]] = [
    ("tune bowl.py:measure", "create_study", {"document": DOCUMENT}),
    ("how is it going?", "show_study", {}),
    ("why trial 0?", "explain_trial", {"number": 0}),
    ("cap x at .8", "edit_study", {"edits": [{"edit": "set_range", "name": "x", "high": 0.8}]}),
    ("no, take that back", "undo_edit", {}),
    ("try the middle", "propose", {"config": {"x": 0.5, "y": 0.5}, "reason": "the middle"}),
    ("pause", "pause_study", {}),
    ("note that it is a bowl", "add_note", {"text": "it is a bowl"}),
    ("go on, but at most 12 trials", "edit_study", {"edits": [{"edit": "set_budget", "trials": 12}]}),
    ("go on", "resume_study", {}),
    ("what did we learn?", "lessons", {}),
    ("is the winner real?", "confirm_winner", {"top": 1, "replicates": 2}),
]


class Conversation:
    """Calls the tool of the turn that the person is at, then says that it did."""

    def __call__(self, request: ChatRequest) -> Response:
        """The reply to the last message."""
        messages: list[dict[str, Any]] = request["messages"]
        at = max(index for index, message in enumerate(messages) if message["content"] in SAID)
        if any(message["role"] == "tool" for message in messages[at:]):  # news of the study may come behind
            return completion("Done.")
        said = messages[at]["content"]
        _, tool, arguments = SAID[said]
        function: Json = {"name": tool, "arguments": json.dumps(arguments)}
        call: Json = {"id": f"call_{len(messages)}", "type": "function", "function": function}
        return completion(None, finish="tool_calls", tool_calls=[call])


SAID = {turn[0]: turn for turn in TURNS}


def test_conversation_of_twelve_turns_plans_runs_changes_and_confirms(tmp_path: Path) -> None:
    (tmp_path / "bowl.py").write_text(BOWL)
    asked: list[str] = []

    def approve(request: ApprovalRequested) -> bool:
        asked.append(request.name)
        return True

    with Store.open(tmp_path / "agenttune.db") as store, ModelServer(Conversation()) as server:
        waits: dict[str, Callable[[], bool]] = {
            "tune bowl.py:measure": lambda: len(store.trials(store.study().id)) > 3,
            "go on": lambda: store.study().state.is_ended and not has_live_driver(store.study()),
        }
        agent = Agent(f"{server.url}#test", workspace=tmp_path, approve=approve, mode="ask", store=store)
        agent._turns.workspace.model = "none"  # the study asks no model
        for text, tool, _ in TURNS:
            if text == "go on":
                (tmp_path / "go").touch()
            result = agent.ask(text)
            returned = [event for event in result.events if isinstance(event, ToolReturned)]
            assert [(event.name, event.is_error) for event in returned] == [(tool, False)], returned[0].text
            assert result.failures == () and result.text == "Done."
            assert not any(isinstance(event, Failed) for event in result.events)
            if text in waits:
                wait_for(waits[text])
        row = store.study("bowl")
        wait_for(lambda: sum(trial.replicate_of is not None for trial in store.trials(row.id) if trial.outcome) == 2)
        wait_for(lambda: not has_live_driver(store.study(row.id)))
        trials = store.trials(row.id)
        edits = [entry.summary for _, entry in store.edits(row.id)]
        n_requests = store.spent(None).requests
    assert sum(trial.replicate_of is None for trial in trials) <= 13
    assert [trial.config for trial in trials if trial.arm == "human" and trial.replicate_of is None] == [
        {"x": 0.5, "y": 0.5}
    ]
    assert len(edits) == 3 and any("undone" in text or "back" in text for text in edits)
    assert n_requests == 2 * len(TURNS)
    acting = [tool for _, tool, _ in TURNS if tool not in ("show_study", "explain_trial", "add_note", "lessons")]
    assert asked == acting
