"""Who proposes the next configurations: one file per proposer, one line each in the registry below.

A proposer is stateless: all it knows is the view it is handed, and its randomness comes from
`view.rng()`, which is made of the study's seed and the next trial's number. What it must remember
(fitted GP hyperparameters) goes into `Proposal.memory` and comes back with the view's trials.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.spec import WITH_MODEL
from agenttune.trial import Proposal
from agenttune.variant import CODE

if TYPE_CHECKING:
    from agenttune.proposers.llm import ModelArm

REGISTRY = {
    "random": "agenttune.proposers.random:RandomProposer",
    "sobol": "agenttune.proposers.sobol:SobolProposer",
    "default": "agenttune.proposers.default:DefaultProposer",
    "gp": "agenttune.proposers.gp:GPProposer",
    "forest": "agenttune.proposers.gp:ForestProposer",
    "tpe": "agenttune.proposers.tpe:TPEProposer",
    "auto": "agenttune.proposers.auto:AutoProposer",
    "llm": "agenttune.proposers.llm:LLMProposer",
    "llm+gp": "agenttune.proposers.gated:GatedProposer",
    CODE: "agenttune.proposers.code:CodeProposer",
}
"""Name -> "module:Class", loaded on first use."""


class Proposer(Protocol):
    """One method; built without arguments, those of `spec.WITH_MODEL` with a `ModelArm`.

    Those may also have `is_ready(view) -> bool`: whether `propose` can answer now, or a model should be waited for.
    """

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new valid configurations, distinct from each other and from all of `view`.

        Fewer (or none) when the space has no more to give. Never fails silently into another
        method: a proposal made by a fallback carries the fallback's arm and says so in its reason.
        """
        ...


def load_proposer(name: str, arm: ModelArm | None = None) -> Proposer:
    """The proposer of that name.

    Args:
        name: in the registry.
        arm: the model, for those that ask one.

    Raises:
        UserError: there is none, or it needs a model.
    """
    if not isinstance(name, str) or name not in REGISTRY:
        raise UserError(f"no proposer is called {name!r}; there are {', '.join(REGISTRY)}")
    if name in WITH_MODEL and arm is None:
        raise UserError(
            f"the proposer {name!r} needs a language model: name one with --model or `model=`, AGENTTUNE_MODEL or the "
            "settings file"
        )
    module, _, attribute = REGISTRY[name].partition(":")
    factory = getattr(importlib.import_module(module), attribute)
    return cast(Proposer, factory(arm) if name in WITH_MODEL else factory())
