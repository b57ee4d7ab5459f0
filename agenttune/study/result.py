"""What a study came to, for Python callers: the best trial, all trials, a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agenttune.history import StudyView
from agenttune.trial import Trial, TrialState

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Result:
    """A study at the moment it ended or was left."""

    name: str
    id: str
    view: StudyView
    end_reason: str | None
    """Why it ended, and that no complete trial was feasible where none was; None if it has not."""

    @property
    def best(self) -> Trial | None:
        """The best COMPLETE, feasible trial; None without one."""
        return self.view.incumbent

    @property
    def best_value(self) -> float | None:
        """The goal's metric of the best trial."""
        return None if self.best is None else self.view.value(self.best)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials by number."""
        return self.view.trials

    @property
    def n_complete(self) -> int:
        """How many trials are COMPLETE."""
        return sum(trial.state is TrialState.COMPLETE for trial in self.trials)

    def frame(self) -> pd.DataFrame:
        """One row a trial: see `trials_frame`."""
        return trials_frame(self.trials)


def trials_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """Trials as a pandas frame, one row each, indexed by number.

    Columns: state, arm, reason, failure, seed, elapsed_s, then metrics and parameters under their
    own names; one that is taken already is prefixed by "metric." or "param.".
    """
    import pandas as pd

    rows = [_row(trial) for trial in trials]
    frame = pd.DataFrame(rows, columns=None if rows else ["number", "state", "arm", "reason"])
    return frame.set_index("number")


def _row(trial: Trial) -> dict[str, object]:
    row: dict[str, object] = {
        "number": trial.number,
        "state": trial.state.value,
        "arm": trial.arm,
        "reason": trial.reason,
        "failure": None if trial.failure is None else trial.failure.message,
        "seed": trial.seed,
        "elapsed_s": None if trial.outcome is None else trial.outcome.elapsed_s,
    }
    values = {} if trial.outcome is None else trial.outcome.values
    for prefix, entries in (("metric", values), ("param", trial.config)):
        for name, value in entries.items():
            row[f"{prefix}.{name}" if name in row else name] = value
    return row
