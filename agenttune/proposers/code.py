"""Model code and its numbers: a variant that nobody has run, or numbers of a variant that has earned it.

A variant runs first with the numbers it was written with. After that the numbers of the best variant are tuned by
`auto`, on that variant's own trials, for as many trials as the variant has earned, before the model is asked for the
next one; where the model does not answer, numbers are all there is. What runs is a function of the view; when the model
is asked depends on how its last request ended, too (llm.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.llm import NOTHING_NEW, ModelArm, standing_in
from agenttune.proposers.unseen import make_proposal, space_version
from agenttune.trial import Proposal, Trial, TrialState
from agenttune.variant import CODE, PARAMETER, name_of
from agenttune.variants.space import as_config, choices, is_fixed, own_view
from agenttune.variants.tree import Node, Tree, tree_of

DEFAULT = "default"
"""The arm of the user's own code as it is."""
EARNED_BEST, EARNED = 2, 1
"""Trials of numbers after a variant that is the best so far, and after another one, before the next one is wanted: code
changes more than numbers do, and tens of runs are all there is."""
SECOND = 0.2
"""Probability that the numbers of the second best variant are tuned: a good idea may have been run with bad ones."""
NO_NUMBERS = "no variant that works has numbers left to tune"


@dataclass(frozen=True, slots=True)
class Tunable:
    """A variant whose numbers can be tuned, and the study as it looks from there."""

    node: Node
    view: StudyView


class CodeProposer:
    """Runs what a model wrote, and tunes its numbers."""

    def __init__(self, arm: ModelArm) -> None:
        self.arm = arm
        self.nothing: str | None = None
        """Why the last `propose` had nothing to propose, in a sentence for people; None if it had."""

    def choose(self, view: StudyView) -> tuple[str, str]:
        """Who proposes, and why; the study announces it."""
        return CODE, "a language model writes variants of the code, and the numbers of the best are tuned between them"

    def is_ready(self, view: StudyView) -> bool:
        """Whether a proposal can be made now; asks the model where a variant is wanted."""
        is_ready = self.arm.is_ready(view, wants=lambda: wants_variant(view), hint=lambda: None)
        if is_ready and self.arm.is_unanswered:  # a slow reply is waited for where nothing else could be run
            return bool(_unrun(view, tree_of(view))) or has_numbers(view)
        return is_ready

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new configurations, each judged as if those before it were pending."""
        proposals: list[Proposal] = []
        self.nothing = None
        for _ in range(n):
            proposal = self._next(view)
            if proposal is None:
                self.nothing = None if proposals else f"{self.arm.said or NOTHING_NEW}, and {NO_NUMBERS}"
                break
            proposals.append(proposal)
            view = replace(view, trials=(*view.trials, Trial(view.number, proposal, TrialState.WAITING, 0, 0.0)))
        return proposals

    def _next(self, view: StudyView) -> Proposal | None:
        tree = tree_of(view)
        unrun = next(iter(_unrun(view, tree)), None)
        if unrun is not None:
            return _of_variant(view, tree, unrun)
        for tunable in _in_turn(view, tree):
            for own in load_proposer("auto").propose(tunable.view, 1):
                proposal = _of_numbers(view, tunable, own)
                if not view.has_seen(proposal.config):
                    return proposal if self.arm.said is None else standing_in(proposal, self.arm.said)
        return None


def wants_variant(view: StudyView) -> bool:
    """Whether the model is to be asked: what it writes can run, nothing it wrote waits to, and the last variant had
    what it has earned."""
    if is_fixed(view.space):
        return False
    tree = tree_of(view)
    if _unrun(view, tree):
        return False
    if not view.trials or not has_numbers(view):
        return True
    return _n_numbers(view) >= _earned(view, tree)


def has_numbers(view: StudyView) -> bool:
    """Whether anything but a new variant could be run."""
    return any(True for _ in _tunable(view, tree_of(view)))


def _unrun(view: StudyView, tree: Tree) -> list[Node]:
    """Variants that can be chosen and that no trial has, in order."""
    there = frozenset(choices(view.space))
    return [
        node for node in tree.nodes.values() if node.state == "unrun" and not node.trials and node.variant.name in there
    ]


def _tunable(view: StudyView, tree: Tree) -> Iterator[Tunable]:
    """The measured variants that can be chosen and have numbers that vary, best first; views are made as wanted."""
    there = frozenset(choices(view.space))
    for node in tree.ranked:
        own = own_view(view, node.variant) if node.variant.parameters and node.variant.name in there else None
        if own is not None:
            yield Tunable(node, own)


def _in_turn(view: StudyView, tree: Tree) -> Iterator[Tunable]:
    """The tunable variants, best first; now and then the second best stands before the best."""
    found = _tunable(view, tree)
    first = list(islice(found, 2))
    if len(first) > 1 and view.rng().random() < SECOND:
        first.reverse()
    yield from first
    yield from found


def _variant_trials(view: StudyView) -> list[int]:
    """Places in `view.trials` at which a variant was run for the first time."""
    places: dict[object, int] = {}
    for place, trial in enumerate(view.trials):
        places.setdefault(trial.config.get(PARAMETER), place)
    return sorted(places.values())


def _n_numbers(view: StudyView) -> int:
    """Trials of numbers since a variant was run for the first time."""
    last = _variant_trials(view)[-1]
    return len(view.trials) - 1 - last


def _earned(view: StudyView, tree: Tree) -> int:
    """Trials of numbers before the next variant is wanted.

    None after the user's own code, since there is no variant yet, after one that failed, which is mended at once, and
    where neither of the two best has numbers.
    """
    last = view.trials[_variant_trials(view)[-1]].config.get(PARAMETER)
    if last == name_of(0) or any(node.variant.name == last and node.state == "failed" for node in tree.nodes.values()):
        return 0
    ranked = tree.ranked
    if ranked and ranked[0].variant.name == last:
        return EARNED_BEST if ranked[0].variant.parameters else 0
    return EARNED if any(node.variant.parameters for node in ranked[:2]) else 0


def _of_variant(view: StudyView, tree: Tree, node: Node) -> Proposal:
    """The variant with the numbers it was written with."""
    variant = node.variant
    config = as_config(variant, variant.defaults)
    if variant.parent is None:
        return make_proposal(view, config, arm=DEFAULT, reason="the code as it is")
    parent = tree.nodes[variant.parent]
    origin = parent.best or next(reversed(parent.trials), None)
    return replace(
        make_proposal(view, config, arm=CODE, reason=f"{variant.idea} (from {parent.variant.name})"),
        exchange_ids=variant.exchange_ids,
        parent=None if origin is None else origin.number,
    )


def _of_numbers(view: StudyView, tunable: Tunable, own: Proposal) -> Proposal:
    """What `auto` proposes for one variant, as a configuration of the study."""
    node = tunable.node
    return replace(
        own,
        config=as_config(node.variant, own.config),
        reason=f"tunes the numbers of {node.variant.name}: {own.reason}",
        space_version=space_version(view),
        seen_trials=tuple(trial.number for trial in view.finished),
        parent=None if node.best is None else node.best.number,
    )
