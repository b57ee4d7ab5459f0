"""Every proposer of the registry against the shipped conformance suite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agenttune.history import StudyView
from agenttune.proposers import Proposer, load_proposer
from agenttune.space import Space
from agenttune.testing.proposers import ProposerConformance


class TestRandom(ProposerConformance):
    def make(self) -> Proposer:
        return load_proposer("random")


class TestSobol(ProposerConformance):
    def make(self) -> Proposer:
        return load_proposer("sobol")


class TestDefault(ProposerConformance):
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
