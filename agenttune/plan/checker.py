"""The checker: whether what is asked can be done, and what is assumed where nothing was said.

Reads the data (a plan shows the space that these data get), runs nothing. Every assumption ends up in
`StudyPlan.assumptions`; everything that cannot be done is one sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from agenttune.cards.data import BUNDLED, Dataset, load_dataset
from agenttune.cards.estimators import EstimatorCard, metric_named
from agenttune.cards.families import CARDS, card_named
from agenttune.cards.metrics import DEFAULT_METRIC, METRICS, Metric, Task
from agenttune.cards.pipeline import encoded_facts, fold_limit, split
from agenttune.errors import ConfigInvalid, DataError, RequestNotUnderstood, UserError
from agenttune.plan.deadlines import seconds_of, until_text
from agenttune.plan.narrowing import alone, is_rare, narrowed
from agenttune.plan.plan import StudyPlan, share_text
from agenttune.plan.request import Request
from agenttune.plan.words import duration_text
from agenttune.space import Space
from agenttune.types import Scalar

DEFAULT_TRIALS = 30
"""Enough for a surrogate to beat random search in a handful of dimensions, and soon done."""
DEFAULT_FOLDS = 5
DEFAULT_HELD_OUT = 0.2
_LEAST_FOLDS = 2


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    request: Request
    cwd: Path
    assumptions: list[str] = field(default_factory=list)

    def assume(self, phrase: str) -> None:
        """Writes down something nobody said."""
        self.assumptions.append(phrase)


def check(request: Request, *, cwd: str | Path = ".", now: float | None = None) -> StudyPlan:
    """The complete plan of a request.

    Args:
        request: what was asked for.
        cwd: folder that paths are relative to.
        now: seconds since the epoch that a deadline counts from; None reads the clock.

    Raises:
        UserError: something is missing, contradictory or impossible; one sentence.
    """
    draft = _Draft(request, Path(cwd).resolve())
    for phrase in request.mended:
        draft.assume(phrase)
    for name in request.overruled:
        draft.assume(f"--{name.replace('_', '-')} rather than what the sentence says")
    card, source = _family(request), _source(draft)
    if request.constraints:
        raise RequestNotUnderstood(
            f"a study of an estimator measures one metric, so it cannot keep {request.constraints[0]}: leave it out",
            fields=("constraints",),
        )
    _check_numbers(request)
    asked = _asked_metric(draft)
    dataset = _dataset(draft, card, source, asked)
    task = dataset.card.task
    metric = asked or _default_metric(draft, task)
    card.require_metric(metric)
    _check_direction(request, metric)
    trials = _trials(draft)
    folds, held_out = _folds(draft, dataset)
    space, default = _space(draft, card, dataset, held_out)
    if metric.name == "f1" and dataset.n_classes == 2:
        draft.assume(f"F1 of class {dataset.card.classes[1][0]!r}")
    return StudyPlan(
        request=request,
        family=card.name,
        task=task,
        data=str(source),
        data_name=source.replace("_", " ") if isinstance(source, str) else source.name,
        sha256=dataset.card.sha256,
        target=dataset.card.target,
        facts=(*dataset.card.facts(), *dataset.card.notes),
        metric=metric.name,
        direction=metric.direction,
        goal_target=request.goal_target,
        folds=folds,
        held_out=held_out,
        trials=trials,
        seconds=seconds_of(request, now=now),
        until=until_text(request, now=now),
        trial_seconds=request.trial_seconds,
        trial_memory=request.trial_memory,
        workers=1 if request.workers is None else request.workers,
        gpus=request.gpus or 0,
        seed=request.seed or 0,
        name=request.name or study_name(card.name, dataset.card.name),
        proposer=request.proposer or "auto",
        scheduler=request.scheduler or "fifo",
        space=space.to_json(),
        default=default,
        assumptions=tuple(draft.assumptions),
        cwd=str(draft.cwd),
    )


def study_name(family: str, data: str) -> str:
    """ "svm-digits": what a study is called when nobody says."""
    return re.sub(r"[^a-z0-9]+", "-", f"{family} {data}".lower()).strip("-")


def _family(request: Request) -> EstimatorCard:
    if request.family is None:
        titles = ", ".join(card.title for card in CARDS.values())
        raise RequestNotUnderstood(f"which estimator is to be tuned? Name one of {titles}")
    return card_named(request.family)


def _source(draft: _Draft) -> str | Path:
    wanted = draft.request.data
    if wanted is None:
        raise RequestNotUnderstood(
            f"which data are to be learned from? Name one of {', '.join(BUNDLED)}, or the path of a CSV file (--data)"
        )
    folded = re.sub(r"[\s-]+", "_", wanted.lower())
    return folded if folded in BUNDLED else (draft.cwd / Path(wanted).expanduser()).resolve()


def _check_numbers(request: Request) -> None:
    for name, least in (("trials", 1), ("workers", 1), ("gpus", 0), ("seed", 0), ("folds", _LEAST_FOLDS)):
        value = getattr(request, name)
        if value is not None and value < least:
            raise RequestNotUnderstood(f"`{name}` must be at least {least}, but got {value}")
    for name in ("seconds", "trial_seconds", "trial_memory"):
        value = getattr(request, name)
        if value is not None and value <= 0:
            raise RequestNotUnderstood(f"`{name}` must be more than 0, but got {value:g}")
    if request.held_out is not None and not 0 < request.held_out < 1:
        raise RequestNotUnderstood(f"the part held out must be between 0 and 1, but got {request.held_out:g}")
    if request.seconds and request.trial_seconds and request.trial_seconds > request.seconds:
        raise RequestNotUnderstood(
            f"one trial may take {duration_text(request.trial_seconds)}, "
            f"more than the {duration_text(request.seconds)} for all: lower one or raise the other"
        )


def _asked_metric(draft: _Draft) -> Metric | None:
    """The metric asked for; "error" stays open until the task is known."""
    name = draft.request.metric
    if name is None or name == "error":
        return None
    metric, asked = metric_named(name), draft.request.task
    if asked is not None and metric.task != asked:
        fitting = ", ".join(entry.title for entry in METRICS.values() if entry.task == asked)
        raise RequestNotUnderstood(
            f"{metric.title} measures {metric.task}, but you ask for {asked}: try {fitting}", fields=("metric",)
        )
    return metric


def _dataset(draft: _Draft, card: EstimatorCard, source: str | Path, metric: Metric | None) -> Dataset:
    asked = draft.request.task or (metric.task if metric else None)
    if asked is not None:
        _require_task(card, asked, metric if draft.request.task is None else None)
    dataset = load_dataset(source, target=draft.request.target, task=asked)
    inferred = dataset.card.task
    if asked is None and inferred not in card.classes:
        _refuse_task(card, dataset)
    if asked is None and inferred == "classification" and dataset.card.is_target_numeric and isinstance(source, Path):
        draft.assume(f"target {dataset.card.target} taken for classes, not a number")
    return dataset


def _require_task(card: EstimatorCard, task: Task, metric: Metric | None) -> None:
    """Refuses a task the family cannot do; where only the metric asks for it, the question is about the metric."""
    try:
        card.require(task)
    except UserError as error:
        if metric is None:
            raise
        sentence = f"{metric.title} measures {metric.task}, and {error}"
        raise RequestNotUnderstood(sentence, fields=("metric",)) from None


def _refuse_task(card: EstimatorCard, dataset: Dataset) -> None:
    target = f"target {dataset.card.target!r} of {dataset.card.name}"
    try:
        card.require(dataset.card.task)
    except UserError as error:
        hint = ""
        if dataset.card.task == "classification" and dataset.card.is_target_numeric:
            hint = "; or name a metric for numbers, RMSE or R2"
        raise RequestNotUnderstood(f"{target} holds {dataset.card.task_reason}, and {error}{hint}") from None


def _default_metric(draft: _Draft, task: Task) -> Metric:
    if draft.request.metric == "error":
        metric = METRICS["error_rate" if task == "classification" else "rmse"]
        draft.assume(f"error taken for {metric.title}")
        return metric
    metric = METRICS[DEFAULT_METRIC[task]]
    draft.assume(f"{metric.title}, as no metric was named")
    return metric


def _check_direction(request: Request, metric: Metric) -> None:
    if request.direction is not None and request.direction != metric.direction:
        better = "larger" if metric.direction == "maximize" else "smaller"
        asked = "maximise" if request.direction == "maximize" else "minimise"
        raise RequestNotUnderstood(f"{metric.title} is better the {better} it is, but you ask to {asked} it")


def _trials(draft: _Draft) -> int | None:
    if draft.request.trials is None and draft.request.seconds is None and draft.request.deadline is None:
        draft.assume(f"{DEFAULT_TRIALS} trials, as no limit was given")
        return DEFAULT_TRIALS
    return draft.request.trials


def _folds(draft: _Draft, dataset: Dataset) -> tuple[int, float]:
    """(folds, share held out), fewer folds than usual where a class is rare and nobody asked for more."""
    request = draft.request
    held_out = DEFAULT_HELD_OUT if request.held_out is None else request.held_out
    folds = DEFAULT_FOLDS if request.folds is None else request.folds
    tuning, _ = split(dataset, held_out=held_out, seed=request.seed or 0)
    limit = fold_limit(dataset, tuning)
    rare = min(dataset.card.classes, key=lambda pair: pair[1], default=("", 0))
    culprit = f"class {rare[0]!r} has {rare[1]} rows" if dataset.n_classes else f"there are {len(tuning)} rows"
    if limit < _LEAST_FOLDS or (request.folds is not None and folds > limit):
        raise DataError(
            f"{culprit}, {limit} of them outside the part held out, too few for {folds} folds: "
            "add rows, merge or remove that class, or ask for fewer folds"
        )
    if folds > limit:
        draft.assume(f"{limit} folds rather than {folds}, as {culprit}")
        return limit, held_out
    said = [f"{folds}-fold"] if request.folds is None else []
    said += [f"{share_text(held_out)} held out"] if request.held_out is None else []
    if said:
        draft.assume(" and ".join(said))
    return folds, held_out


def _space(
    draft: _Draft, card: EstimatorCard, dataset: Dataset, held_out: float
) -> tuple[Space, dict[str, Scalar] | None]:
    """The space asked for, and the library's default in it if it has a place there."""
    ranges = draft.request.ranges
    tuning, _ = split(dataset, held_out=held_out, seed=draft.request.seed or 0)
    facts = encoded_facts(dataset, tuning, scales=card.scales)
    space = card.space(facts, wide=is_rare(card, facts, ranges))
    title = card.class_name(facts.task)
    space = narrowed(space, ranges, title=title)
    if any(asked.alone for asked in ranges):
        names = [asked.parameter for asked in ranges]
        space = alone(card.with_defaults(space, facts), names, card.values_of_library(space, facts), title=title)
        needed = [name for name in space.columns if name not in names]
        beside = f", and {' and '.join(needed)} that goes with it" if needed else ""
        tuned = [name for name in names if name in space.columns]
        draft.assume(f"only {' and '.join(tuned)} tuned, as named{beside}, all else at the library's own values")
    space = card.with_defaults(space, facts)
    try:
        return space, card.default_config(space, facts)
    except ConfigInvalid as error:
        draft.assume(f"the library's own setting lies outside what you allow, so it is not run ({error})")
        return space, None
