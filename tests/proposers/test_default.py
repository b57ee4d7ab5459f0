"""The default configuration: proposed once, for a reason that is true of libraries, scripts and fixed values."""

from __future__ import annotations

from dataclasses import replace

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers.default import DefaultProposer
from agenttune.space import Constant, Float, Space
from agenttune.testing.views import complete

SPACE = Space(lr=Float(0, 1, default=0.1), width=Constant(64))
VIEW = StudyView(SPACE, Goal("value", "maximize"), (), default=SPACE.default_config())


def test_reason_speaks_of_what_is_tuned_and_of_no_library() -> None:
    (proposal,) = DefaultProposer().propose(VIEW, 2)
    assert (proposal.config, proposal.reason) == ({"lr": 0.1, "width": 64}, "its own defaults")


def test_default_is_proposed_once() -> None:
    view = replace(VIEW, trials=(complete(0, {"lr": 0.1, "width": 64}, {"value": 1.0}),))
    assert DefaultProposer().propose(view, 1) == []
