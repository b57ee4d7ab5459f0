"""Which surrogate a study's trials speak for, the Gaussian process or the forest, as it is kept with a proposal.

Loads nothing heavy: whoever shows the choice needs no scipy. Not for: scoring them (left_out.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from agenttune.history import StudyView
from agenttune.types import Json

Kind = Literal["gp", "forest"]
MEMORY = "gp"
"""Key of the surrogate's part in `Proposal.memory`."""
CHOICE = "choice"
"""Key of the choice in it."""
CHOOSE_EVERY = 10
"""Measurements after which the choice is made anew."""
CLEARLY = 0.6
"""Share of the Gaussian process's score below which the forest's counts as better. It searches worse than it predicts:
with three quarters, the 43 of 240 Bayesmark runs that came to a forest lost .01 (error .01) of regret by it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The scores of both, and so who proposes."""

    n_rows: int
    """Measurements it was made on."""
    gp: float
    """Mean continuous ranked probability score of the measurements left out, in standard deviations; less is better."""
    forest: float

    @property
    def kind(self) -> Kind:
        """The Gaussian process, unless the forest is clearly better."""
        return "forest" if self.forest < CLEARLY * self.gp else "gp"

    @property
    def sentence(self) -> str:
        """Why, for people."""
        scores = f"error of trials left out {self.forest:.2g} against {self.gp:.2g}, {self.n_rows} trials"
        if self.kind == "forest":
            return f"a random forest predicts this study's trials better than a Gaussian process ({scores})"
        return f"a random forest predicts this study's trials not clearly better than a Gaussian process ({scores})"

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        return {"n_rows": self.n_rows, "gp": self.gp, "forest": self.forest}

    @classmethod
    def from_json(cls, content: Json) -> Choice | None:
        """Inverse of `to_json`; None where there is none."""
        if not isinstance(content, dict):
            return None
        numbers = cast("dict[str, float]", content)
        return cls(int(numbers["n_rows"]), float(numbers["gp"]), float(numbers["forest"]))


def remembered(view: StudyView) -> dict[str, Json] | None:
    """The memory of the latest trial that carries a surrogate's."""
    return next((trial.proposal.memory for trial in reversed(view.trials) if MEMORY in trial.proposal.memory), None)


def remembered_choice(view: StudyView) -> Choice | None:
    """The latest choice; None while none was made."""
    stored = (remembered(view) or {}).get(MEMORY)
    return Choice.from_json(stored.get(CHOICE)) if isinstance(stored, dict) else None
