"""Rows of trials: added with their proposals, read whole, finished exactly once."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import bindparam, null, or_, select, update

from agenttune.errors import InternalError, StudyNotFound
from agenttune.events import Noted, TrialFinished, TrialProposed
from agenttune.store import codec
from agenttune.store.database import Connection, Statement, constant, inserting
from agenttune.store.numbers import Numbers
from agenttune.store.proposals import Proposals, add_proposal
from agenttune.store.reading import no_trial, read_trial, read_trials
from agenttune.store.schema import attempts, notes, studies, trials
from agenttune.trial import AttemptState, Failure, FailureKind, Outcome, Proposal, Trial, TrialState

DURABLE_FROM_S = 1.0
"""Outcomes that took this long are synced to disk at once (.3 ms CPU, 10 ms wall). After a power cut cheaper
trials are run again; the death of a process loses nothing either way."""

_COUNT_IN = Statement(
    update(studies)
    .where(
        studies.c.id == bindparam("the_study"),
        or_(bindparam("max_trials").is_(None), studies.c.n_trials < bindparam("max_trials")),
    )
    .values(n_trials=studies.c.n_trials + bindparam("counted"), next_number=studies.c.next_number + 1)
    .returning(studies.c.next_number - 1)
)
_STUDY = Statement(select(studies.c.id).where(studies.c.id == bindparam("the_study")))
_ADD_TRIAL = Statement(
    inserting(
        trials,
        *("study_id", "number", "proposal_id", "state", "seed", "created_at"),
        *("replicate_of", "in_budget", "n_attempts", "is_late"),
    )
)
_IS_MEANT = (trials.c.study_id == bindparam("the_study"), trials.c.number == bindparam("the_number"))
_MEASURED = ("state", "outcome", "elapsed_s", "ended_at")
_UNFINISHED = [constant(state.value) for state in TrialState if not state.is_finished]
_FINISH = Statement(
    update(trials)
    .where(*_IS_MEANT, trials.c.state.in_(_UNFINISHED))
    .values({name: bindparam(f"new_{name}") for name in (*_MEASURED, "failure_kind", "failure")})
)
_ACCEPT_LATE = Statement(
    update(trials)
    .where(*_IS_MEANT, trials.c.state == constant(TrialState.FAILED.value))
    .where(trials.c.failure_kind == constant(FailureKind.LOST.value), trials.c.outcome.is_(None))
    .values({name: bindparam(f"new_{name}") for name in _MEASURED})
    .values(is_late=1, failure_kind=null(), failure=null())
)
_END_ATTEMPTS = Statement(
    update(attempts)
    .where(attempts.c.study_id == bindparam("the_study"), attempts.c.trial_number == bindparam("the_number"))
    .where(attempts.c.state == constant(AttemptState.RUNNING.value))
    .values(state=AttemptState.DONE.value, ended_at=bindparam("now"))
)
_STATE = Statement(select(trials.c.state).where(*_IS_MEANT))
_ADD_NOTE = Statement(inserting(notes, "study_id", "trial_number", "created_at", "text"))


class Trials(Proposals):
    """Trials as rows."""

    def add_trial(
        self,
        study_id: str,
        proposal: Proposal,
        *,
        seed: int,
        replicate_of: int | None = None,
        in_budget: bool = True,
        max_trials: int | None = None,
        running: bool = False,
    ) -> Trial | None:
        """Adds a trial under the study's next number, counted in the same transaction.

        Args:
            in_budget: whether it counts, and whether `max_trials` applies to it.
            max_trials: bound on the trials counted; None is no bound.
            running: RUNNING at once and without an attempt, for who runs it without the loop.

        Returns:
            The trial; None if `max_trials` are counted already.
        """
        now = time.time()
        state = TrialState.RUNNING if running else TrialState.WAITING
        kept = replace(
            proposal,
            config=dict(proposal.config),
            reason=codec.foreign_text(proposal.reason),
            seen_trials=Numbers.of(proposal.seen_trials),
        )
        with self._database.writing(study_id) as connection:
            bound = max_trials if in_budget else None
            counted = connection.row(_COUNT_IN, the_study=study_id, max_trials=bound, counted=int(in_budget))
            if counted is None:
                if connection.row(_STUDY, the_study=study_id) is None:
                    raise StudyNotFound(f"the store has no study of the id {study_id!r}")
                return None
            trial = Trial(counted[0], kept, state, seed, now, replicate_of, in_budget)
            connection.run(
                _ADD_TRIAL,
                study_id=study_id,
                number=trial.number,
                proposal_id=add_proposal(connection, study_id, kept, now),
                state=state.value,
                seed=seed,
                created_at=now,
                replicate_of=replicate_of,
                in_budget=int(in_budget),
                n_attempts=0,
                is_late=0,
            )
            self._announce(connection, study_id, _proposed(trial), number=trial.number, at=now)
        return trial

    def finish(
        self,
        study_id: str,
        number: int,
        state: TrialState,
        *,
        outcome: Outcome | None = None,
        failure: Failure | None = None,
    ) -> bool:
        """Gives a trial its final state, exactly once, and ends its running attempt.

        An outcome that arrives for a trial thought lost is accepted, as late, if it has none yet.

        Returns:
            Whether this call did it; False if the trial was finished before.

        Raises:
            TrialNotFound: the study has no such trial.
        """
        _check_end(state, outcome, failure)
        now = time.time()
        measured = _measured(state, outcome, now)
        is_durable = outcome is None or outcome.elapsed_s >= DURABLE_FROM_S
        failure = None if failure is None else codec.without_keys(failure)
        kind = None if failure is None else failure.kind.value
        with self._database.writing(study_id, is_durable=is_durable) as connection:
            done = connection.run(
                _FINISH,
                the_study=study_id,
                the_number=number,
                new_failure_kind=kind,
                new_failure=None if failure is None else codec.dumps(codec.shallow(failure)),
                **measured,
            ).rowcount
            is_late = False
            if not done and state is TrialState.COMPLETE:
                is_late = bool(connection.run(_ACCEPT_LATE, the_study=study_id, the_number=number, **measured).rowcount)
            if not done and not is_late:
                _state(connection, study_id, number)
                return False
            connection.run(_END_ATTEMPTS, the_study=study_id, the_number=number, now=now)
            event = _finished(number, state, outcome, failure, is_late=is_late)
            self._announce(connection, study_id, event, number=number, at=now)
        return True

    def trials(self, study_id: str, *, after: int = -1) -> list[Trial]:
        """Trials whose number is above `after`, whole, by number."""
        with self._database.reading() as connection:
            return read_trials(connection, study_id, after=after)

    def trial(self, study_id: str, number: int) -> Trial:
        """One trial, whole.

        Raises:
            TrialNotFound: the study has none of that number.
        """
        with self._database.reading() as connection:
            return read_trial(connection, study_id, number)

    def note(self, study_id: str, text: str, *, number: int | None = None) -> None:
        """Adds a note to a trial, finished or not, or to the study.

        Raises:
            TrialNotFound: the study has no trial of that number.
        """
        kept, now = codec.foreign_text(text), time.time()
        with self._database.writing(study_id) as connection:
            if number is not None:
                _state(connection, study_id, number)
            connection.run(_ADD_NOTE, study_id=study_id, trial_number=number, created_at=now, text=kept)
            self._announce(connection, study_id, Noted(kept, number), number=number, at=now)


def _state(connection: Connection, study_id: str, number: int) -> TrialState:
    row = connection.row(_STATE, the_study=study_id, the_number=number)
    return TrialState(row[0]) if row is not None else no_trial(number)


# -- writing ---------------------------------------------------------------------------------------


def _proposed(trial: Trial) -> TrialProposed:
    proposal, gate = trial.proposal, trial.proposal.memory.get("gate")
    return TrialProposed(
        trial.number,
        proposal.arm,
        proposal.reason,
        proposal.config,
        proposal.predicted_mean,
        proposal.predicted_sd,
        trial.replicate_of,
        gate if isinstance(gate, dict) else None,
    )


def _check_end(state: TrialState, outcome: Outcome | None, failure: Failure | None) -> None:
    is_right = {
        TrialState.COMPLETE: outcome is not None and failure is None,
        TrialState.STOPPED: failure is None,
        TrialState.FAILED: failure is not None and outcome is None,
    }
    if not is_right.get(state, False):
        raise InternalError(f"a trial cannot end as {state.value!r} with outcome={outcome!r} and failure={failure!r}")


def _measured(state: TrialState, outcome: Outcome | None, now: float) -> dict[str, str | float | None]:
    return {
        "new_state": state.value,
        "new_outcome": None if outcome is None else codec.dumps(outcome.values),
        "new_elapsed_s": None if outcome is None else outcome.elapsed_s,
        "new_ended_at": now,
    }


def _finished(
    number: int, state: TrialState, outcome: Outcome | None, failure: Failure | None, *, is_late: bool = False
) -> TrialFinished:
    """The event of a trial's end."""
    return TrialFinished(
        number,
        state.value,
        {} if outcome is None else dict(outcome.values),
        None if outcome is None else outcome.elapsed_s,
        None if failure is None else failure.kind.value,
        None if failure is None else failure.message,
        is_late,
    )
