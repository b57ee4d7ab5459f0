"""From a file, and what may change in it, to a study over code that any driver runs.

The user's file is read once, when the study is made. Not for: what came of one (code.py).
"""

from __future__ import annotations

import ast
import shlex
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from agenttune.budget import Budget
from agenttune.cards.estimators import metric_named
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.insight.code_prompt import MAX_TOKENS
from agenttune.inspection import inspect_script
from agenttune.inspection.script import parse_source, read_content
from agenttune.objectives import load_objective
from agenttune.objectives.code import CodeObjective
from agenttune.objectives.code_entry import DEFAULT_ENTRY
from agenttune.objectives.data_entry import DEFAULT_HELD_OUT
from agenttune.plan import ModelChoice, with_model
from agenttune.plan.describing import budget_line
from agenttune.plan.model_choice import writer_line
from agenttune.sandbox import probe
from agenttune.spec import StudySpec, TrialLimits
from agenttune.types import Json
from agenttune.variant import CODE
from agenttune.variants.desk import MOST_BLOCK_TOKENS
from agenttune.variants.first import first_variant
from agenttune.variants.space import as_config, first_space
from agenttune.variants.target import find_target

DEFAULT_TRIALS = 20
"""Trials of a study that sets neither trials nor seconds: some ten variants, and their numbers."""
DEFAULT_SHARES = (0.25, 1.0)
"""Of the training rows, rung by rung: a quarter costs a quarter, and tells a bad idea from a good one."""


@dataclass(frozen=True, slots=True)
class CodeTask:
    """What is to be improved, and how it is scored."""

    file: Path
    target: str
    """Name of the function or class that may change; "" for the whole file."""
    goal: Goal
    data: str | None = None
    """A bundled set or a CSV file: the code hands back predictions, and is scored by us."""
    data_target: str | None = None
    """Column to predict."""
    command: str | None = None
    """How the script is run where it prints its own metric; `python FILE` by default."""
    regex: str | None = None
    """Finds the metric in what the script prints."""
    rungs: dict[str, Json] | None = None
    """{"share": [0.25, 1.0]} of the training rows, or {"option": "epochs", "values": [5, 20]} of the command."""
    allow_unsafe: bool = False
    """Whether code may run where this machine cannot confine it."""
    limits: TrialLimits = field(default_factory=TrialLimits)
    """Of each rung."""
    folder: Path | None = None
    """In which it runs and finds data; None is the working folder, if the file lies in it, else the file's own."""


def code_spec(
    task: CodeTask,
    choice: ModelChoice,
    *,
    name: str,
    budget: Budget,
    seed: int = 0,
    workers: int = 1,
) -> StudySpec:
    """The study of a task, checked as far as it can be before anything runs.

    Raises:
        UserError: the file, the target, the metric, the data or the model cannot be; or code cannot be confined here.
    """
    cwd, file = _placed(task)
    text = _text_of(cwd / file)
    variant = first_variant(find_target(text, task.target))
    objective = _objective(task, cwd, file, text)
    offer = probe()
    if offer.level == "weak" and not task.allow_unsafe:
        raise UserError(
            "this machine cannot confine the code that a model writes (`agenttune doctor` says why): it could read "
            "your files and use the network. --allow-unsafe-exec runs it all the same"
        )
    made = load_objective({**objective, "variants": str(cwd)}, cwd=cwd)
    if isinstance(made, CodeObjective):
        made.check_rows(seed)
        if made.data_hash is not None:
            objective["sha256"] = made.data_hash
    spec = StudySpec(
        name=name,
        space=first_space(variant),
        goal=task.goal,
        objective=objective,
        budget=budget if budget.trials or budget.seconds else replace(budget, trials=DEFAULT_TRIALS),
        proposer=CODE,
        scheduler="halving",
        seed=seed,
        workers=workers,
        default=as_config(variant, variant.defaults),
        cwd=str(cwd),
    )
    spec = with_model(spec, replace(choice, proposer=None))
    if spec.model is None:
        raise UserError(
            "a language model writes the variants, but none is set: name one with --model or AGENTTUNE_MODEL; to tune "
            'the numbers of a script alone, `agenttune tune "tune train.py for val_accuracy"`'
        )
    return spec


def described(spec: StudySpec) -> list[tuple[str, str]]:
    """(label, text) of a study over code before it starts."""
    objective = spec.objective
    what = f"{objective['target'] or 'all'} of {objective['file']}"
    verb = "maximise" if spec.goal.sign > 0 else "minimise"
    if "data" in objective:
        scored = (
            f"{verb} {spec.goal.metric} on {objective['data']}, of predictions, by labels that the code cannot read"
        )
    else:
        scored = f"{verb} {spec.goal.metric}, self-reported by {objective['command']}"
    numbers = " · ".join(spec.space.describe()[1:])
    offer = probe()
    confined = f"{offer.level} ({offer.method})" + ("" if offer.level != "weak" else ": NOT isolated")
    return [
        ("code", f"{what} may change; nothing is written before `agenttune code apply`"),
        ("goal", scored),
        ("numbers", numbers or "none in it; variants may declare theirs"),
        ("sandbox", confined),
        ("budget", budget_line(spec)),
        writer_line(spec, prompt_tokens=MAX_TOKENS, reply_tokens=MOST_BLOCK_TOKENS),
    ]


def _placed(task: CodeTask) -> tuple[Path, Path]:
    """(folder that the study runs in, the file below it)."""
    absolute = task.file.expanduser().resolve()
    here = (task.folder or Path.cwd()).resolve()
    if absolute.is_relative_to(here):
        return here, absolute.relative_to(here)
    return absolute.parent, Path(absolute.name)


def _text_of(path: Path) -> str:
    """The file as `apply_text` expects it: with its line ends as they are, without a byte order mark."""
    source = parse_source(read_content(path), str(path))
    if source.encoding not in ("utf-8", "utf-8-sig"):
        raise UserError(
            f"{path.name} is written in {source.encoding}, and variants of it are written in UTF-8: save it as that, "
            "and take the line out that names its encoding"
        )
    return source.text


def _objective(task: CodeTask, cwd: Path, file: Path, text: str) -> dict[str, Json]:
    common: dict[str, Json] = {
        "type": CODE,
        "file": str(file),
        "target": task.target,
        "source": text,
        "variants": "variants",
        "allow_unsafe": task.allow_unsafe,
        "self_reported": task.data is None,
    }
    limits = {"seconds": task.limits.seconds, "memory_bytes": task.limits.memory_bytes}
    given: dict[str, Json] = {name: value for name, value in limits.items() if value is not None}
    if given:
        common["limits"] = given
    if task.data is not None:
        return common | _scored_by_us(task, text, file)
    return common | _self_reported(task, cwd / file, file)


def _scored_by_us(task: CodeTask, text: str, file: Path) -> dict[str, Json]:
    if task.command is not None:
        raise UserError("with --data the code hands back predictions and no command is run: leave one of the two out")
    if not any(isinstance(node, ast.FunctionDef) and node.name == DEFAULT_ENTRY for node in ast.parse(text).body):
        raise UserError(
            f"--data needs a function {DEFAULT_ENTRY}(train_x, train_y, new_x) in {file}, which fits on the first two "
            "and returns what it predicts for the third; without --data the script prints its own metric"
        )
    metric_named(task.goal.metric)
    content: dict[str, Json] = {
        "data": task.data,
        "metric": task.goal.metric,
        "entry": DEFAULT_ENTRY,
        "held_out": DEFAULT_HELD_OUT,
    }
    if task.data_target is not None:
        content["data_target"] = task.data_target
    return content | {"rungs": task.rungs or {"share": list(DEFAULT_SHARES)}}


def _self_reported(task: CodeTask, path: Path, file: Path) -> dict[str, Json]:
    regex = task.regex
    if regex is None:
        script = inspect_script(path)
        found = script.metric(task.goal.metric)
        if found is None and script.metrics:
            printed = ", ".join(dict.fromkeys(metric.name for metric in script.metrics))
            raise UserError(
                f"{file} does not print {task.goal.metric!r}; it prints {printed}. Name one of these with --metric, or "
                r"say how it is printed with --regex 'accuracy: (\S+)'"
            )
        if found is None:
            raise UserError(
                f"{file} prints no metric that can be read: have it print {task.goal.metric}=0.93, or say how it is "
                "printed with --regex, or give --data and have the code hand back predictions"
            )
        regex = found.regex
    command = task.command or shlex.join([sys.executable, str(file)])
    content: dict[str, Json] = {"command": command, "metric": {"regex": regex}}
    return content if task.rungs is None else content | {"rungs": task.rungs}
