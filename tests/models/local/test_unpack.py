"""A packed model becomes a folder of the same model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from agenttune.models.local.unpack import unpack
from agenttune.testing.tiny_gguf import make_tiny_gguf
from agenttune.testing.tiny_llama import make_tiny_llama

TEXT = '{"learning_rate": 0.00123, "ü": "日本"}\n<|im_end|>'
NEAR = 0.1
"""Mean difference of logits that spread by 1.1: eight bits a weight make 0.04, rows in a wrong order 0.8."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder that was packed, and the one that was made of the file."""
    place = tmp_path_factory.mktemp("packed")
    made = make_tiny_llama(place / "before")
    unpack(make_tiny_gguf(made, place / "tiny.gguf"), place / "after")
    return made, place / "after"


def test_weights_predict_as_before(folders: tuple[Path, Path]) -> None:
    before, after = (AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32) for folder in folders)
    ids = torch.tensor([AutoTokenizer.from_pretrained(folders[0]).encode(TEXT)])
    with torch.no_grad():
        assert (before(ids).logits - after(ids).logits).abs().mean() < NEAR


def test_weights_are_kept_in_sixteen_bits(folders: tuple[Path, Path]) -> None:
    assert AutoModelForCausalLM.from_pretrained(folders[1]).dtype == torch.bfloat16


def test_tokenizer_cuts_and_spells_as_before(folders: tuple[Path, Path]) -> None:
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in folders)
    assert isinstance(before, PreTrainedTokenizerFast) and isinstance(after, PreTrainedTokenizerFast)
    ids = before.encode(TEXT)
    assert after.encode(TEXT) == ids
    assert after.decode(ids) == TEXT
    assert (after.eos_token, after.chat_template) == (before.eos_token, before.chat_template)
