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
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

KEPT = 2
"""Prompts whose caches are kept: the study's and the conversation's."""
ROOM = 256
"""Tokens that a layer has room for when it is copied."""
CHUNK = 512
"""Tokens of a prompt that are computed at a time: memory for attention grows with it, and a reply that nobody waits
for any more is noticed in between."""


class Cancelled(Exception):
    """Nobody waits for this reply any more."""


class RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers is not followed by the type checker
    """Keys and values of one layer, with room for those to come: the plain layer copies all it has at every token."""

    keys: torch.Tensor | None
    values: torch.Tensor | None
    _room: tuple[torch.Tensor, torch.Tensor] | None = None
    """What keys and values are the beginning of; None where they share memory with others."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Takes in the next tokens."""
        n_past = self.get_seq_length()
        n = n_past + key_states.shape[-2]
        if self._room is None or self._room[0].shape[-2] < n:
            self._room = self._with_room(key_states, n), self._with_room(value_states, n)
            if n_past and self.keys is not None and self.values is not None:
                self._room[0][..., :n_past, :] = self.keys
                self._room[1][..., :n_past, :] = self.values
        for buffer, states in zip(self._room, (key_states, value_states), strict=True):
            buffer[..., n_past:n, :] = states
        self.keys, self.values = (buffer[..., :n, :] for buffer in self._room)
        self.is_initialized = True
        return self.keys, self.values

    def share(self) -> RoomyLayer:
        """Another layer of the same memory, which neither writes to any more."""
        self._room = None
        return copy.copy(self)

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Repeats each row."""
        super().batch_repeat_interleave(repeats)
        self._room = None

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keeps these rows."""
        super().batch_select_indices(indices)
        self._room = None

    @staticmethod
    def _with_room(states: torch.Tensor, n: int) -> torch.Tensor:
        shape = list(states.shape)
        shape[-2] = n + ROOM
        return states.new_empty(shape)


def is_plain(cache: DynamicCache) -> bool:
    """Whether all layers hold plain keys and values, to be cut and shared at will."""
    return all(type(layer) is RoomyLayer for layer in cache.layers)


def empty_cache(config: Any) -> DynamicCache:
    """A cache for a model of this configuration, with nothing in it."""
    cache = DynamicCache(config=config)
    cache.layers = [RoomyLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


def forked(cache: DynamicCache) -> DynamicCache:
    """A cache that grows by itself; plain layers share their memory until one of them grows."""
    if not is_plain(cache):
        return copy.deepcopy(cache)
    fork = copy.copy(cache)
    fork.layers = [layer.share() for layer in cache.layers if isinstance(layer, RoomyLayer)]
    return fork


def row_of(cache: DynamicCache, place: int, device: torch.device) -> DynamicCache:
    """The cache of one row of a batch."""
    fork = forked(cache)
    fork.batch_select_indices(torch.tensor([place], device=device))
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
            return empty_cache(self._model.config), 0
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
