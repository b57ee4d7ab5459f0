"""Any chat model of LangChain's that the user has: `langchain:MODULE:OBJECT`.

OBJECT is a chat model, or a class or function that makes one without arguments; MODULE is found in the current
folder, too. What the model declares as a setting of its own (a limit of tokens, temperature, seed) is set for each
request, unless the user chose it; the smaller limit holds. Replies are held to a schema only where the model's
profile says that it can.

Not ours to hold: one call is one `invoke`, but what the model sends for it is its package's affair. Most try again by
themselves (`max_retries`, often 2), which the ledger counts as one request: make the model with `max_retries=0`. A
call that is given up at its deadline may go on in its thread. Its price is unknown until the user's prices.toml
names it. LangSmith's tracing, which posts whole prompts to a third party, is off whatever the environment says,
unless the settings allow it (`langsmith_tracing`); handlers that the user put into the model stay.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_messages
from langsmith import tracing_context

from agenttune.errors import CapabilityMissing, ModelError
from agenttune.models import Capabilities, Message, Reply, Sampling, SchemaRung, Schemas
from agenttune.models.deadline import before_deadline
from agenttune.models.foreign import meaning_of, refused_by
from agenttune.models.memory import RUNGS
from agenttune.models.reading import MORE, read_reply, read_text
from agenttune.models.response_format import response_format
from agenttune.models.user_chat import find_chat
from agenttune.redaction import redact_json
from agenttune.settings import load_settings
from agenttune.types import Json

T = TypeVar("T")

LIMIT_FIELDS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens", "num_predict")
"""How packages name the most tokens of a reply."""
CUT = ("length", "max_tokens", "max_output_tokens", "model_length")
"""How servers say that a reply was cut, in small letters."""
FILTERED = ("content_filter", "refusal", "safety", "guardrail_intervened", "prohibited_content")
"""Likewise, that it was stopped."""
FINISH_NAMES = ("finish_reason", "stop_reason", "done_reason", "stopReason")
"""Where packages keep that."""


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the model refused since it was loaded."""

    rung: SchemaRung
    without: frozenset[str] = frozenset()


class LangChainModel:
    """Implements `agenttune.models.Model`; may be used from several threads at once if the user's model may."""

    is_local = False
    """Not known, so not claimed."""

    def __init__(self, chat: BaseChatModel, *, spec: str) -> None:
        self.spec = spec
        self._chat = chat
        self._learned = _Learned("ranges" if _says_it_keeps_schemas(chat) else "text")
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        """Of "tools" and "streaming", what has worked."""

    @classmethod
    def from_spec(cls, spec: str) -> LangChainModel:
        """The model of that spelling; its module is imported.

        Raises:
            UserError: the spelling is none, or what it names is no chat model.
            ModelError: the chat model cannot be made (it lacks a key, say).
        """
        return cls(find_chat(spec, Path.cwd()), spec=spec)

    def __repr__(self) -> str:
        return f"LangChainModel({self.spec!r})"

    @property
    def capabilities(self) -> Capabilities:
        """What is known since it was loaded; nothing is kept longer, for the name may mean another model by then."""
        learned = self._learned
        has_stream = type(self._chat)._stream is not BaseChatModel._stream
        return Capabilities(
            learned.rung,
            tuple(sorted(learned.without)),
            tools=False if "tools" in learned.without else True if "tools" in self._seen else None,
            streaming=False if not has_stream else True if "streaming" in self._seen else None,
        )

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Invokes the model once; see `agenttune.models.Model`."""
        sampling = Sampling() if sampling is None else sampling
        rung: SchemaRung = "text" if schema is None else self._learned.rung
        started = time.monotonic()

        def send(runnable: Any, _: threading.Event) -> Iterator[BaseMessage]:
            yield runnable.invoke(_messages(messages))

        (message,) = self._sent(send, schema, rung, tools, sampling)
        return self._reply(message, sampling, rung=rung, latency_s=time.monotonic() - started)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """Streams from the model, which may bring its reply in one piece."""
        sampling = Sampling() if sampling is None else sampling
        started = time.monotonic()

        def send(runnable: Any, is_left: threading.Event) -> Iterator[tuple[str, Any]]:
            whole = None
            for chunk in runnable.stream(_messages(messages)):
                if is_left.is_set():
                    return
                whole = chunk if whole is None else whole + chunk
                yield _text_of(chunk), whole

        message: Any = None
        n_pieces = 0
        for piece, whole in self._sent(send, None, "text", tools, sampling):
            message = whole
            if piece:
                n_pieces += 1
                yield piece
        reply = self._reply(message, sampling, rung="text", latency_s=time.monotonic() - started)
        if n_pieces > 1:
            self._seen.add("streaming")
        yield reply

    def _sent(
        self,
        send: Callable[[Any, threading.Event], Iterator[T]],
        schema: Schemas | None,
        rung: SchemaRung,
        tools: Sequence[Mapping[str, Json]],
        sampling: Sampling,
    ) -> Iterator[T]:
        """Yields what `send` gets before the deadline; whatever the user's model raises becomes ours."""
        sent = {"response_format"} if schema is not None and rung != "text" else set()
        is_left = threading.Event()

        def work() -> Iterator[T]:
            # In the thread that works: a context is its thread's own.
            with tracing_context(enabled=None if load_settings().langsmith_tracing else False):
                yield from send(self._prepared(schema, rung, tools, sampling, sent), is_left)

        try:
            yield from before_deadline(work, sampling.timeout_s, give_up=is_left.set)
            return
        except TimeoutError as error:  # the deadline's own says nothing
            own = f"{self.spec} did not answer within {sampling.timeout_s:g} s"
            failure = meaning_of(error, self.spec) if error.args else ModelError(own, verdict="timeout")
        except (Exception, SystemExit) as error:  # noqa: BLE001  # anybody's code, which fails in ways of its own
            part = refused_by(error, sent)
            failure = meaning_of(error, self.spec) if part is None else self._learned_from(part, rung)
        raise failure  # out here, so that the package's error, which may hold the request, is not its context

    def _prepared(
        self,
        schema: Schemas | None,
        rung: SchemaRung,
        tools: Sequence[Mapping[str, Json]],
        sampling: Sampling,
        sent: set[str],
    ) -> Any:
        """The user's model with this request's settings; names in `sent` what it may refuse of them."""
        without = self._learned.without
        fields = {name: value for name, value in _fields(self._chat, sampling).items() if name not in without}
        sent |= fields.keys() - set(LIMIT_FIELDS)  # a request without any limit could cost anything
        runnable: Any = self._chat.model_copy(update=fields) if fields else self._chat
        if tools and "tools" not in without:
            sent.add("tools")
            choice = "any" if sampling.tool_choice == "required" else sampling.tool_choice
            asked: dict[str, Any] = {} if choice is None else {"tool_choice": choice}
            try:
                runnable = runnable.bind_tools([dict(tool) for tool in tools], **asked)
            except NotImplementedError:
                raise self._learned_from("tools", rung) from None
        if schema is not None and rung != "text":
            runnable = runnable.bind(response_format=response_format(schema, rung))
        return runnable

    def _learned_from(self, part: str, rung: SchemaRung) -> CapabilityMissing:
        """Remembers that a part of the request was refused."""
        with self._lock:
            known = self._learned
            if part == "response_format":
                below = RUNGS[min(RUNGS.index(rung) + 1, len(RUNGS) - 1)]
                self._learned = _Learned(max(known.rung, below, key=RUNGS.index), known.without)
            else:
                self._learned = _Learned(known.rung, known.without | {part})
        told = f"replies held to a schema ({rung})" if part == "response_format" else f"`{part}`"
        return CapabilityMissing(f"{self.spec} refuses {told}; left out from now on", verdict="unsupported")

    def _reply(self, message: object, sampling: Sampling, *, rung: SchemaRung, latency_s: float) -> Reply:
        if not isinstance(message, AIMessage):
            raise ModelError(f"{self.spec} returned {type(message).__name__} instead of a message of the model's")
        limit, own = _limit(self._chat)
        more = MORE if own is None or own > sampling.max_tokens else f"raise `{limit}` of {self.spec}"
        reply = read_reply(_body(message), rung=rung, latency_s=latency_s, more=more)
        if reply.tool_calls:
            self._seen.add("tools")
        return reply


def _says_it_keeps_schemas(chat: BaseChatModel) -> bool:
    profile = getattr(chat, "profile", None)  # since langchain-core 1.1, and still beta
    return isinstance(profile, Mapping) and profile.get("structured_output") is True


def _messages(messages: Sequence[Message]) -> list[BaseMessage]:
    return convert_to_messages([cast(dict[str, Any], redact_json(dict(message))) for message in messages])


def _fields(chat: BaseChatModel, sampling: Sampling) -> dict[str, Json]:
    """Settings that the model declares, with their values for one request; what the user chose stays."""
    declared = type(chat).model_fields
    fields: dict[str, Json] = {}
    for name, value in (("temperature", sampling.temperature), ("seed", sampling.seed)):
        if name in declared and value is not None and name not in chat.model_fields_set:
            fields[name] = value
    limit, own = _limit(chat)
    if limit is not None:
        fields[limit] = sampling.max_tokens if own is None else min(own, sampling.max_tokens)
    return fields


def _limit(chat: BaseChatModel) -> tuple[str | None, int | None]:
    """(what the model calls the most tokens of a reply, the user's own); None where it has none."""
    name = next((name for name in LIMIT_FIELDS if name in type(chat).model_fields), None)
    own = None if name is None else getattr(chat, name)
    return name, own if isinstance(own, int) and own > 0 else None


def _body(message: AIMessage) -> dict[str, Any]:
    """A message as the chat completion it stands for."""
    told, usage = message.response_metadata, message.usage_metadata
    names = [told[name] for name in FINISH_NAMES if isinstance(told.get(name), str)]
    finish = re.sub(r"^.*\.", "", names[0]).lower() if names else None  # "FinishReason.MAX_TOKENS"
    calls = [(call, json.dumps(call["args"], default=str)) for call in message.tool_calls]
    calls += [(cast(Any, call), call["args"] or "") for call in message.invalid_tool_calls]
    return {
        "model": told.get("model_name") or told.get("model"),
        "usage": None if usage is None else _usage(cast(Mapping[str, Any], usage)),
        "choices": [
            {
                "finish_reason": "length" if finish in CUT else "content_filter" if finish in FILTERED else finish,
                "message": {
                    "content": str(message.text),
                    "refusal": message.additional_kwargs.get("refusal"),
                    "reasoning_content": message.additional_kwargs.get("reasoning_content"),
                    "tool_calls": [
                        {"id": call["id"], "function": {"name": call["name"], "arguments": arguments}}
                        for call, arguments in calls
                    ],
                },
            }
        ],
    }


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": {"cached_tokens": (usage.get("input_token_details") or {}).get("cache_read")},
        "completion_tokens_details": {"reasoning_tokens": (usage.get("output_token_details") or {}).get("reasoning")},
    }


def _text_of(chunk: object) -> str:
    """The text of a piece of a stream."""
    return read_text(str(chunk.text)) if isinstance(chunk, AIMessage | AIMessageChunk) else ""
