"""What of a study reaches the conversation without a question: an end, a new best, a failure, a budget nearly spent."""

from __future__ import annotations

from agenttune.agent.events import StudyHappened
from agenttune.events import ControlAnswered, Event, HeldOutScored, StudyChanged, TrialFinished, TrialProposed
from agenttune.goal import Goal
from agenttune.insight.quoting import quote, spell_number
from agenttune.spec import StudyState
from agenttune.store import Store
from agenttune.trial import Proposal
from agenttune.types import Json

MOST_TOLD = 20
"""Sentences at once, the latest."""
NEAR = 0.9
"""Share of the trials from which on the budget is nearly spent."""


def origin_of(number: int, proposal: Proposal) -> dict[str, Json]:
    """Who proposed a trial, why, what was expected of it, and what the gate said; as it was kept."""
    gate = proposal.memory.get("gate")
    return {
        "number": number,
        "arm": proposal.arm,
        "reason": proposal.reason,
        "predicted_mean": proposal.predicted_mean,
        "predicted_sd": proposal.predicted_sd,
        "prediction_source": proposal.prediction_source,
        "gate": gate.get("sentence") if isinstance(gate, dict) else None,
    }


class Watch:
    """Knows what it has told of one study."""

    def __init__(self, store: Store, study_id: str, *, since_now: bool = False) -> None:
        """
        Args:
            store: where the study is.
            study_id: which.
            since_now: leaves out what has happened so far.
        """
        self._store = store
        self._id = study_id
        self._cursor = 0
        self._best: float | None = None
        self._n_proposed = 0
        self._replicates: set[int] = set()
        self._is_near_told = False
        if since_now:
            self.news()

    @property
    def study_id(self) -> str:
        """The study that is watched."""
        return self._id

    def news(self) -> list[StudyHappened]:
        """What has happened since this was asked last."""
        row = self._store.study(self._id)
        told: list[StudyHappened] = []
        while batch := self._store.events(self._id, after=self._cursor):
            for event_id, _, event in batch:
                self._cursor = event_id
                told += [self._told(row.name, sentence, event) for sentence in self._sentences(event, row.spec.goal)]
        bound = row.spec.budget.trials
        if bound is not None and not self._is_near_told and self._n_proposed >= NEAR * bound:
            self._is_near_told = True
            told.append(StudyHappened(row.name, f"{self._n_proposed} of {bound} trials are started or done"))
        n_more = len(told) - MOST_TOLD
        if n_more > 0:
            told = [StudyHappened(row.name, f"... {n_more} more happened before"), *told[n_more:]]
        return told

    def _told(self, study: str, sentence: str, event: Event) -> StudyHappened:
        if not isinstance(event, TrialFinished):
            return StudyHappened(study, sentence)
        trial = self._store.trial(self._id, event.number)
        return StudyHappened(study, sentence, origin_of(trial.number, trial.proposal))

    def _sentences(self, event: Event, goal: Goal) -> list[str]:
        match event:
            case TrialProposed(replicate_of=None):
                self._n_proposed += 1
            case TrialProposed(number):
                self._replicates.add(number)
            case TrialFinished(number, "failed"):
                return [f"trial {number} failed ({event.failure_kind}): {quote(event.failure or '', 200)}"]
            case TrialFinished(number, "complete") if number not in self._replicates:
                return self._if_best(number, event.values.get(goal.metric), goal, goal.is_feasible(event.values))
            case StudyChanged(state, reason) if state in (StudyState.FINISHED, StudyState.STOPPED, StudyState.PAUSED):
                return [f"it is {state}{f': {reason}' if reason else ''}"]
            case HeldOutScored(metric, best, number):
                return [f"trial {number} has {quote(metric)} {spell_number(best)} on data the tuning never saw"]
            case ControlAnswered(accepted=False):
                return [f"{event.kind} was refused: {quote(event.answer, 300)}"]
        return []

    def _if_best(self, number: int, value: float | None, goal: Goal, is_feasible: bool) -> list[str]:
        if value is None or not is_feasible or (self._best is not None and not goal.is_better(value, self._best)):
            return []
        is_first, self._best = self._best is None, value
        return [] if is_first else [f"trial {number} is the best so far: {quote(goal.metric)} {spell_number(value)}"]
