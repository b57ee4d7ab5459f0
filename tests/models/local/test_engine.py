from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from agenttune.errors import ModelError
from agenttune.goal import Goal
from agenttune.models import Sampling, Schemas
from agenttune.models.local.engine import Engine
from agenttune.replies.schema import reply_schema
from agenttune.space import Bool, Categorical, Float, Int, Space
from agenttune.testing.tiny_llama import make_tiny_llama

SPACE = Space(
    learning_rate=Float(1e-5, 1.0, log=True),
    layers=Int(1, 8),
    optimizer=Categorical({"adam": Space(beta=Float(0.8, 0.999)), "sgd": Space(nesterov=Bool())}),
)
SCHEMA = reply_schema(SPACE, Goal("accuracy", "maximize"), k=2)
SYSTEM = {"role": "system", "content": "You choose configurations for a study of many trials. " * 10}
MESSAGES = [SYSTEM, {"role": "user", "content": "Propose two."}]
NUMBER = Schemas(
    "number",
    ranges={
        "type": "object",
        "properties": {"x": {"type": "number", "minimum": 0, "maximum": 1}},
        "required": ["x"],
        "additionalProperties": False,
    },
    strict={},
)


def test_every_sample_holds_configurations_of_the_space(engine: Engine) -> None:
    reply = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=4, seed=1))
    texts = [reply.text, *(other.text for other in reply.others)]
    assert len(set(texts)) == 4
    for text in texts:
        assert all(SPACE.validate(entry["config"]) for entry in json.loads(text)["candidates"])


def test_same_seed_gives_the_same_replies(engine: Engine) -> None:
    sampling = Sampling(n=2, seed=5, temperature=1.0)
    first, second = (engine.complete(MESSAGES, schema=SCHEMA, sampling=sampling) for _ in range(2))
    assert (first.text, first.others, first.numbers) == (second.text, second.others, second.numbers)


def test_what_is_kept_of_a_prompt_changes_no_reply(tiny_llama: Path, engine: Engine) -> None:
    fresh = Engine.load(str(tiny_llama), device="cpu", dtype="float32")
    engine.complete([SYSTEM, {"role": "user", "content": "Something else."}], schema=NUMBER)
    known = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(seed=7, temperature=0.0))
    anew = fresh.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(seed=7, temperature=0.0))
    assert known.usage["cached"] > 50
    assert anew.usage["cached"] == 0
    assert known.text == anew.text


def test_json_schema_is_held_to_without_a_grammar(engine: Engine) -> None:
    for seed in range(10):
        reply = engine.complete(MESSAGES, schema=NUMBER, sampling=Sampling(seed=seed, temperature=1.0))
        content = json.loads(reply.text)
        assert reply.rung == "ranges"
        assert list(content) == ["x"]
        assert 0 <= content["x"] <= 1


def test_free_reply_is_cut_at_its_bound(engine: Engine) -> None:
    with pytest.raises(ModelError, match="cut at 20 tokens") as caught:
        engine.complete(MESSAGES, sampling=Sampling(max_tokens=20, seed=0, temperature=0.0))
    assert caught.value.verdict == "cut"
    assert caught.value.text
    assert caught.value.usage["completion"] == 20


def test_text_comes_as_it_grows(engine: Engine) -> None:
    pieces: list[str] = []
    reply = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=2, seed=1), on_text=pieces.append)
    assert "".join(pieces) == reply.text
    assert len(pieces) > 20


def test_request_nobody_waits_for_ends(engine: Engine) -> None:
    with pytest.raises(ModelError, match="nobody waited"):
        engine.complete(MESSAGES, schema=SCHEMA, is_cancelled=lambda: True)


def test_prompt_beyond_the_context_is_one_sentence(engine: Engine) -> None:
    with pytest.raises(ModelError, match=r"the prompt has \d+ tokens and .* reads 4096, its reply included"):
        engine.complete([{"role": "user", "content": "0.5 " * 4_000}])


def test_score_is_what_the_model_says_token_by_token(engine: Engine) -> None:
    candidates = ['{"learning_rate": 0.1}', "adam", '{"learning_rate": 0.01, "layers": 2}']
    together = engine.score(MESSAGES, candidates)
    alone = [engine.score(MESSAGES, [candidate])[0] for candidate in candidates]
    assert [score.n_tokens for score in together] == [score.n_tokens for score in alone]
    assert [score.logprob for score in together] == pytest.approx([score.logprob for score in alone], abs=1e-3)
    assert [score.logprob for score in together] == pytest.approx(
        [_logprob(engine, candidate) for candidate in candidates], abs=1e-3
    )


def test_memory_that_runs_out_is_one_sentence(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    monkeypatch.setattr("agenttune.models.local.engine.draw_rows", exhausted)
    with pytest.raises(ModelError, match="the memory of cpu does not hold a request of 3 replies") as caught:
        engine.complete(MESSAGES, sampling=Sampling(n=3))
    assert "\n" not in str(caught.value)


def test_model_whose_cache_cannot_be_cut_answers_too(tmp_path: Path) -> None:
    from transformers import MistralConfig, MistralForCausalLM

    make_tiny_llama(tmp_path, hidden=32, layers=2, vocab=600)
    config = MistralConfig(
        vocab_size=600, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, sliding_window=16, max_position_embeddings=4_096,
    )  # fmt: skip
    MistralForCausalLM(config).save_pretrained(tmp_path)
    sliding = Engine.load(str(tmp_path), device="cpu", dtype="float32")
    reply = sliding.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=2, seed=1))
    for text in (reply.text, reply.others[0].text):
        assert all(SPACE.validate(entry["config"]) for entry in json.loads(text)["candidates"])
    assert reply.numbers == ()
    together = sliding.score(MESSAGES, ["adam", "sgd"])
    assert [score.logprob for score in together] == pytest.approx(
        [_logprob(sliding, candidate) for candidate in ("adam", "sgd")], abs=1e-3
    )


def _logprob(engine: Engine, candidate: str) -> float:
    """By one pass over prompt and candidate, without any cache."""
    prompt = engine._prompt(MESSAGES)
    ids = engine._tokenizer.encode(candidate, add_special_tokens=False)
    with torch.inference_mode():
        logits = engine._model(input_ids=torch.tensor([[*prompt, *ids]])).logits[0].float()
    chances = logits[len(prompt) - 1 : -1].log_softmax(dim=-1)
    return float(chances.gather(1, torch.tensor(ids)[:, None]).sum())


@pytest.mark.long
def test_reply_that_came_whole_stands_before_one_that_was_cut(engine: Engine) -> None:
    whole = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=4, seed=1))
    lengths = sorted(len(engine._tokenizer.encode(text)) for text in (whole.text, *(s.text for s in whole.others)))
    n_mixed = n_cut = 0
    for bound in (5, *range(lengths[0] // 2, lengths[-1] + 1, 10)):
        try:
            reply = engine.complete(MESSAGES, schema=SCHEMA, sampling=Sampling(n=4, seed=1, max_tokens=bound))
        except ModelError as error:
            assert error.usage["completion"] == 4 * bound
            n_cut += 1
            continue
        assert json.loads(reply.text)
        assert len(reply.others) == 3
        assert reply.usage["completion"] <= 4 * bound
        n_mixed += any(not other.text.endswith("}") for other in reply.others)
    assert n_mixed > 0 and n_cut > 0


def test_mark_of_the_tokenizer_can_be_a_name_and_a_choice(engine: Engine) -> None:
    space = Space({"<|im_end|>": Categorical(["<|im_start|>"]), "x": Int(1, 3)})
    reply = engine.complete(MESSAGES, schema=reply_schema(space, Goal("accuracy", "maximize"), k=1))
    (candidate,) = json.loads(reply.text)["candidates"]
    assert candidate["config"]["<|im_end|>"] == "<|im_start|>"


def test_model_without_numbers_is_one_sentence(tiny_llama: Path) -> None:
    broken = Engine.load(str(tiny_llama), device="cpu", dtype="float32")
    broken._model.model.norm.weight.data.fill_(float("nan"))
    with pytest.raises(ModelError, match="computes no numbers in float32: set local_dtype"):
        broken.complete(MESSAGES, schema=SCHEMA)
