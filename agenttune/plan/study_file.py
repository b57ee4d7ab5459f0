"""Study files: TOML in, `StudySpec` out, each mistake one sentence with the nearest key or name.

::

    [objective]
    type = "command"
    command = "python train.py --lr {lr}"

    [space]
    lr = { type = "float", low = 1e-5, high = 1e-1, log = true }

    [goal]
    metric = "accuracy"
    direction = "maximize"

    [budget]
    trials = 30

Paths are relative to the file. Nothing of the user's runs here: a Python function is looked up by
reading its file (located.py), everything else by loading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from agenttune.budget import Budget
from agenttune.cards.families import card_named
from agenttune.cards.metrics import METRICS
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import ConfigInvalid, StudyFileError, UserError
from agenttune.goal import Goal
from agenttune.objectives import REGISTRY, load_objective
from agenttune.objectives.command import CommandObjective
from agenttune.objectives.command_line import switches
from agenttune.objectives.estimator import FIELDS as ESTIMATOR_FIELDS
from agenttune.objectives.table import TableObjective
from agenttune.plan.checker import check
from agenttune.plan.located import require_function
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.request import Request
from agenttune.plan.study_document import StudyDocument, checked, read_document, sentence, unknown_key
from agenttune.space import Bool, Categorical, Constant, Parameter, Space, nearest
from agenttune.space.document import space_from_document
from agenttune.spec import StudySpec, TrialLimits
from agenttune.types import Config, Json

_OFFERED = [kind for kind in REGISTRY if kind != "pickle"]


def load_study_file(path: Path | str) -> StudySpec:
    """The study a file describes.

    Raises:
        StudyFileError: the file is missing, is no TOML, has a typing error or a wrong value, or names a
            function, module or data file that is not there; one sentence that begins with the file.
    """
    file = Path(path)
    try:
        document = read_document(file)
        return _spec(document, file.resolve().parent, name=document.name or file.stem)
    except UserError as error:
        raise StudyFileError(f"{file}: {error}") from error


def study_from_document(content: Mapping[str, Json], *, folder: Path, name: str) -> StudySpec:
    """The study that such a file's content describes.

    Args:
        content: what the TOML holds.
        folder: which paths are relative to.
        name: of the study where the content has none.

    Raises:
        UserError: it holds a typing error or a wrong value.
    """
    document = checked(dict(content))
    return _spec(document, folder.resolve(), name=document.name or name)


def _spec(document: StudyDocument, folder: Path, *, name: str) -> StudySpec:
    kind = document.objective.get("type")
    if kind not in _OFFERED:
        near = nearest(str(kind), _OFFERED)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(_OFFERED)}"
        raise StudyFileError(f"`type` in [objective] is {kind!r}; {hint}")
    if kind == "estimator":
        return _estimator_spec(document, folder, name=name)
    if document.space is None:
        raise StudyFileError("[space] is missing: it says what may be tried, as in lr = { type = 'float', ... }")
    if document.goal.direction is None:
        raise StudyFileError("`direction` in [goal] is missing: 'maximize' or 'minimize'")
    space = space_from_document(document.space, document.constraints)
    _check_objective(document, space, folder)
    spec = StudySpec(
        name=name,
        space=space,
        goal=_goal(document),
        objective=dict(document.objective),
        default=space.default_config(),
        cwd=str(folder),
    )
    return _completed(spec, document)


def _check_objective(document: StudyDocument, space: Space, folder: Path) -> None:
    """Loads what can be loaded without running anything of the user's."""
    content = document.objective
    if content["type"] == "python":
        for key in content:
            if key not in ("type", "target"):
                raise StudyFileError(unknown_key(key, ["type", "target"], where=" in [objective]"))
        require_function(content.get("target"), folder)
        return
    objective = load_objective(content, cwd=folder)
    if isinstance(objective, CommandObjective):
        objective.check(space.parameters)
        groups = () if objective.regex is None else tuple(objective.regex.groupindex)
        if groups and document.goal.metric not in groups:
            raise StudyFileError(
                f"the regex of the metric captures {', '.join(groups)}, but the goal is {document.goal.metric!r}: "
                f"name a group (?P<{document.goal.metric}>...)"
            )
        for name in switches([*objective.words(), *objective.env.values()]):
            _check_switch(name, space.parameters.get(name))
    elif isinstance(objective, TableObjective):
        objective.check(list(space.parameters), document.goal.metric)


def _check_switch(name: str, parameter: Parameter | None) -> None:
    """Refuses a parameter that a command takes for a switch and that has other values than true and false."""
    if parameter is None:
        raise StudyFileError(
            f"the command takes {name} for a switch, but it is no parameter: write {{{name}}} for its value"
        )
    values = parameter.choices if isinstance(parameter, Categorical) else ()
    values = (parameter.value,) if isinstance(parameter, Constant) else values
    if not isinstance(parameter, Bool) and not (values and all(isinstance(value, bool) for value in values)):
        raise StudyFileError(
            f"the command takes {name} for a switch, which is true or false, but it is {parameter.describe()}: "
            f"give it `type = 'bool'`, or write {{{name}}} for its value"
        )


def _estimator_spec(document: StudyDocument, folder: Path, *, name: str) -> StudySpec:
    """By the same checker that sentences go through; a `[space]` of one's own replaces the curated one."""
    if document.budget.trials is None and document.budget.seconds is None:
        raise StudyFileError("[budget] needs `trials` or `seconds`")
    plan = check(_request(document), cwd=folder)
    spec = spec_from_plan(plan)
    space = spec.space
    if document.space is not None:
        space = space_from_document(document.space, document.constraints)
        _check_names(space, plan)
    elif document.constraints:
        space = Space.from_flat(space.parameters, conditions=space.conditions, constraints=document.constraints)
    goal = replace(spec.goal, constraints=tuple(document.goal.constraints), target=document.goal.target)
    default = None if spec.default is None else space.adapt(spec.default)
    extra: dict[str, Json] = {"data": spec.extra["data"], "assumed": list(plan.assumptions)}
    made = replace(spec, name=name, space=space, goal=goal, default=default, request=None, extra=extra)
    return _completed(made, document)


def _request(document: StudyDocument) -> Request:
    """What the file asks for, as if it were a sentence."""
    known = [field for field in ESTIMATOR_FIELDS if field not in ("metric", "sha256")]
    for key in document.objective:
        if key not in known:
            raise StudyFileError(unknown_key(key, known, where=" in [objective]"))
    goal = document.goal
    if goal.metric not in METRICS:
        near = nearest(goal.metric, METRICS)
        hint = f"did you mean {near!r}?" if near else f"estimators have {', '.join(METRICS)}"
        raise StudyFileError(f"`metric` in [goal] is {goal.metric!r}; {hint}")
    asked = {key: value for key, value in document.objective.items() if key != "type"}
    asked |= {"metric": goal.metric, "direction": goal.direction, "seed": document.seed}
    asked |= {"trials": document.budget.trials, "seconds": document.budget.seconds}
    try:
        return Request.model_validate(asked, strict=True)
    except ValidationError as error:
        raise StudyFileError(sentence(error, section="objective")) from None


def _check_names(space: Space, plan: StudyPlan) -> None:
    card = card_named(plan.family)
    known = card.space(EncodedFacts(plan.task), wide=True).parameters
    for name in space.parameters:
        if name not in known:
            raise StudyFileError(unknown_key(name, known, where=f" in [space]: {card.title} has no such parameter"))


def _goal(document: StudyDocument) -> Goal:
    goal = document.goal
    assert goal.direction is not None  # checked before
    return Goal(goal.metric, goal.direction, constraints=tuple(goal.constraints), target=goal.target)


def _completed(spec: StudySpec, document: StudyDocument) -> StudySpec:
    """The spec with everything that is the same for all objectives."""
    budget = Budget(**document.budget.model_dump())
    if budget.trials is None and budget.seconds is None and spec.space.cardinality is None:
        raise StudyFileError("[budget] needs `trials` or `seconds`: the space never runs out")
    if not document.first and document.default is None:
        spec.space.require_satisfiable()
    limits = TrialLimits(
        seconds=document.trial.seconds, memory_bytes=document.trial.memory, attempts=document.trial.attempts
    )
    return replace(
        spec,
        budget=budget,
        proposer=document.proposer,
        model=document.model,
        history=document.history,
        reuse_replies=document.reuse_replies,
        scheduler=document.scheduler,
        seed=document.seed,
        workers=document.workers,
        gpus=document.gpus,
        limits=limits,
        executor=document.executor,
        first=tuple(_config(spec.space, content, "[[first]]") for content in document.first),
        default=spec.default if document.default is None else _config(spec.space, document.default, "[default]"),
    )


def _config(space: Space, content: dict[str, Json], where: str) -> Config:
    """A configuration of the file; what it leaves out gets its default."""
    try:
        return space.fill(cast("dict[str, object]", content))
    except ConfigInvalid as error:
        raise StudyFileError(f"{where}: {error}") from None
