"""The tiny random model is a real folder: it loads without a network and spells whatever a study needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from agenttune.testing.tiny_llama import make_tiny_llama, make_tokenizer

MESSAGES = [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "What next?"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llama(tmp_path_factory.mktemp("tiny") / "llama")


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    loaded = AutoTokenizer.from_pretrained(folder)
    assert isinstance(loaded, PreTrainedTokenizerFast)
    return loaded


def test_model_loads_from_its_folder_and_predicts_a_token(folder: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = torch.tensor([tokenizer.encode("Which value next?", add_special_tokens=False)])
    with torch.no_grad():
        logits = model(ids).logits
    assert logits.shape == (1, ids.shape[1], len(tokenizer))
    assert 1e6 < model.num_parameters() < 2e6


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"learning_rate": 3.0000000000000004e-05, "layers": [1, -20, 300], "ok": None}),
        json.dumps({"schlüssel": "naïve 日本 🙂", "a\n\tb": '"\\'}, ensure_ascii=False),
        "  two spaces , and { } [ ] : 'stay' ",
    ],
)
def test_text_comes_back_as_it_was(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_numbers_are_cut_into_fewer_tokens_than_digits(tokenizer: PreTrainedTokenizerFast) -> None:
    assert len(tokenizer.encode("0.123456", add_special_tokens=False)) < len("0.123456")


def test_conversation_ends_where_the_assistant_begins(tokenizer: PreTrainedTokenizerFast) -> None:
    text = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)
    assert text == (
        "<|im_start|>system\nAnswer in JSON.<|im_end|>\n<|im_start|>user\nWhat next?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_turn_s_end_is_one_token(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.encode("<|im_end|>", add_special_tokens=False) == [tokenizer.eos_token_id]


def test_template_can_be_left_out() -> None:
    assert make_tokenizer(300, context=64, chat_template=False).chat_template is None


def test_brevity_lengthens_the_end_of_a_turn_alone(tmp_path: Path) -> None:
    usual, brief = (
        make_tiny_llama(tmp_path / f"{times}", hidden=32, layers=1, heads=2, vocab=300, brevity=times)
        for times in (1.0, 4.0)
    )
    vectors = [load_file(folder / "model.safetensors")["model.embed_tokens.weight"] for folder in (usual, brief)]
    lengthened = torch.full((300, 1), 1.0)
    lengthened[AutoTokenizer.from_pretrained(usual).eos_token_id] = 4.0
    assert torch.equal(vectors[1], vectors[0] * lengthened)


@pytest.mark.parametrize("vocab", [258, 1_000_000])
def test_vocabulary_that_cannot_be_had_is_refused(vocab: int) -> None:
    with pytest.raises(ValueError, match=r"`vocab` (must|can) be at (least|most)"):
        make_tokenizer(vocab, context=64)


def test_weights_depend_on_the_seed_alone(tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    made = [make_tiny_llama(tmp_path / f"{k}", hidden=32, layers=1, heads=2, vocab=300, seed=k // 2) for k in range(3)]
    first, same, other = ((folder / "model.safetensors").read_bytes() for folder in made)
    assert first == same != other
    assert torch.equal(state, torch.random.get_rng_state())
