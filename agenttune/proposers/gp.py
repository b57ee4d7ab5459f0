"""The surrogate's own point: after a few spread points, what promises most by log expected improvement.

By a Gaussian process, by a random forest, or by whichever of the two predicts the study's trials better.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from agenttune.history import StudyView
from agenttune.proposers.sobol import is_start, sobol_proposals, start_proposals
from agenttune.proposers.unseen import Unseen, make_proposal
from agenttune.trial import Proposal
from agenttune.units import spell_seconds

if TYPE_CHECKING:
    from agenttune.surrogate import Optimum, Surrogate
    from agenttune.surrogate.choice import Kind
    from agenttune.surrogate.search import Score

SHOWN_RISK = 0.1
"""Probability of failing, or of breaking a constraint of the goal, from which a reason mentions it."""


class SurrogateProposer:
    """Asks the surrogate for its optimum."""

    kind: Kind | Literal["best"] = "best"
    """Which model it is, or the one that predicts the trials better."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new configurations: start points first, then the surrogate's; fewer when the space is used up."""
        unseen = Unseen(view)
        if is_start(view):
            return start_proposals(view, n, unseen)
        from agenttune.surrogate import fit, remembered  # with scipy: the start does without

        surrogate = fit(view, remembered(view), kind=self.kind, time_left=view.time_left)
        if surrogate is None:
            why = "spread over the space, since the surrogate could not be fitted"
            return sobol_proposals(view, n, unseen, reason=why)
        return [proposal for proposal, _ in optimal_proposals(view, surrogate, n, unseen)]


class GPProposer(SurrogateProposer):
    """The Gaussian process, whatever the trials say."""

    kind = "gp"


class ForestProposer(SurrogateProposer):
    """The random forest, whatever the trials say."""

    kind = "forest"


def optimal_proposals(
    view: StudyView, surrogate: Surrogate, n: int, unseen: Unseen, *, log_prior: Score | None = None
) -> list[tuple[Proposal, Optimum | None]]:
    """Up to `n` new configurations that a fitted surrogate finds most promising together, as `Surrogate.optimum`.

    With the optimum that each was made of; None where another point stands in.
    """
    if not surrogate.tells_apart or (surrogate.best is None and (view.pending or n > 1)):
        why = "spread over the space, since no trial has succeeded in this space yet"  # several would be one point
        spread = sobol_proposals(view, n, unseen, reason=why)
        return [(replace(proposal, memory=surrogate.memory()), None) for proposal in spread]
    proposals: list[tuple[Proposal, Optimum | None]] = []
    rng = view.rng()
    for optimum in surrogate.optimum(rng, n, log_prior=log_prior):
        if unseen.take(optimum.config):
            proposal = make_proposal(
                view,
                optimum.config,
                arm=surrogate.kind,
                reason=_reason(optimum, surrogate),
                predicted=(optimum.mean, optimum.sd),
                memory=surrogate.memory(),
            )
            proposals.append((proposal, optimum))
    while len(proposals) < n and (drawn := unseen.draw(rng)) is not None:
        why = "drawn at random, since the search for the surrogate's optimum met known points only"
        proposals.append((make_proposal(view, drawn, arm="random", reason=why, memory=surrogate.memory()), None))
    return proposals


def _reason(optimum: Optimum, surrogate: Surrogate) -> str:
    choice = surrogate.choice
    risk = 1 - optimum.feasibility
    warning = f", {risk:.0%} risk of {optimum.risk}" if risk > SHOWN_RISK else ""
    per = ""
    if surrogate.counts_cost and optimum.seconds is not None:
        per = f" for the time it takes (about {spell_seconds(optimum.seconds)}),"
    merit = f"most promising by log EI{per} of {optimum.n_points:,} points"
    if surrogate.best is None:
        merit = f"no trial is feasible yet: the likeliest to be of {optimum.n_points:,} points"
    if optimum.is_exploration:
        merit = "no improvement in sight, so the least certain point near the best"
    why = f"; {choice.sentence}" if choice is not None and choice.kind == "forest" else ""
    return f"expected {optimum.mean:.4g} ± {optimum.sd:.2g}{warning}; {merit}{why}"
