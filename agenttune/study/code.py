"""A study over model code: from a file, and what may change in it, to a study that any driver runs; and its result.

The user's file is read once, when the study is made, and written by `apply_variant` alone.
"""

from __future__ import annotations

import ast
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from agenttune.budget import Budget
from agenttune.cards.estimators import metric_named
from agenttune.errors import UserError
from agenttune.events import Event
from agenttune.goal import Goal
from agenttune.history import StudyView, read_view
from agenttune.insight.code_prompt import MAX_TOKENS
from agenttune.inspection import inspect_script
from agenttune.inspection.script import parse_source, read_content
from agenttune.objectives import load_objective
from agenttune.objectives.code import CodeObjective
from agenttune.objectives.code_entry import DEFAULT_HELD_OUT
from agenttune.plan import ModelChoice, with_model
from agenttune.plan.describing import budget_line
from agenttune.plan.model_choice import writer_line
from agenttune.sandbox import probe
from agenttune.spec import StudyRow, StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.result import Result
from agenttune.study.study import Study
from agenttune.trial import Trial
from agenttune.types import Json
from agenttune.variant import CODE, PARAMETER, Variant, name_of
from agenttune.variants.desk import MOST_BLOCK_TOKENS
from agenttune.variants.first import first_variant
from agenttune.variants.numbers import with_values
from agenttune.variants.own_lines import with_own_lines
from agenttune.variants.patch import apply_text, unified_diff
from agenttune.variants.space import as_config, first_space
from agenttune.variants.space import numbers_of as numbers_in
from agenttune.variants.target import find_target, put

DEFAULT_TRIALS = 20
"""Trials of a study that sets neither trials nor seconds: some ten variants, and their numbers."""
ENTRY = "fit_predict"
"""The function that hands predictions back."""
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


@dataclass(frozen=True, slots=True)
class Winner:
    """A variant with the best of its numbers, as the user's file would hold it."""

    variant: Variant
    trial: Trial | None
    """The best that ran; None where none succeeded."""
    folder: Path
    """The study's working folder."""
    file: str
    """The user's file, from there."""
    before: str
    """What was in it when the study was made."""
    after: str
    block: str
    """What stands in the target's place then."""

    @property
    def path(self) -> Path:
        """Of the user's file."""
        return self.folder / self.file

    @property
    def diff(self) -> str:
        """From the one to the other, as `patch -p1` and `git apply` take it in the study's working folder."""
        return unified_diff(self.before, self.after, path=Path(self.file).as_posix())


def winner_of(store: Store, row: StudyRow, number: int | None = None) -> Winner:
    """The best variant of a study, or the one of that number.

    Raises:
        UserError: it is no study over code, nothing succeeded yet, or there is no such variant.
    """
    view = read_view(store, row)
    variants = variants_of(view, row)
    trial = _best_of(view, number)
    if number is None:
        if trial is None:
            raise UserError(
                f"no trial of {row.name!r} succeeded yet, so there is no best variant: name one by its number"
            )
        number = int(str(trial.config[PARAMETER]).removeprefix("v"))
    if number not in variants:
        known = ", ".join(map(name_of, sorted(variants)))
        raise UserError(f"study {row.name!r} has no variant {name_of(number)}; there are {known}")
    variant, objective = variants[number], row.spec.objective
    source = str(objective["source"])
    target = find_target(source, str(objective["target"]))
    values = variant.defaults if trial is None else numbers_in(variant, trial.config)
    block = with_own_lines(variant.block, target.source)
    if values != variant.defaults:
        block = with_values(block, values)
    after = put(source, target, block)
    return Winner(variant, trial, Path(row.spec.cwd), str(objective["file"]), source, after, block)


def apply_variant(winner: Winner) -> Path:
    """Writes the winner into the user's file; returns the backup of what was there.

    Raises:
        UserError: the file is not what it was when the study was made, or cannot be written.
    """
    return apply_text(winner.path, expected=winner.before, after=winner.after)


def variants_of(view: StudyView, row: StudyRow) -> dict[int, Variant]:
    """All variants of a study by number.

    Raises:
        UserError: it is no study over code.
    """
    if row.spec.objective.get("type") != CODE:
        raise UserError(f"study {row.name!r} tunes no code; `agenttune code FILE` starts a study that does")
    return {entry.number: entry for entry in view.code if isinstance(entry, Variant)}


def _best_of(view: StudyView, number: int | None) -> Trial | None:
    ranked = view.ranked()
    if number is not None:
        ranked = [trial for trial in ranked if trial.config.get(PARAMETER) == name_of(number)]
    return ranked[0] if ranked else None


def tune_code(
    file: Path | str,
    *,
    target: str = "",
    maximize: str | None = None,
    minimize: str | None = None,
    data: str | None = None,
    column: str | None = None,
    command: str | None = None,
    regex: str | None = None,
    rungs: dict[str, Json] | None = None,
    model: str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    rung_seconds: float | None = None,
    rung_memory: int | None = None,
    max_dollars: float | None = None,
    max_requests: int | None = None,
    max_tokens: int | None = None,
    seed: int = 0,
    workers: int = 1,
    allow_unsafe: bool = False,
    name: str | None = None,
    store: Store | Path | str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """Has a language model improve a part of a file, and returns what came of it; the file stays as it is.

    `winner_of(store, row)` holds the best variant as a patch, `apply_variant` writes it.

    Args:
        file: the Python file.
        target: function or class that may change, as in "build_model"; "" for the whole file.
        maximize: name of the metric to make large; this or `minimize`.
        minimize: name of the metric to make small.
        data: a bundled set or a CSV file, where the file's `fit_predict(train_x, train_y, new_x)` hands predictions
            back, which are scored on labels that the code cannot read; without it the script prints its own metric.
        column: of the data, to be predicted.
        command: how the script is run; by default `python FILE`.
        regex: finds the metric in what the script prints; by default as the script itself shows.
        rungs: {"share": [0.25, 1.0]} of the training rows, or {"option": "epochs", "values": [5, 20]} of the command.
        model: who writes the variants; by default the one of the settings.
        trials: how many to run; 20 where `seconds` is not given either.
        seconds: wall seconds to spend at most.
        rung_seconds: wall seconds after which one run of a variant is killed.
        rung_memory: bytes of resident memory above which it is killed.
        max_dollars: US dollars that may be paid to the model in all.
        max_requests: requests that may be sent to it in all.
        max_tokens: tokens that may be used in all.
        seed: same seed and same results, same proposals.
        workers: trials at a time.
        allow_unsafe: whether code may run where this machine cannot confine it.
        name: of the study; by default the file's.
        store: path of the store; by default the user's own.
        on_event: called with every event, in this thread.

    Raises:
        UserError: something above cannot be; nothing was created.
    """
    arguments.check_text("target", target)
    arguments.check_name(name)
    arguments.check_callback(on_event)
    goal = arguments.goal_of(maximize, minimize, (), None)
    opened = arguments.opened(store)
    task = CodeTask(
        Path(file),
        target,
        goal,
        data=data,
        data_target=column,
        command=command,
        regex=regex,
        rungs=rungs,
        allow_unsafe=allow_unsafe,
        limits=TrialLimits(seconds=rung_seconds, memory_bytes=rung_memory),
    )
    spec = code_spec(
        task,
        ModelChoice(model, None, None, max_dollars, max_requests, max_tokens),
        name=name or arguments.free_name(opened, Path(file).stem),
        budget=Budget(trials=trials, seconds=seconds),
        seed=seed,
        workers=workers,
    )
    return Study.from_spec(spec, store=opened).run(on_event=on_event)


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
    if not any(isinstance(node, ast.FunctionDef) and node.name == ENTRY for node in ast.parse(text).body):
        raise UserError(
            f"--data needs a function {ENTRY}(train_x, train_y, new_x) in {file}, which fits on the first two and "
            "returns what it predicts for the third; without --data the script prints its own metric"
        )
    metric_named(task.goal.metric)
    content: dict[str, Json] = {
        "data": task.data,
        "metric": task.goal.metric,
        "entry": ENTRY,
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
                "say how it is printed with --regex 'accuracy: ([0-9.]+)'"
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
