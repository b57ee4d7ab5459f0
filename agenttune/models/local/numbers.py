"""What a local model believes of a number in its reply: the tree of what it could have written there, from its own
token probabilities under the grammar, followed where most is at stake.

A branch's stake is its probability times the width of the interval it stands for (models/number_said.py). Branches of
most stake are read together in one pass, until what is left is small against the spread that has come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from llguidance import LLMatcher
from transformers.cache_utils import DynamicCache

from agenttune.models import NumberSaid
from agenttune.models.local.masks import Vocabulary
from agenttune.models.local.prefix import forked, packed_logits
from agenttune.models.number_said import Branch, interval, number_distribution

WIDTH = 12
"""Branches read in one pass."""
MOST_PASSES = 6
"""Passes for one number; with digits as tokens four resolve three of them."""
SETTLED = 0.1
"""Stake left open, in standard deviations, that is small enough: within an interval values are taken to count alike,
which is wrong by a fraction of its width, and left and right of the mean errors cancel."""
RARE = 1e-5
"""Probability below which a branch is left out."""

_NUMBER = re.compile(rb"-?[0-9]*\.?[0-9]*")


@dataclass
class _Node:
    """One way to go on from where the number begins."""

    tokens: tuple[int, ...]
    written: bytes
    """What the tokens stand for, from the beginning of the first one."""
    probability: float
    parent: LLMatcher
    """Before the last of the tokens."""
    lead: bytes
    """What stands before the number in the first token."""

    @cached_property
    def branch(self) -> Branch:
        """As a branch of the number."""
        rest = self.written[len(self.lead) :]
        text = _NUMBER.match(rest).group()  # type: ignore[union-attr]  # it matches the empty text, too
        return Branch(text.decode("ascii"), self.probability, len(text) < len(rest))

    @cached_property
    def stake(self) -> float:
        """0 for one that is whole; infinite where even its size is open."""
        if self.branch.is_whole:
            return 0.0
        within = interval(self.branch)
        return float("inf") if within is None else self.probability * (within[1] - within[0])

    @cached_property
    def matcher(self) -> LLMatcher:
        """After its tokens."""
        matcher = self.parent.deep_copy()
        if self.tokens:
            matcher.consume_token(self.tokens[-1])
        return matcher


def numbers_said(
    model: Any,
    vocabulary: Vocabulary,
    cache: DynamicCache,
    matcher: LLMatcher,
    tokens: Sequence[int],
    *,
    last_id: int,
    n_prompt: int,
    fields: Sequence[str],
) -> tuple[NumberSaid, ...]:
    """The distribution of each number of these fields, in the order of the text.

    Args:
        model: the transformer.
        vocabulary: its tokens.
        cache: plain, of one row: the prompt without its last token, then `last_id` and the tokens that were read.
        matcher: the grammar of the reply, wherever it stands.
        tokens: of the reply.
        last_id: the prompt's last token.
        n_prompt: tokens of the prompt in the cache.
        fields: names of number fields.
    """
    pieces = [vocabulary.bytes_of(token) for token in tokens]
    text = b"".join(pieces)
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    found = []
    for name, at in reversed(list(_places(text, fields))):
        first = max(place for place, begins in enumerate(ends) if begins <= at and place < len(tokens))
        cache = forked(cache)
        cache.crop(n_prompt + first - cache.get_seq_length())
        before = tokens[first - 1] if first else last_id
        root = _Node((), b"", 1.0, _at(matcher, tokens[:first]), text[ends[first] : at])
        told = _distribution(model, vocabulary, cache, root, before)
        if told is not None:
            mean, sd, resolved = told
            found.append(NumberSaid(name, len(text[:at].decode("utf-8", "replace")), mean, sd, resolved))
    return tuple(found[::-1])


def _at(matcher: LLMatcher, tokens: Sequence[int]) -> LLMatcher:
    """A copy of the grammar after these tokens from its beginning."""
    start = matcher.deep_copy()
    start.reset()
    start.consume_tokens(list(tokens))
    return start


def _places(text: bytes, fields: Sequence[str]) -> Iterator[tuple[str, int]]:
    """(field, byte where its number begins); quotes within texts are escaped, so names are found as they stand."""
    names = "|".join(re.escape(name) for name in fields)
    for match in re.finditer(rf'"({names})"\s*:\s*(?=[-0-9])'.encode(), text):
        yield match.group(1).decode(), match.end()


def _distribution(
    model: Any, vocabulary: Vocabulary, cache: DynamicCache, root: _Node, before: int
) -> tuple[float, float, float] | None:
    leaves = [root]
    told = None
    for _ in range(MOST_PASSES):
        ranked = sorted(leaves, key=lambda node: (node.stake, node.probability), reverse=True)
        followed = [node for node in ranked[:WIDTH] if node.stake > 0]
        if not followed:
            break
        rest = [node for node in leaves if all(node is not other for other in followed)]
        leaves = [*rest, *_children(model, vocabulary, cache, followed, before)]
        told = number_distribution([node.branch for node in leaves])
        if told is not None and sum(node.stake for node in leaves) <= SETTLED * told[1]:
            break
    if told is None:
        return None
    mean, sd, resolved = told
    return mean, sd, min(resolved * sum(node.probability for node in leaves), 1.0)


def _children(
    model: Any, vocabulary: Vocabulary, cache: DynamicCache, nodes: Sequence[_Node], before: int
) -> list[_Node]:
    """What may come after each node."""
    logits = packed_logits(model, cache, [(before, *node.tokens) for node in nodes])
    allowed = torch.from_numpy(vocabulary.allowed([node.matcher for node in nodes]))
    children = []
    for node, row, mask in zip(nodes, logits, allowed, strict=True):
        chances = row[-1].cpu().masked_fill(~mask, -torch.inf).softmax(dim=-1)
        for token in (chances * node.probability > RARE).nonzero()[:, 0].tolist():
            children.append(
                _Node(
                    (*node.tokens, token),
                    node.written + vocabulary.bytes_of(token),
                    node.probability * float(chances[token]),
                    node.matcher,
                    node.lead,
                )
            )
    return children
