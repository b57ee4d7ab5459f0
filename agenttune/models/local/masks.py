"""What a model may say next, by a grammar: llguidance's masks over the vocabulary.

A grammar is written in llguidance's Lark dialect (`Schemas.grammar`), or made of a JSON schema. Where only one
continuation is allowed its tokens come at once, without asking the model: field names cost next to nothing.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import llguidance.hf
import numpy as np
from llguidance import LLExecutor, LLMatcher, LLTokenizer
from llguidance.numpy import fill_next_token_bitmask_par
from numpy.typing import NDArray

from agenttune.errors import ModelError
from agenttune.models import Schemas
from agenttune.types import Json

MAX_TEXT = 200
"""Characters of a text that the schema leaves open: a model left to itself writes for ever."""
MAX_ITEMS = 16
"""Entries of a list that the schema leaves open."""
FINEST = 1e-10
"""Resolution of a number that the schema leaves open, and of any other at best: llguidance takes no finer one."""
LARGEST = 10**15
"""Bound of a number that the schema leaves open: digits, too, could go on for ever."""


logger = logging.getLogger(__name__)


class Vocabulary:
    """The tokens of a model, as masks see them."""

    def __init__(self, tokenizer: Any, n_logits: int, end_ids: Sequence[int]) -> None:
        """
        Args:
            tokenizer: a fast one of transformers.
            n_logits: columns of the model's logits, often more than the tokenizer has tokens.
            end_ids: tokens that end a reply.
        """
        self.n_logits = n_logits
        self._tokenizer: LLTokenizer = llguidance.hf.from_tokenizer(
            tokenizer, n_vocab=n_logits, eos_token=list(end_ids)
        )
        self._marks = sorted((m for m in tokenizer.all_special_tokens if len(m) > 1), key=len, reverse=True)
        self._executor = LLExecutor(num_threads=1)
        self.mask_s = 0.0
        """Seconds that masks took."""
        self.n_masks = 0

    def matcher(self, schema: Schemas) -> LLMatcher:
        """The grammar of a schema, at its start.

        Raises:
            ModelError: it cannot be held to.
        """
        grammar = schema.grammar or schema_grammar(schema.ranges)
        for (
            mark
        ) in self._marks:  # spelled as JSON may: as it stands, only the token could say it, which no text may hold
            grammar = grammar.replace(mark, f"\\\\u{ord(mark[0]):04x}{mark[1:]}")
        matcher = LLMatcher(self._tokenizer, grammar)
        check(matcher)
        return matcher

    def bytes_of(self, token: int) -> bytes:
        """What the token stands for in a text."""
        return _bytes_of(self._tokenizer, token)

    def forced(self, matcher: LLMatcher) -> list[int]:
        """Tokens that must come now, taken into the matcher; none where there is a choice."""
        tokens = [int(token) for token in matcher.compute_ff_tokens()]
        if tokens:
            matcher.consume_tokens(tokens)
            check(matcher)
        return tokens

    def allowed(self, matchers: Sequence[LLMatcher]) -> NDArray[np.bool_]:
        """Which tokens may come next, `matchers x n_logits`."""
        started = time.perf_counter()
        words = np.empty((len(matchers), (self.n_logits + 31) // 32), dtype=np.int32)
        fill_next_token_bitmask_par(self._executor, [(matcher, row) for row, matcher in enumerate(matchers)], words)
        bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=self.n_logits)
        self.mask_s += time.perf_counter() - started
        self.n_masks += len(matchers)
        return bits.astype(np.bool_)


@lru_cache(maxsize=200_000)
def _bytes_of(tokenizer: LLTokenizer, token: int) -> bytes:
    return bytes(tokenizer.decode_bytes([token]))


def check(matcher: LLMatcher) -> None:
    """Refuses to go on by a grammar that has given up.

    Raises:
        ModelError: it has; what it says of it is in the log.
    """
    if matcher.is_error():
        logger.error("%s", matcher.get_error())
        raise ModelError(
            "the reply could not be held to the space: its grammar is too large for the masks; fewer or narrower "
            "parameters help"
        )


def schema_grammar(schema: Mapping[str, Json]) -> str:
    """A JSON schema as a grammar without free blanks, and with a bound on whatever it leaves open."""
    grammar: str = LLMatcher.grammar_from_json_schema(_bounded(dict(schema)), defaults={"whitespace_flexible": False})
    return grammar


def _bounded(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema with bounds on texts, lists and digits."""
    bounded: dict[str, Json] = {name: _inner(value) for name, value in schema.items()}
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema and "pattern" not in schema:
        bounded.setdefault("maxLength", MAX_TEXT)
    elif kind == "array":
        bounded.setdefault("maxItems", MAX_ITEMS)
    elif kind in ("number", "integer") and "enum" not in schema:
        bounded.setdefault("minimum", -LARGEST)
        bounded.setdefault("maximum", LARGEST)
        if kind == "number":
            bounded.setdefault("multipleOf", _resolution(schema))
    return bounded


def _inner(value: Json) -> Json:
    if isinstance(value, dict):
        return _bounded(value)
    return [_inner(entry) for entry in value] if isinstance(value, list) else value


def _resolution(schema: Mapping[str, Json]) -> float:
    """A power of ten well below the bounds of the number."""
    bounds = [
        abs(value) for name in ("minimum", "maximum") if isinstance(value := schema.get(name), int | float) and value
    ]
    return max(10.0 ** (math.floor(math.log10(min(bounds))) - 3), FINEST) if bounds else FINEST
