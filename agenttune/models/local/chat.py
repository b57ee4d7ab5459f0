"""Messages as the tokens that a local model reads: by its chat template, or plainly where it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2.exceptions import TemplateError

from agenttune.models import Message

ROLES = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool"}
"""How the plain form names who speaks."""


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Token ids of the conversation, up to where the model's next reply begins."""
    spoken = [
        {"role": str(message.get("role")), "content": _harmless(tokenizer, _text(message))} for message in messages
    ]
    if tokenizer.chat_template is None:
        return [int(token) for token in tokenizer.encode(plain_text(spoken))]
    return _templated(tokenizer, spoken)


def plain_text(messages: Sequence[Mapping[str, str]]) -> str:
    """The conversation for a model that knows no chat template."""
    told = [f"{ROLES.get(message['role'], message['role'])}: {message['content']}" for message in messages]
    return "\n\n".join([*told, "Assistant: "])


def _templated(tokenizer: Any, messages: list[dict[str, str]]) -> list[int]:
    """By the template; one that refuses a system message, or two users in a row, gets them put together."""
    for form in (messages, _merged(messages)):
        try:
            text = tokenizer.apply_chat_template(
                form, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )  # templates of models that think know `enable_thinking`, others ignore it
        except (TemplateError, TypeError, ValueError, OverflowError, ArithmeticError):  # whatever a template does
            continue
        return [int(token) for token in tokenizer.encode(text, add_special_tokens=False)]
    return [int(token) for token in tokenizer.encode(plain_text(messages))]


def _merged(messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Users and assistants in turn, the system's words within the first user's."""
    merged: list[dict[str, str]] = []
    for message in messages:
        role = "assistant" if message["role"] == "assistant" else "user"
        if merged and merged[-1]["role"] == role:
            merged[-1]["content"] += f"\n\n{message['content']}"
        else:
            merged.append({"role": role, "content": message["content"]})
    return merged


def _text(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, list):  # parts, as vision models have them
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _harmless(tokenizer: Any, text: str) -> str:
    """The text without marks that steer the model: what data says must not end a message or begin another."""
    marks = {token.content for token in tokenizer.added_tokens_decoder.values() if len(token.content.strip()) > 1}
    for mark in sorted(marks, key=len, reverse=True):  # some models do not call theirs special
        text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text
