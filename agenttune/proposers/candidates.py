"""What a model offered, as far as it can still be run, and the record a chosen candidate becomes."""

from __future__ import annotations

from dataclasses import replace

from agenttune.history import StudyView
from agenttune.proposers.unseen import Unseen, space_version
from agenttune.trial import MODEL, Candidate, Proposal
from agenttune.types import Json


def usable(view: StudyView) -> list[Candidate]:
    """Candidates that have a place in today's space and are new, each configuration once, in the order offered."""
    found: list[Candidate] = []
    unseen = Unseen(view)
    for candidate in view.candidates:
        config = view.placed(candidate.config, candidate.space_version)
        if config is not None and unseen.take(config):
            found.append(replace(candidate, config=config, space_version=space_version(view)))
    return found


def n_requests_asked(view: StudyView) -> int:
    """Requests that the replies to the last answered question took, repairs aside; 1 before there was one."""
    last = view.candidates[-1].asked_at if view.candidates else None
    return len({entry.exchange_ids[-1:] for entry in view.candidates if entry.asked_at == last}) or 1


def model_proposal(
    view: StudyView, candidate: Candidate, *, reason: str, memory: dict[str, Json] | None = None
) -> Proposal:
    """The record of a candidate that is run; the prediction is the model's own, measured or as it says."""
    return Proposal(
        config=candidate.config,
        arm=MODEL,
        reason=reason,
        space_version=space_version(view),
        predicted_mean=candidate.predicted_mean,
        predicted_sd=candidate.predicted_sd,
        prediction_source=candidate.prediction_source,
        exchange_ids=candidate.exchange_ids,
        seen_trials=tuple(trial.number for trial in view.finished),
        memory=memory or {},
    )
