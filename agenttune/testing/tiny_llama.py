"""A tiny random Llama in a folder, with a tokenizer that spells any text: for tests of local models without weights.

Not for judging proposals: it knows nothing. What is real is everything around the weights: the files, the chat
template, the special tokens, the cache, numbers that are cut into tokens of one to several digits.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
TURN_BEGINS = "<|im_start|>"
TURN_ENDS = "<|im_end|>"
SPECIAL = (END_OF_TEXT, TURN_BEGINS, TURN_ENDS)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SMALLEST_VOCABULARY = 256 + len(SPECIAL)
"""The bytes and the special tokens: below that, some text could not be spelled."""
SPREAD = 0.1
"""Standard deviation of the weights: five times the usual, so that some next tokens are likelier than others."""
N_LINES = 6_000
"""Twice as many lines teach up to 10,000 tokens, in less than half a second."""
NAMES = (
    "learning_rate batch_size dropout weight_decay n_estimators max_depth optimizer momentum warmup_steps layers hidden"
).split()
WORDS = "the next trial of this study should try a smaller value because loss fell and accuracy rose since then".split()


def make_tiny_llama(
    folder: Path,
    *,
    hidden: int = 128,
    layers: int = 4,
    heads: int = 4,
    vocab: int = 2_048,
    context: int = 4_096,
    seed: int = 0,
    chat_template: bool = True,
    brevity: float = 1.0,
) -> Path:
    """Writes a random Llama and its tokenizer as `save_pretrained` does: 1.2 million parameters unless told otherwise.

    Args:
        folder: where to; made if it is missing.
        hidden: width; a multiple of `heads`, by an even number.
        layers: how many.
        heads: of attention; half as many hold keys and values.
        vocab: tokens, special ones included; at most about 10,000.
        context: most tokens of a prompt and its reply.
        seed: of the weights; the caller's random state stays as it is.
        chat_template: whether the tokenizer has one.
        brevity: times the usual size of the vector of the token that ends a turn: at 1 a reply that nothing holds to a
            form hardly ever ends, at 5 after some dozen tokens.

    Returns:
        The folder.

    Raises:
        ValueError: `vocab` cannot spell every text, or is more than the text yields.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = make_tokenizer(vocab, context=context, chat_template=chat_template)
    ids = tokenizer.get_vocab()
    config = LlamaConfig(
        vocab_size=vocab,
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=max(1, heads // 2),
        max_position_embeddings=context,
        initializer_range=SPREAD,
        tie_word_embeddings=True,
        bos_token_id=ids[TURN_BEGINS],
        eos_token_id=ids[TURN_ENDS],
        pad_token_id=ids[END_OF_TEXT],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.model.embed_tokens.weight[ids[TURN_ENDS]] *= brevity
    model.save_pretrained(folder)
    tokenizer.save_pretrained(os.fspath(folder))
    return folder


def make_tokenizer(vocab: int, *, context: int, chat_template: bool = True) -> PreTrainedTokenizerFast:
    """A byte-level BPE of exactly `vocab` tokens, learned from configurations and sentences about them.

    Raises:
        ValueError: as `make_tiny_llama`.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    if vocab < SMALLEST_VOCABULARY:
        raise ValueError(f"`vocab` must be at least {SMALLEST_VOCABULARY}, but is {vocab}")
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    learned.train_from_iterator(_lines(), trainer)
    if learned.get_vocab_size() != vocab:
        raise ValueError(f"`vocab` can be at most {learned.get_vocab_size()}, but is {vocab}: the text yields no more")
    return PreTrainedTokenizerFast(
        tokenizer_object=learned,
        bos_token=TURN_BEGINS,
        eos_token=TURN_ENDS,
        pad_token=END_OF_TEXT,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE if chat_template else None,
    )


def _lines() -> Iterator[str]:
    """The same text each time: configurations as JSON, and sentences."""
    rng = random.Random(0)
    for _ in range(N_LINES):
        number = f"{rng.random():.{rng.randint(1, 6)}f}"
        yield f'{{"{rng.choice(NAMES)}":{number},"{rng.choice(NAMES)}":{rng.randint(0, 99_999)}}}'
        yield f'{{"{rng.choice(NAMES)}": {number}, "why": "{" ".join(rng.choices(WORDS, k=6))}"}}\n'
