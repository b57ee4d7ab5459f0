"""What requests will cost, before anybody has counted: stated estimates, corrected by what servers told.

An estimate is that of the texts (exchange.py) and 8 per message. A tokenizer would be exact for one model and wrong for
the rest.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from agenttune.budget import Spending
from agenttune.exchange import Exchange, ExchangeRequest, estimate_tokens
from agenttune.models.prices import Price, dollars

TOKENS_PER_MESSAGE = 8
MARGIN = 1.25
"""On an estimate that must not be passed: what is left of its error once it is corrected."""
RATIOS = (0.5, 3.0)
"""A correction beyond is not believed: some servers count cached or hidden tokens in their own way."""
REQUESTS_PER_TRIAL = 0.3
"""Above which the gate asks no more, repairs included: a request serves some four trials."""
COMPLETION_TOKENS = 700
"""Of a usual reply: four candidates with their reasons. A model that thinks before takes more."""


def estimate_prompt(request: ExchangeRequest) -> int:
    """Tokens of the prompt, the schema included, as estimated."""
    texts = [str(message.get("content") or "") for message in request.messages]
    if request.schema is not None:
        texts.append(json.dumps(request.schema))
    return sum(map(estimate_tokens, texts)) + TOKENS_PER_MESSAGE * len(texts)


class PromptTokens:
    """The estimate, corrected by the prompt tokens that a study's replies told of."""

    def __init__(self) -> None:
        self._estimated = 0
        self._told = 0

    def learn(self, exchange: Exchange) -> None:
        """Takes in what one reply told, if it told."""
        told = exchange.usage.get("prompt", 0)
        if told > 0:
            self._told += told
            self._estimated += estimate_prompt(exchange.request)

    @property
    def ratio(self) -> float:
        """Tokens told to tokens estimated; 1 before anything is known."""
        least, most = RATIOS
        return min(max(self._told / self._estimated, least), most) if self._estimated else 1.0

    def at_most(self, request: ExchangeRequest) -> int:
        """Tokens that the prompt will hardly pass."""
        return math.ceil(estimate_prompt(request) * self.ratio * MARGIN)


def worst_case(price: Price | None, *, prompt: int, completion: int) -> Spending:
    """What one request of so many tokens may cost."""
    return Spending(1, prompt + completion, dollars(price, {"prompt": prompt, "completion": completion}))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a study will ask of a model, about."""

    requests: int
    tokens: int
    dollars: float | None
    """None when the price is unknown."""


def estimate_study(
    price: Price | None,
    *,
    n_trials: int,
    prompt_tokens: int,
    completion_tokens: int = COMPLETION_TOKENS,
    max_requests: int | None = None,
) -> Estimate:
    """What a study of `n_trials` will ask, told before it starts.

    Args:
        price: of the model; None is unknown.
        n_trials: the study's budget.
        prompt_tokens: of one prompt, `estimate_prompt` of the first one say.
        completion_tokens: of one reply.
        max_requests: the study's bound, if it has one.
    """
    requests = math.ceil(n_trials * REQUESTS_PER_TRIAL)
    if max_requests is not None:
        requests = min(requests, max_requests)
    usage = {"prompt": prompt_tokens * requests, "completion": completion_tokens * requests}
    return Estimate(requests, sum(usage.values()), dollars(price, usage))
