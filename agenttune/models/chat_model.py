"""`AgentTuneChatModel`: any model of ours as a chat model of LangChain's, for chains and agents of the user's own.

::

    chat = AgentTuneChatModel(model="http://localhost:11434/v1#qwen3", temperature=0.2)
    chat.with_structured_output(Plan).invoke("...")

Tools, streaming, usage and structured output work where the server behind it knows them. A part of a request that the
server refuses is left out and the request sent again, so that one call may be several requests; nothing is reserved
in a ledger. The other way round, a LangChain model that proposes, is langchain.py.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    InvalidToolCall,
    convert_to_openai_messages,
)
from langchain_core.messages import ToolCall as CalledTool
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import invalid_tool_call, tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, field_validator

from agenttune.errors import CapabilityMissing, UserError
from agenttune.models import Message, Reply, Sampling, load_model
from agenttune.models.response_format import schemas_of

if TYPE_CHECKING:
    from langchain_core.language_models import ModelProfile

MAX_TURNS = 8
"""Times a request is sent again because the server refused a part of it: each time another one."""
SAMPLING = ("temperature", "max_tokens", "seed", "timeout_s")
"""Fields that one call may override (`chat.bind(temperature=0)`)."""
OPTIONS = (*SAMPLING, "tools", "tool_choice", "response_format")
"""All that a call may say."""


class AgentTuneChatModel(BaseChatModel):
    """A LangChain chat model over one of AgentTune's."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    model: Any
    """A spelling, "openai:gpt-5.6" or "http://localhost:8000/v1#qwen3", or an `agenttune.models.Model`."""
    temperature: float | None = None
    max_tokens: int = Field(default=2_000, gt=0)
    """Most tokens of a reply, thinking included."""
    seed: int | None = None
    timeout_s: float = Field(default=60.0, gt=0)
    """Seconds one request may take."""

    @field_validator("model", mode="before")
    @classmethod
    def _loaded(cls, model: object) -> object:
        if isinstance(model, str):
            return load_model(model)
        if not callable(getattr(model, "complete", None)) or not callable(getattr(model, "stream", None)):
            raise UserError(
                "`model` must be a spelling such as 'openai:NAME' or have the methods of agenttune.models.Model, "
                f"but got {type(model).__name__}"
            )
        return model

    @property
    def _llm_type(self) -> str:
        return "agenttune"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What decides a reply, for LangChain's caches."""
        return {"model": self.model.spec, **{name: getattr(self, name) for name in SAMPLING[:-1]}}

    def _resolve_model_profile(self) -> ModelProfile:
        """What LangChain wants to know beforehand; what a server lacks is found out when it refuses."""
        return {"structured_output": True, "tool_calling": True, "tool_choice": True}

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offers tools to the model.

        Args:
            tools: as LangChain takes them.
            tool_choice: "any" or "required" (one must be called), "auto", "none", or the name of the one to call.
            kwargs: passed to `bind`.
        """
        offered = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=offered, tool_choice=_choice(tool_choice), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = self._reply(messages, _options(kwargs))
        valid, invalid = _tool_calls(reply)
        message = AIMessage(
            content=_until(reply.text, stop),
            tool_calls=valid,
            invalid_tool_calls=invalid,
            usage_metadata=_usage(reply),
            response_metadata=_metadata(reply),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        options = _options(kwargs)
        if stop or "response_format" in options:  # which streams of ours do not know: all of it in one piece
            reply = self._reply(messages, options)
            yield _chunk(content=_until(reply.text, stop))
            yield _last(reply)
            return
        for piece in self._pieces(messages, options):
            yield _last(piece) if isinstance(piece, Reply) else _chunk(content=piece)

    def _reply(self, messages: list[BaseMessage], options: Mapping[str, Any]) -> Reply:
        """The model's reply, after the server refused whatever it has to refuse."""
        asked = self._asked(messages, options)
        wanted = options.get("response_format")
        schema = None if wanted is None else schemas_of(wanted)
        for _ in range(MAX_TURNS - 1):
            with contextlib.suppress(CapabilityMissing):
                return cast(Reply, self.model.complete(schema=schema, **asked))
        return cast(Reply, self.model.complete(schema=schema, **asked))

    def _pieces(self, messages: list[BaseMessage], options: Mapping[str, Any]) -> Iterator[str | Reply]:
        asked = self._asked(messages, options)
        for turn in range(MAX_TURNS):
            is_begun = False
            try:
                for piece in self.model.stream(**asked):
                    is_begun = True
                    yield piece
                return
            except CapabilityMissing:
                if is_begun or turn == MAX_TURNS - 1:
                    raise

    def _asked(self, messages: list[BaseMessage], options: Mapping[str, Any]) -> dict[str, Any]:
        """The request as arguments of our model's methods."""
        drawn = {name: options.get(name, getattr(self, name)) for name in SAMPLING}
        return {
            "messages": cast(list[Message], convert_to_openai_messages(messages)),
            "tools": options.get("tools") or (),
            "sampling": Sampling(**drawn, tool_choice=options.get("tool_choice")),
        }


def _options(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What a call says beyond its messages.

    Raises:
        ValueError: something else.
    """
    unknown = [name for name in kwargs if name not in OPTIONS]
    if unknown:
        raise ValueError(f"AgentTuneChatModel knows {', '.join(OPTIONS)}, but got {unknown[0]!r}: leave it out")
    options = {name: value for name, value in kwargs.items() if value is not None}
    return options | ({"tool_choice": _choice(options["tool_choice"])} if "tool_choice" in options else {})


def _choice(wanted: str | dict[str, Any] | bool | None) -> str | None:
    """LangChain's word for which tool is to be called, as `Sampling.tool_choice`."""
    if isinstance(wanted, Mapping):
        return str(wanted["function"]["name"])
    if wanted is True or wanted == "any":
        return "required"
    return wanted or None


def _until(text: str, stop: Sequence[str] | None) -> str:
    """The text before the first of the words that end it."""
    return text[: min([len(text), *(at for word in stop or () if (at := text.find(word)) >= 0)])]


def _tool_calls(reply: Reply) -> tuple[list[CalledTool], list[InvalidToolCall]]:
    """(calls, those whose arguments are no JSON object)."""
    valid, invalid = [], []
    for call in reply.tool_calls:
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if isinstance(arguments, dict):
            valid.append(tool_call(name=call.name, args=arguments, id=call.id))
        else:
            sentence = "the arguments are no JSON object"
            invalid.append(invalid_tool_call(name=call.name, args=call.arguments, id=call.id, error=sentence))
    return valid, invalid


def _usage(reply: Reply) -> UsageMetadata | None:
    """Tokens as LangChain counts them; None where the server does not tell."""
    usage = reply.usage
    if "prompt" not in usage or "completion" not in usage:
        return None
    told = UsageMetadata(
        input_tokens=usage["prompt"],
        output_tokens=usage["completion"],
        total_tokens=usage["prompt"] + usage["completion"],
    )
    if "cached" in usage:
        told["input_token_details"] = {"cache_read": usage["cached"]}
    if "reasoning" in usage:
        told["output_token_details"] = {"reasoning": usage["reasoning"]}
    return told


def _metadata(reply: Reply) -> dict[str, Any]:
    return {} if reply.revision is None else {"model_name": reply.revision}


def _chunk(**content: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(**content))


def _last(reply: Reply) -> ChatGenerationChunk:
    """What the end of a stream tells beyond the text."""
    calls = [
        tool_call_chunk(name=call.name, args=call.arguments, id=call.id, index=index)
        for index, call in enumerate(reply.tool_calls)
    ]
    return _chunk(content="", tool_call_chunks=calls, usage_metadata=_usage(reply), response_metadata=_metadata(reply))
