"""What `local_models` measures of one engine: speed, the share of legal replies, regret of what is offered first.

Requests are those of a study: its prompt, its schema, its sampling. Not for choosing what is measured or printing it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from agenttune.errors import ConfigInvalid, ModelError
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.prompt import llm_prompt
from agenttune.models import Message, Sampling, Schemas
from agenttune.models.local.engine import Engine
from agenttune.replies import Question
from agenttune.replies.decode import decode
from agenttune.replies.schema import reply_schema
from agenttune.space import Bool, Categorical, Float, Int, Space
from agenttune.testing.functions import Function
from agenttune.types import Config

GOAL = Goal("accuracy", "maximize")
LONG = 100_000
"""Tokens that no reply to a grammar reaches; the model's context cuts one that would."""
FREE_TOKENS = 256
"""Most tokens of a reply that is held to nothing: a whole one takes about half as many."""

CONDITIONAL = Space(
    learning_rate=Float(1e-5, 1.0, log=True),
    batch_size=Int(16, 512, log=True),
    dropout=Float(0.0, 0.8),
    weight_decay=Float(1e-7, 1e-1, log=True),
    augment=Bool(),
    schedule=Categorical({"constant": None, "cosine": Space(warmup_steps=Int(0, 2_000))}),
    optimizer=Categorical(
        {
            "sgd": Space(momentum=Float(0.0, 0.999), nesterov=Bool()),
            "adam": Space(beta1=Float(0.5, 0.99), beta2=Float(0.9, 0.9999)),
        }
    ),
)
"""Twelve parameters, five of them conditional."""
NETWORK = Function(
    Space(
        learning_rate=Float(1e-5, 1.0, log=True),
        batch_size=Int(8, 1_024, log=True),
        dropout=Float(0.0, 0.9),
        weight_decay=Float(1e-7, 1e-1, log=True),
        layers=Int(1, 12),
    ),
    optimum={"learning_rate": 1e-3, "batch_size": 64, "dropout": 0.2, "weight_decay": 1e-4, "layers": 3},
    worst={"learning_rate": 1.0, "batch_size": 1_024, "dropout": 0.9, "weight_decay": 1e-1, "layers": 12},
    weights={"learning_rate": 2.5},
)
BOOSTING = Function(
    Space(
        learning_rate=Float(1e-4, 1.0, log=True),
        n_estimators=Int(10, 3_000, log=True),
        max_depth=Int(1, 20),
        subsample=Float(0.1, 1.0),
        min_samples_leaf=Int(1, 200, log=True),
    ),
    optimum={"learning_rate": 0.08, "n_estimators": 400, "max_depth": 5, "subsample": 0.8, "min_samples_leaf": 5},
    worst={"learning_rate": 1.0, "n_estimators": 10, "max_depth": 20, "subsample": 0.1, "min_samples_leaf": 200},
    weights={"learning_rate": 2.5},
)
NAMED = {"network": NETWORK, "boosting": BOOSTING}
"""Made-up functions whose optimum lies near what practitioners start from: a model that knows the names can gain."""

_marks = count()


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one request whose prompt had been read before."""

    tokens: int
    """Of all replies together."""
    seconds: float
    cpu_s: float
    mask_us: float
    """Microseconds of one mask of one reply; 0 without masks."""

    @property
    def per_s(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds


@dataclass(frozen=True, slots=True)
class Validity:
    """Of replies to one question."""

    n: int
    legal: int
    """Exactly as asked for: JSON of k candidates, each within the space."""
    usable: int
    """With at least one candidate that the decoder takes, mended or not."""


def question(space: Space, *, k: int, seed: int = 0) -> Question:
    """A study's first question."""
    prompt = llm_prompt(StudyView(space, GOAL, ()), k=k, context={})
    return Question(prompt, space, GOAL, lambda config: True, k=k, seed=seed)


def marked(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The same messages with another beginning, so that no cache knows them."""
    first, *rest = messages
    return ({**first, "content": f"{next(_marks)} {first['content']}"}, *rest)


def read_s(engine: Engine, messages: tuple[Message, ...]) -> tuple[int, float]:
    """(tokens of the prompt, seconds until the first token of a reply)."""
    began = time.perf_counter()
    usage = _usage(engine, messages, None, Sampling(max_tokens=1))
    return usage["prompt"], time.perf_counter() - began


def speed(
    engine: Engine, messages: tuple[Message, ...], schema: Schemas | None, *, n: int, tokens: int, seed: int = 0
) -> Speed:
    """How fast `n` replies of up to so many tokens come, the prompt's cache being there."""
    read_s(engine, messages)
    vocabulary = engine.vocabulary
    before = (0.0, 0) if vocabulary is None else (vocabulary.mask_s, vocabulary.n_masks)
    began, began_cpu = time.perf_counter(), time.process_time()
    usage = _usage(engine, messages, schema, Sampling(max_tokens=tokens, n=n, seed=seed, temperature=1.0))
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    after = (0.0, 0) if vocabulary is None else (vocabulary.mask_s, vocabulary.n_masks)
    n_masks = after[1] - before[1]
    return Speed(usage["completion"], seconds, cpu_s, (after[0] - before[0]) / n_masks * 1e6 if n_masks else 0.0)


def validity(engine: Engine, space: Space, *, n: int, at_once: int, is_held: bool) -> Validity:
    """How many of `n` replies, one candidate each, are legal.

    Args:
        engine: the model.
        space: what is asked about.
        n: replies.
        at_once: replies of one request.
        is_held: whether masks hold them to the space.
    """
    texts: list[str] = []
    asked = question(space, k=1)
    schema = reply_schema(space, GOAL, k=1) if is_held else None
    for seed in count():
        sampling = Sampling(n=min(at_once, n - len(texts)), seed=seed, max_tokens=LONG if is_held else FREE_TOKENS)
        texts += texts_of(engine, asked.prompt.messages, schema, sampling)
        if len(texts) >= n:
            break
    legal = sum(is_legal(text, space, k=1) for text in texts)
    return Validity(n, legal, sum(bool(decode(text, asked).candidates) for text in texts))


def texts_of(engine: Engine, messages: tuple[Message, ...], schema: Schemas | None, sampling: Sampling) -> list[str]:
    """The replies of one request; what was cut counts as far as it goes, else as an empty text."""
    try:
        reply = engine.complete(messages, schema=schema, sampling=sampling)
        found = [reply.text, *(other.text for other in reply.others)]
    except ModelError as error:
        if error.verdict != "cut":
            raise
        found = [error.text or ""]
    return found + [""] * (sampling.n - len(found))


def is_legal(text: str, space: Space, *, k: int) -> bool:
    """Whether a reply is what was asked for, without any mending."""
    try:
        candidates = json.loads(text)["candidates"]
        configs = [space.validate(candidate["config"]) for candidate in candidates]
        told = [float(candidate[name]) for candidate in candidates for name in ("low", "predicted", "high")]
    except (ValueError, KeyError, TypeError, ConfigInvalid):
        return False
    return len(configs) == k and all(map(math.isfinite, told))


def regret_of_first(engine: Engine, function: Function, *, n: int, seed: int) -> tuple[float, float]:
    """(of the model's first `n` candidates, of `n` random ones): (0 - best of them) / (0 - median of random)."""
    asked = question(function.space, k=4)
    schema = reply_schema(function.space, GOAL, k=4)
    sampling = Sampling(n=math.ceil(n / 4), seed=seed, max_tokens=LONG)
    texts = texts_of(engine, asked.prompt.messages, schema, sampling)
    offered = [candidate.config for text in texts for candidate in decode(text, asked).candidates][:n]
    drawn = function.space.sample(np.random.default_rng(seed), n)
    return _regret(function, offered), _regret(function, drawn)


def _regret(function: Function, configs: Sequence[Config]) -> float:
    median = function.median()
    return max(map(function.value, configs), default=median) / median


def _usage(engine: Engine, messages: tuple[Message, ...], schema: Schemas | None, sampling: Sampling) -> dict[str, int]:
    """Tokens of a request, whether its reply was cut or not."""
    try:
        return dict(engine.complete(messages, schema=schema, sampling=sampling).usage)
    except ModelError as error:
        if error.verdict != "cut":
            raise
        return dict(error.usage)
