"""The tool `create_study`."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Any

from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.plan import (
    ModelChoice,
    Plan,
    PlanOptions,
    model_line,
    spec_of,
    study_from_document,
    understand_turns,
    with_model,
)
from agenttune.plan.describing import spec_lines
from agenttune.spec import StudySpec
from agenttune.steering import ensure_driver
from agenttune.study import Study
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace

READ = ("data", "path", "target")
"""Keys of objectives that name a file: of an estimator, a table and a function."""


def create_study(
    workspace: Workspace, request: str | None = None, document: dict[str, Any] | None = None, name: str | None = None
) -> ToolResult:
    """Create a study and start it. Give either a request or a document.

    A request is a sentence about an estimator and a data set, "tune an SVM on digits for accuracy, 30 trials, at most
    5 minutes", or about a script or command line of the person's, "minimise val_loss of train.py, lr 1e-5 to 1e-1,
    40 trials". A document is any study, in the shape of a study file:
    {"objective": {"type": "command", "command": "python t.py --lr {lr}", "metric": {"regex": "accuracy: (\\\\S+)"}},
    "space": {"lr": {"type": "float", "low": 1e-5, "high": 0.1, "log": true}}, "goal": {"metric": "accuracy",
    "direction": "maximize"}, "budget": {"trials": 30}}. Parameters are float, int, categorical (choices), ordinal
    (values), bool or constant (value), "when": {"optimizer": ["sgd"]} makes one conditional; a function has the
    objective {"type": "python", "target": "train.py:objective"}.

    Args:
        request: the sentence, as close to the person's own words as can be; each further line corrects those before.
        document: the study as a study file holds it.
        name: of the study; left out, one is made up.
    """
    spec = planned(workspace, request, document, name)
    row = Study.from_spec(spec, store=workspace.store, is_name_exact=name is not None).row
    workspace.study_id = row.id
    ensure_driver(workspace.store, row)
    told = "\n".join(f"{label}: {text}" for label, text in lines(spec))
    return ToolResult(f"study {row.name} is created and runs\n{told}", {"study": row.name, "id": row.id})


def weigh(
    workspace: Workspace, request: str | None = None, document: dict[str, Any] | None = None, name: str | None = None
) -> Weighed:
    """The plan, and whether it runs what the person did not type, or reads what lies elsewhere.

    A script in a sentence that is theirs word for word is one that they asked to run.

    A file elsewhere is not even looked at before it is allowed: a sentence about its columns would tell them.
    """
    is_theirs = request is not None and workspace.has_asked(_turns(request))
    elsewhere = [] if is_theirs else _elsewhere(workspace, request, document)
    if elsewhere:
        asked = request if request is not None else json.dumps(document)
        return Weighed("outside", f"reads {', '.join(elsewhere)}, which lies outside the workspace\n{asked}")
    spec = planned(workspace, request, document, name)
    told = "\n".join(f"{label}: {text}" for label, text in lines(spec))
    objective = spec.objective
    if objective.get("type") not in ("command", "python"):
        return Weighed("start", told)
    command = objective.get("command")
    words = shlex.join(map(str, command)) if isinstance(command, list) else str(command)
    program = words if objective["type"] == "command" else str(objective.get("target"))
    more = {name: value for name, value in objective.items() if name in ("env", "shell")}
    if is_theirs:
        return Weighed("start", told)
    return Weighed("run", f"{told}\nruns: {program}{f' with {json.dumps(more)}' if more else ''}")


def _elsewhere(workspace: Workspace, request: str | None, document: dict[str, Any] | None) -> list[str]:
    """Files outside the workspace, and hidden ones, that would be read and that the person did not name."""
    if request is not None:
        words = [word.strip("\"'`,;:()[]") for word in request.split()]
        quoted = re.findall(r"[\"'`]([^\"'`]+)[\"'`]", request)
        names = [word for word in (*words, *quoted) if "/" in word or "~" in word or "." in word]
    else:
        objective = (document or {}).get("objective")
        names = [] if not isinstance(objective, dict) else [str(objective[key]) for key in READ if key in objective]
        names = [name.rpartition(":")[0] or name for name in names]
    return [name for name in names if workspace.is_private(name) and not workspace.has_named(name)]


def planned(workspace: Workspace, request: str | None, document: dict[str, Any] | None, name: str | None) -> StudySpec:
    """The study that is asked for, with the model that the conversation has.

    Raises:
        UserError: it cannot be, or it is not said which.
    """
    if (request is None) == (document is None):
        raise UserError("create_study takes either `request` or `document`")
    if request is not None:
        spec = spec_of(_understood(workspace, request, name))
    else:
        assert document is not None  # the other case
        spec = study_from_document(document, folder=workspace.folder, name=name or "study")
        spec = spec if name is None else replace(spec, name=name)
    if spec.model not in (None, workspace.model) and not workspace.has_named(str(spec.model)):
        raise UserError(  # before it is loaded: it may be a module to import, or somebody's server
            f"a study asks the model of the conversation ({workspace.model or 'none'}) unless the person names "
            f"another, but got {spec.model!r}"
        )
    return with_model(spec, ModelChoice(workspace.model))


def _turns(request: str) -> tuple[str, ...]:
    return tuple(line for line in request.splitlines() if line.strip()) or (request,)


def _understood(workspace: Workspace, request: str, name: str | None) -> Plan:
    turns = _turns(request)
    try:
        plan = understand_turns(turns, PlanOptions(cwd=str(workspace.folder), name=name))
    except RequestNotUnderstood as error:
        if not error.fragments:
            workspace.unfinished = turns
        raise
    workspace.unfinished = ()
    return plan


def lines(spec: StudySpec) -> list[tuple[str, str]]:
    """(label, text) of a study before it starts."""
    understood = spec.extra.get("understood")
    told = [(str(entry[0]), str(entry[1])) for entry in understood] if isinstance(understood, list) else []  # type: ignore[index]  # as plan/plan.py writes it
    return [*(told or spec_lines(spec)), model_line(spec)]
