"""Chooses between a surrogate and the density estimate by what is known of either, and says why."""

from __future__ import annotations

from math import prod

from agenttune.history import StudyView
from agenttune.proposers import load_proposer
from agenttune.proposers.gp import SurrogateProposer
from agenttune.space import Categorical, Space
from agenttune.space.scalars import scalar_key
from agenttune.space.tree import values_of
from agenttune.surrogate import remembered_choice
from agenttune.trial import Proposal

MAX_TRIALS = 250
"""Finished trials from which the GP's cubic cost is not worth its lead any more; Optuna's AutoSampler
leaves its GP at the same number."""
MAX_COMBINATIONS = 1_000
"""Combinations of unordered categories from which one-hot distances tell the GP little."""
MAX_CONDITIONAL = 0.8
"""Share of conditional parameters above which most of what the GP sees of a configuration is imputed. At a share of
.75 the two are still level (docs/figures.md, suite conditional: GP .293 .206 .143, TPE .293 .238 .139)."""


class AutoProposer:
    """A surrogate normally, the GP or what the trials speak for; TPE where it is known to do better."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """What the chosen proposer proposes."""
        name, _ = choose(view)
        return (load_proposer("tpe") if name == "tpe" else SurrogateProposer()).propose(view, n)

    def choose(self, view: StudyView) -> tuple[str, str]:
        """Name of the proposer for this view and why; the study announces it whenever it changes."""
        return choose(view)


def choose(view: StudyView) -> tuple[str, str]:
    """Name of the proposer for this view, and why, in a sentence for people.

    Whether it is TPE depends on the space and on the number of finished trials only: failed ones cost the GP as much.
    Between GP and forest the surrogate decides when it is fitted, and this tells what it decided last.
    """
    if len(view.finished) > MAX_TRIALS:
        return "tpe", f"more than {MAX_TRIALS} finished trials: a density estimate stays fast where a GP gets slow"
    share = conditional_share(view.space)
    if share > MAX_CONDITIONAL:
        return "tpe", f"{share:.0%} of the parameters depend on another one: a density estimate by branch suits them"
    combinations = categorical_combinations(view.space)
    if combinations > MAX_COMBINATIONS:
        return "tpe", f"{combinations:,} combinations of categories: a density estimate per category suits them"
    chosen = remembered_choice(view)
    if chosen is not None and chosen.kind == "forest":
        return "forest", chosen.sentence
    return "gp", "a Gaussian process learns most from few trials in a space like this"


def conditional_share(space: Space) -> float:
    """Share of the varying parameters that some configurations lack, 0 to 1."""
    return sum(_may_be_absent(space, name) for name in space.columns) / max(1, len(space.columns))


def _may_be_absent(space: Space, name: str) -> bool:
    """Whether its parent, or one above, can have another value: one that is frozen cannot."""
    condition = space.conditions.get(name)
    if condition is None:
        return False
    is_met = all(scalar_key(value) in condition.keys for value in values_of(space.parameters[condition.parent]))
    return not is_met or _may_be_absent(space, condition.parent)


def categorical_combinations(space: Space) -> int:
    """How many combinations the unordered categorical parameters have."""
    parameters = (space.parameters[name] for name in space.columns)
    return prod(len(parameter.choices) for parameter in parameters if isinstance(parameter, Categorical))
