"""Views made by hand: trials in any state without a store or a run, for tests of whatever reads a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from agenttune.history import StudyView
from agenttune.proposers import Proposer
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, Report, Trial, TrialState
from agenttune.types import Config

Objective = Callable[[Config], "float | Mapping[str, float] | None"]
"""The value of the goal's metric, or several metrics by name; None is a crash."""


def complete(number: int, config: Config, values: Mapping[str, float], *, proposal: Proposal | None = None) -> Trial:
    """A COMPLETE trial that measured `values`."""
    return Trial(
        number,
        proposal or Proposal(config, "human", "made for a test"),
        TrialState.COMPLETE,
        seed=number,
        created_at=float(number),
        outcome=Outcome(values, elapsed_s=1.0),
        ended_at=number + 1.0,
    )


def failed(
    number: int, config: Config, kind: FailureKind = FailureKind.CRASH, *, proposal: Proposal | None = None
) -> Trial:
    """A FAILED trial."""
    failure = Failure(kind, f"failed for a test ({kind})")
    done = complete(number, config, {}, proposal=proposal)
    return replace(done, state=TrialState.FAILED, outcome=None, failure=failure)


def unfinished(
    number: int, config: Config, state: TrialState = TrialState.RUNNING, *, proposal: Proposal | None = None
) -> Trial:
    """A trial that waits, runs or pauses."""
    return replace(complete(number, config, {}, proposal=proposal), state=state, outcome=None, ended_at=None)


def with_reports(trial: Trial, metric: str, curve: Mapping[int, float]) -> Trial:
    """The trial with one report per step of the curve."""
    return replace(trial, reports=tuple(Report(step, {metric: value}, float(step)) for step, value in curve.items()))


def measured(view: StudyView, proposal: Proposal, objective: Objective) -> StudyView:
    """The view after the proposal was run."""
    value = objective(proposal.config)
    if value is None:
        trial = failed(view.number, proposal.config, proposal=proposal)
    else:
        values = value if isinstance(value, Mapping) else {view.goal.metric: value}
        trial = complete(view.number, proposal.config, values, proposal=proposal)
    return replace(view, trials=(*view.trials, trial))


def waiting(view: StudyView, proposal: Proposal) -> StudyView:
    """The view while the proposal waits to run."""
    trial = unfinished(view.number, proposal.config, TrialState.WAITING, proposal=proposal)
    return replace(view, trials=(*view.trials, trial))


def tuned(view: StudyView, proposer: Proposer, objective: Objective, n: int) -> StudyView:
    """The view after up to `n` trials one after the other; fewer when the proposer has no more to give."""
    for _ in range(n):
        proposals = proposer.propose(view, 1)
        if not proposals:
            return view
        view = measured(view, proposals[0], objective)
    return view
