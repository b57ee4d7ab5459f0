"""Which parameters decide: PED-ANOVA on the study so far, through Optuna.

The share of a parameter says how much its value separates the best trials from the rest (Watanabe et al. 2023,
PED-ANOVA; for conditional parameters its 2026 extension). It is a statement about these trials, not about
the objective: a parameter that was hardly varied has no share.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

from agenttune.errors import UserError
from agenttune.history import StudyView

MIN_TRIALS = 10
"""Trials below which shares are noise: five good ones to compare with five others."""
N_TOP = 5
"""Good trials to compare with the rest, at least; Optuna's documentation asks for five."""
TOP_SHARE = 0.1
"""Good trials as a share of all once there are many (the method's default)."""


@dataclass(frozen=True, slots=True)
class Importance:
    """Shares of the parameters, and what they rest on."""

    shares: dict[str, float]
    """Parameter -> share, largest first, 1 in all; parameters that never were active are left out."""
    n_trials: int
    """Complete feasible trials the shares were computed from."""


def importance(view: StudyView) -> Importance:
    """How much each parameter separates the best trials from the rest.

    Raises:
        UserError: fewer than 10 complete feasible trials, or no parameter that varies.
    """
    trials = tuple(trial for trial in view.complete if trial.replicate_of is None and view.is_feasible(trial))
    if len(trials) < MIN_TRIALS:
        there = f"but there are {len(trials)}; run some more"
        if view.shortfall is not None:
            there = f"and feasible ones: {view.shortfall}; loosen a constraint, or run some more"
        raise UserError(f"the importance of parameters needs at least {MIN_TRIALS} complete trials, {there}")
    configs = [config for trial in trials if (config := view.adapted(trial)) is not None]
    names = [name for name in view.space.columns if any(name in config for config in configs)]
    if not names:
        raise UserError("no parameter of the space varies, so none can be important")
    # a second to load, with scikit-learn: digests of fewer trials, and every study without a model, do without
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    from agenttune.history.optuna_view import quiet, to_study

    quantile = min(0.5, max(TOP_SHARE, N_TOP / len(trials)))
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna warns of few trials in a branch; `n_trials` tells people
        found = get_param_importances(
            to_study(replace(view, trials=trials)),
            evaluator=PedAnovaImportanceEvaluator(target_quantile=quantile),
            params=names,
        )
    shares = dict(sorted(found.items(), key=lambda item: (-item[1], names.index(item[0]))))
    return Importance(shares=shares, n_trials=len(configs))
