"""Models of known skill, for the gates (gates.py), in this process: no server, no store, no token.

The proposer, its arm and its rules for when to ask are those of a study; what stands in for prompt, request, decoding
and desk is `KnownModel`, which knows the best and the worst configuration of the task (extremes.json). The four
kinds of agenttune.testing.skill draw their configurations there; the others are made of them:

    near     within .08 of the best in every number, its categories
    mid      the best with normal noise of .2
    half     right in half of the parameters, another half of each task and seed, at random in the others
    early    near before trial 12, then at random
    late     at random before trial 12, then near
    overconfident  mid, and sure that every candidate reaches the best known value
    random, worst, stuck   at random; around the worst known; the same for ever
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agenttune.history import StudyView
from agenttune.proposers import Proposer
from agenttune.proposers.llm import Heard, ModelArm
from agenttune.proposers.unseen import Unseen
from agenttune.replies import Answer
from agenttune.space import Bool, Categorical
from agenttune.testing.functions import Function
from agenttune.testing.skill import KINDS, Kind, Skill
from agenttune.trial import Candidate, Proposal
from agenttune.types import Config, Scalar
from benchmarks.methods import Asked, NotPossible
from benchmarks.methods.ours import Proposing
from benchmarks.suites import Task

TURN = 12
"""Trial at which `early` gets bad and `late` good."""
MID = 0.2
SURE_SD = 1e-6
"""What `overconfident` claims: next to nothing in the unit of any task; the other kinds predict nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked: everything a prompt would show."""

    view: StudyView
    k: int


class KnownModel:
    """Answers at once with candidates of its skill; also the desk that hears the question."""

    def __init__(self, task: Task, kind: str) -> None:
        if task.optimum is None or task.worst is None:
            raise NotPossible("no extremes are known of this task: python -m benchmarks.extremes finds them")
        self._task, self._kind = task, kind
        self._function = Function(task.space, dict(task.optimum), dict(task.worst))
        self.offered: tuple[Candidate, ...] = ()
        self.n_requests = 0

    def ask(self, question: Question) -> Heard:
        """The answer; its candidates are in `offered` from then on, as a desk's are in the store."""
        self.n_requests += 1
        view = question.view
        rng = _rng_of(view, self.n_requests)
        unseen = Unseen(view)
        new = [config for config in self._configs(view, rng, question.k) if unseen.take(config)]
        if not new:
            return Answer((), (), "duplicate", "every configuration is known already", 1)
        first = len(self.offered) + 1
        candidates = tuple(self._candidate(config, view, first + k) for k, config in enumerate(new))
        self.offered += candidates
        return Answer(candidates, (), "used", None, 1)

    def close(self) -> None:
        """Nothing is under way."""

    def _configs(self, view: StudyView, rng: np.random.Generator, k: int) -> list[dict[str, Scalar]]:
        kind = self._kind.removesuffix(" model")
        if kind in ("early", "late"):
            kind = "near" if (kind == "early") == (view.number < TURN) else "random"
        for known in KINDS:
            if kind == known:
                return Skill(self._function, _as_kind(known)).configs(rng, k)
        if kind == "half":
            lost = self._lost(view.seed)
            return [self._best_without(lost, other) for other in self._task.space.sample(rng, k)]
        return [self._near_best(rng) for _ in range(k)]

    def _lost(self, seed: int) -> NDArray[np.int64]:
        """Columns of the half of the parameters that the model does not know: of each task and seed another half."""
        n = len(self._task.space.columns)
        return np.random.default_rng([self._task.checksum, seed]).permutation(n)[: n // 2]

    def _best_without(self, lost: NDArray[np.int64], other: Config) -> dict[str, Scalar]:
        """The best, with these columns of another one."""
        best, instead = self._task.space.to_unit([self._function.optimum, other])
        best[lost] = instead[lost]
        return self._at(best)

    def _near_best(self, rng: np.random.Generator) -> dict[str, Scalar]:
        """The best, with its numbers off."""
        space = self._task.space
        (best,) = space.to_unit([self._function.optimum])
        listed = [isinstance(space.parameters[name], Categorical | Bool) for name in space.columns]
        return self._at(np.where(listed, best, np.clip(best + rng.normal(0.0, MID, len(best)), 0.0, 1.0)))

    def _at(self, point: NDArray[np.float64]) -> dict[str, Scalar]:
        (found,) = self._task.space.from_unit(self._task.space.snap(point[None, :]))
        return found

    def _candidate(self, config: Config, view: StudyView, number: int) -> Candidate:
        mean = self._task.best if self._kind == "overconfident" else None
        return Candidate(
            config,
            f"made by a model of known skill ({self._kind})",
            predicted_mean=mean,
            predicted_sd=None if mean is None else SURE_SD,
            asked_at=view.number,
            exchange_ids=(self.n_requests,),
            id=number,
            prediction_source=None if mean is None else "verbal",
        )


def _as_kind(name: str) -> Kind:
    (kind,) = (known for known in KINDS if known == name)
    return kind


def _rng_of(view: StudyView, n_requests: int) -> np.random.Generator:
    """Made of what the model is shown, as a server's would be of the request's text."""
    shown = [[dict(trial.config), trial.value(view.goal.metric)] for trial in view.trials]
    text = json.dumps([view.seed, view.number, n_requests, shown], sort_keys=True)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def known_arm(model: KnownModel) -> ModelArm:
    """The arm that asks a known model, which answers at once."""
    return ModelArm(model, _prompter, start=_at_once)


def _at_once(desk: Any, question: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(desk.ask(question))
    return future


def _prompter(view: StudyView, *, k: int, hint: Proposal | None) -> Question:
    return Question(view, k)


class Tuner(Proposing):
    """A proposer that asks a known model before it proposes, as a study's loop has it do."""

    def __init__(self, task: Task, model: KnownModel, proposer: Proposer, *, n_trials: int, seed: int) -> None:
        super().__init__(task, proposer, n_trials=n_trials, seed=seed)
        self._model = model

    def ask(self) -> Asked | None:
        """The proposal, once the model has been heard."""
        before = self._model.n_requests
        while True:
            self.view = replace(self.view, candidates=self._model.offered, n_requests=self._model.n_requests)
            if self.proposer.is_ready(self.view):  # type: ignore[attr-defined]  # those that ask a model have it
                break
        asked = super().ask()
        return None if asked is None else replace(asked, requests=self._model.n_requests - before)
