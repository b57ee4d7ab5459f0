"""`python -m agenttune.models.local.unpack FILE.gguf FOLDER`: a GGUF file as a folder of weights and tokenizer.

A folder of bfloat16 weights loads in a second, on any device, where the packed file takes 20 s each time.

Not for: models that fill the memory; all weights are held at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def unpack(packed: Path, folder: Path) -> None:
    """Writes the folder; needs packages gguf and accelerate.

    Args:
        packed: the GGUF file.
        folder: where to; what it held of that kind is written over.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    quantization = GgufConfig(gguf_file=packed.name, dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(
        packed.parent, gguf_file=packed.name, quantization_config=quantization, dtype=torch.bfloat16
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(packed.parent, gguf_file=packed.name).save_pretrained(folder)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
