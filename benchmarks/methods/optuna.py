"""Optuna's samplers through ask and tell, define-by-run, with Optuna's own kinds of distributions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from agenttune.types import Config
from benchmarks.methods import Asked
from benchmarks.suites import Task

if TYPE_CHECKING:
    import optuna


class OptunaTuner:
    """One Optuna study in memory."""

    def __init__(self, task: Task, sampler: optuna.samplers.BaseSampler) -> None:
        import optuna

        from agenttune.history.optuna_view import distributions

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = task.space
        self._known = distributions(task.space)
        self._study = optuna.create_study(direction=task.direction, sampler=sampler)
        self._trial: optuna.Trial | None = None

    def ask(self) -> Asked:
        """One suggestion after the other, a parameter only where its parent has the value for it."""
        from agenttune.history.optuna_view import suggest, to_config

        self._trial = self._study.ask()
        params: dict[str, Any] = {}
        for name, distribution in self._known.items():
            condition = self._space.conditions.get(name)
            if condition is None or to_config(self._space, params).get(condition.parent) in condition.values:
                params[name] = suggest(self._trial, name, distribution)
        return Asked(self._space.validate(to_config(self._space, params)), "optuna")

    def tell(self, asked: Asked, value: float | None) -> None:
        """A failed trial is a FAIL, as a user's exception is."""
        import optuna

        state = optuna.trial.TrialState.FAIL if value is None else optuna.trial.TrialState.COMPLETE
        if asked.arm == "start":
            self._study.add_trial(self._frozen(asked.config, value, state))
            return
        assert self._trial is not None
        self._study.tell(self._trial, value, state=state)

    def _frozen(self, config: Config, value: float | None, state: optuna.trial.TrialState) -> optuna.trial.FrozenTrial:
        import optuna

        from agenttune.history.optuna_view import to_params

        params = to_params(self._space, config)
        known = {name: self._known[name] for name in params}
        return optuna.trial.create_trial(params=params, distributions=known, value=value, state=state)


class TPE:
    """Optuna's default sampler."""

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> OptunaTuner:
        """A run; what the starts brought is enough for it to begin at once, as the others do."""
        import optuna

        n_starts = len(task.starts(seed))
        return OptunaTuner(task, optuna.samplers.TPESampler(seed=seed, n_startup_trials=n_starts))


class GP:
    """Optuna's Gaussian process."""

    def tuner(self, task: Task, *, n_trials: int, seed: int) -> OptunaTuner:
        """A run, begun as that of TPE."""
        import optuna

        n_starts = len(task.starts(seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            if task.space.conditions:
                sampler = optuna.samplers.GPSampler(
                    seed=seed, n_startup_trials=n_starts, warn_independent_sampling=False
                )
            else:
                sampler = optuna.samplers.GPSampler(seed=seed, n_startup_trials=n_starts)
        return OptunaTuner(task, sampler)
