"""A server's model whose probabilities are known: what is measured of them can be held against what was planted.

It offers given configurations, each with a normal distribution of what it predicts, rounded to so many decimals. Its
numbers are drawn from that, and its token probabilities are those of the same distribution, exactly. Tokens of numbers
are runs of at most `chunk` digits and the point, as many tokenizers cut them (3), or single digits (1).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np

from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.types import Config, Json

_MARK = "\x00"
"""Stands for a number in a text that is not cut into tokens yet."""


@dataclass(frozen=True)
class Planted:
    """Answers as that model; counts neither seeds nor messages, only draws."""

    offers: Sequence[tuple[Config, float, float]]
    """(configuration, mean, standard deviation)."""
    decimals: int = 3
    chunk: int = 3
    is_telling: bool = True
    """Whether token probabilities are told when asked for."""
    n_most: int = 100
    """Replies that one request may draw."""

    def __call__(self, request: ChatRequest) -> Response:
        """The completion, with as many choices as are asked for."""
        rng = np.random.default_rng(int(request.get("seed") or 0))
        n = min(int(request.get("n", 1)), self.n_most)
        replies = [self._reply(rng, int(request.get("top_logprobs", 0))) for _ in range(n)]
        response = completion(replies[0][0], others=[text for text, _ in replies[1:]])
        body: Any = response.body
        if self.is_telling and request.get("logprobs"):
            for choice, (_, tokens) in zip(body["choices"], replies, strict=True):
                choice["logprobs"] = {"content": tokens, "refusal": None}
        return response

    def distribution(self, mean: float, sd: float) -> dict[str, float]:
        """Text of each number within six standard deviations -> its probability."""
        unit = 10.0**-self.decimals
        steps = range(math.ceil((mean - 6 * sd) / unit), math.floor((mean + 6 * sd) / unit) + 1)
        weights = {
            f"{step * unit:.{self.decimals}f}": math.exp(-0.5 * ((step * unit - mean) / sd) ** 2) for step in steps
        }
        total = sum(weights.values())
        return {text: weight / total for text, weight in weights.items()}

    def _reply(self, rng: np.random.Generator, top: int) -> tuple[str, list[Json]]:
        """(text, its tokens with what could have stood in their place)."""
        offered: list[Json] = []
        numbers: list[tuple[str, dict[str, float]]] = []
        for config, mean, sd in self.offers:
            spread = self.distribution(mean, sd)
            numbers.append((str(rng.choice(list(spread), p=list(spread.values()))), spread))
            offered.append(
                {"config": dict(config), "reason": "planted", "low": mean - sd, "predicted": _MARK, "high": mean + sd}
            )
        pieces = json.dumps({"candidates": offered}).split(json.dumps(_MARK))
        tokens: list[Json] = []
        for piece, number in zip(pieces, [*numbers, None], strict=True):
            tokens.append(_token(piece, {piece: 1.0}, top))
            if number is not None:
                tokens += self._number_tokens(*number, top)
        text = pieces[0] + "".join(said + piece for (said, _), piece in zip(numbers, pieces[1:], strict=True))
        return text, tokens

    def _number_tokens(self, said: str, spread: Mapping[str, float], top: int) -> list[Json]:
        ways = {text: (*self._cut(text), ",") for text in spread}
        path = ways[said]
        tokens = []
        for at in range(len(path) - 1):
            told: dict[str, float] = {}
            for text, way in ways.items():
                if way[:at] == path[:at]:
                    told[way[at]] = told.get(way[at], 0.0) + spread[text]
            total = sum(told.values())
            tokens.append(_token(path[at], {text: share / total for text, share in told.items()}, top))
        return tokens

    def _cut(self, number: str) -> list[str]:
        return re.findall(rf"\d{{1,{self.chunk}}}|\D", number)


def _token(text: str, told: Mapping[str, float], top: int) -> Json:
    """A token as OpenAI's protocol tells it, with the `top` most probable ones."""
    ranked = sorted(told.items(), key=lambda entry: -entry[1])[:top]
    kept = list(takewhile(lambda entry: entry[1] > 0, ranked))
    return {**_spelled(text, told[text]), "top_logprobs": [_spelled(*entry) for entry in kept]}


def _spelled(text: str, probability: float) -> dict[str, Json]:
    return {"token": text, "logprob": math.log(probability), "bytes": list(text.encode())}
