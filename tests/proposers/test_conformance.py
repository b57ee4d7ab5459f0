"""Every proposer of the registry against the shipped conformance suite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.history import StudyView
from agenttune.proposers import Proposer, load_proposer
from agenttune.space import Space
from agenttune.testing.proposers import N_TRIALS, ProposerConformance
from agenttune.trial import Proposal


class TestRandom(ProposerConformance):
    def make(self) -> Proposer:
        return load_proposer("random")


class TestSobol(ProposerConformance):
    def make(self) -> Proposer:
        return load_proposer("sobol")


class TestDefault(ProposerConformance):
    n_at_most = 1

    def make(self) -> Proposer:
        return load_proposer("default")

    def view(self, space: Space, *, seed: int = 0) -> StudyView:
        view = super().view(space, seed=seed)
        return replace(view, default=space.sample(view.rng(), 1)[0])


class TestTPE(ProposerConformance):
    def make(self) -> Proposer:
        return load_proposer("tpe")


@pytest.mark.slow
class TestGP(ProposerConformance):
    n_first = 5  # the last of these is its own, after four start points

    def make(self) -> Proposer:
        return load_proposer("gp")


@pytest.mark.slow
class TestAuto(ProposerConformance):
    n_first = 4

    def make(self) -> Proposer:
        return load_proposer("auto")


class FallsSilent:
    """Proposes at random until a study has so many trials, and nothing from then on."""

    def __init__(self, n_trials: int) -> None:
        self.n_trials = n_trials

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        return load_proposer("random").propose(view, n) if len(view.trials) < self.n_trials else []


@pytest.mark.parametrize("n_trials", [0, 1, N_TRIALS])
def test_a_proposer_that_falls_silent_fails_the_suite(n_trials: int) -> None:
    class Suite(ProposerConformance):
        def make(self) -> Proposer:
            return FallsSilent(n_trials)

    with pytest.raises(AssertionError, match=f"silent after {n_trials} trials"):
        Suite().test_it_proposes_as_long_as_there_is_room()


def test_a_proposer_that_leaves_a_finite_space_unused_fails_the_suite() -> None:
    class Suite(ProposerConformance):
        def make(self) -> Proposer:
            return FallsSilent(11)

    with pytest.raises(AssertionError):
        Suite().test_finite_space_is_used_up_and_then_nothing_is_proposed()
