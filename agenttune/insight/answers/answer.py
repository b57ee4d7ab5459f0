"""What all answers share: a record as JSON, and small records several of them hold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import ClassVar, cast

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.trial import Trial
from agenttune.types import Config, Json, Scalar

LEAST_WITH_SURROGATE = "there are too few measurements for a surrogate: at least two complete trials are needed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    template: ClassVar[str]
    """Name of the prompt file that words it, below `answers/`."""

    def to_json(self) -> dict[str, Json]:
        """The record as plain JSON; what is no finite number is None."""
        return cast("dict[str, Json]", json.loads(json.dumps(asdict(self)), parse_constant=lambda _: None))


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter whose value differs between two configurations; None where it is inactive."""

    name: str
    value: Scalar | None
    other: Scalar | None


def differences(config: Config, other: Config) -> tuple[Difference, ...]:
    """What differs, in the order of `config`'s parameters and then of the other's."""
    names = dict.fromkeys([*config, *other])
    pairs = ((name, config.get(name), other.get(name)) for name in names)
    return tuple(Difference(*entry) for entry in pairs if entry[1] != entry[2])


def trial_of(view: StudyView, number: int) -> Trial:
    """The trial of that number.

    Raises:
        UserError: there is none.
    """
    for trial in view.trials:
        if trial.number == number:
            return trial
    last = f"the last one is {view.trials[-1].number}" if view.trials else "there is none yet"
    raise UserError(f"there is no trial {number}; {last}")
