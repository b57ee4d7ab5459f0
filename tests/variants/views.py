"""Views of studies over code, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.testing.views import complete, failed
from agenttune.trial import Proposal, Trial
from agenttune.types import Config, Json
from agenttune.variant import CodeEntry, Variant
from agenttune.variants.space import as_config, first_space, with_variant

LR: dict[str, Json] = {"type": "float", "low": 1e-4, "high": 0.1, "log": True}


def variant(number: int, parent: int | None = 0, *, numbers: bool = False, **changes: object) -> Variant:
    """A variant, with a learning rate if it has numbers."""
    made = Variant(
        number,
        parent if number else None,
        "improve" if number else "start",
        f"idea {number}" if number else "",
        f"def f():\n    return {number}\n",
        {"lr": LR} if numbers else {},
        {"lr": 0.01} if numbers else {},
        shape=f"shape {number}",
        id=number + 1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a variant


def view_of(variants: Sequence[Variant], runs: Sequence[tuple[int, float | None]] = (), **rest: object) -> StudyView:
    """A view of a study that maximises `score`.

    Args:
        variants: in order, the user's own code first.
        runs: (number of a variant, its score or None for a crash) of each trial, with the numbers it was written with.
        **rest: fields of the view.
    """
    space = first_space(variants[0])
    for entry in variants[1:]:
        space = with_variant(space, entry)
    trials = [run(place, variants[number], value) for place, (number, value) in enumerate(runs)]
    code: tuple[CodeEntry, ...] = tuple(variants)
    view = StudyView(space, Goal("score", "maximize"), tuple(trials), spaces={1: space}, code=code)
    return replace(view, **rest)  # type: ignore[arg-type]  # fields of a view


def run(number: int, of: Variant, value: float | None, numbers: Config | None = None, *, arm: str = "code") -> Trial:
    """A trial of a variant that measured `value`; None is a crash."""
    config = as_config(of, of.defaults if numbers is None else numbers)
    proposal = Proposal(config, arm, "made for a test")
    if value is None:
        return failed(number, config, proposal=proposal)
    return complete(number, config, {"score": value, "size": 1.0}, proposal=proposal)
