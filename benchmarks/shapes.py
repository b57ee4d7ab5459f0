"""Folders with the shape of known chat models and random weights: for the speed and memory of local models.

`python -m benchmarks.shapes 0.5b FOLDER` writes the shape of Qwen2.5-0.5B (1 GB), `1.5b` that of Qwen2.5-1.5B (3 GB),
in bfloat16; a float32 copy of the weights is never held.

Not for anything about what a model says. Its tokenizer is a small one, so that a prompt takes more tokens than with the
model's own: compare by the token. Logits have the model's width; tokens beyond the tokenizer's mean nothing.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.testing.tiny_llama import make_tokenizer

if TYPE_CHECKING:
    from transformers import Qwen2Config

VOCABULARY = 151_936
CONTEXT = 32_768
N_TOKENS = 8_192
"""Of the tokenizer."""
SHAPES = {"0.5b": (896, 4_864, 24, 14), "1.5b": (1_536, 8_960, 28, 12)}
"""Width, width within a layer, layers and heads, as in config.json of Qwen/Qwen2.5-0.5B-Instruct and -1.5B-Instruct;
the rest they share."""


def main() -> None:
    """Writes one folder and prints what it came to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shapes", description=__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of the weights")
    options = parser.parse_args()
    began = time.perf_counter()
    n_parameters = make_shape(options.shape, options.folder, seed=options.seed)
    n_bytes = sum(path.stat().st_size for path in options.folder.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024)
    print(
        f"{options.folder}: {n_parameters / 1e6:.0f} M parameters, {n_bytes / 1e9:.2f} GB, "
        f"{time.perf_counter() - began:.0f} s, at most {peak / 1e9:.1f} GB of memory"
    )


def make_shape(shape: str, folder: Path, *, seed: int = 0) -> int:
    """Writes the folder, as `save_pretrained` does.

    Args:
        shape: one of `SHAPES`.
        folder: where to; made if it is missing.
        seed: of the weights.

    Returns:
        How many parameters it has.
    """
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer = make_tokenizer(N_TOKENS, context=CONTEXT)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = _config(shape, tokenizer.get_vocab())
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return int(model.num_parameters())


def _config(shape: str, ids: dict[str, int]) -> Qwen2Config:
    from transformers import Qwen2Config

    hidden, intermediate, layers, heads = SHAPES[shape]
    return Qwen2Config(
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=2,
        vocab_size=VOCABULARY,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=True,
        bos_token_id=ids["<|endoftext|>"],
        eos_token_id=ids["<|im_end|>"],
        pad_token_id=ids["<|endoftext|>"],
    )


if __name__ == "__main__":
    main()
