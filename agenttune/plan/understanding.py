"""A request understood by whoever can: the grammar first, for nothing; a language model where words are left over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from agenttune.budget import bounds_beyond
from agenttune.errors import BudgetExhausted, ModelError, RequestNotUnderstood, UserError
from agenttune.models import load_model
from agenttune.models.prices import price_of
from agenttune.plan.conversation import read_turns
from agenttune.plan.model_choice import NONE, ModelChoice, settings_model
from agenttune.plan.model_reader import ModelReader, understand_with_model
from agenttune.plan.planning import Plan, plan_of
from agenttune.plan.request import PlanOptions
from agenttune.replies.sender import Sender
from agenttune.settings import load_settings
from agenttune.spec import WITH_MODEL
from agenttune.store import Store


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of a request."""

    plan: Plan
    model: str | None = None
    """Spelling of the language model that read it; None: the grammar did."""

    def lines(self) -> list[tuple[str, str]]:
        """(label, text) lines that show the plan, and who read it."""
        reader = [] if self.model is None else [("read by", f"{self.model}, held to what your words say")]
        return [*self.plan.understood(), *reader]


def understand_with(
    turns: Sequence[str],
    options: PlanOptions | None,
    choice: ModelChoice,
    *,
    store: Path,
    waiting: Callable[[str], AbstractContextManager[None]] = lambda model: nullcontext(),
    is_shown: bool = False,
) -> Understood:
    """The study that sentences and flags ask for, each sentence correcting those before.

    The grammar reads them first. A model is asked only where it has words left over: it knows no more than they do of
    what is missing. The request counts outside of any study, within the limits of `choice` and of the day.

    Args:
        turns: the sentences.
        options: the flags.
        choice: the model that may be asked, that of the settings where none is named, and what it may cost.
        store: file whose ledger and exchanges count the request; opened only where one is sent.
        waiting: around the request, told the model's spelling.
        is_shown: whether somebody is asked, with the plan, before it starts.

    Raises:
        RequestNotUnderstood: something has to be asked back, or neither could read it.
        UserError: what is asked cannot be done; one sentence.
    """
    options = options or PlanOptions()
    try:
        return Understood(plan_of(read_turns(turns, options), cwd=options.cwd))
    except RequestNotUnderstood as error:
        model = _reading_model(choice)
        if not error.fragments or model is None:
            raise
        unread = error
    try:
        with Store.open(store) as opened, waiting(model):
            reader = open_reader(opened, model, choice)
            is_latest = _are_read(turns[:-1], options)
            plan = understand_with_model(turns, reader, options, after=unread, is_latest=is_latest, is_shown=is_shown)
            return Understood(plan, model)
    except (ModelError, BudgetExhausted) as error:
        raise RequestNotUnderstood(
            f"{unread} · {model} could not be asked either: {error}", fragments=unread.fragments, fields=unread.fields
        ) from error


def _are_read(turns: Sequence[str], options: PlanOptions) -> bool:
    """Whether the grammar reads them, if there are any."""
    try:
        return not turns or read_turns(turns, options) is not None
    except UserError:
        return False


def open_reader(store: Store, spec: str, choice: ModelChoice) -> ModelReader:
    """A reader by that model; `choice` bounds what it costs beyond what requests outside studies did before.

    Raises:
        UserError: the model is none, or has no key.
    """
    model, settings = load_model(spec), load_settings()
    bounds = bounds_beyond(
        store.spent(None), dollars=choice.max_dollars, requests=choice.max_requests, tokens=choice.max_tokens
    )
    price = price_of(spec, is_local=model.is_local)
    sender = Sender(model, store, None, budget=lambda: bounds, daily=settings.daily, price=price)
    return ModelReader(model, sender, store, max_tokens=settings.max_tokens_per_reply)


def _reading_model(choice: ModelChoice) -> str | None:
    """As `with_model` finds the one that proposes: no model for a study that asks none."""
    if choice.model is not None:
        return None if choice.model == NONE else choice.model
    return settings_model()[0] if choice.proposer in (None, "auto", *WITH_MODEL) else None
