"""From rows to whole trials: three queries, whether one trial is wanted or ten thousand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from sqlalchemy import Table, bindparam, exists, select, true
from sqlalchemy.sql.expression import ColumnElement, Select

from agenttune.errors import TrialNotFound
from agenttune.store import codec
from agenttune.store.database import Connection, Row, Statement, Value
from agenttune.store.numbers import Numbers
from agenttune.store.schema import notes, proposals, reports, trials
from agenttune.trial import Outcome, Proposal, Report, Trial, TrialState

PROPOSAL_COLUMNS = (
    proposals.c.config,
    proposals.c.arm,
    proposals.c.reason,
    proposals.c.space_version,
    proposals.c.predicted_mean,
    proposals.c.predicted_sd,
    proposals.c.prediction_source,
    proposals.c.exchange_ids,
    proposals.c.seen_trials,
    proposals.c.parent,
    proposals.c.memory,
)
_TRIAL = (
    trials.c.number,
    trials.c.state,
    trials.c.seed,
    trials.c.created_at,
    trials.c.replicate_of,
    trials.c.in_budget,
    trials.c.outcome,
    trials.c.elapsed_s,
    trials.c.is_late,
    trials.c.failure,
    trials.c.ended_at,
)


def _reading(one: bool) -> tuple[Statement, Statement, Statement]:
    """Statements for trials, their reports and their notes: of one number, or of all after one."""

    def chosen(column: ColumnElement[int]) -> ColumnElement[bool]:
        return column == bindparam("the_number") if one else column > bindparam("after")

    def of(query: Select[tuple[object, ...]], study: ColumnElement[str], number: ColumnElement[int]) -> Statement:
        return Statement(query.where(study == bindparam("the_study"), chosen(number)))

    def any_of(table: Table) -> ColumnElement[bool]:
        """Tells of one trial whether the query for more is worth its 15 microseconds."""
        mine = exists().where(table.c.study_id == trials.c.study_id, table.c.trial_number == trials.c.number)
        return mine if one else true()

    columns = (reports.c.trial_number, reports.c.attempt, reports.c.step, reports.c.metrics, reports.c.elapsed_s)
    joined = select(any_of(reports), any_of(notes), *_TRIAL, *PROPOSAL_COLUMNS).join_from(
        trials, proposals, trials.c.proposal_id == proposals.c.id
    )
    return (
        of(joined.order_by(trials.c.number), trials.c.study_id, trials.c.number),
        of(select(*columns).order_by(*reports.primary_key), reports.c.study_id, reports.c.trial_number),
        of(
            select(notes.c.trial_number, notes.c.text).order_by(notes.c.trial_number, notes.c.id),
            notes.c.study_id,
            notes.c.trial_number,
        ),
    )


_READ_ONE = _reading(one=True)
_READ_AFTER = _reading(one=False)


def read_trial(connection: Connection, study_id: str, number: int) -> Trial:
    """One trial within a transaction.

    Raises:
        TrialNotFound: the study has none of that number.
    """
    found = read_trials(connection, study_id, number=number)
    return found[0] if found else no_trial(number)


def no_trial(number: int) -> NoReturn:
    """Says that the study has no such trial."""
    raise TrialNotFound(f"the study has no trial {number}; `agenttune show` lists its trials")


def read_trials(connection: Connection, study_id: str, *, number: int | None = None, after: int = -1) -> list[Trial]:
    """Trials within a transaction: the one of `number`, or all whose number is above `after`."""
    parameters: dict[str, Value]
    if number is None:
        (of_trials, of_reports, of_notes), parameters = _READ_AFTER, {"the_study": study_id, "after": after}
    else:
        (of_trials, of_reports, of_notes), parameters = _READ_ONE, {"the_study": study_id, "the_number": number}
    heads = connection.rows(of_trials, **parameters)
    measurements = connection.rows(of_reports, **parameters) if heads and heads[0][0] else []
    texts = connection.rows(of_notes, **parameters) if heads and heads[0][1] else []
    with codec.reading_record("a trial's reports"):
        reports_of = _grouped(measurements)
    notes_of: dict[int, list[str]] = {}
    for owner, text in texts:
        notes_of.setdefault(owner, []).append(text)
    return [_trial(row[2:], tuple(reports_of.get(row[2], ())), tuple(notes_of.get(row[2], ()))) for row in heads]


def _grouped(rows: Iterable[Row]) -> dict[int, list[Report]]:
    """Reports by trial. An attempt replaces what earlier ones reported from its own first step on.

    An attempt that went on from a checkpoint so continues the curve, and one that began anew
    replaces it.
    """
    found: dict[int, list[Report]] = {}
    latest: tuple[int, int] | None = None
    for number, attempt, step, metrics, elapsed_s in rows:
        curve = found.setdefault(number, [])
        if (number, attempt) != latest:
            latest = (number, attempt)
            while curve and curve[-1].step >= step:
                curve.pop()
        curve.append(Report(step, codec.loads(metrics), elapsed_s))
    return found


def _trial(row: Row, measurements: tuple[Report, ...], texts: tuple[str, ...]) -> Trial:
    number, state, seed, created_at, replicate_of, in_budget, outcome, elapsed_s, is_late, failure, ended_at = row[:11]
    try:
        return Trial(
            number,
            read_proposal(row[11:]),
            TrialState(state),
            seed,
            created_at,
            replicate_of,
            bool(in_budget),
            measurements,
            None if outcome is None else Outcome(codec.loads(outcome), elapsed_s, bool(is_late)),
            codec.failure_of(failure),
            texts,
            ended_at,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise codec.damaged(f"trial {number}", error) from error


def read_proposal(row: Row) -> Proposal:
    """A proposal from the values of `PROPOSAL_COLUMNS`. Call it within `codec.reading_record`."""
    config, arm, reason, version, mean, sd, source, exchange_ids, seen, parent, memory = row
    return Proposal(
        codec.loads(config),
        arm,
        reason,
        version,
        mean,
        sd,
        source,
        tuple(codec.loads(exchange_ids)),
        Numbers.parse(seen),
        parent,
        codec.loads(memory),
    )
