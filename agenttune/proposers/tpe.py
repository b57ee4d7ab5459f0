"""Tree-structured Parzen estimator: Optuna's, multivariate, by groups of parameters, with constant liar.

At home where the GP is not: conditional spaces, many categories, hundreds of trials. The study is rebuilt
from the view at each ask, so the proposer itself remembers nothing. Failed trials enter as infeasible ones,
so that the estimator moves away from where they are (Optuna alone ignores them).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import optuna

from agenttune.errors import ConfigInvalid
from agenttune.history import StudyView
from agenttune.history.optuna_view import distributions, quiet, suggest, to_config, to_study
from agenttune.proposers.sobol import is_start, start_proposals
from agenttune.proposers.unseen import Unseen, make_proposal
from agenttune.space import Constant
from agenttune.trial import Proposal
from agenttune.types import Scalar

if TYPE_CHECKING:
    import numpy as np

REDRAWS = 16
"""Asks per proposal before a random draw takes over: each costs milliseconds, and an estimator that repeats
itself sixteen times has little left to say."""


class TPEProposer:
    """Asks Optuna's TPESampler."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """Up to `n` new configurations: start points first, then the estimator's, fewer when the space is used up."""
        unseen = Unseen(view)
        if is_start(view):
            return start_proposals(view, n, unseen)
        rng = view.rng()
        with quiet():
            study = to_study(view, sampler=_sampler(rng), failures_are_infeasible=True)
            return [proposal for _ in range(n) if (proposal := _propose_one(view, study, unseen, rng)) is not None]


def _sampler(rng: np.random.Generator) -> optuna.samplers.TPESampler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # group= has been one since 2.8
        return optuna.samplers.TPESampler(
            multivariate=True, group=True, constant_liar=True, n_startup_trials=0, seed=int(rng.integers(2**32))
        )


def _propose_one(view: StudyView, study: optuna.Study, unseen: Unseen, rng: np.random.Generator) -> Proposal | None:
    for _ in range(REDRAWS):
        asked = study.ask()
        config = _suggest(view, asked)
        if config is not None and unseen.take(config):
            reason = f"likeliest to be among the best, by the density estimate over {len(view.complete)} trials"
            return make_proposal(view, config, arm="tpe", reason=reason)
        study.tell(asked, state=optuna.trial.TrialState.FAIL)
    drawn = unseen.draw(rng)
    if drawn is None:
        return None
    reason = f"drawn at random, since {REDRAWS} proposals of the density estimate were known or invalid"
    return make_proposal(view, drawn, arm="random", reason=reason)


def _suggest(view: StudyView, asked: optuna.Trial) -> dict[str, Scalar] | None:
    """Asks for the parameters in declared order, the active ones only; None if a constraint is broken."""
    space, known = view.space, distributions(view.space)
    config: dict[str, Scalar] = {}
    for name, parameter in space.parameters.items():
        if not space.is_active(name, config):
            continue
        if isinstance(parameter, Constant):
            config[name] = parameter.value
        else:
            config |= to_config(space, {name: suggest(asked, name, known[name])})
    try:
        return space.validate(config)
    except ConfigInvalid:
        return None
