"""Draws replies from a model, several of one prompt at a time, each held to the grammar.

What the grammar forces is not drawn but read, several tokens in one pass: all rows read as many as the row that has
fewest to read, so that the batch needs no padding. Rows that have ended leave the batch. `model.generate` does
neither, which is why it is not used here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from llguidance import LLMatcher
from transformers.cache_utils import DynamicCache

from agenttune.errors import ModelError
from agenttune.models.local.masks import Vocabulary, check
from agenttune.models.local.prefix import Cancelled, is_plain


@dataclass(frozen=True, slots=True)
class Draw:
    """How tokens are drawn."""

    temperature: float
    """0 takes the most probable one."""
    top_p: float
    max_tokens: int
    seed: int
    end_ids: frozenset[int]
    """Tokens that end a reply."""


@dataclass(slots=True)
class Row:
    """One reply as it grows."""

    matcher: LLMatcher | None
    pending: list[int]
    """Tokens that the model has not read yet."""
    tokens: list[int] = field(default_factory=list)
    """The reply."""
    finish: Literal["stop", "length"] | None = None


Ended = Callable[[int, Row, DynamicCache, int], None]
"""Hears of a row that has ended: its number, the row, the batch's cache, its place in the batch."""


@torch.inference_mode()
def draw_rows(
    model: Any,
    cache: DynamicCache,
    last_id: int,
    matchers: Sequence[LLMatcher | None],
    vocabulary: Vocabulary | None,
    draw: Draw,
    *,
    on_token: Callable[[int, int], None],
    on_end: Ended,
    is_cancelled: Callable[[], bool],
) -> list[Row]:
    """One reply for each matcher.

    Args:
        model: the transformer.
        cache: of the prompt without its last token, one row; used up.
        last_id: that token.
        matchers: the grammar of each reply at its start, or None where it is free.
        vocabulary: what makes masks of matchers.
        draw: how tokens are drawn.
        on_token: hears (row, token) of each token of a reply.
        on_end: hears of each row that has ended, while its cache is there.
        is_cancelled: whether nobody waits any more; asked at each step.

    Raises:
        Cancelled: it says so.
    """
    generator = torch.Generator(model.device).manual_seed(draw.seed % 2**63)
    rows = [Row(matcher, [last_id]) for matcher in matchers]
    for number, row in enumerate(rows):
        _take(row, _forced(row, vocabulary, draw)[: draw.max_tokens], number, on_token)
    cache.batch_repeat_interleave(len(rows))
    width = None if is_plain(cache) else 1
    numbers = list(range(len(rows)))
    while numbers:
        if is_cancelled():
            raise Cancelled
        growing = [rows[number] for number in numbers]
        logits = _read(model, cache, growing, width)
        ready = [place for place, row in enumerate(growing) if not row.pending]
        drawn = _drawn(logits[ready], [growing[place] for place in ready], vocabulary, draw, generator)
        for place, token in zip(ready, drawn, strict=True):
            _go_on(growing[place], token, vocabulary, numbers[place], draw, on_token)
        for place, row in enumerate(growing):
            if row.finish is not None:
                on_end(numbers[place], row, cache, place)
        kept = [place for place, row in enumerate(growing) if row.finish is None]
        if kept and len(kept) < len(numbers):
            cache.batch_select_indices(torch.tensor(kept, device=model.device))
        numbers = [numbers[place] for place in kept]
    return rows


def _read(model: Any, cache: DynamicCache, rows: Sequence[Row], width: int | None) -> torch.Tensor:
    """Has each row read some pending tokens, at most `width`; the logits after them, `rows x vocabulary`."""
    n_read = min(len(row.pending) for row in rows) if width is None else width
    block = torch.tensor([row.pending[:n_read] for row in rows], device=model.device)
    logits = model(input_ids=block, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1]
    for row in rows:
        row.pending = row.pending[n_read:]
    if not bool(logits.max(dim=-1).values.isfinite().all()):
        raise ModelError(
            f"the model computes no numbers in {str(model.dtype).removeprefix('torch.')}: set local_dtype to another; "
            "if that does not help, its weights are damaged"
        )
    return torch.as_tensor(logits).float()


def _drawn(
    logits: torch.Tensor,
    rows: Sequence[Row],
    vocabulary: Vocabulary | None,
    draw: Draw,
    generator: torch.Generator,
) -> list[int]:
    """The next token of each row."""
    if not rows:
        return []
    matchers = [row.matcher for row in rows]
    if vocabulary is not None and any(matcher is not None for matcher in matchers):
        held = [place for place, matcher in enumerate(matchers) if matcher is not None]
        allowed = np.ones((len(rows), vocabulary.n_logits), dtype=np.bool_)
        allowed[held] = vocabulary.allowed([matcher for matcher in matchers if matcher is not None])
        logits = logits.masked_fill(~torch.from_numpy(allowed).to(logits.device), -math.inf)
    if draw.temperature <= 0:
        return [int(token) for token in logits.argmax(dim=-1)]
    probabilities = _nucleus((logits / draw.temperature).softmax(dim=-1), draw.top_p)
    return [int(token) for token in torch.multinomial(probabilities, 1, generator=generator)[:, 0]]


def _nucleus(probabilities: torch.Tensor, top_p: float) -> torch.Tensor:
    """The most probable tokens that make up `top_p` together; the rest at 0 (not normalised)."""
    if top_p >= 1:
        return probabilities
    ranked, order = probabilities.sort(dim=-1, descending=True)
    beyond = ranked.cumsum(dim=-1) - ranked >= top_p
    return torch.zeros_like(probabilities).scatter(-1, order, ranked.masked_fill(beyond, 0.0))


def _go_on(
    row: Row,
    token: int,
    vocabulary: Vocabulary | None,
    number: int,
    draw: Draw,
    on_token: Callable[[int, int], None],
) -> None:
    """Takes a drawn token, and what the grammar forces after it."""
    if row.matcher is None:
        if token in draw.end_ids:
            row.finish = "stop"
            return
        _take(row, [token], number, on_token)
    else:
        row.matcher.consume_token(token)
        check(row.matcher)
        if token in draw.end_ids:
            row.finish = "stop"
            return
        came = [token, *_forced(row, vocabulary, draw)]
        left = draw.max_tokens - len(row.tokens)
        _take(row, came[:left], number, on_token)
        if row.matcher.is_stopped() and len(came) <= left:
            row.finish = "stop"
            return
    if len(row.tokens) >= draw.max_tokens:
        row.finish = "length"


def _forced(row: Row, vocabulary: Vocabulary | None, draw: Draw) -> list[int]:
    if row.matcher is None or vocabulary is None:
        return []
    return [token for token in vocabulary.forced(row.matcher) if token not in draw.end_ids]


def _take(row: Row, tokens: Sequence[int], number: int, on_token: Callable[[int, int], None]) -> None:
    row.tokens += tokens
    row.pending += tokens
    for token in tokens:
        on_token(number, token)
