"""Fits the surrogate to a view, from where the last fit of the same study stood.

Not for: what a fitted one says (surrogate.py), or which model it is (choosing.py).

Notation: n observations of p features, x `n x p`, y `n` standardised values, larger is better.
"""

from __future__ import annotations

from typing import Literal, cast

from agenttune.history import StudyView
from agenttune.surrogate.choice import CHOICE, MEMORY, Choice, Kind
from agenttune.surrogate.choosing import chosen, forest, is_due
from agenttune.surrogate.cost import Cost, fit_cost
from agenttune.surrogate.encoding import Encoding
from agenttune.surrogate.feasibility import Feasibility, fit_feasibility
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Hyperparameters, Observations
from agenttune.surrogate.posterior import Predictive
from agenttune.surrogate.rows import rows
from agenttune.surrogate.scale import standard
from agenttune.surrogate.surrogate import Surrogate
from agenttune.surrogate.threads import single_thread
from agenttune.types import Json

COLD_EVERY = 20
"""A fit starts from the last one's hyperparameters, except every twentieth, lest it stay where it was."""
SUCCESS = "success"
"""Where the memory keeps the hyperparameters of what may go wrong."""
EXACT_NOISE = 0.02
"""Noise variance, of standardised values, below which measurements count as exact."""
MIN_ROWS = 2
"""Measurements below which there is nothing to fit."""


def fit(
    view: StudyView,
    memory: dict[str, Json] | None = None,
    *,
    kind: Kind | Literal["best"] | None = None,
    time_left: float | None = None,
) -> Surrogate | None:
    """Fits the surrogate to a view.

    Args:
        view: the study so far.
        memory: of an earlier surrogate of the same study (see `remembered`), to start from; None fits cold.
        kind: which model; "best": the one that predicts the trials better, looked at anew every `CHOOSE_EVERY` of
            them, which takes seconds; None: the one that was chosen last, the Gaussian process while none was.
        time_left: share of the study's time budget that is left, by which the log seconds count in the score; None:
            they do not.

    Returns:
        None if there is too little to fit (fewer than two measurements), or if no fit worked.
    """
    data = rows(view)
    if len(data.values) < MIN_ROWS or not view.space.columns:
        return None
    encoding = Encoding(view.space)
    stored = _usable(memory, encoding)
    age = 0 if stored is None else int(cast(int, stored["age"])) + 1
    if age >= COLD_EVERY:
        age = 0
    warm = None if age == 0 else stored
    centre, scale = standard(data.values)
    with single_thread():
        observed = Observations(encoding.features(data.points), (data.values - centre) / scale, encoding.numeric)
        fitted = fit_posterior(observed, start=_start(warm, "objective"))
        if fitted is None:
            return None
        kind, posterior, choice = _model(observed, fitted.posterior, encoding, kind=kind, stored=stored, seed=view.seed)
        feasibility = fit_feasibility(data, encoding, start=_starts(warm))
        cost = fit_cost(view, encoding, start=_start(warm, "cost"))
    return Surrogate(
        view,
        encoding,
        rows=data,
        posterior=posterior,
        kind=kind,
        is_exact=fitted.posterior.noise < EXACT_NOISE and not data.has_spread,
        feasibility=feasibility,
        cost=cost,
        time_left=time_left,
        memory={
            "signature": encoding.signature,
            "age": age,
            **_memory(fitted.hyperparameters, feasibility, cost, choice),
        },
    )


def _model(
    observed: Observations,
    gp: Predictive,
    encoding: Encoding,
    *,
    kind: Kind | Literal["best"] | None,
    stored: dict[str, Json] | None,
    seed: int,
) -> tuple[Kind, Predictive, Choice | None]:
    """Which model it is, that model, and the choice that it was made by; None where it was asked for."""
    choice = None if kind in ("gp", "forest") else _stored_choice(stored)
    if kind == "best" and is_due(choice, len(observed.y)):
        choice = chosen(observed.x, observed.y, encoding, seed=seed) or choice
    if kind is None or kind == "best":
        kind = "gp" if choice is None else choice.kind
    return kind, forest(observed.x, observed.y, seed) if kind == "forest" else gp, choice


def _memory(
    objective: Hyperparameters, feasibility: Feasibility | None, cost: Cost | None, choice: Choice | None
) -> dict[str, Json]:
    """What the next fit starts from, as JSON."""
    learnt = {
        "objective": objective,
        "cost": None if cost is None else cost.hyperparameters,
        CHOICE: choice,
    }
    parts = {} if feasibility is None else feasibility.hyperparameters
    return {
        **{name: None if part is None else part.to_json() for name, part in learnt.items()},
        SUCCESS: {name: part.to_json() for name, part in parts.items()},
    }


def _stored_choice(stored: dict[str, Json] | None) -> Choice | None:
    return Choice.from_json(None if stored is None else stored.get(CHOICE))


def _usable(memory: dict[str, Json] | None, encoding: Encoding) -> dict[str, Json] | None:
    """The surrogate's part of a memory, if it was made for the same features."""
    stored = cast("dict[str, Json] | None", (memory or {}).get(MEMORY))
    return stored if stored is not None and stored.get("signature") == encoding.signature else None


def _start(stored: dict[str, Json] | None, part: str) -> Hyperparameters | None:
    content = None if stored is None else cast("dict[str, Json] | None", stored.get(part))
    return None if content is None else Hyperparameters.from_json(content)


def _starts(stored: dict[str, Json] | None) -> dict[str, Hyperparameters]:
    parts = cast("dict[str, dict[str, Json]]", (stored or {}).get(SUCCESS) or {})
    return {name: Hyperparameters.from_json(content) for name, content in parts.items()}
