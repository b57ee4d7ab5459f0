"""Rows of attempts and of what they report: claimed, leased, ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import bindparam, func, literal_column, select, text, update

from agenttune.errors import InternalError
from agenttune.events import AttemptEnded, AttemptStarted, TrialFinished, TrialReported
from agenttune.store import codec
from agenttune.store.database import Connection, Database, Row, Statement, constant, inserting
from agenttune.store.reading import no_trial, read_trial
from agenttune.store.rows import Rows
from agenttune.store.schema import attempts, reports, trials
from agenttune.trial import Attempt, AttemptState, Failure, FailureKind, Lease, Report, Trial, TrialState

LOG = "log.txt"
"""The output of an attempt, in its folder."""

OWNERS_KEPT = 1000
"""Attempts remembered: more than ever run at once."""

_first_waiting = (
    select(func.min(literal_column("number")))
    .select_from(text("trials INDEXED BY ix_trials_waiting"))  # else SQLite walks over all finished trials
    .where(literal_column("study_id") == bindparam("the_study"))
    .where(literal_column("state") == constant(TrialState.WAITING.value))
    .scalar_subquery()
)
_CLAIM = Statement(
    update(trials)
    .where(trials.c.study_id == bindparam("the_study"), trials.c.number == _first_waiting)
    .values(state=TrialState.RUNNING.value, n_attempts=trials.c.n_attempts + 1)
    .returning(trials.c.number, trials.c.n_attempts)
)
_ADD = Statement(inserting(attempts, "study_id", "trial_number", "number", "state", "directory", "started_at"))
_SET_LEASE = Statement(
    update(attempts).where(attempts.c.id == bindparam("the_attempt")).values(lease=bindparam("new_lease"))
)
_END = Statement(
    update(attempts)
    .where(attempts.c.id == bindparam("the_attempt"))
    .values(state=bindparam("new_state"), ended_at=bindparam("now"))
)

_COLUMNS = (
    attempts.c.id,
    attempts.c.trial_number,
    attempts.c.number,
    attempts.c.state,
    attempts.c.directory,
    attempts.c.lease,
    attempts.c.started_at,
    attempts.c.ended_at,
)
_OF_STUDY = attempts.c.study_id == bindparam("the_study")
_OF_TRIAL = (_OF_STUDY, attempts.c.trial_number == bindparam("the_number"))
_RUNNING = Statement(
    select(*_COLUMNS).where(_OF_STUDY, attempts.c.state == constant(AttemptState.RUNNING.value)).order_by(attempts.c.id)
)
_ALL_OF_TRIAL = Statement(select(*_COLUMNS).where(*_OF_TRIAL).order_by(attempts.c.number))
_WHOSE = Statement(
    select(attempts.c.study_id, attempts.c.trial_number, attempts.c.number).where(
        attempts.c.id == bindparam("the_attempt")
    )
)

_TRIAL = (trials.c.study_id == bindparam("the_study"), trials.c.number == bindparam("the_number"))
_STATE = Statement(select(trials.c.state).where(*_TRIAL))
_WAIT_AGAIN = Statement(update(trials).where(*_TRIAL).values(state=TrialState.WAITING.value))
_LOSE = Statement(
    update(trials)
    .where(*_TRIAL)
    .values(
        state=TrialState.FAILED.value,
        failure_kind=FailureKind.LOST.value,
        failure=bindparam("new_failure"),
        ended_at=bindparam("now"),
    )
)
_ADD_REPORT = Statement(
    inserting(reports, "study_id", "trial_number", "attempt", "step", "metrics", "elapsed_s").on_conflict_do_nothing()
)


class Attempts(Rows):
    """Attempts and reports as rows."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._owners: dict[int, tuple[str, int, int]] = {}

    def claim(self, study_id: str) -> tuple[Trial, Attempt] | None:
        """Takes the WAITING trial of the lowest number, for the caller alone; None if none waits.

        The trial is RUNNING afterwards, with a new attempt whose folder is named, not created.
        """
        now = time.time()
        with self._database.writing() as connection:
            claimed = connection.row(_CLAIM, the_study=study_id)
            if claimed is None:
                return None
            number, nth = claimed
            directory = str(self.files / study_id / f"trial-{number:05}" / f"attempt-{nth}")
            added = connection.run(
                _ADD,
                study_id=study_id,
                trial_number=number,
                number=nth,
                state=AttemptState.RUNNING.value,
                directory=directory,
                started_at=now,
            )
            assert added.lastrowid is not None  # an INSERT sets it
            self._announce(connection, study_id, AttemptStarted(number, nth), number=number, at=now)
            attempt = Attempt(added.lastrowid, number, nth, AttemptState.RUNNING, directory, started_at=now)
            return read_trial(connection, study_id, number), attempt

    def set_lease(self, attempt_id: int, lease: Lease) -> None:
        """Names the child that runs the attempt."""
        with self._database.writing() as connection:
            done = connection.run(_SET_LEASE, the_attempt=attempt_id, new_lease=codec.lease_to_text(lease))
            if not done.rowcount:
                raise InternalError(f"there is no attempt {attempt_id}")

    def add_reports(self, attempt_id: int, reports: Sequence[Report]) -> list[Report]:
        """Stores what a running attempt measured.

        A step that this attempt reported before is ignored: whoever takes an attempt over may
        deliver its reports from the first on.

        Returns:
            Those that were new.
        """
        with self._database.writing() as connection:
            return self._add_reports(connection, *self._whose(connection, attempt_id), reports)

    def report(self, study_id: str, number: int, reports: Sequence[Report]) -> list[Report]:
        """The same for a trial that runs without an attempt.

        Raises:
            TrialNotFound: the study has no such trial.
        """
        with self._database.writing() as connection:
            if connection.row(_STATE, the_study=study_id, the_number=number) is None:
                no_trial(number)
            return self._add_reports(connection, study_id, number, 0, reports)

    def requeue(self, study_id: str, number: int, *, counts: bool, reason: str, max_attempts: int) -> TrialState:
        """Puts a RUNNING trial whose attempt died back to WAITING, or ends it as FAILED(lost).

        Args:
            counts: whether the death counts; one that came with the end of the driver does not.
            reason: how it died, a sentence.
            max_attempts: deaths that count after which the trial is lost.

        Returns:
            The trial's state afterwards; unchanged if it was not RUNNING.

        Raises:
            TrialNotFound: the study has no such trial.
        """
        now, reason = time.time(), codec.foreign_text(reason)
        with self._database.writing() as connection:
            row = connection.row(_STATE, the_study=study_id, the_number=number)
            state = TrialState(row[0]) if row is not None else no_trial(number)
            if state is not TrialState.RUNNING:
                return state
            history = connection.rows(_ALL_OF_TRIAL, the_study=study_id, the_number=number)
            past = [_attempt(entry) for entry in history]
            ended = AttemptState.DIED if counts else AttemptState.ORPHANED
            nth = 0
            for attempt in past:
                if attempt.state is AttemptState.RUNNING:
                    connection.run(_END, the_attempt=attempt.id, new_state=ended.value, now=now)
                    nth = attempt.number
            event = AttemptEnded(number, nth, ended.value, reason)
            self._announce(connection, study_id, event, number=number, at=now)
            n_deaths = int(counts) + sum(attempt.state is AttemptState.DIED for attempt in past)
            if not counts or n_deaths < max_attempts:
                connection.run(_WAIT_AGAIN, the_study=study_id, the_number=number)
                return TrialState.WAITING
            self._lose(connection, study_id, number, reason, past, n_deaths, now)
            return TrialState.FAILED

    def running_attempts(self, study_id: str) -> list[Attempt]:
        """The study's RUNNING attempts, in order of start."""
        with self._database.reading() as connection:
            return [_attempt(row) for row in connection.rows(_RUNNING, the_study=study_id)]

    def attempts(self, study_id: str, number: int) -> list[Attempt]:
        """All attempts of a trial, by number."""
        with self._database.reading() as connection:
            return [_attempt(row) for row in connection.rows(_ALL_OF_TRIAL, the_study=study_id, the_number=number)]

    def _whose(self, connection: Connection, attempt_id: int) -> tuple[str, int, int]:
        """(study, trial number, number) of an attempt: fixed at its start, so remembered for the next report."""
        if attempt_id not in self._owners:
            whose = connection.row(_WHOSE, the_attempt=attempt_id)
            if whose is None:
                raise InternalError(f"there is no attempt {attempt_id}")
            if len(self._owners) >= OWNERS_KEPT:
                self._owners.clear()
            self._owners[attempt_id] = whose
        return self._owners[attempt_id]

    def _add_reports(
        self, connection: Connection, study_id: str, number: int, nth: int, reports: Sequence[Report]
    ) -> list[Report]:
        new = []
        for report in reports:
            added = connection.run(
                _ADD_REPORT,
                study_id=study_id,
                trial_number=number,
                attempt=nth,
                step=report.step,
                metrics=codec.dumps(report.metrics),
                elapsed_s=report.elapsed_s,
            )
            if added.rowcount > 0:
                new.append(report)
                event = TrialReported(number, report.step, report.metrics)
                self._announce(connection, study_id, event, number=number)
        return new

    def _lose(
        self,
        connection: Connection,
        study_id: str,
        number: int,
        reason: str,
        past: list[Attempt],
        n_deaths: int,
        now: float,
    ) -> None:
        message = f"lost: {n_deaths} of its attempts died, the last one because {reason}"
        log_path = str(Path(past[-1].directory) / LOG) if past else None
        failure = Failure(FailureKind.LOST, message, log_path=log_path)
        connection.run(
            _LOSE, the_study=study_id, the_number=number, new_failure=codec.dumps(codec.shallow(failure)), now=now
        )
        event = TrialFinished(number, TrialState.FAILED.value, failure_kind=failure.kind.value, failure=failure.message)
        self._announce(connection, study_id, event, number=number, at=now)


def _attempt(row: Row) -> Attempt:
    attempt_id, trial_number, number, state, directory, lease, started_at, ended_at = row
    with codec.reading_record(f"an attempt of trial {trial_number}"):
        return Attempt(
            attempt_id,
            trial_number,
            number,
            AttemptState(state),
            directory,
            codec.lease_of(lease),
            started_at,
            ended_at,
        )
