"""Which language model a study asks, and about what that will cost: settled and told before anything starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args

from agenttune.budget import Budget, Spending
from agenttune.errors import UserError
from agenttune.exchange import ExchangeRequest
from agenttune.history import StudyView
from agenttune.insight.context import study_context
from agenttune.insight.prompt import llm_prompt
from agenttune.models import load_model, usual_samples
from agenttune.models.prices import price_of
from agenttune.replies import K
from agenttune.replies.costs import counted, spell_dollars, spell_tokens
from agenttune.replies.schema import reply_schema
from agenttune.replies.tokens import COMPLETION_TOKENS, MARGIN, Estimate, estimate_prompt, estimate_study, worst_case
from agenttune.settings import load_settings, load_settings_with_sources
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
SPELLINGS: dict[str, Callable[[Any], str]] = {
    "dollars": spell_dollars,
    "tokens": spell_tokens,
    "requests": lambda n: counted(n, "request"),
}
"""How the bounds of a budget on a model are told."""
ALONE_AT_WORST = 2
"""Requests of a trial that a model alone proposes, with replies of no use: the question and its repair."""
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
    reuse_replies: bool | None = None


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
    if choice.reuse_replies is not None and not isinstance(choice.reuse_replies, bool):
        raise UserError(f"`reuse_replies` must be True or False, but got {choice.reuse_replies!r}")
    proposer = choice.proposer or spec.proposer
    model, source = choice.model or spec.model, None
    if model is None and use_settings and (proposer == "auto" or proposer in WITH_MODEL):
        model, source = settings_model()
    if model == NONE:
        model = None
    if model is not None:
        _check(model, source)
        proposer = GATED if proposer == "auto" else proposer
        if proposer not in WITH_MODEL:
            raise UserError(
                f"the proposer {proposer!r} asks no model, so {model!r} would stay unused: leave the proposer to auto, "
                f"use {' or '.join(WITH_MODEL[:2])}, or say `--model {NONE}`"
            )
    limits = {"dollars": choice.max_dollars, "requests": choice.max_requests, "tokens": choice.max_tokens}
    given = {name: value for name, value in limits.items() if value is not None}
    if given and model is None:
        raise UserError(
            f"a limit of {' and '.join(given)} is for a language model, but none is asked: name one with --model"
        )
    if choice.reuse_replies and model is None:
        raise UserError("only replies of a language model can be reused, but none is asked: name one with --model")
    reuses = choice.reuse_replies
    if reuses is None:
        reuses = spec.reuse_replies or (use_settings and load_settings().reuse_replies)
    return replace(
        spec,
        model=model,
        proposer=proposer,
        history=choice.history or spec.history,
        reuse_replies=reuses and model is not None,
        budget=replace(spec.budget, **given),  # type: ignore[arg-type]  # names and types as declared in ModelChoice
    )


def settings_model() -> tuple[str | None, str | None]:
    """(the model of the settings, the file or variable that names it); None where there is none, or it says "none"."""
    settings, sources = load_settings_with_sources()
    return (None if settings.model == NONE else settings.model), sources.get("model")


def _check(model: str, source: str | None) -> None:
    """Refuses a spelling that is none, or a missing key, before anything is created; says where it stands."""
    try:
        load_model(model)
    except UserError as error:
        if source is None:
            raise
        raise UserError(f"{source}: {error}") from error


def model_line(spec: StudySpec) -> tuple[str, str]:
    """(label, text): who is asked, through which proposer, and about what it will cost."""
    if spec.model is None:
        who = {"auto": "Gaussian process or TPE, with defaults,"}.get(spec.proposer, spec.proposer)
        return "model", UNSET.format(proposer=who)
    how = "proposes alone" if spec.proposer != GATED else "proposes, and a gate decides between it and the surrogate"
    reused = " · replies that other studies got are reused" if spec.reuse_replies else ""
    return "model", f"{spec.model} {how} · {_estimate(spec)}{reused}"


def writer_line(spec: StudySpec, *, prompt_tokens: int, reply_tokens: int) -> tuple[str, str]:
    """(label, text) of a study over code: who writes it, what a request may cost, and the bounds.

    Args:
        spec: with a model.
        prompt_tokens: of the longest prompt.
        reply_tokens: of the longest reply.
    """
    assert spec.model is not None  # such a study has one
    model = load_model(spec.model)
    price = price_of(spec.model, is_local=model.is_local)
    reserved = worst_case(price, prompt=math.ceil(MARGIN * prompt_tokens), completion=reply_tokens)
    if model.is_local and not reserved.dollars:
        cost = "free, it is local"
    elif reserved.dollars is None:
        cost = "price unknown (add it to prices.toml)"
    else:
        cost = f"a request at most {spell_dollars(reserved.dollars)}"
    return "model", ", ".join([f"{spec.model} writes the code · {cost}", *_limits(spec.budget, reserved)])


def _estimate(spec: StudySpec) -> str:
    assert spec.model is not None  # the caller looked
    model = load_model(spec.model)
    price = price_of(spec.model, is_local=model.is_local)
    prompt = llm_prompt(StudyView(spec.space, spec.goal, ()), k=K, context=study_context(spec))
    schema = reply_schema(spec.space, spec.goal, k=K)
    first = ExchangeRequest(spec.model, prompt.messages, dict(schema.ranges))
    n_trials = spec.budget.trials or DEFAULT_TRIALS
    prompt_tokens = estimate_prompt(first)
    settings = load_settings()
    n_samples = settings.samples or usual_samples(model)
    found = estimate_study(
        price,
        n_trials=n_trials,
        prompt_tokens=prompt_tokens + HISTORY_TOKENS,
        completion_tokens=n_samples * COMPLETION_TOKENS,
        max_requests=spec.budget.requests,
    )
    per = "" if spec.budget.trials is not None else f" per {n_trials} trials"
    if found.dollars is None:
        cost = "price unknown (add it to prices.toml)"
    else:
        cost = "free, it is local" if model.is_local and found.dollars == 0 else f"about {spell_dollars(found.dollars)}"
    reserved = worst_case(
        price, prompt=math.ceil(MARGIN * prompt_tokens), completion=n_samples * settings.max_tokens_per_reply
    )
    limits = _limits(spec.budget, reserved)
    return ", ".join([*_requests(spec, found, n_trials), f"about {found.tokens:,} tokens{per}", cost, *limits])


def _limits(budget: Budget, reserved: Spending) -> list[str]:
    """The study's bounds; one that holds back every request is told here, not by the trials alone.

    Args:
        budget: of the study.
        reserved: before one request is sent.
    """
    told = []
    for name, spell in SPELLINGS.items():
        bound, needed = getattr(budget, name), getattr(reserved, name)
        if bound is None:
            continue
        line = f"at most {spell(bound)}"
        if needed is None:
            line += " (so none is sent before the price is known)"
        elif needed > bound:
            line += f" (so none is sent: each reserves {spell(needed)})"
        told.append(line)
    return told


def _requests(spec: StudySpec, found: Estimate, n_trials: int) -> list[str]:
    """The gate keeps to its share of requests; a model alone is asked as often as it takes, for repairs too."""
    if spec.proposer == GATED:
        return [f"up to {counted(found.requests, 'request')}"]
    worst = ALONE_AT_WORST * n_trials
    bound = spec.budget.requests
    return [
        f"about {counted(found.requests, 'request')}",
        *([f"at worst {worst}"] if bound is None or bound >= worst else []),
    ]
