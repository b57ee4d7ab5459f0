"""Our models as LangChain's: messages, tools, streams, usage and structured output over a real server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel, Field, ValidationError

import agenttune as at
from agenttune.errors import CapabilityMissing, ModelError, UserError
from agenttune.models import Reply, Sampling, ToolCall
from agenttune.models.chat_model import MAX_TURNS
from agenttune.testing.answers import Phases, completion, fault
from agenttune.testing.models import SCHEMAS
from agenttune.testing.scripted import ScriptedModel
from agenttune.testing.server import ModelServer

USAGE: Any = {
    "prompt_tokens": 9,
    "completion_tokens": 5,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


class Setting(BaseModel):
    """A learning rate."""

    learning_rate: float = Field(gt=0)


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


def called(name: str, arguments: str) -> Any:
    return [{"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}]


@pytest.fixture
def chat(server: ModelServer) -> at.AgentTuneChatModel:
    server.responder = lambda _: completion("hello", usage=USAGE)
    return at.AgentTuneChatModel(model=f"{server.url}#test", temperature=0.5, max_tokens=77, seed=3)


def test_messages_of_every_kind_arrive(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    asked = AIMessage(content="", tool_calls=[{"name": "add", "args": {"a": 1, "b": 2}, "id": "c1"}])
    reply = chat.invoke([SystemMessage("be brief"), HumanMessage("1 + 2"), asked, ToolMessage("3", tool_call_id="c1")])
    assert reply.content == "hello"
    sent = server.chats[0]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    assert json.loads(sent[2]["tool_calls"][0]["function"]["arguments"]) == {"a": 1, "b": 2}
    assert sent[3]["tool_call_id"] == "c1"


def test_settings_arrive_and_a_call_may_override_them(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    chat.invoke("hi")
    chat.bind(temperature=0.0, max_tokens=5).invoke("hi")
    told = [(sent["temperature"], sent["max_tokens"], sent["seed"]) for sent in server.chats]
    assert told == [(0.5, 77, 3), (0.0, 5, 3)]


def test_usage_and_name_of_the_model_are_told(chat: at.AgentTuneChatModel) -> None:
    reply = chat.invoke("hi")
    assert reply.usage_metadata == {
        "input_tokens": 9,
        "output_tokens": 5,
        "total_tokens": 14,
        "input_token_details": {"cache_read": 4},
        "output_token_details": {"reasoning": 3},
    }
    assert reply.response_metadata == {"model_name": "test-1"}


def test_unknown_usage_is_none(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    server.responder = lambda _: completion("hello", usage={})
    assert chat.invoke("hi").usage_metadata is None


def test_stream_comes_in_pieces_and_ends_with_usage(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    text = "a text that is longer than one event of a stream"
    server.responder = lambda _: completion(text, usage=USAGE)
    pieces = [piece for piece in chat.stream("hi") if piece.content]
    assert len(pieces) > 1 and "".join(str(piece.content) for piece in pieces) == text
    whole = sum(list(chat.stream("hi"))[1:], start=next(chat.stream("hi")))
    assert whole.usage_metadata is not None and whole.usage_metadata["total_tokens"] == 14


def test_it_may_be_awaited(chat: at.AgentTuneChatModel) -> None:
    assert asyncio.run(chat.ainvoke("hi")).content == "hello"


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_tools_are_offered_and_called(chat: at.AgentTuneChatModel, server: ModelServer, how: str) -> None:
    server.responder = lambda _: completion(None, tool_calls=called("add", '{"a": 1, "b": 2}'))
    with_tools: Any = chat.bind_tools([add])
    reply = with_tools.invoke("1 + 2") if how == "invoke" else sum_of(list(with_tools.stream("1 + 2")))
    (call,) = reply.tool_calls
    assert (call["name"], call["args"], call["id"]) == ("add", {"a": 1, "b": 2}, "c1")
    assert add.invoke(call["args"]) == 3
    (offered,) = server.chats[0]["tools"]
    assert offered["function"]["name"] == "add"
    assert "tool_choice" not in server.chats[0]


def sum_of(chunks: list[Any]) -> Any:
    return sum(chunks[1:], start=chunks[0])


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("required", "required"),
        ("auto", "auto"),
        ("none", "none"),
        ("add", {"type": "function", "function": {"name": "add"}}),
        ({"type": "function", "function": {"name": "add"}}, {"type": "function", "function": {"name": "add"}}),
    ],
)
def test_choice_of_tools_is_spelled_as_servers_do(
    chat: at.AgentTuneChatModel, server: ModelServer, choice: Any, sent: Any
) -> None:
    chat.bind_tools([add], tool_choice=choice).invoke("1 + 2")
    assert server.chats[0]["tool_choice"] == sent


@pytest.mark.parametrize("arguments", ["{a: 1", "[1, 2]", "[" * 100_000])
def test_call_whose_arguments_are_no_object_is_invalid(arguments: str) -> None:
    backend = ScriptedModel(Reply("", tool_calls=(ToolCall("c1", "add", arguments),)))
    reply = at.AgentTuneChatModel(model=backend).invoke("1 + 2")
    assert reply.tool_calls == []
    assert reply.invalid_tool_calls[0]["error"] == "the arguments are no JSON object"


def test_structured_output_is_a_record(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    server.responder = lambda _: completion(None, tool_calls=called("Setting", '{"learning_rate": 0.1}'))
    assert chat.with_structured_output(Setting).invoke("choose") == Setting(learning_rate=0.1)
    assert server.chats[0]["tool_choice"] == "required"


def test_structured_output_out_of_range_is_refused(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    server.responder = lambda _: completion(None, tool_calls=called("Setting", '{"learning_rate": -1}'))
    told: Any = chat.with_structured_output(Setting, include_raw=True).invoke("choose")
    assert told["parsed"] is None and isinstance(told["parsing_error"], ValidationError)


def test_response_format_goes_down_the_ladder(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    server.responder = Phases((1, fault("no-ranges")), (1, lambda _: completion('{"x": 0.5}')))
    wanted = {"type": "json_schema", "json_schema": {"name": "number", "schema": dict(SCHEMAS.ranges)}}
    assert chat.bind(response_format=wanted).invoke("choose").content == '{"x": 0.5}'
    assert len(server.chats) == 2


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_reply_ends_at_a_stop_word(chat: at.AgentTuneChatModel, server: ModelServer, how: str) -> None:
    server.responder = lambda _: completion("one. two! three")
    reply = chat.invoke("hi", stop=["!", " two"]) if how == "invoke" else sum_of(list(chat.stream("hi", stop=["! "])))
    assert reply.content == ("one." if how == "invoke" else "one. two")


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_refused_parts_are_left_out_and_asked_again(chat: at.AgentTuneChatModel, server: ModelServer, how: str) -> None:
    server.responder = Phases((1, fault("no-temperature")), (1, lambda _: completion("hello")))
    reply = chat.invoke("hi") if how == "invoke" else sum_of(list(chat.stream("hi")))
    assert reply.content == "hello"
    assert ["temperature" in sent for sent in server.chats] == [True, False]


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_server_that_refuses_for_ever_is_told(how: str) -> None:
    backend = ScriptedModel(CapabilityMissing("refused", verdict="unsupported"))
    model = at.AgentTuneChatModel(model=backend)
    with pytest.raises(CapabilityMissing):
        model.invoke("hi") if how == "invoke" else list(model.stream("hi"))
    assert len(backend.asked) == MAX_TURNS


def test_failure_is_ours(chat: at.AgentTuneChatModel, server: ModelServer) -> None:
    server.responder = fault("quota")
    with pytest.raises(ModelError) as caught:
        chat.invoke("hi")
    assert caught.value.verdict == "no-quota"


def test_caches_tell_models_and_settings_apart(server: ModelServer) -> None:
    first, second, third = (
        at.AgentTuneChatModel(model=ScriptedModel("x", spec=spec), temperature=temperature)._get_llm_string()
        for spec, temperature in (("a:b", 0.0), ("a:c", 0.0), ("a:b", 1.0))
    )
    assert len({first, second, third}) == 3


def test_model_must_be_one() -> None:
    with pytest.raises(UserError, match=r"must be a spelling such as 'openai:NAME' or have the methods .* got int"):
        at.AgentTuneChatModel(model=3)
    with pytest.raises(UserError, match="no model is spelled 'gpt-5'"):
        at.AgentTuneChatModel(model="gpt-5")


def test_unknown_option_is_refused(chat: at.AgentTuneChatModel) -> None:
    with pytest.raises(ValueError, match=r"knows temperature, .* but got 'top_p': leave it out"):
        chat.bind(top_p=0.5).invoke("hi")


def test_response_format_without_a_schema_is_refused(chat: at.AgentTuneChatModel) -> None:
    with pytest.raises(ValueError, match="must be of type 'json_schema' and hold a schema, but got"):
        chat.bind(response_format={"type": "text"}).invoke("hi")


def test_choice_of_tools_decides_a_reply_and_none_leaves_keys_of_exchanges_alone() -> None:
    assert Sampling(seed=1).to_json() == {"temperature": None, "max_tokens": 2_000, "seed": 1}
    assert Sampling(tool_choice="required").to_json()["tool_choice"] == "required"
