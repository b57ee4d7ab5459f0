"""Who proposes the next configurations: one file per proposer, one line each in the registry below.

A proposer is stateless: all it knows is the view it is handed, and its randomness comes from
`view.rng()`, which is made of the study's seed and the next trial's number. What it must remember
(fitted GP hyperparameters) goes into `Proposal.memory` and comes back with the view's trials.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.trial import Proposal

REGISTRY = {
    "random": "agenttune.proposers.random:RandomProposer",
    "sobol": "agenttune.proposers.sobol:SobolProposer",
    "default": "agenttune.proposers.default:DefaultProposer",
    "gp": "agenttune.proposers.gp:GPProposer",
    "tpe": "agenttune.proposers.tpe:TPEProposer",
    "auto": "agenttune.proposers.auto:AutoProposer",
}
"""Name -> "module:Class", loaded on first use."""


class Proposer(Protocol):
    """One method; built without arguments."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new valid configurations, distinct from each other and from all of `view`.

        Fewer (or none) when the space has no more to give. Never fails silently into another
        method: a proposal made by a fallback carries the fallback's arm and says so in its reason.
        """
        ...


def load_proposer(name: str) -> Proposer:
    """The proposer of that name.

    Raises:
        UserError: there is none.
    """
    if not isinstance(name, str) or name not in REGISTRY:
        raise UserError(f"no proposer is called {name!r}; there are {', '.join(REGISTRY)}")
    module, _, attribute = REGISTRY[name].partition(":")
    return cast(Proposer, getattr(importlib.import_module(module), attribute)())
