"""A folder of `make_tiny_llama` packed as a GGUF file, as llama.cpp's converter would: to test what reads such files.

Needs package gguf. Not for other models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agenttune.testing.tiny_llama import SPECIAL

if TYPE_CHECKING:
    import gguf
    import numpy as np
    import numpy.typing as npt


def make_tiny_gguf(folder: Path, packed: Path) -> Path:
    """Writes the file: 8 bits a weight, so that it predicts nearly as the folder does.

    Args:
        folder: of `make_tiny_llama`; `hidden` a multiple of 32.
        packed: the file to write.

    Returns:
        The file.
    """
    import gguf
    from transformers import AutoTokenizer, LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(folder)
    writer = gguf.GGUFWriter(packed, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.LLAMA])
    config: Any = model.config  # whose fields may all be None, for other models
    _add_shape(writer, config)
    _add_tokenizer(writer, AutoTokenizer.from_pretrained(folder), folder)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    n_heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":  # tied to the embeddings
            continue
        short = names.get_name(name, try_suffixes=(".weight",)) or name
        weights = tensor.numpy()
        part = short.split(".")[-2]
        if part in n_heads:
            weights = _turned(weights, n_heads[part])
        kind = gguf.GGMLQuantizationType.F32 if weights.ndim == 1 else gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(short, gguf.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return packed


def _add_shape(writer: gguf.GGUFWriter, config: Any) -> None:
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any, folder: Path) -> None:
    import gguf

    learned = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    tokens = sorted(learned["vocab"], key=learned["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in learned["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if tokenizer.chat_template is not None:
        writer.add_chat_template(tokenizer.chat_template)


def _turned(weights: npt.NDArray[np.float32], n_heads: int) -> npt.NDArray[np.float32]:
    """Rows of an `out x in` projection in llama.cpp's order: the two halves that a rotation pairs lie side by side."""
    rows, width = weights.shape
    return weights.reshape(n_heads, 2, rows // n_heads // 2, width).swapaxes(1, 2).reshape(rows, width)
