"""From a server's JSON to a `Reply`, or to the error that says why there is none. Servers err; nothing is assumed.

Whatever looks like a key is taken out of a reply here; of a stream's pieces, within each piece and in the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agenttune.errors import ModelError
from agenttune.models import Reply, Sample, SchemaRung, ToolCall
from agenttune.models.logprobs import numbers_in
from agenttune.redaction import redact

_USAGE = (
    ("prompt", ("prompt_tokens",)),
    ("completion", ("completion_tokens",)),
    ("cached", ("prompt_tokens_details", "cached_tokens")),
    ("cached", ("prompt_cache_hit_tokens",)),
    ("reasoning", ("completion_tokens_details", "reasoning_tokens")),
)
"""Our word -> where servers tell it (the second "cached" is DeepSeek's)."""
MORE = "raise max_tokens_per_reply in settings.toml"
"""The way out where a reply needs more tokens."""
MOST_TOKENS = 10**9
"""A count beyond is an error of the server's."""
MOST_DOLLARS = 10_000.0
"""Likewise, of one request."""


def read_reply(
    body: Any, *, rung: SchemaRung, latency_s: float, more: str = MORE, n: int = 1, measured: Sequence[str] = ()
) -> Reply:
    """The reply within a chat completion, with others that were drawn beside it; those that cannot be used are left.

    Args:
        body: the chat completion.
        rung: how the reply was held to a schema.
        latency_s: seconds it took.
        more: what a person can do about a reply that needs more tokens.
        n: how many were asked for.
        measured: names of numbers whose distribution is wanted, where token probabilities are told.

    Raises:
        ModelError: it is none, was refused, cut short, or is empty; of several, all of them, the first as told.
    """
    usage = read_usage(body)
    drawn: list[tuple[Sample, tuple[ToolCall, ...]]] = []
    failures: list[ModelError] = []
    for choice in choices_of(body)[:n]:
        try:
            drawn.append(_read_choice(choice, usage, more, measured))
        except ModelError as failure:
            failures.append(failure)
    if not drawn:
        raise failures[0]
    (first, calls), *others = drawn
    return Reply(
        first.text,
        usage,
        latency_s,
        dollars=_dollars(body),
        revision=_revision(body),
        tool_calls=calls,
        rung=rung,
        numbers=first.numbers,
        others=tuple(sample for sample, _ in others),
    )


def choices_of(body: Any) -> list[dict[str, Any]]:
    """The replies within a chat completion, at least one.

    Raises:
        ModelError: it holds none.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ModelError("the server's reply holds no choices, so it is no chat completion", usage=read_usage(body))
    return [choice for choice in choices if isinstance(choice, dict)]


def read_usage(body: Any) -> dict[str, int]:
    """Tokens by kind; what is no count is absent."""
    usage = body.get("usage") if isinstance(body, dict) else None
    found: dict[str, int] = {}
    for kind, path in _USAGE:
        value: Any = usage
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS:
            found[kind] = value
    return found


def read_text(content: Any) -> str:
    """A text, or the texts of a list of parts; without keys, and without lone surrogates, which cannot be stored."""
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if _has_text(part))
    return redact(content.encode("utf-8", "replace").decode()) if isinstance(content, str) else ""


def brief(text: object) -> str:
    """A server's words on one line without secrets, short enough for a sentence of ours."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in redact(str(text)[:2_000])).split())
    return line if len(line) <= 300 else f"{line[:300]}…"


class Gathered:
    """The events of a stream, put together to the chat completion they stand for."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._thought = self._is_begun = False
        self._finish: Any = None
        self._others: dict[str, Any] = {}

    def add(self, event: Mapping[str, Any]) -> str:
        """Takes in one event and returns the piece of text it brings."""
        self._is_begun = True
        self._others.update({name: event[name] for name in ("model", "usage") if event.get(name)})
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return ""
        self._thought |= bool(delta.get("reasoning_content") or delta.get("reasoning"))
        self._refusal.append(read_text(delta.get("refusal")))
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            self._add_call(call)
        piece = read_text(delta.get("content"))
        self._text.append(piece)
        return piece

    def body(self) -> dict[str, Any]:
        """The chat completion.

        Raises:
            ModelError: the stream ended before the reply did.
        """
        text = "".join(self._text)
        if not self._is_begun:
            raise ModelError("the server sent no stream of events; is the address right? it mostly ends in /v1")
        if self._finish is None:
            usage = read_usage(self._others)
            raise ModelError("the stream ended before the reply did", verdict="cut", usage=usage, text=text or None)
        message = {
            "content": text,
            "refusal": "".join(self._refusal),
            "reasoning_content": "…" if self._thought else "",
            "tool_calls": [{"id": call["id"], "function": call} for _, call in sorted(self._calls.items())],
        }
        return {**self._others, "choices": [{"message": message, "finish_reason": self._finish}]}

    def _add_call(self, call: Any) -> None:
        if not isinstance(call, dict) or not isinstance(call.get("index", 0), int):
            return
        known = self._calls.setdefault(call.get("index", 0), {"id": "", "name": "", "arguments": ""})
        function = call.get("function")
        known["id"] = known["id"] or read_text(call.get("id"))
        if isinstance(function, dict):
            known["name"] += read_text(function.get("name"))
            known["arguments"] += read_text(function.get("arguments"))


def _read_choice(
    choice: dict[str, Any], usage: dict[str, int], more: str, measured: Sequence[str]
) -> tuple[Sample, tuple[ToolCall, ...]]:
    """One of the replies.

    Raises:
        ModelError: it is none, was refused, cut short, or is empty.
    """
    message = choice.get("message")
    if not isinstance(message, dict):
        raise ModelError("the server's reply holds no message, so it is no chat completion")
    text, calls = read_text(message.get("content")), _tool_calls(message)
    finish, refusal = choice.get("finish_reason"), read_text(message.get("refusal"))
    if refusal and not text:
        raise ModelError(f"the model refused: {brief(refusal)}", verdict="refused", usage=usage, text=refusal)
    if finish == "content_filter":
        raise ModelError("the server's content filter stopped the reply", verdict="refused", usage=usage, text=text)
    if not text.strip() and not calls:
        raise ModelError(_why_empty(message, finish, usage, more), verdict="empty", usage=usage)
    if finish == "length":
        sentence = f"the reply was cut at {usage.get('completion', 'its most')} tokens; {more}"
        raise ModelError(sentence, verdict="cut", usage=usage, text=text)
    return Sample(text, numbers_in(text, choice, measured)), calls


def _has_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)


def _tool_calls(message: dict[str, Any]) -> tuple[ToolCall, ...]:
    calls = message.get("tool_calls")
    found = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and read_text(function.get("name")):
            found.append(
                ToolCall(read_text(call.get("id")), read_text(function["name"]), read_text(function.get("arguments")))
            )
    return tuple(found)


def _why_empty(message: dict[str, Any], finish: Any, usage: Mapping[str, int], more: str) -> str:
    if usage.get("reasoning") or message.get("reasoning_content") or message.get("reasoning") or finish == "length":
        spent = usage.get("reasoning") or usage.get("completion")
        tokens = "its" if spent is None else f"{spent}"
        return f"the model spent {tokens} tokens on thinking and wrote no reply; {more}"
    return "the model's reply is empty"


def _dollars(body: dict[str, Any]) -> float | None:
    usage = body.get("usage")
    cost = usage.get("cost") if isinstance(usage, dict) else None
    if isinstance(cost, bool) or not isinstance(cost, (int, float)):
        return None
    return float(cost) if 0 <= cost <= MOST_DOLLARS else None


def _revision(body: dict[str, Any]) -> str | None:
    return brief(body["model"]) if isinstance(body.get("model"), str) else None
