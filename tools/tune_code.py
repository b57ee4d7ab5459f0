"""The tool `tune_code`."""

from __future__ import annotations

from typing import Literal

from agenttune.budget import Budget
from agenttune.cards.data import BUNDLED
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.plan import ModelChoice
from agenttune.spec import StudySpec
from agenttune.steering import ensure_driver
from agenttune.study import Study
from agenttune.study.code_task import CodeTask, code_spec, described
from agenttune.tools.toolbox import Weighed
from agenttune.tools.workspace import ToolResult, Workspace

Direction = Literal["maximize", "minimize"]


def tune_code(
    workspace: Workspace,
    path: str,
    metric: str,
    direction: Direction,
    target: str = "",
    data: str | None = None,
    column: str | None = None,
    command: str | None = None,
    trials: int | None = None,
    name: str | None = None,
) -> ToolResult:
    """Improve the code of a model itself, where numbers are not enough: a study whose trials run rewritten code.

    You, the model of this conversation, are asked for ideas and for one replacement of the target at a time. Each is
    checked, run in a sandbox and scored; its numbers are tuned too. The person's file stays as it is: what wins is
    theirs to apply, by `agenttune code apply`. The person is always asked first.

    Args:
        path: the Python file, relative to the workspace.
        metric: what is measured, as the script prints it, or accuracy, f1, rmse, ... where data are given.
        direction: whether the metric is to be large or small.
        target: function or class that may change, as in "build_model"; left out, the whole file.
        data: a data set, where the file's fit_predict(train_x, train_y, new_x) hands predictions back to be scored.
        column: the column of the data to predict.
        command: how the script is run where it prints its own metric; left out, `python PATH`.
        trials: how many to run; left out, 20.
        name: of the study; left out, that of the file.
    """
    spec = planned(workspace, path, metric, direction, target, data, column, command, trials, name)
    row = Study.from_spec(spec, store=workspace.store, is_name_exact=name is not None).row
    workspace.study_id = row.id
    ensure_driver(workspace.store, row)
    told = "\n".join(f"{label}: {text}" for label, text in described(spec))
    return ToolResult(f"study {row.name} is created and runs\n{told}", {"study": row.name, "id": row.id})


def weigh(
    workspace: Workspace,
    path: str,
    metric: str,
    direction: Direction,
    target: str = "",
    data: str | None = None,
    column: str | None = None,
    command: str | None = None,
    trials: int | None = None,
    name: str | None = None,
) -> Weighed:
    """The study, and that code of a model runs."""
    spec = planned(workspace, path, metric, direction, target, data, column, command, trials, name)
    told = "\n".join(f"{label}: {text}" for label, text in described(spec))
    return Weighed("code", f"run code that a model writes, confined\n{told}")


def planned(
    workspace: Workspace,
    path: str,
    metric: str,
    direction: Direction,
    target: str,
    data: str | None,
    column: str | None,
    command: str | None,
    trials: int | None,
    name: str | None,
) -> StudySpec:
    """The study that is asked for.

    Raises:
        UserError: it cannot be, or something of it lies outside the workspace.
    """
    place = workspace.path(path)
    if workspace.is_hidden(place):
        raise UserError(f"{path!r} is hidden: hidden files are not tuned")
    if data is not None and data not in BUNDLED and workspace.is_hidden(workspace.path(data)):
        raise UserError(f"{data!r} is hidden: hidden files are not read here")
    task = CodeTask(
        place, target, Goal(metric, direction), data=data, data_target=column, command=command, folder=workspace.folder
    )
    return code_spec(
        task,
        ModelChoice(workspace.model),
        name=name or place.stem,
        budget=Budget(trials=trials),
    )
