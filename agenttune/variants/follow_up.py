"""The second request of a conversation about code: the same one, the reply, and what is wrong with it.

Not for: when one is sent (desk.py).
"""

from __future__ import annotations

from dataclasses import replace

from agenttune.exchange import ExchangeRequest
from agenttune.prompts import SUFFIX, prompt_hash, render
from agenttune.redaction import redact
from agenttune.replies.turn import Turn
from agenttune.types import Json
from agenttune.variants.refused import BlockRefused

MAX_REPLY_CHARS = 24_000
"""Of the model's own reply, as it is shown to it again: about as many tokens as its prompt may have."""


def repair_of(turn: Turn, error: BlockRefused) -> ExchangeRequest:
    """The same conversation, the reply, and the rule that it breaks."""
    said: dict[str, Json] = {"role": "assistant", "content": (turn.reply or "")[:MAX_REPLY_CHARS]}
    asked: dict[str, Json] = {
        "role": "user",
        "content": redact(render("code_repair", kind=error.kind, reason=error.reason)),
    }
    return replace(
        turn.request,
        messages=(*turn.request.messages, said, asked),
        prompt_hashes={**turn.request.prompt_hashes, f"code_repair{SUFFIX}": prompt_hash("code_repair")},
    )


def asked_again(turn: Turn) -> ExchangeRequest:
    """The same conversation with what is wrong about the reply."""
    said: list[dict[str, Json]] = [{"role": "assistant", "content": turn.reply[:MAX_REPLY_CHARS]}] if turn.reply else []
    words = redact(render("code_again", reason=turn.decoded.why or "it has no directions"))
    if not said:  # two messages of one side in a row are more than some servers take
        *before, last = turn.request.messages
        messages = (*before, {**last, "content": f"{last['content']}\n\n{words}"})
    else:
        messages = (*turn.request.messages, *said, {"role": "user", "content": words})
    hashes = {**turn.request.prompt_hashes, f"code_again{SUFFIX}": prompt_hash("code_again")}
    return replace(turn.request, messages=messages, prompt_hashes=hashes)
