"""A language model behind the test server, so that SDK, HTTP, masks, decoding and gate run as one.

`Served` is a responder::

    with ModelServer(Served(Engine.load(str(make_tiny_llama(folder))))) as server:
        load_model(f"{server.url}#tiny").complete(...)

It does what a server does around its model: reads OpenAI's request, holds replies to its schema by masks, counts
tokens, and refuses what it cannot do. As with many servers, `logprobs` is taken and not told, tools and a schema
exclude each other, and of several replies those that were cut are missing. A request without a seed has seed 0.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agenttune.errors import ModelError
from agenttune.models import Message, Reply, Sampling, Schemas
from agenttune.models.refusals import TOO_LONG
from agenttune.models.response_format import schemas_of
from agenttune.models.spoken_tools import read_call
from agenttune.replies.schema import NUMBER, TEXT
from agenttune.testing.answers import ChatRequest, Response, error
from agenttune.types import Json

if TYPE_CHECKING:
    from agenttune.models.local.engine import Engine

MOST_REPLIES = 16
"""To one request: they are drawn side by side, in memory."""
NESTED = 5
"""Levels of an object without a schema: candidates with configurations take four."""


class Served:
    """Answers with what a model of this machine says; one request at a time, each to its end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def __call__(self, request: ChatRequest) -> Response:
        """The completion, or the error that says what is wrong with the request."""
        try:
            asked = _Asked.model_validate({name: value for name, value in request.items() if value is not None})
            schema = _schema_of(asked.response_format)
            _check_tools(asked, schema)
        except ValidationError as problem:
            return _refused(*_first_of(problem))
        except _Refused as problem:
            return _refused(problem.part, str(problem))
        try:
            reply = self._reply(request["messages"], asked, schema)
        except ModelError as failure:
            return _failed(failure, asked)
        may_call = bool(asked.tools) and asked.tool_choice != "none"
        return _completion(_choices(reply, may_call=may_call), reply.usage, asked)

    def _reply(self, messages: Sequence[Message], asked: _Asked, schema: Schemas | None) -> Reply:
        usual = Sampling()
        sampling = replace(
            usual,
            temperature=asked.temperature,
            max_tokens=asked.max_completion_tokens or asked.max_tokens or usual.max_tokens,
            seed=asked.seed,
            tool_choice=asked.tool_choice.function.name if isinstance(asked.tool_choice, _Tool) else asked.tool_choice,
            n=asked.n,
        )
        with self._lock:
            return self._engine.complete(
                messages, schema=schema, tools=[tool.model_dump() for tool in asked.tools], sampling=sampling
            )


# -- what is asked -----------------------------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Spoken(_Part):
    role: str


class _Function(_Part):
    name: str = Field(min_length=1)


class _Tool(_Part):
    type: Literal["function"]
    function: _Function


class _Asked(BaseModel):
    """A request of OpenAI's chat completions, as far as it is understood; another parameter is an error."""

    model_config = ConfigDict(strict=True, extra="forbid")

    model: str
    messages: list[_Spoken] = Field(min_length=1)
    temperature: float | None = Field(None, ge=0, le=2)
    seed: int | None = None
    n: int = Field(1, ge=1, le=MOST_REPLIES)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    response_format: dict[str, Any] | None = None
    tools: list[_Tool] = []
    tool_choice: Literal["auto", "none", "required"] | _Tool | None = None
    parallel_tool_calls: bool = False
    """Taken as leave, not as an order: a reply calls one tool at most."""
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    """The server streams, and always tells the usage."""
    logprobs: bool = False
    top_logprobs: int = 0
    user: str | None = None


class _Refused(ValueError):
    """A part of the request that cannot be done."""

    def __init__(self, part: str, sentence: str) -> None:
        super().__init__(sentence)
        self.part = part


def _schema_of(wanted: Mapping[str, Any] | None) -> Schemas | None:
    """What replies are held to.

    Raises:
        _Refused: it is no `response_format`.
    """
    kind = "text" if wanted is None else wanted.get("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return Schemas("object", {"type": "object"}, {"type": "object"}, grammar=_any_object())
    try:
        return schemas_of(wanted)
    except ValueError as problem:
        raise _Refused("response_format", str(problem)) from None


def _check_tools(asked: _Asked, schema: Schemas | None) -> None:
    """
    Raises:
        _Refused: they cannot be called so.
    """
    if asked.tools and schema is not None:
        raise _Refused("tools", "`tools` is not supported beside a `response_format`")
    names = [tool.function.name for tool in asked.tools]
    if isinstance(asked.tool_choice, _Tool) and asked.tool_choice.function.name not in names:
        raise _Refused("tool_choice", f"`tool_choice` must be one of the tools {names}")


def _first_of(problem: ValidationError) -> tuple[str, str]:
    """(parameter, sentence) of the first mistake."""
    first = problem.errors(include_url=False)[0]
    part = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return part, f"Unsupported parameter: `{part}` is not supported with this model"
    return part, f"Invalid value of `{'.'.join(map(str, first['loc']))}`: {first['msg']}"


def _any_object() -> str:
    """Any JSON object of bounded size, in llguidance's Lark dialect: a schema alone would let texts go on for ever."""
    rules = ["start: object0"]
    for level in range(NESTED):
        inner = f" | object{level + 1} | array{level + 1}" if level + 1 < NESTED else ""
        rules += [
            f'object{level}: "{{" (member{level} (", " member{level}){{0,15}})? "}}"',
            f'array{level}: "[" (value{level} (", " value{level}){{0,15}})? "]"',
            f'member{level}: TEXT ": " value{level}',
            f'value{level}: TEXT | NUMBER | "true" | "false" | "null"{inner}',
        ]
    return "\n".join([*rules, TEXT, NUMBER])


# -- what is answered --------------------------------------------------------------------------------


def _refused(part: str | None, sentence: str, *, code: str | None = None) -> Response:
    return error(400, sentence, type="invalid_request_error", param=part, code=code)


def _failed(failure: ModelError, asked: _Asked) -> Response:
    """A reply that was cut is one; anything else is the request's fault."""
    if failure.verdict == "cut":
        cut = _choice(0, {"content": failure.text}, "length")
        return _completion([cut], failure.usage or {}, asked)
    is_too_long = TOO_LONG.search(str(failure)) is not None
    return _refused(
        "messages" if is_too_long else None, str(failure), code="context_length_exceeded" if is_too_long else None
    )


def _choices(reply: Reply, *, may_call: bool) -> list[Json]:
    others = [replace(reply, text=other.text, tool_calls=()) for other in reply.others]
    if may_call:  # the engine has read the first one
        others = [read_call(other) for other in others]
    return [_choice(index, *_said(entry)) for index, entry in enumerate([reply, *others])]


def _said(reply: Reply) -> tuple[dict[str, Json], str]:
    """(fields of the message, why it ended)."""
    if not reply.tool_calls:
        return {"content": reply.text}, "stop"
    calls: list[Json] = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in reply.tool_calls
    ]
    return {"content": None, "tool_calls": calls}, "tool_calls"


def _choice(index: int, said: Mapping[str, Json], finish: str) -> Json:
    return {"index": index, "message": {"role": "assistant", **said}, "finish_reason": finish, "logprobs": None}


def _completion(choices: list[Json], usage: Mapping[str, int], asked: _Asked) -> Response:
    prompt, written = usage.get("prompt", 0), usage.get("completion", 0)
    return Response(
        {
            "id": "chatcmpl-test",
            "object": "chat.completion",
            "created": 0,
            "model": asked.model,
            "choices": choices,
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": written,
                "total_tokens": prompt + written,
                "prompt_tokens_details": {"cached_tokens": usage.get("cached", 0)},
            },
        }
    )
