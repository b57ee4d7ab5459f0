"""The tree of a study's variants, rebuilt from its entries and trials, and what to do with it next.

A failed variant is mended first. Else the variant to change is chosen as a bandit would: its rank among the variants
that were measured, and a bonus for those with few children. Where nothing has improved for a while, a draft starts anew
from the user's own code. A function of the view alone. Not for: whether anything is to be asked (proposers/code.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from agenttune.history import StudyView
from agenttune.trial import Failure, FailureKind, Trial, TrialState
from agenttune.variant import PARAMETER, Action, RefusedBlock, Variant

if TYPE_CHECKING:
    import numpy as np

State: TypeAlias = Literal["unrun", "running", "complete", "failed"]
"""Of a variant: no trial; none that ended; one that ran to its end or was stopped early; all that ended failed."""

MOST_DEBUGS = 2
"""Mends in a row: what two tracebacks did not tell, a third does not."""
PATIENCE = 6
"""Variants in a row without a new best, and without a draft, from which a draft starts anew: about two for each of the
three best ones."""
EXPLORATION = 0.7
"""Weight of the bonus for few children; ranks lie in 0..1. About 1/sqrt(2), as usual for UCT: of ten variants that were
measured, the second best gets its turn after one child of the best, the worst hardly ever."""


@dataclass(frozen=True, slots=True)
class Node:
    """A variant with what is known of it."""

    variant: Variant
    trials: tuple[Trial, ...]
    state: State
    best: Trial | None
    """Its best trial, replicates and broken constraints aside."""
    value: float | None
    """The goal's metric of its best trial."""
    gain: float | None
    """By how much that is better than the parent's, positive is better; None where one of the two was not measured."""
    children: tuple[int, ...]
    """Numbers of the variants made of it."""

    @property
    def failure(self) -> Failure | None:
        """Why its last failed trial failed."""
        return next((trial.failure for trial in reversed(self.trials) if trial.failure is not None), None)


@dataclass(frozen=True, slots=True)
class Tree:
    """The variants of a study."""

    nodes: dict[int, Node]
    """By number, in order."""
    debugged: frozenset[int]
    """Numbers of the variants that a model was asked to mend, whatever came of it."""
    sign: float
    """1 where more is better, else -1."""

    @property
    def ranked(self) -> list[Node]:
        """Those that were measured, best first, the earlier first among equals."""
        measured = [node for node in self.nodes.values() if node.value is not None]
        return sorted(measured, key=lambda node: (-self.sign * (node.value or 0.0), node.variant.number))

    def rows(self) -> Iterator[tuple[tuple[bool, ...], Node]]:
        """All variants as they are drawn, children below their parent.

        Yields:
            (for each variant on the way from the root, and for itself: whether its parent has no child behind it;
            the variant); the way to a root is empty.
        """
        stack: list[tuple[tuple[bool, ...], Node]] = [
            ((), node) for node in reversed(self.nodes.values()) if node.variant.parent is None
        ]
        while stack:
            way, node = stack.pop()
            yield way, node
            for child in reversed(node.children):
                stack.append(((*way, child == node.children[-1]), self.nodes[child]))

    def debugs_in_a_row(self, number: int) -> int:
        """How many mends led to this variant, one after the other."""
        count = 0
        while (
            self.nodes[number].variant.action == "debug" and (parent := self.nodes[number].variant.parent) is not None
        ):
            number, count = parent, count + 1
        return count


@dataclass(frozen=True, slots=True)
class Step:
    """What a model is to be asked for."""

    action: Action
    parent: int
    """Number of the variant to change."""


def tree_of(view: StudyView) -> Tree:
    """The tree as the view shows it; what was refused while the next trial is being proposed does not count yet."""
    variants = {entry.number: entry for entry in view.code if isinstance(entry, Variant)}
    children: dict[int, list[int]] = defaultdict(list)
    for variant in variants.values():
        if variant.parent is not None:
            children[variant.parent].append(variant.number)
    trials: dict[object, list[Trial]] = defaultdict(list)
    for trial in view.trials:
        trials[trial.config.get(PARAMETER)].append(trial)
    best: dict[object, Trial] = {}
    for trial in view.ranked():
        best.setdefault(trial.config.get(PARAMETER), trial)
    values = {name: view.value(trial) for name, trial in best.items()}
    sign = float(view.goal.sign)
    nodes = {}
    for number, variant in sorted(variants.items()):
        parent = variants.get(-1 if variant.parent is None else variant.parent)
        value, former = values.get(variant.name), None if parent is None else values.get(parent.name)
        nodes[number] = Node(
            variant,
            tuple(trials[variant.name]),
            _state(trials[variant.name]),
            best.get(variant.name),
            value,
            None if value is None or former is None else sign * (value - former),
            tuple(children[number]),
        )
    mended = {entry.parent for entry in variants.values() if entry.action == "debug" and entry.parent is not None}
    refused = (entry for entry in view.code if isinstance(entry, RefusedBlock) and entry.direction is None)
    tried = {entry.parent for entry in refused if entry.asked_at < view.number}
    return Tree(nodes, frozenset(mended | tried), sign)


def next_step(tree: Tree, rng: np.random.Generator, *, mends: bool = True) -> Step:
    """What a model is asked for next: to mend, to start anew, or to improve.

    Args:
        tree: with the user's own code at least.
        rng: decides between equals.
        mends: whether what failed is mended first.
    """
    for node in reversed(tree.nodes.values()) if mends else ():
        if _is_to_mend(tree, node):
            return Step("debug", node.variant.number)
    ranked = tree.ranked
    if _is_stuck(tree, ranked):
        return Step("draft", 0)
    if not ranked:  # nothing was measured: the user's own code is all there is to go by
        return Step("improve", 0)
    return Step("improve", _most_promising(ranked, rng))


def _state(trials: list[Trial]) -> State:
    if not trials:
        return "unrun"
    if any(trial.state in (TrialState.COMPLETE, TrialState.STOPPED) for trial in trials):
        return "complete"
    return "failed" if any(trial.state is TrialState.FAILED for trial in trials) else "running"


def _is_to_mend(tree: Tree, node: Node) -> bool:
    """Whether it failed by its own fault, nobody tried to mend it, and its mends do not go on for ever."""
    if node.state != "failed" or node.variant.number in tree.debugged:
        return False
    failure = node.failure
    if failure is None or failure.kind is FailureKind.LOST:
        return False
    return tree.debugs_in_a_row(node.variant.number) < MOST_DEBUGS


def _is_stuck(tree: Tree, ranked: list[Node]) -> bool:
    """Whether the last variants that ended brought neither a new best nor a start anew."""
    ended = [node.variant for node in tree.nodes.values() if node.state in ("complete", "failed")]
    last = ended[-PATIENCE:]
    if len(ended) <= PATIENCE or any(variant.action == "draft" for variant in last):
        return False
    return not ranked or ranked[0].variant.number < last[0].number


def _most_promising(ranked: list[Node], rng: np.random.Generator) -> int:
    """Number of the variant with the highest score: its rank from 0 to 1, and the bonus for few children."""
    n_all = sum(len(node.children) for node in ranked)
    scores = []
    for place, node in enumerate(ranked):
        rank = 1.0 - place / max(len(ranked) - 1, 1)
        bonus = EXPLORATION * math.sqrt(math.log(1 + n_all) / (1 + len(node.children)))
        scores.append(rank + bonus)
    highest = max(scores)
    equals = [node.variant.number for node, score in zip(ranked, scores, strict=True) if score >= highest - 1e-12]
    return equals[int(rng.integers(len(equals)))]
