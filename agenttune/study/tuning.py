"""`tune`: a whole study in one call, from any callable."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agenttune.budget import Budget
from agenttune.errors import ObjectiveError
from agenttune.events import Event
from agenttune.objectives.python import CallableObjective, pickle_objective
from agenttune.space import Space
from agenttune.spec import INLINE, History, StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.result import Result
from agenttune.study.study import Study
from agenttune.types import Json

PICKLE = "objective.pkl"
"""Name of the pickled callable in the study's folder."""

DEFAULT_TRIALS = 30
"""Trials of a study that sets neither trials nor seconds."""


def tune(
    objective: Callable[..., Any] | str,
    space: Space,
    *,
    maximize: str | None = None,
    minimize: str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    workers: int = 1,
    gpus: int = 0,
    proposer: str = "auto",
    model: str | None = None,
    history: History = "digest",
    max_dollars: float | None = None,
    max_requests: int | None = None,
    max_tokens: int | None = None,
    reuse_replies: bool = False,
    scheduler: str = "fifo",
    executor: str = "process",
    name: str | None = None,
    first: Sequence[Mapping[str, Any]] = (),
    constraints: Sequence[str] = (),
    target: float | None = None,
    trial_seconds: float | None = None,
    trial_memory: int | None = None,
    store: Store | Path | str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """Tunes `objective` over `space` and returns what came of it.

    The study is kept in the store: `Study.open(name).run()`, or `agenttune resume NAME`, goes on
    with it after any interruption. An inline objective that cannot be pickled is not kept with it: then
    `Study.open(name).run(objective=f)` goes on.

    Args:
        objective: `f(config)` or `f(config, run)`, returning the metric or a dict of metrics; or
            "module:function". Runs in processes of its own unless `executor="inline"`.
        space: what to search.
        maximize: name of the metric to make large; this or `minimize`.
        minimize: name of the metric to make small.
        trials: how many configurations to try; 30 where `seconds` is not given either.
        seconds: wall seconds to spend at most.
        seed: same seed and same results, same proposals.
        workers: trials at a time.
        gpus: GPUs to deal out, one to a worker.
        proposer: a name in the registry of `agenttune.proposers`.
        model: a language model that proposes beside the surrogate, "openai:NAME" or
            "http://localhost:11434/v1#NAME"; none is asked unless it is named here.
        history: what the model is told each time: "digest", or the whole "chat".
        max_dollars: US dollars that may be paid to the model in all.
        max_requests: requests that may be sent to it in all.
        max_tokens: tokens that may be used in all.
        reuse_replies: whether a request that any study of the store got a reply to is answered by that reply,
            at no cost, and not sent.
        scheduler: a name in the registry of `agenttune.schedulers`.
        executor: "process" or "inline".
        name: of the study; by default the objective's name.
        first: configurations to try first, each of them, even if they are more than `trials`; parameters left out get
            their default.
        constraints: expressions over metrics, "latency_ms < 20".
        target: end once the metric is at least this good.
        trial_seconds: wall seconds after which a trial is killed; not with `executor="inline"`.
        trial_memory: bytes of resident memory above which a trial is killed; likewise.
        store: path of the store; by default the user's own.
        on_event: called with every event, in this thread.

    Raises:
        UserError: something above cannot be; nothing was created.
    """
    from agenttune.plan.model_choice import ModelChoice, with_model  # with scikit-learn: a driver does without

    arguments.check_objective(objective)
    arguments.check_name(name)
    arguments.check_callback(on_event)
    goal = arguments.goal_of(maximize, minimize, constraints, target)
    seed, workers = arguments.whole_of("seed", seed, least=0), arguments.whole_of("workers", workers, least=1)
    gpus = arguments.whole_of("gpus", gpus, least=0)
    first = arguments.first_of(arguments.space_of(space), first)
    if not first:
        space.require_satisfiable()
    opened = arguments.opened(store)
    spec = StudySpec(
        name=name or _name_of(objective),
        space=space,
        goal=goal,
        objective={"type": "python", "target": objective} if isinstance(objective, str) else _PICKLED,
        budget=Budget(trials=DEFAULT_TRIALS if trials is None and seconds is None else trials, seconds=seconds),
        proposer=proposer,
        scheduler=scheduler,
        executor=executor,
        seed=seed,
        workers=workers,
        gpus=gpus,
        limits=TrialLimits(seconds=trial_seconds, memory_bytes=trial_memory),
        first=first,
        default=space.default_config(),
        cwd=str(Path.cwd()),
    )
    choice = ModelChoice(model, None, history, max_dollars, max_requests, max_tokens, reuse_replies)
    spec = with_model(spec, choice, use_settings=False)
    held = None if executor != INLINE or isinstance(objective, str) else objective
    if held is not None:
        CallableObjective(held)  # refused before the study is made
    study = _create(spec, objective, opened, is_name_exact=name is not None, needs_pickle=held is None)
    return study.run(on_event=on_event, objective=held)


_PICKLED: dict[str, Json] = {"type": "pickle", "path": PICKLE}


def _create(
    spec: StudySpec, objective: Callable[..., Any] | str, store: Store, *, is_name_exact: bool, needs_pickle: bool
) -> Study:
    """Stores the study; a callable is pickled first, so that one that cannot be leaves nothing behind.

    An inline study needs no pickle to run, only to be resumed by another process (`require_stored_objective`).
    """
    if isinstance(objective, str):
        return Study.from_spec(spec, store=store, is_name_exact=is_name_exact)
    with tempfile.TemporaryDirectory(dir=store.path.parent, prefix=".pickling-") as folder:
        pickled = Path(folder) / PICKLE
        try:
            pickle_objective(objective, pickled)
        except ObjectiveError:
            if needs_pickle:
                raise
        study = Study.from_spec(spec, store=store, is_name_exact=is_name_exact)
        if pickled.exists():
            pickled.replace(store.study_dir(study.id) / PICKLE)
    return study


def _name_of(objective: Callable[..., Any] | str) -> str:
    if isinstance(objective, str):
        return objective.rpartition(":")[2] or "study"
    name = str(getattr(objective, "__name__", type(objective).__name__))
    return "study" if name in ("<lambda>", "partial") else name
