"""What `models get smollm2` makes of the packed file is that model: its words, its template, its probabilities."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from agenttune.models.local.fetch import is_fetched

pytestmark = pytest.mark.real_model

PROMPT = "The capital of France is"
NEXT = {" Paris": -0.2581, " the": -2.7407, " London": -4.3844, " Le": -4.6199, " New": -4.6778}
"""The likeliest next tokens and the logarithms of their probabilities, from the GGUF file itself in float32."""
BF16_ERROR = 0.03
"""Of those logarithms: bfloat16 keeps 8 bits of a weight, and 0.022 was seen."""


@pytest.fixture(scope="module")
def tokenizer(smollm2: Path) -> PreTrainedTokenizerFast:
    loaded = AutoTokenizer.from_pretrained(smollm2)
    assert isinstance(loaded, PreTrainedTokenizerFast)
    return loaded


def test_folder_counts_as_fetched(smollm2: Path) -> None:
    assert is_fetched(smollm2)


def test_tokenizer_has_all_tokens_and_spells_json(tokenizer: PreTrainedTokenizerFast) -> None:
    text = '{"learning_rate":  1e-05, "größe": [0.123, null]}\n'
    assert len(tokenizer) == 49_152
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_template_is_the_model_s_own(tokenizer: PreTrainedTokenizerFast) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == ("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    assert tokenizer.eos_token == "<|im_end|>"


def test_converted_weights_predict_as_the_packed_file(smollm2: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    model = AutoModelForCausalLM.from_pretrained(smollm2, dtype=torch.float32)
    ids = torch.tensor([tokenizer.encode(PROMPT)])
    with torch.no_grad():
        logprobs = model(ids).logits[0, -1].log_softmax(-1)
    likeliest = logprobs.topk(len(NEXT))
    assert [tokenizer.decode([token]) for token in likeliest.indices] == list(NEXT)
    assert likeliest.values.tolist() == pytest.approx(list(NEXT.values()), abs=BF16_ERROR)
