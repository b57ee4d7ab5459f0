"""Key-value caches of a transformer: shared prompts, branches of one reply, and what may be cut off again.

`Prefix` keeps the cache of the latest prompts, so that what is alike at the start of the next one is not computed
again. `packed_logits` runs many continuations of one prefix in one pass: they lie one after another as one row, and
a mask keeps them from seeing each other, so that the prefix need not be copied for each.

Both need caches whose layers hold plain keys and values. Models with sliding windows or recurrent states have
others: for them a prompt is computed anew, and continuations one by one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

KEPT = 2
"""Prompts whose caches are kept: the study's and the conversation's."""
CHUNK = 512
"""Tokens of a prompt that are computed at a time: memory for attention grows with it, and a reply that nobody waits
for any more is noticed in between."""


class Cancelled(Exception):
    """Nobody waits for this reply any more."""


def is_plain(cache: DynamicCache) -> bool:
    """Whether all layers hold plain keys and values, to be cut and shared at will."""
    return all(type(layer) is DynamicLayer for layer in cache.layers)


def forked(cache: DynamicCache) -> DynamicCache:
    """A cache that grows by itself; plain tensors are shared, for they are never changed in place."""
    if not is_plain(cache):
        return cast(DynamicCache, copy.deepcopy(cache))
    fork = copy.copy(cache)
    fork.layers = [copy.copy(layer) for layer in cache.layers]
    return fork


def row_of(cache: DynamicCache, place: int) -> DynamicCache:
    """The cache of one row of a batch."""
    fork = forked(cache)
    fork.batch_select_indices(torch.tensor([place], device=fork.layers[0].keys.device))
    return fork


class Prefix:
    """The caches of the latest prompts of one model."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: list[tuple[list[int], DynamicCache]] = []

    def clear(self) -> None:
        """Gives the memory back."""
        self._kept.clear()

    @torch.inference_mode()
    def prefilled(self, ids: Sequence[int], is_cancelled: Callable[[], bool]) -> tuple[DynamicCache, int]:
        """A cache of all tokens but the last, and how many of them were known already.

        Raises:
            Cancelled: between two pieces of the prompt.
        """
        wanted = list(ids[:-1])
        cache, n_known = self._longest(wanted)
        for start in range(n_known, len(wanted), CHUNK):
            if is_cancelled():
                raise Cancelled
            piece = torch.tensor([wanted[start : start + CHUNK]], device=self._model.device)
            self._model(input_ids=piece, past_key_values=cache, use_cache=True, logits_to_keep=1)
        if is_plain(cache):
            self._keep(wanted, cache)
        return forked(cache), n_known

    def _longest(self, wanted: list[int]) -> tuple[DynamicCache, int]:
        """The kept cache that shares most with these tokens, cut to what it shares."""
        shared = [(_n_alike(wanted, kept), cache) for kept, cache in self._kept]
        n_known, best = max(shared, key=lambda entry: entry[0], default=(0, None))
        if best is None or n_known == 0:
            return DynamicCache(config=self._model.config), 0
        fork = forked(best)
        fork.crop(n_known - fork.get_seq_length())
        return fork, n_known

    def _keep(self, ids: list[int], cache: DynamicCache) -> None:
        others = [entry for entry in self._kept if _n_alike(entry[0], ids) < len(entry[0])]
        self._kept = [(ids, forked(cache)), *others][:KEPT]


def _n_alike(one: Sequence[int], other: Sequence[int]) -> int:
    n = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        n += 1
    return n


@torch.inference_mode()
def packed_logits(model: Any, cache: DynamicCache, branches: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    """For each branch the logits after each of its tokens, `tokens x vocabulary`, as if it alone went on from `cache`.

    Args:
        model: the transformer.
        cache: of one row, plain; unchanged afterwards.
        branches: token ids, at least one each.
    """
    n_past = cache.get_seq_length()
    flat = [token for branch in branches for token in branch]
    places = [n_past + at for branch in branches for at in range(len(branch))]
    owner = torch.tensor([number for number, branch in enumerate(branches) for _ in branch], device=model.device)
    order = torch.arange(len(flat), device=model.device)
    sees = (owner[:, None] == owner[None, :]) & (order[:, None] >= order[None, :])
    sees = torch.cat([torch.ones(len(flat), n_past, dtype=torch.bool, device=model.device), sees], dim=1)
    hidden = torch.zeros(sees.shape, dtype=model.dtype, device=model.device)
    hidden = hidden.masked_fill(~sees, torch.finfo(model.dtype).min)
    fork = forked(cache)
    logits = model(
        input_ids=torch.tensor([flat], device=model.device),
        position_ids=torch.tensor([places], device=model.device),
        attention_mask=hidden[None, None],
        past_key_values=fork,
        use_cache=True,
    ).logits[0]
    return list(logits.float().split([len(branch) for branch in branches]))
