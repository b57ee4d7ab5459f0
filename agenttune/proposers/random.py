"""Configurations drawn at random, uniformly on each parameter's own scale: the baseline of everything else."""

from __future__ import annotations

from agenttune.history import StudyView
from agenttune.proposers.unseen import Unseen, make_proposal
from agenttune.trial import Proposal


class RandomProposer:
    """Draws new valid configurations."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` random configurations; fewer when the space is used up."""
        unseen, rng = Unseen(view), view.rng()
        drawn = (unseen.draw(rng) for _ in range(n))
        return [make_proposal(view, config, arm="random", reason="drawn at random") for config in drawn if config]
