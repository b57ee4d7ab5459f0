"""The `objective` entry of a study over code, read: how a variant is scored, rung by rung, and how it is confined.

Not for: running anything (code.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeGuard, cast, get_args

from agenttune.cards.data import Dataset
from agenttune.cards.estimators import metric_named
from agenttune.cards.metrics import Metric
from agenttune.errors import ObjectiveError
from agenttune.objectives.command import CommandObjective
from agenttune.objectives.command_line import placeholders
from agenttune.objectives.data_entry import DEFAULT_HELD_OUT, dataset_of, held_out_share
from agenttune.sandbox import Level, Limits
from agenttune.types import Json, Scalar
from agenttune.variants.running import Confinement

SHARED_FIELDS = (
    "type", "file", "target", "source", "variants", "metric", "rungs", "limits", "allow_unsafe", "level",
    "self_reported",
)  # fmt: skip
PREDICTIONS_FIELDS = ("data", "data_target", "held_out", "sha256", "entry")
SCRIPT_FIELDS = ("command", "env", "shell")
DEFAULT_ENTRY = "fit_predict"
"""The function that hands predictions back."""


@dataclass(frozen=True, slots=True)
class Rungs:
    """How an evaluation grows; one rung where nothing is said."""

    values: tuple[Scalar, ...] = (1.0,)
    option: str | None = None
    """Placeholder of the command; None where the values are shares of the training rows."""

    @classmethod
    def from_json(cls, content: Json, *, is_script: bool) -> Rungs:
        """Reads `{"share": [0.25, 1.0]}`, of predictions, or `{"option": "epochs", "values": [5, 20]}`, of a command.

        Raises:
            ObjectiveError: another entry, or values that do not grow.
        """
        if content is None:
            return cls()
        table = content if isinstance(content, dict) else {}
        wanted = {"option", "values"} if is_script else {"share"}
        example = '{"option": "epochs", "values": [5, 20]}' if is_script else '{"share": [0.25, 1.0]}'
        if set(table) != wanted:
            raise ObjectiveError(f"`rungs` must be like {example}, but got {content!r}")
        values = table["values" if is_script else "share"]
        numbers = [value for value in values if is_positive(value)] if isinstance(values, list) else []
        if not numbers or numbers != values or numbers != sorted(set(numbers)) or (not is_script and numbers[-1] != 1):
            last = "" if is_script else " up to 1"
            raise ObjectiveError(f"the values of `rungs` must grow{last}, as in {example}, but got {values!r}")
        return cls(tuple(numbers), str(table["option"]) if is_script else None)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a variant predicts, and how that is scored."""

    dataset: Dataset
    metric: Metric
    held_out_share: float = DEFAULT_HELD_OUT
    entry: str = DEFAULT_ENTRY


Scoring: TypeAlias = Predictions | CommandObjective


def is_self_reported(content: Mapping[str, Json]) -> bool:
    """Whether the score of a study's `objective` entry is what the code says of itself."""
    return content.get("type") == "code" and "command" in content


def predictions_of(content: Mapping[str, Json], cwd: Path) -> Predictions:
    """Of an entry with `data`.

    Raises:
        ObjectiveError: a wrong entry, or a data file that has changed.
        DataError: a data file that cannot be used.
    """
    metric = metric_named(str(content["metric"]))
    share = held_out_share(content)
    dataset = dataset_of(content, cwd, target=content.get("data_target"), task=metric.task)
    return Predictions(dataset, metric, share, str(content.get("entry", DEFAULT_ENTRY)))


def script_of(content: Mapping[str, Json], cwd: Path) -> CommandObjective:
    """Of an entry with `command`.

    Raises:
        ObjectiveError: a wrong entry.
    """
    told = {name: content[name] for name in ("command", "metric", *SCRIPT_FIELDS) if name in content}
    objective = CommandObjective.from_json({"type": "command", **told}, cwd=cwd)
    if objective.file is not None and objective.file != Path(objective.file).name:
        raise ObjectiveError(
            f"the result file of code must be a bare name in its work folder, but got {objective.file!r}"
        )
    return objective


def check_rungs(scoring: CommandObjective, rungs: Rungs) -> None:
    """Refuses a command that asks for what no variant has, or that every rung would run alike.

    Raises:
        ObjectiveError: names the placeholder.
    """
    option = rungs.option
    scoring.check(() if option is None else (option,))
    if option is not None and option not in placeholders([*scoring.words(), *scoring.env.values()]):
        raise ObjectiveError(
            f"every rung would run the same command, since it says nothing of {{{option}}}: {scoring.command!r}; put "
            f"it where the value belongs, as in 'python train.py --{option} {{{option}}}'"
        )


def confinement_of(content: Mapping[str, Json], *, hidden: tuple[Path, ...], output_bytes: int) -> Confinement:
    """How its code is confined.

    Raises:
        ObjectiveError: a limit or a level that there is not.
    """
    limits, level = content.get("limits") or {}, content.get("level")
    if not isinstance(limits, dict) or not set(limits) <= {"seconds", "memory_bytes"}:
        raise ObjectiveError(f"`limits` of code takes `seconds` and `memory_bytes`, but got {limits!r}")
    usual = Limits()
    seconds, memory_bytes = limits.get("seconds", usual.seconds), limits.get("memory_bytes", usual.memory_bytes)
    if not is_positive(seconds) or not is_positive(memory_bytes):
        raise ObjectiveError(f"`limits` of code must be positive numbers, but got {limits!r}")
    if level is not None and level not in get_args(Level):
        raise ObjectiveError(f"`level` must be one of {', '.join(get_args(Level))}, but got {level!r}")
    return Confinement(
        Limits(float(seconds), int(memory_bytes), output_bytes=output_bytes),
        cast("Level | None", level),
        content.get("allow_unsafe", False) is True,
        hidden,
    )


def is_positive(value: Json) -> TypeGuard[int | float]:
    """Whether it is a positive number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
