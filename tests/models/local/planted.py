"""A transformer whose probabilities are planted: it knows its prompt, not by weights but by arithmetic.

Its key-value cache holds the tokens themselves, so that everything around it (caches, masks, branches in one pass) is
the real thing, and a mistake there would show it the wrong text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from scipy.stats import norm
from transformers import AutoTokenizer, GenerationConfig, LlamaConfig

from agenttune.models.local.engine import Engine
from agenttune.models.local.info import EngineInfo
from agenttune.models.local.loading import Loaded

DECIMALS = 3
ASKED = re.compile(rb'"config": (\{[^{}]*\}).*?"predicted":( ?-?[0-9]*\.?[0-9]*)$', re.DOTALL)

Belief = Callable[[dict[str, Any]], tuple[float, float]]
"""(mean, sd) of what the model believes of a configuration, within 0 to 1."""


class PlantedModel:
    """Writes a normal distribution, rounded down to three decimals, wherever a number is predicted."""

    def __init__(self, tokenizer: Any, belief: Belief) -> None:
        self.config = LlamaConfig(num_hidden_layers=1, num_attention_heads=1, hidden_size=2, vocab_size=len(tokenizer))
        self.generation_config = GenerationConfig(eos_token_id=tokenizer.eos_token_id)
        self.device = torch.device("cpu")
        self.dtype = torch.float32
        self._belief = belief
        self._bytes = [tokenizer.decode([token]).encode() for token in range(len(tokenizer))]
        self._tokens = {piece: token for token, piece in reversed(list(enumerate(self._bytes)))}

    def get_output_embeddings(self) -> Any:
        return SimpleNamespace(weight=torch.empty(len(self._bytes), 1))

    def __call__(
        self,
        input_ids: torch.Tensor,
        past_key_values: Any,
        *,
        attention_mask: torch.Tensor | None = None,
        logits_to_keep: int = 0,
        **_: Any,
    ) -> Any:
        own = input_ids[:, None, :, None].float()
        seen, _values = past_key_values.update(own, own, 0)
        n_past = seen.shape[2] - input_ids.shape[1]
        places = range(input_ids.shape[1])[-logits_to_keep:]
        logits = torch.stack(
            [
                torch.stack([self._after(self._visible(row[0, :, 0], n_past, at, attention_mask)) for at in places])
                for row in seen
            ]
        )
        return SimpleNamespace(logits=logits)

    def _visible(self, tokens: torch.Tensor, n_past: int, at: int, mask: torch.Tensor | None) -> bytes:
        kept = tokens[: n_past + at + 1] if mask is None else tokens[mask[0, 0, at] == 0]
        return b"".join(self._bytes[int(token)] for token in kept)

    def _after(self, text: bytes) -> torch.Tensor:
        asked = ASKED.search(text.rpartition(b'{"config"')[1] + text.rpartition(b'{"config"')[2])
        logits = torch.zeros(len(self._bytes))
        if asked is None:
            logits[self._tokens[b'"']] = 3.0  # so that texts end
            return logits
        mean, sd = self._belief(json.loads(asked.group(1)))
        logits.fill_(-math.inf)
        for sign, chance in _next_signs(asked.group(2).decode(), mean, sd).items():
            logits[self._tokens[sign.encode()]] = math.log(chance)
        return logits


@lru_cache(maxsize=64)
def _grid(mean: float, sd: float) -> dict[str, float]:
    """The numbers that can be written, after a blank, and how probable each is."""
    steps = np.arange(10**DECIMALS + 1) / 10**DECIMALS
    chances = np.diff(norm.cdf(steps, mean, sd))
    return {f" {step:.{DECIMALS}f}": float(chance) for step, chance in zip(steps, chances, strict=False) if chance > 0}


def _next_signs(written: str, mean: float, sd: float) -> dict[str, float]:
    """How probable each next sign of the number is."""
    left = {text: chance for text, chance in _grid(mean, sd).items() if text.startswith(written)}
    signs: dict[str, float] = {}
    for text, chance in left.items():
        sign = text[len(written) : len(written) + 1] or ","
        signs[sign] = signs.get(sign, 0.0) + chance
    return signs


def planted_engine(folder: Path, belief: Belief) -> Engine:
    """An engine of the planted model, with the tokenizer of a folder."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    info = EngineInfo("planted", None, "cpu", "float32", 0, 4_096, 0, 0.0)
    return Engine(Loaded(PlantedModel(tokenizer, belief), tokenizer, info))
