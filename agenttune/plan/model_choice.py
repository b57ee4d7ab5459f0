"""Which language model a study asks, and about what that will cost: settled and told before anything starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from agenttune.errors import UserError
from agenttune.exchange import ExchangeRequest
from agenttune.history import StudyView
from agenttune.insight.context import study_context
from agenttune.insight.prompt import llm_prompt
from agenttune.models import load_model
from agenttune.models.prices import price_of
from agenttune.replies import K
from agenttune.replies.costs import spell_dollars
from agenttune.replies.schema import reply_schema
from agenttune.replies.tokens import estimate_prompt, estimate_study
from agenttune.settings import load_settings
from agenttune.spec import WITH_MODEL, History, StudySpec

NONE = "none"
"""Spelling that switches off the model of the settings."""
GATED = "llm+gp"
"""What `auto` means once there is a model."""
DEFAULT_TRIALS = 30
"""Trials that the estimate is told for where the budget has no number."""
HISTORY_TOKENS = 500
"""Of what a prompt tells of the trials, in the mean of a study's requests: 200 to 400 in one of 20 trials of 4
parameters, 900 after 25 trials of 7."""
UNSET = "none set (--model, AGENTTUNE_MODEL, settings): {proposer} proposes"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What a command's flags or a caller's keywords say; None where nothing is said."""

    model: str | None = None
    proposer: str | None = None
    history: History | None = None
    max_dollars: float | None = None
    max_requests: int | None = None
    max_tokens: int | None = None


def going_on_with(spec: StudySpec, model: str) -> StudySpec:
    """The spec of a study that another model, or `none`, proposes for from now on.

    Raises:
        UserError: the model is no model, or has no key.
    """
    if model == NONE:
        return replace(spec, model=None, proposer="auto" if spec.proposer in WITH_MODEL else spec.proposer)
    proposer = spec.proposer if spec.proposer in WITH_MODEL else GATED
    return with_model(replace(spec, proposer=proposer), ModelChoice(model), use_settings=False)


def with_model(spec: StudySpec, choice: ModelChoice, *, use_settings: bool = True) -> StudySpec:
    """The spec with the model that is asked, the proposer that asks it, and what they may spend.

    A model named with the study wins over the one of the settings, which is left out where the proposer asks none.

    Raises:
        UserError: the model is no model, has no key, or would stay unused although it was asked for.
    """
    if choice.model is not None and not isinstance(choice.model, str):
        raise UserError(f"`model` must be a text such as 'openai:NAME', but got {choice.model!r}")
    if choice.history not in (None, *get_args(History)):
        raise UserError(f"`history` must be {' or '.join(map(repr, get_args(History)))}, but got {choice.history!r}")
    proposer = choice.proposer or spec.proposer
    model = choice.model or spec.model
    if model is None and use_settings and (proposer == "auto" or proposer in WITH_MODEL):
        model = load_settings().model
    if model == NONE:
        model = None
    if model is not None:
        load_model(model)  # refuses a spelling that is none, or a missing key, before anything is created
        proposer = GATED if proposer == "auto" else proposer
    limits = {"dollars": choice.max_dollars, "requests": choice.max_requests, "tokens": choice.max_tokens}
    given = {name: value for name, value in limits.items() if value is not None}
    if given and model is None:
        raise UserError(
            f"a limit of {' and '.join(given)} is for a language model, but none is asked: name one with --model"
        )
    return replace(
        spec,
        model=model,
        proposer=proposer,
        history=choice.history or spec.history,
        budget=replace(spec.budget, **given),  # type: ignore[arg-type]  # names and types as declared in ModelChoice
    )


def model_line(spec: StudySpec) -> tuple[str, str]:
    """(label, text): who is asked, through which proposer, and about what it will cost."""
    if spec.model is None:
        who = {"auto": "Gaussian process or TPE, with defaults,"}.get(spec.proposer, spec.proposer)
        return "model", UNSET.format(proposer=who)
    how = "proposes alone" if spec.proposer != GATED else "proposes, and a gate decides between it and the surrogate"
    return "model", f"{spec.model} {how} · {_estimate(spec)}"


def _estimate(spec: StudySpec) -> str:
    assert spec.model is not None  # the caller looked
    model = load_model(spec.model)
    price = price_of(spec.model, is_local=model.is_local)
    prompt = llm_prompt(StudyView(spec.space, spec.goal, ()), k=K, context=study_context(spec))
    schema = reply_schema(spec.space, spec.goal, k=K)
    first = ExchangeRequest(spec.model, prompt.messages, dict(schema.ranges))
    n_trials = spec.budget.trials or DEFAULT_TRIALS
    found = estimate_study(
        price,
        n_trials=n_trials,
        prompt_tokens=estimate_prompt(first) + HISTORY_TOKENS,
        max_requests=spec.budget.requests,
    )
    per = "" if spec.budget.trials is not None else f" per {n_trials} trials"
    if found.dollars is None:
        cost = "price unknown (add it to prices.toml)"
    else:
        cost = "free, it is local" if model.is_local and found.dollars == 0 else f"about {spell_dollars(found.dollars)}"
    limits = [] if spec.budget.dollars is None else [f"at most {spell_dollars(spec.budget.dollars)}"]
    limits += [] if spec.budget.requests is None else [f"at most {spec.budget.requests} requests"]
    return ", ".join([f"up to {found.requests} requests, about {found.tokens:,} tokens{per}", cost, *limits])
