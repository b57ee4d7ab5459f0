"""Makes every proposal of a study again in an empty store: no model is asked and no objective runs.

The record is the schedule. Events are kept in the order in which their changes became visible, so they are gone
through one by one: what a person or an attempt did is done again as it is recorded (configurations of one's own,
edits, budgets, reports, ends); what AgentTune made, it makes again, by the steps that a driver takes, and that is
compared with the record: each edited space, each question to the model, each proposal. Answers come from the
recorded exchanges, when they were heard then: a proposal that was made while one was still awaited says so
(`step.UNANSWERED`).

From the first difference on the record is copied, so that the new store holds the recorded history either way. Not
for telling whether an objective still measures the same (`agenttune rerun`).
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from agenttune import events
from agenttune.budget import Budget
from agenttune.edits import Terms, apply, edit_from_json
from agenttune.errors import StudyBusy, UserError
from agenttune.exchange import Exchange
from agenttune.proposers.llm import ModelArm
from agenttune.spec import StudyRow, StudySpec
from agenttune.store import Store
from agenttune.study.asking import Prompts, last_answer
from agenttune.study.recorded_desk import RecordedDesk
from agenttune.study.status import has_live_driver
from agenttune.study.step import UNANSWERED, Steps
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, Report, Trial, TrialState
from agenttune.types import Json
from agenttune.variant import CODE

COMPARED = (
    *("config", "arm", "reason", "predicted_mean", "predicted_sd", "prediction_source"),
    *("exchange_ids", "seen_trials", "parent", "memory"),
)
"""Fields of a proposal, in the order in which a difference is told."""
TURNS = 3
"""Times `is_ready` is asked for one proposal at most: it hears an answer, it asks, it is ready."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first led to something else."""

    number: int
    """Of the trial that was to be proposed."""
    kind: str
    """"space", "prompt" (what the model is asked), "asking" (whether it is asked) or "proposal"."""
    text: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    study_id: str
    """In the new store."""
    n_trials: int
    n_exchanges: int
    """Recorded replies that answered."""
    difference: Difference | None
    elapsed_s: float


def replay(store: Store, row: StudyRow, into: Store, *, until: int | None = None) -> Replayed:
    """Makes the study's proposals again, the first `until` of them or all.

    Args:
        store: where the study is.
        row: the study; no driver may be at work on it.
        into: a store without studies.
        until: trials to make again; the ends of these are taken from the record whenever they came.

    Raises:
        UserError: it cannot be replayed; nothing was written.
    """
    began = time.monotonic()
    made = _Replay(store, row, into, until)
    made.run()
    return Replayed(
        made.steps.id, len(made.steps.trials), made.desk.n_answers, made.difference, time.monotonic() - began
    )


class _Replay:
    """One replay under way."""

    def __init__(self, store: Store, row: StudyRow, into: Store, until: int | None) -> None:
        self.trials = {trial.number: trial for trial in store.trials(row.id)}
        self.events = list(_events(store, row.id))
        self.exchanges = dict(store.exchanges(row.id))
        self.candidates = store.candidates(row.id)
        _check(row, into, self, until)
        self.spaces, self.edits = store.spaces(row.id), store.space_edits(row.id)
        self.store = store
        self.row = row
        self.into = into
        self.until = len(self.trials) if until is None else until
        self.is_whole = until is None
        self.difference: Difference | None = None
        self.latency_s = self._latency_from(0)
        study_id = into.create_study(_as_created(row.spec, self.events)).id
        self.desk = RecordedDesk(into, study_id, row.spec.model or "", self._differs("prompt"))
        self.steps = Steps(into, study_id, make_arm=self._arm)

    def run(self) -> None:
        """Goes through the record."""
        was_cut = False
        for index, event in enumerate(self.events):
            number = getattr(event, "number", None)
            is_beyond = number is not None and number >= self.until
            was_cut = was_cut or (is_beyond and isinstance(event, events.ModelAsked | events.TrialProposed))
            if not (is_beyond or (was_cut and number is None)) or self.is_whole:
                self._take(event, index)
        self._hear()
        if self.is_whole:
            self.into.set_state(self.steps.id, self.row.state, reason=self.row.end_reason)
            self.into.add_active(self.steps.id, self.row.active_s)
        else:
            self._make_runnable()

    def _make_runnable(self) -> None:
        """Gives the new study what it needs to go on by itself."""
        self.into.set_budget(self.steps.id, self.row.spec.budget)
        objective = self.row.spec.objective
        if objective.get("type") == "pickle":
            path = str(objective["path"])
            shutil.copyfile(self.store.study_dir(self.row.id) / path, self.into.study_dir(self.steps.id) / path)

    def _take(self, event: events.Event, index: int) -> None:
        match event:
            case events.TrialProposed():
                self._take_proposal(self.trials[event.number])
            case events.ModelAsked():
                self._take_question()
            case events.ModelAnswered():
                exchange = None if event.exchange_id is None else self.exchanges[event.exchange_id]
                self._take_answer(event, exchange)
            case events.DriverChanged():
                self._change_driver(index)
            case events.StudyEdited():
                self._take_edit(event)
            case events.SpaceEdited(version, summary):  # of an older record
                self._take_edit(events.StudyEdited(0, self.edits[version], {}, summary, {}, version))
            case events.BudgetChanged():
                self.steps.set_budget(_budget(event.after))
            case _:
                self._take_end(event)

    # -- what people and attempts did ----------------------------------------------------------

    def _take_end(self, event: events.Event) -> None:
        match event:
            case events.AttemptStarted():
                self.steps.claim()
            case events.AttemptEnded():
                self.steps.requeue(event.number, counts=event.state == "died", reason=event.reason)
            case events.TrialReported():
                self._report(event)
            case events.TrialFinished():
                self._finish(event)
            case events.Noted() if event.number is not None and event.text in self.trials[event.number].notes:
                self.into.note(self.steps.id, event.text, number=event.number)

    def _report(self, event: events.TrialReported) -> None:
        known = (report for report in self.trials[event.number].reports if report.step == event.step)
        elapsed_s = next((report.elapsed_s for report in known), 0.0)
        report = Report(event.step, event.metrics, elapsed_s)
        running = [entry for entry in self.into.running_attempts(self.steps.id) if entry.trial_number == event.number]
        if running:
            self.into.add_reports(running[0].id, [report])
        else:
            self.into.report(self.steps.id, event.number, [report])
        self.steps.refresh(event.number)

    def _finish(self, event: events.TrialFinished) -> None:
        if event.failure_kind is None:
            values = None if event.elapsed_s is None else Outcome(event.values, event.elapsed_s, event.is_late)
            self.steps.record_outcome(event.number, TrialState(event.state), values)
            return
        failure = self.trials[event.number].failure  # None where a late outcome took its place
        kind = FailureKind(event.failure_kind)
        self.steps.record_failure(event.number, failure or Failure(kind, event.failure or kind.value))

    def _take_edit(self, event: events.StudyEdited) -> None:
        after = self.steps.terms
        try:
            after = apply(after, edit_from_json(event.edit))
        except UserError as error:
            self._differs("space")(f"the edit {event.summary!r} is refused now: {error}")
        if event.version is not None and after.space != self.spaces[event.version]:
            self._differs("space")(f"the edit {event.summary!r} leads to another space than it did")
            after = replace(after, space=self.spaces[event.version])
        self.steps.record_edit(event, after)

    # -- the model -----------------------------------------------------------------------------

    def _arm(self, store: Store, study_id: str, spec: StudySpec, *, budget: Callable[[], Budget]) -> ModelArm:
        prompts = Prompts(store, study_id, spec, latency_s=self.latency_s)
        last = last_answer(store, study_id, spec)
        return ModelArm(
            self.desk,
            prompts,
            latency_s=self.latency_s,
            clock=lambda: math.inf,  # what has not come when a proposal is made was not waited for any longer
            last=last,
            start=self.desk.start,
        )

    def _take_question(self) -> None:
        if self.difference is not None:
            return
        if self.desk.question is not None and not self.desk.came:  # its driver died before anything came
            self._new_steps()
        self.desk.hear()
        self._wait(until_asked=True)
        if self.desk.question is None:
            self._differs("asking")("the model was asked then, and would not be now")

    def _take_answer(self, event: events.ModelAnswered, exchange: Exchange | None) -> None:
        if self.difference is None:
            self.desk.came.append((event, exchange))
        else:
            self._flush()
            self._copy(event, exchange)

    def _change_driver(self, index: int) -> None:
        self.latency_s = self._latency_from(index)
        if self.difference is None:
            self.desk.write()
            self._new_steps()

    def _latency_from(self, index: int) -> float:
        """Seconds that the driver at work from an event on let a trial wait for the model."""
        return next((event.latency_s for event in self.events[index:] if isinstance(event, events.ModelAsked)), 0.0)

    def _new_steps(self) -> None:
        self.desk.drop()
        self.steps = Steps(self.into, self.steps.id, make_arm=self._arm)

    def _wait(self, *, until_asked: bool = False) -> None:
        """Turns until a proposal can be made, or a question was asked."""
        for _ in range(TURNS):
            if self.steps.is_ready() or (until_asked and self.desk.question is not None):
                return

    def _hear(self) -> None:
        if self.difference is None:
            self.desk.hear()
        self._flush()

    def _flush(self) -> None:
        """Keeps what came of a question that was given up by a difference."""
        if self.difference is not None:
            for event, exchange in self.desk.came:
                self._copy(event, exchange)
            self.desk.came.clear()

    def _copy(self, event: events.ModelAnswered, exchange: Exchange | None) -> None:
        """Keeps an exchange as it is recorded."""
        exchange_id = event.exchange_id
        if exchange is None or exchange_id is None:
            return
        offered = [entry for entry in self.candidates if entry.exchange_ids[-1:] == (exchange_id,)]
        candidates = [replace(entry, exchange_ids=self._renumbered(entry.exchange_ids[:-1])) for entry in offered]
        self.into.add_exchange(self.steps.id, exchange, candidates=candidates)
        self.desk.n_answers += 1

    # -- proposals -----------------------------------------------------------------------------

    def _take_proposal(self, trial: Trial) -> None:
        recorded = self._in_new_store(trial.proposal)
        if trial.arm != "human" and trial.replicate_of is None and self.difference is None:
            self._compare(recorded)
        self.steps.add(recorded, replicate_of=trial.replicate_of, in_budget=trial.in_budget)

    def _compare(self, recorded: Proposal) -> None:
        known = recorded.memory.get(UNANSWERED)
        if known is None:
            self.desk.hear()
        elif cast(int, known) > len(self.into.candidates(self.steps.id)):
            self.desk.write()
        pending = self.desk.question
        self._wait()
        if self.desk.question is not pending:
            self._differs("asking")("the model would be asked now, and was not then")
        if self.difference is None:
            made = self.steps.next_proposal()
            difference = "nothing would be proposed now" if made is None else _difference(recorded, made)
            if difference is not None:
                self._differs("proposal")(difference)

    def _differs(self, kind: str) -> Callable[[str], None]:
        """Takes the sentence of a difference; the first is kept."""

        def told(text: str) -> None:
            question = self.desk.question
            number = question.asked_at if kind == "prompt" and question is not None else len(self.steps.trials)
            self.difference = self.difference or Difference(number, kind, text)

        return told

    def _in_new_store(self, proposal: Proposal) -> Proposal:
        """The recorded proposal with the ids that exchanges and candidates have in the new store."""
        memory = dict(proposal.memory)
        gate = memory.get("gate")
        if isinstance(gate, dict) and "candidate" in gate:
            place = {cast(Json, entry.id): index + 1 for index, entry in enumerate(self.candidates)}
            memory["gate"] = {**gate, "candidate": place.get(gate["candidate"], gate["candidate"])}
        return replace(proposal, exchange_ids=self._renumbered(proposal.exchange_ids), memory=memory)

    def _renumbered(self, exchange_ids: tuple[int, ...]) -> tuple[int, ...]:
        place = {exchange_id: index + 1 for index, exchange_id in enumerate(self.exchanges)}
        return tuple(place[exchange_id] for exchange_id in exchange_ids)


def _events(store: Store, study_id: str) -> Iterator[events.Event]:
    """All that happened, in order."""
    cursor = 0
    while batch := store.events(study_id, after=cursor):
        cursor = batch[-1][0]
        yield from (event for _, _, event in batch)


def _check(row: StudyRow, into: Store, made: _Replay, until: int | None) -> None:
    n = len(made.trials)
    if has_live_driver(row):
        raise StudyBusy(f"study {row.name!r} is running; `agenttune stop {row.name}` ends it, then it can be replayed")
    if row.spec.proposer == CODE:
        raise UserError(
            f"study {row.name!r} is over code: what a model wrote was told apart by running it, and a replay runs "
            f"nothing; `agenttune rerun {row.name}` measures its trials again"
        )
    if not n:
        raise UserError(f"study {row.name!r} has no trial yet, so that there is nothing to make again")
    if until is not None and not 1 <= until <= n:
        raise UserError(f"the first {until} trials cannot be made again: study {row.name!r} has {n}; give 1 to {n}")
    if into.names():
        raise UserError(f"a replay needs a store without studies, but {into.path} has some; name a new file")
    if made.exchanges and not any(isinstance(event, events.ModelAsked) for event in made.events):
        raise UserError(
            f"study {row.name!r} was made by a version that did not record when its model was asked, so that it cannot "
            "be replayed; studies of this version can"
        )


def _as_created(spec: StudySpec, recorded: list[events.Event]) -> StudySpec:
    """The spec before all that changed it: each edit and budget taken back, the latest first."""
    terms = Terms.of(spec, spec.space)
    for event in reversed(recorded):
        if isinstance(event, events.BudgetChanged):
            terms = replace(terms, budget=_budget(event.before))
        elif isinstance(event, events.StudyEdited) and event.version is None:
            terms = apply(terms, edit_from_json(event.inverse))
    return terms.within(spec)


def _budget(content: dict[str, Json]) -> Budget:
    return Budget(**cast("dict[str, Any]", content))


def _difference(recorded: Proposal, made: Proposal) -> str | None:
    """The first field in which two proposals differ, in a sentence."""
    for name in COMPARED:
        then, now = _plain(getattr(recorded, name)), _plain(getattr(made, name))
        if then != now:
            return f"its {name} was {json.dumps(then)} and is {json.dumps(now)}"
    return None


def _plain(value: object) -> Any:
    """As a store keeps it."""
    return json.loads(json.dumps(value, default=list))
