from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agenttune.goal import Goal
from agenttune.models import Sampling
from agenttune.models.local.engine import Engine
from agenttune.replies.schema import reply_schema
from agenttune.space import Categorical, Float, Space
from tests.models.local.planted import planted_engine

SPACE = Space(x=Float(0.0, 1.0), kind=Categorical(["a", "b"]))
SCHEMA = reply_schema(SPACE, Goal("accuracy", "maximize"), k=4)
MESSAGES = [{"role": "user", "content": "Propose four."}]


def belief(config: dict[str, Any]) -> tuple[float, float]:
    return 0.45 + 0.3 * config["x"], (0.01 if config["kind"] == "a" else 0.04)


@pytest.mark.parametrize("seed", range(5))
def test_planted_mean_and_sd_come_out_within_one_percent(tiny_llama: Path, seed: int) -> None:
    reply = planted_engine(tiny_llama, belief).complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=2, seed=seed))
    for text, numbers in [(reply.text, reply.numbers), *((other.text, other.numbers) for other in reply.others)]:
        candidates = json.loads(text)["candidates"]
        assert len(numbers) == len(candidates) == 4
        for candidate, told in zip(candidates, numbers, strict=True):
            mean, sd = belief(candidate["config"])
            assert told.mean == pytest.approx(mean, rel=0.01)
            assert told.sd == pytest.approx(sd, rel=0.01)
            assert told.resolved > 0.999


def test_number_stands_where_it_says(tiny_llama: Path) -> None:
    reply = planted_engine(tiny_llama, belief).complete(MESSAGES, schema=SCHEMA, sampling=Sampling(seed=1))
    said = [candidate["predicted"] for candidate in json.loads(reply.text)["candidates"]]
    read = [json.JSONDecoder().raw_decode(reply.text[told.at :])[0] for told in reply.numbers]
    assert read == said


def test_what_one_sample_believes_is_not_told_of_another(tiny_llama: Path) -> None:
    one = planted_engine(tiny_llama, belief)
    several = one.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=3, seed=4))
    texts = [several.text, *(other.text for other in several.others)]
    assert len(set(texts)) == 3
    assert len({numbers for numbers in (several.numbers, *(other.numbers for other in several.others))}) == 3


def test_random_model_resolves_less_and_says_so(engine: Engine) -> None:
    reply = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(seed=2, max_tokens=1_500))
    assert reply.numbers
    assert all(0 < told.resolved < 1 for told in reply.numbers)
