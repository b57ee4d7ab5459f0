"""What every proposer must hold to, as tests to inherit:

class TestMine(ProposerConformance):
    def make(self) -> Proposer:
        return MyProposer()
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from agenttune.errors import ConfigInvalid
from agenttune.goal import Goal
from agenttune.history import StudyView, config_key
from agenttune.proposers import Proposer
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.testing.views import measured, tuned, waiting
from agenttune.trial import Proposal
from agenttune.types import Config

NUMBERS = Space(rate=Float(1e-4, 1.0, log=True), depth=Int(1, 12))
MIXED = Space(
    rate=Float(1e-4, 1.0, log=True),
    share=Float(0.0, 1.0, step=0.25),
    width=Int(8, 512, log=True),
    size=Ordinal([16, 32, 64]),
    kind=Categorical(["adam", "sgd", "lion"]),
    bias=Bool(),
    folds=Constant(5),
)
CONDITIONAL = Space(
    rate=Float(0.0, 1.0),
    kernel=Categorical(
        {
            "linear": None,
            "poly": Space(degree=Int(2, 5), scale=Float(0.1, 10.0, log=True)),
            "rbf": Space(gamma=Float(1e-5, 1.0, log=True)),
        }
    ),
)
CONSTRAINED = Space({"batch": Int(1, 64), "depth": Int(1, 32)}, constraints=["batch * depth < 256"])
FINITE = Space(kind=Categorical(["a", "b", "c"]), size=Ordinal([1, 2]), bias=Bool())
_RAN: dict[tuple[type, int, int], StudyView] = {}
"""(tests, one of the spaces above, seed) -> the view after the first trials."""
N_TRIALS = 9
"""Trials of the studies below: enough that start points are over and a model decides."""


def score(config: Config) -> float:
    """A smooth objective of whatever the space holds."""
    total = 0.0
    for name, value in sorted(config.items()):
        number = float(value) if isinstance(value, (int, float)) else float(len(value))
        total -= (np.log1p(abs(number)) - 0.1 * len(name)) ** 2
    return total


class ProposerConformance(ABC):
    """Inherit, and say how to make the proposer; `n_first` trials are run before what is judged."""

    n_first = N_TRIALS
    n_at_most: int | None = None
    """Proposals that it makes of one study at most; None: as many as the space has room for."""

    @abstractmethod
    def make(self) -> Proposer:
        """A new proposer."""

    def view(self, space: Space, *, seed: int = 0) -> StudyView:
        """The view the tests of a space start from; override to add what the proposer needs."""
        return StudyView(space, Goal("value", "maximize"), (), seed=seed)

    def run(self, space: Space, *, seed: int = 0) -> StudyView:
        """The view after the first trials; each is made once, since nothing changes it."""
        key = (type(self), id(space), seed)
        if key not in _RAN:
            _RAN[key] = tuned(self.view(space, seed=seed), self.make(), score, self.n_first)
        return _RAN[key]

    def _n_of(self, n: int) -> int:
        return n if self.n_at_most is None else min(n, self.n_at_most)

    def test_first_proposal_of_an_empty_study_is_valid(self) -> None:
        view = self.view(MIXED)
        (proposal,) = self.make().propose(view, 1)
        assert view.space.validate(proposal.config) == proposal.config

    def test_it_proposes_as_long_as_there_is_room(self) -> None:
        for space in (NUMBERS, MIXED, CONDITIONAL, CONSTRAINED):
            view = self.run(space)
            assert len(view.trials) == self._n_of(self.n_first), f"fell silent after {len(view.trials)} trials"
            n_more = self._n_of(self.n_first + 1) - len(view.trials)
            assert len(self.make().propose(view, 1)) == n_more, f"fell silent after {len(view.trials)} trials"

    def test_every_proposal_is_valid_and_new(self) -> None:
        for space in (NUMBERS, MIXED, CONDITIONAL, CONSTRAINED):
            _assert_valid_and_new(self.run(space))

    def test_several_proposals_at_once_are_distinct_and_new(self) -> None:
        view = self.run(MIXED)
        proposals = self.make().propose(view, 3)
        for proposal in proposals:
            view = waiting(view, proposal)
        _assert_valid_and_new(view)

    def test_no_more_than_asked_for(self) -> None:
        view = self.run(NUMBERS)
        assert [len(self.make().propose(view, n)) <= n for n in (0, 1, 2)] == [True] * 3

    def test_pending_trials_are_not_proposed_again(self) -> None:
        view = self.run(FINITE)
        while proposals := self.make().propose(view, 1):
            view = waiting(view, proposals[0])
        _assert_valid_and_new(view)

    def test_same_view_gives_the_same_proposals(self) -> None:
        view = self.run(MIXED, seed=3)
        assert self.make().propose(view, 2) == self.make().propose(view, 2)

    def test_proposer_remembers_nothing_between_views(self) -> None:
        proposer = self.make()
        view, other = self.run(MIXED, seed=3), self.run(CONDITIONAL, seed=4)
        proposer.propose(other, 1)
        assert proposer.propose(view, 1) == self.make().propose(view, 1)

    def test_proposal_survives_a_trip_through_json(self) -> None:
        view = self.run(MIXED)
        (proposal,) = self.make().propose(view, 1) or [Proposal({}, "none", "nothing left")]
        stored = json.loads(json.dumps([dict(proposal.config), proposal.memory], allow_nan=False))
        assert stored == [dict(proposal.config), proposal.memory]

    def test_memory_read_back_from_json_changes_nothing(self) -> None:
        view = self.run(MIXED)
        stored = tuple(
            replace(trial, proposal=replace(trial.proposal, memory=json.loads(json.dumps(trial.proposal.memory))))
            for trial in view.trials
        )
        assert self.make().propose(replace(view, trials=stored), 1) == self.make().propose(view, 1)

    def test_every_proposal_says_who_and_why(self) -> None:
        proposals = [trial.proposal for trial in self.run(NUMBERS).trials]
        assert all(proposal.arm and proposal.reason for proposal in proposals)

    def test_proposal_names_the_finished_trials_it_knew(self) -> None:
        view = self.run(MIXED)
        for proposal in self.make().propose(view, 1):
            assert proposal.seen_trials == tuple(trial.number for trial in view.trials)

    def test_global_random_state_is_left_alone(self) -> None:
        view = self.run(MIXED)
        before = random.getstate(), repr(np.random.get_state())
        self.make().propose(view, 1)
        assert (random.getstate(), repr(np.random.get_state())) == before

    def test_finite_space_is_used_up_and_then_nothing_is_proposed(self) -> None:
        view = tuned(self.view(FINITE), self.make(), score, 20)
        assert len(view.trials) == self._n_of(12)
        assert self.make().propose(view, 1) == []

    def test_failed_trials_do_not_stop_it(self) -> None:
        def fragile(config: Config) -> float | None:
            return None if float(config["rate"]) > 0.1 else score(config)

        _assert_valid_and_new(tuned(self.view(NUMBERS), self.make(), fragile, self.n_first + 3))

    def test_equal_values_do_not_stop_it(self) -> None:
        _assert_valid_and_new(tuned(self.view(NUMBERS), self.make(), lambda config: 1.0, self.n_first + 2))

    def test_metric_constraints_do_not_stop_it(self) -> None:
        view = replace(self.view(NUMBERS), goal=Goal("value", "maximize", ("cost < 6",)))

        def both(config: Config) -> dict[str, float]:
            return {"value": score(config), "cost": float(config["depth"])}

        _assert_valid_and_new(tuned(view, self.make(), both, self.n_first + 2))

    def test_trials_of_an_older_space_count_as_known(self) -> None:
        old, new = Space(x=Int(1, 3)), Space(x=Int(1, 4))
        view = tuned(self.view(old), self.make(), score, 3)
        view = replace(view, space=new, spaces={1: old, 2: new})
        for proposal in self.make().propose(view, 1):
            assert proposal.space_version == 2
            assert not view.has_seen(proposal.config)
            view = measured(view, proposal, score)


def _assert_valid_and_new(view: StudyView) -> None:
    keys = [config_key(trial.config) for trial in view.trials]
    assert len(set(keys)) == len(keys)
    for trial in view.trials:
        try:
            assert view.space.validate(trial.config) == trial.config
        except ConfigInvalid as reason:
            raise AssertionError(f"{trial.arm} proposed an invalid configuration: {reason}") from reason
