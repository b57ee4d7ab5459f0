from __future__ import annotations

import json

import pytest

from agenttune.models import Sampling
from agenttune.models.local.engine import Engine
from agenttune.models.spoken_tools import with_tools
from agenttune.types import Json

TOOLS: list[dict[str, Json]] = [
    {
        "type": "function",
        "function": {
            "name": "predict",
            "description": "What the surrogate expects.",
            "parameters": {
                "type": "object",
                "properties": {"lr": {"type": "number", "minimum": 0, "maximum": 1}},
                "required": ["lr"],
            },
        },
    },
    {"type": "function", "function": {"name": "stop", "description": "Ends the study."}},
]
MESSAGES: list[dict[str, Json]] = [{"role": "user", "content": "What do you expect of lr=0.1?"}]


@pytest.mark.parametrize("seed", range(5))
def test_required_call_is_one_of_the_tools(engine: Engine, seed: int) -> None:
    sampling = Sampling(seed=seed, tool_choice="required", temperature=1.0)
    (call,) = engine.complete(MESSAGES, tools=TOOLS, sampling=sampling).tool_calls
    arguments = json.loads(call.arguments)
    assert call.name in ("predict", "stop")
    assert call.name == "stop" or 0 <= arguments["lr"] <= 1


def test_named_tool_is_called(engine: Engine) -> None:
    (call,) = engine.complete(MESSAGES, tools=TOOLS, sampling=Sampling(seed=1, tool_choice="stop")).tool_calls
    assert (call.name, call.arguments) == ("stop", "{}")


@pytest.mark.long
def test_without_need_words_or_a_call_come(engine: Engine) -> None:
    seeds = range(12)
    replies = [engine.complete(MESSAGES, tools=TOOLS, sampling=Sampling(seed=s, temperature=2.0)) for s in seeds]
    assert any(reply.tool_calls for reply in replies)
    assert any(reply.text and not reply.tool_calls for reply in replies)
    assert all(bool(reply.text) != bool(reply.tool_calls) for reply in replies)


def test_calls_and_results_are_told_as_replies_are_spelled() -> None:
    function: dict[str, Json] = {"name": "predict", "arguments": '{"lr": 0.1}'}
    called: dict[str, Json] = {"id": "c", "type": "function", "function": function}
    talk: list[dict[str, Json]] = [
        *MESSAGES,
        {"role": "assistant", "tool_calls": [called]},
        {"role": "tool", "content": "0.9"},
    ]
    system, _, call, result = with_tools(talk, TOOLS)
    assert "- predict: What the surrogate expects. Arguments:" in str(system["content"])
    assert call == {"role": "assistant", "content": '{"tool": "predict", "arguments": {"lr": 0.1}}'}
    assert result == {"role": "user", "content": "The tool answers: 0.9"}
