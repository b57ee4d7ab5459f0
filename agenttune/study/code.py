"""`tune_code`: a study over code in one call; and its winner, as a patch and written into the user's file.

Nothing but `apply_variant` writes that file. Not for: what a study over code is made of (code_task.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.events import Event
from agenttune.history import StudyView, read_view
from agenttune.plan import ModelChoice
from agenttune.spec import StudyRow, TrialLimits
from agenttune.store import Store
from agenttune.study import arguments
from agenttune.study.code_task import CodeTask, code_spec
from agenttune.study.result import Result
from agenttune.study.study import Study
from agenttune.trial import Trial
from agenttune.types import Json
from agenttune.variant import CODE, PARAMETER, Variant, name_of, number_of
from agenttune.variants.numbers import with_values
from agenttune.variants.own_lines import with_own_lines
from agenttune.variants.patch import apply_text, unified_diff
from agenttune.variants.space import numbers_of as numbers_in
from agenttune.variants.target import find_target, put


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
        number = number_of(str(trial.config[PARAMETER]))
    if number not in variants:
        known = ", ".join(map(name_of, sorted(variants))) or "none before it has begun"
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
        name=name or Path(file).stem,
        budget=Budget(trials=trials, seconds=seconds),
        seed=seed,
        workers=workers,
    )
    return Study.from_spec(spec, store=opened, is_name_exact=name is not None).run(on_event=on_event)
