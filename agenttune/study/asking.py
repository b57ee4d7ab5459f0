"""The model of one study, ready to be asked: from the study's record to the arm that its proposer holds.

Everything is loaded in the thread of the first request: the openai package takes half a second to import. A model
that cannot be had (no key in this environment, say) is told as a verdict, and the study goes on without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from agenttune.budget import Budget
from agenttune.errors import ModelError, UserError
from agenttune.events import ModelAsked
from agenttune.history import StudyView
from agenttune.insight.context import study_context
from agenttune.insight.prompt import llm_prompt
from agenttune.models import Model, Sampling, fingerprint_of, load_model, patience_of, usual_samples
from agenttune.models.prices import price_of
from agenttune.proposers import load_proposer
from agenttune.proposers.llm import Heard, ModelArm
from agenttune.proposers.unseen import Unseen, space_version
from agenttune.replies import Answer, Question
from agenttune.replies.desk import Desk
from agenttune.replies.recorded import ReusingSender
from agenttune.replies.sender import Sender, Sends
from agenttune.settings import load_settings
from agenttune.spec import WITH_MODEL, StudySpec
from agenttune.store import Store
from agenttune.study.seeds import seed_of
from agenttune.trial import Proposal
from agenttune.types import Config
from agenttune.variant import CODE

WAITING_SHARE = 0.1
"""Of a study's seconds, what one trial may wait for the model; a late reply still serves the next trials."""

CODE_WAITS = 10.0
"""How many times as long a trial waits for code: up to five requests, with replies of thousands of tokens."""


class MakeArm(Protocol):
    """Makes the arm of a study; `model_arm` is one."""

    def __call__(self, store: Store, study_id: str, spec: StudySpec, *, budget: Callable[[], Budget]) -> ModelArm:
        """The arm of a study whose spec names a model."""
        ...


def model_arm(store: Store, study_id: str, spec: StudySpec, *, budget: Callable[[], Budget]) -> ModelArm:
    """The arm of a study whose spec names a model."""
    assert spec.model is not None  # proposers that ask none have no arm
    if spec.proposer == CODE:
        return code_arm(store, study_id, spec, budget=budget)
    desk = LazyDesk(store, study_id, spec.model, budget=budget, reuse_replies=spec.reuse_replies)
    wait_s = longest_wait_s(budget().seconds)
    prompts = Prompts(store, study_id, spec, latency_s=wait_s)
    return ModelArm(desk, prompts, latency_s=wait_s, last=last_answer(store, study_id, spec))


def code_arm(store: Store, study_id: str, spec: StudySpec, *, budget: Callable[[], Budget]) -> ModelArm:
    """The arm of a study over code. What was asked before it is not told to it: a question that is asked again goes on
    where it was."""
    from agenttune.study.code_asking import CodePrompts, LazyCodeDesk

    wait_s = longest_wait_s(budget().seconds, times=CODE_WAITS)
    desk = LazyCodeDesk(store, study_id, spec, budget=budget)
    return ModelArm(desk, CodePrompts(store, study_id, spec, latency_s=wait_s), latency_s=wait_s)


def longest_wait_s(study_s: float | None, *, times: float = 1.0) -> float:
    """Seconds that a trial waits for the model: as the settings say, but a short study is not spent on waiting.

    Args:
        study_s: which the study may take; None is no bound.
        times: how many times as long as for a configuration.
    """
    wanted = times * load_settings().latency_s
    return wanted if study_s is None else min(wanted, WAITING_SHARE * study_s)


def check_proposer(spec: StudySpec) -> None:
    """Refuses a proposer that is none, and one that asks a model where there is no model to ask.

    Raises:
        UserError: it cannot be; nothing was sent.
    """
    if spec.proposer == CODE and spec.objective.get("type") != CODE:
        raise UserError(
            f"the proposer {CODE!r} writes code, but this study's objective is of the type "
            f"{spec.objective.get('type')!r}; leave the proposer to auto, or make a study over code"
        )
    if spec.proposer not in WITH_MODEL:
        load_proposer(spec.proposer)
        if spec.model is not None:
            raise UserError(
                f"the proposer {spec.proposer!r} asks no model, so {spec.model!r} would stay unused: leave the "
                f"proposer to auto, or use {' or '.join(WITH_MODEL)}"
            )
        return
    if spec.model is None:
        load_proposer(spec.proposer)  # which says how a model is named
    else:
        load_model(spec.model)


def last_answer(store: Store, study_id: str, spec: StudySpec) -> tuple[int, Answer] | None:
    """The trial that the study's last request was for, which its seed tells, and what came of it."""
    asked = [exchange for _, exchange in reversed(store.exchanges(study_id)) if exchange.request.sample_index == 0]
    if not asked:  # further replies to a question are only asked for once it is answered
        return None
    seeds = {seed_of(spec.seed, trial.number + 1): trial.number + 1 for trial in store.trials(study_id)}
    told = (seeds.get(cast(int, exchange.request.sampling.get("seed"))) for exchange in asked)
    asked_for = next((number for number in told if number is not None), 0)  # a question is asked before its redraws
    return asked_for, Answer((), (), asked[0].verdict, asked[0].why, 0)


class Opened(Protocol):
    """A desk of either kind that was set up."""

    def ask(self, question: Any) -> Heard:
        """See `Desk.ask`, `CodeDesk.ask`."""
        ...

    def cancel(self) -> None:
        """Has `ask` return at once and sends nothing more."""
        ...


class LazyDesk:
    """A desk that is set up by its first question; asked one question at a time."""

    def __init__(
        self, store: Store, study_id: str, model: str, *, budget: Callable[[], Budget], reuse_replies: bool = False
    ) -> None:
        """
        Args:
            store: where exchanges and the ledger are kept.
            study_id: the study that asks.
            model: spelling of who is asked.
            budget: bounds of the study as they are now.
            reuse_replies: whether requests that another study got a reply to are answered by it.
        """
        self._reuse_replies = reuse_replies
        self._store = store
        self._study_id = study_id
        self._model = model
        self._budget = budget
        self._desk: Opened | None = None
        self._is_closed = False

    def ask(self, question: Any) -> Heard:
        """Asks; see `Desk.ask`."""
        try:
            desk = self._opened()
        except UserError as error:
            verdict = error.verdict if isinstance(error, ModelError) else "error"
            self._store.add_unsent(self._study_id, self._model, verdict, str(error))
            return Answer((), (), verdict, str(error), 0)
        return desk.ask(question)

    def close(self) -> None:
        """Has a request under way return, and sends nothing more."""
        self._is_closed = True  # before the look at the desk: one that is being set up looks here afterwards
        if self._desk is not None:
            self._desk.cancel()

    def _opened(self) -> Opened:
        if self._desk is None:
            model, settings = load_model(self._model), load_settings()
            sender: Sends = Sender(
                model,
                self._store,
                self._study_id,
                budget=self._budget,
                daily=settings.daily,
                price=price_of(self._model, is_local=model.is_local),
            )
            if self._reuse_replies:
                sender = ReusingSender(sender, self._store, self._study_id, fingerprint=fingerprint_of(model))
            sampling = Sampling(max_tokens=settings.max_tokens_per_reply, timeout_s=patience_of(model).reply_s)
            self._desk = self._made(model, sender, sampling)
        if self._is_closed:
            self._desk.cancel()
        return self._desk

    def _made(self, model: Model, sender: Sends, sampling: Sampling) -> Opened:
        n = load_settings().samples or usual_samples(model)
        return Desk(
            model,
            store=self._store,
            study_id=self._study_id,
            budget=self._budget,
            sender=sender,
            sampling=replace(sampling, n=n),
        )


@dataclass(frozen=True, slots=True)
class SurrogateHint:
    """The surrogate's own next point, as prompts show it."""

    config: Config
    mean: float
    sd: float


class Prompts:
    """Writes a study's questions, and has the store know when: a replay shows the model the same trials."""

    def __init__(self, store: Store, study_id: str, spec: StudySpec, *, latency_s: float) -> None:
        self._latency_s = latency_s
        self._store = store
        self._study_id = study_id
        self._spec = spec

    def __call__(self, view: StudyView, *, k: int, hint: Proposal | None) -> Question:
        """The question for the next `k` candidates."""
        is_chat = self._spec.history == "chat"
        prompt = llm_prompt(
            replace(view, refused=tuple(self._store.refused(self._study_id))),
            k=k,
            context=study_context(self._spec),
            surrogate_hint=_shown(hint),
            mode=self._spec.history,
            earlier=[exchange for _, exchange in self._store.exchanges(self._study_id)] if is_chat else (),
        )
        self._store.announce(self._study_id, ModelAsked(view.number, self._latency_s))
        return Question(
            prompt,
            view.space,
            view.goal,
            is_new=Unseen(view).is_new,
            k=k,
            space_version=space_version(view),
            asked_at=view.number,
            seed=seed_of(self._spec.seed, view.number),
            seen_trials=tuple(trial.number for trial in view.finished),
        )


def _shown(hint: Proposal | None) -> SurrogateHint | None:
    if hint is None or hint.predicted_mean is None or hint.predicted_sd is None:
        return None
    return SurrogateHint(hint.config, hint.predicted_mean, hint.predicted_sd)
