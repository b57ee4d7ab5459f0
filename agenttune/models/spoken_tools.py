"""Tool calls of models that have none of their own: the reply is one JSON object, either words or a call.

Local models are held to it by masks: chat templates spell tool calls in as many ways as there are models, and no mask
would fit them all; this one fits all. Models of servers without tools are told, and mended where they stray.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agenttune.models import Message, Reply, Schemas, ToolCall
from agenttune.types import Json

SAY, TOOL, ARGUMENTS = "say", "tool", "arguments"
MAX_SAID = 2_000
"""Characters of words beside a call: enough for an answer, and an end for a model that finds none."""
HOW = (
    "Reply with exactly one JSON object and nothing else: "
    '{"say": "your answer"} to answer, or {"tool": "its name", "arguments": {...}} to call a tool. The tools:'
)


def with_tools(messages: Sequence[Message], tools: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """The conversation with the tools told at its start, and calls and results in the form that replies have."""
    listed = "\n".join(_told(_function(tool)) for tool in tools)
    spoken = [_as_spoken(message) for message in messages]
    if not spoken or spoken[0]["role"] != "system":
        spoken.insert(0, {"role": "system", "content": ""})
    spoken[0] = {"role": "system", "content": f"{spoken[0]['content']}\n\n{HOW}\n{listed}".strip()}
    return spoken


def tool_schema(tools: Sequence[Mapping[str, Json]], choice: str | None) -> Schemas:
    """What a reply is held to.

    Args:
        tools: as in OpenAI's requests.
        choice: "auto" or None, "required", or the name of the tool that must be called.
    """
    functions = [_function(tool) for tool in tools]
    named = [function for function in functions if function["name"] == choice]
    forms: list[Json] = [_call(function) for function in named or functions]
    if choice in (None, "auto"):
        forms.insert(0, _object({SAY: {"type": "string", "maxLength": MAX_SAID}}))
    return Schemas("reply", {"anyOf": forms}, {})


def read_call(reply: Reply) -> Reply:
    """The reply with the words it says, or the tool it calls; as it is where it is no such object."""
    try:
        content: Any = json.loads(_object_in(reply.text))
    except (ValueError, RecursionError):
        return reply
    if not isinstance(content, dict) or TOOL not in content:
        return replace(reply, text=str(content.get(SAY, "")) if isinstance(content, dict) else reply.text, rung="text")
    name, arguments = str(content[TOOL]), json.dumps(content.get(ARGUMENTS, {}))
    call_id = "call_" + hashlib.sha256(f"{name}{arguments}{reply.usage}".encode()).hexdigest()[:12]
    return replace(reply, text="", tool_calls=(ToolCall(call_id, name, arguments),), rung="text")


def _object_in(text: str) -> str:
    """From the first brace to the last: models like to put words or a fence around what they are asked for."""
    return text[text.find("{") : text.rfind("}") + 1] if "{" in text else text


def _function(tool: Mapping[str, Json]) -> dict[str, Any]:
    function = tool.get("function", tool)
    return dict(function) if isinstance(function, Mapping) else {"name": str(function)}


def _told(function: Mapping[str, Any]) -> str:
    parameters = json.dumps(function.get("parameters", {}).get("properties", {}), ensure_ascii=False)
    return f"- {function['name']}: {function.get('description', '')} Arguments: {parameters}"


def _call(function: Mapping[str, Any]) -> Json:
    parameters = dict(function.get("parameters") or {"type": "object", "properties": {}})
    parameters.setdefault("additionalProperties", False)
    return _object({TOOL: {"const": function["name"]}, ARGUMENTS: parameters})


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _as_spoken(message: Message) -> dict[str, Json]:
    if message.get("role") == "tool":
        return {"role": "user", "content": f"The tool answers: {message.get('content')}"}
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or not calls:
        return dict(message)
    functions = [_function(call) for call in calls if isinstance(call, Mapping)]
    told = [f'{{"{TOOL}": {json.dumps(f["name"])}, "{ARGUMENTS}": {f.get("arguments", "{}")}}}' for f in functions]
    return {"role": "assistant", "content": "\n".join(told)}
