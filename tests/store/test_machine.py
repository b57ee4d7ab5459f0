"""Random lives of a study, on the store and on a model of it made of dictionaries, must agree."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agenttune.events import AttemptStarted, ControlAnswered, Noted, TrialFinished, TrialProposed, TrialReported
from agenttune.store import Store
from agenttune.testing.store import CRASH, make_proposal, make_spec
from agenttune.trial import AttemptState, FailureKind, Outcome, Report, TrialState

MAX_TRIALS = 4
INDICES = st.integers(0, MAX_TRIALS + 2)


@dataclass
class ModelTrial:
    """What the store should know of a trial."""

    in_budget: bool
    state: str = "waiting"
    attempts: list[str] = field(default_factory=list)
    curve: list[tuple[int, int]] = field(default_factory=list)
    """(step, attempt), in order."""
    score: float | None = None
    is_late: bool = False
    is_lost: bool = False
    notes: list[str] = field(default_factory=list)

    def end_attempts(self, state: str) -> None:
        self.attempts = [state if past == "running" else past for past in self.attempts]


class StoreMachine(RuleBasedStateMachine):
    """One study of a store that all runs share, since making a file is what takes time."""

    folder: Path
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.name = f"study-{len(self.store.studies())}"
        self.study = self.store.create_study(make_spec(self.name)).id
        self.trials: list[ModelTrial] = []
        self.attempt_ids: dict[tuple[int, int], int] = {}
        self.controls: list[int] = []
        self.counts = dict.fromkeys((TrialProposed, AttemptStarted, TrialReported, TrialFinished, Noted), 0)
        self.n_answered = 0

    # -- rules ---------------------------------------------------------------------------------

    @rule(in_budget=st.booleans(), running=st.booleans())
    def propose(self, in_budget: bool, running: bool) -> None:
        n_counted = sum(trial.in_budget for trial in self.trials)
        added = self.store.add_trial(
            self.study, make_proposal(), seed=3, in_budget=in_budget, max_trials=MAX_TRIALS, running=running
        )
        if in_budget and n_counted >= MAX_TRIALS:
            assert added is None
            return
        assert added is not None
        assert added.number == len(self.trials)
        self.trials.append(ModelTrial(in_budget, "running" if running else "waiting"))
        self.counts[TrialProposed] += 1

    @rule()
    def claim(self) -> None:
        claimed = self.store.claim(self.study)
        waiting = [number for number, trial in enumerate(self.trials) if trial.state == "waiting"]
        if not waiting:
            assert claimed is None
            return
        assert claimed is not None
        trial = self.trials[waiting[0]]
        trial.state = "running"
        trial.attempts.append("running")
        assert (claimed[0].number, claimed[1].number) == (waiting[0], len(trial.attempts))
        self.attempt_ids[waiting[0], len(trial.attempts)] = claimed[1].id
        self.counts[AttemptStarted] += 1

    @precondition(lambda self: self.attempt_ids)
    @rule(index=INDICES, step=st.integers(0, 3))
    def report(self, index: int, step: int) -> None:
        """By the latest attempt of a trial, whatever became of it."""
        started = [number for number, trial in enumerate(self.trials) if trial.attempts]
        number = started[index % len(started)]
        trial = self.trials[number]
        attempt = len(trial.attempts)
        new = self.store.add_reports(self.attempt_ids[number, attempt], [Report(step, {"attempt": attempt}, 1.0)])
        own = [past for past, whose in trial.curve if whose == attempt]
        assert bool(new) == (step not in own)
        if new:
            first = min([*own, step])
            kept = [entry for entry in trial.curve if entry[1] < attempt and entry[0] < first]
            trial.curve = kept + [(past, attempt) for past in sorted([*own, step])]
            self.counts[TrialReported] += 1

    @precondition(lambda self: self.trials)
    @rule(index=INDICES, score=st.floats(-1e9, 1e9), seconds=st.sampled_from([0.25, 2.0]))
    def finish(self, index: int, score: float, seconds: float) -> None:
        lost = [number for number, trial in enumerate(self.trials) if trial.is_lost]
        number = lost[0] if lost and index % 2 else index % len(self.trials)
        trial = self.trials[number]
        outcome = Outcome({"score": score}, seconds)
        is_new = self.store.finish(self.study, number, TrialState.COMPLETE, outcome=outcome)
        is_open = trial.state in ("waiting", "running")
        assert is_new == (is_open or trial.is_lost)
        if is_new:
            trial.is_late, trial.is_lost = not is_open, False
            trial.state, trial.score = "complete", score
            trial.end_attempts("done")
            self.counts[TrialFinished] += 1

    @precondition(lambda self: self.trials)
    @rule(index=INDICES)
    def fail(self, index: int) -> None:
        number = index % len(self.trials)
        trial = self.trials[number]
        is_new = self.store.finish(self.study, number, TrialState.FAILED, failure=CRASH)
        assert is_new == (trial.state in ("waiting", "running"))
        if is_new:
            trial.state = "failed"
            trial.end_attempts("done")
            self.counts[TrialFinished] += 1

    @precondition(lambda self: self.trials)
    @rule(index=INDICES, counts=st.sampled_from([True, True, False]), most=st.integers(1, 2))
    def attempt_dies(self, index: int, counts: bool, most: int) -> None:
        """Mostly of a trial that runs: the others are to stay as they are."""
        running = [number for number, trial in enumerate(self.trials) if trial.state == "running"]
        number = index % len(self.trials) if index == 0 or not running else running[index % len(running)]
        trial = self.trials[number]
        state = self.store.requeue(self.study, number, counts=counts, reason="it died", max_attempts=most)
        if trial.state == "running":
            had_attempt = "running" in trial.attempts
            trial.end_attempts("died" if counts else "orphaned")
            n_deaths = trial.attempts.count("died") + (counts and not had_attempt)
            trial.is_lost = counts and n_deaths >= most
            trial.state = "failed" if trial.is_lost else "waiting"
            self.counts[TrialFinished] += trial.is_lost
        assert state.value == trial.state

    @precondition(lambda self: self.trials)
    @rule(index=INDICES, text=st.text(max_size=5))
    def note(self, index: int, text: str) -> None:
        number = index % len(self.trials)
        self.store.note(self.study, text, number=number)
        self.trials[number].notes.append(text)
        self.counts[Noted] += 1

    @rule()
    def send(self) -> None:
        self.controls.append(self.store.send(self.study, "pause", {"n": len(self.controls)}))

    @precondition(lambda self: self.controls)
    @rule(accepted=st.booleans())
    def answer(self, accepted: bool) -> None:
        self.store.answer(self.study, self.controls.pop(0), "pause", accepted=accepted, answer="so be it")
        self.n_answered += 1

    @rule()
    def reopen(self) -> None:
        self.store.close()
        type(self).store = Store.open(self.store.path)

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def trials_agree(self) -> None:
        for trial, model in zip(self.store.trials(self.study), self.trials, strict=True):
            assert (trial.state.value, trial.in_budget) == (model.state, model.in_budget)
            assert [(report.step, report.metrics["attempt"]) for report in trial.reports] == model.curve
            assert trial.notes == tuple(model.notes)
            assert (trial.outcome and trial.outcome.values) == (None if model.score is None else {"score": model.score})
            assert (trial.outcome is not None and trial.outcome.is_late) == model.is_late
            assert (trial.failure is not None and trial.failure.kind is FailureKind.LOST) == model.is_lost
            assert (trial.ended_at is not None) == trial.state.is_finished

    @invariant()
    def attempts_agree(self) -> None:
        running = []
        for number, model in enumerate(self.trials):
            attempts = self.store.attempts(self.study, number)
            assert [attempt.state.value for attempt in attempts] == model.attempts
            running += [attempt.id for attempt in attempts if attempt.state is AttemptState.RUNNING]
        assert sorted(running) == [attempt.id for attempt in self.store.running_attempts(self.study)]

    @invariant()
    def count_agrees(self) -> None:
        assert self.store.study(self.study).n_trials == sum(trial.in_budget for trial in self.trials) <= MAX_TRIALS

    @invariant()
    def controls_agree(self) -> None:
        assert [control_id for control_id, _, _ in self.store.take_controls(self.study)] == self.controls

    def teardown(self) -> None:
        happened = [type(event) for _, _, event in self.store.events(self.study)]
        assert {kind: happened.count(kind) for kind in self.counts} == self.counts
        assert happened.count(ControlAnswered) == self.n_answered


@pytest.mark.slow
class TestStoreMachine(StoreMachine.TestCase):  # type: ignore[misc,valid-type]  # hypothesis makes it at run time
    settings = settings(max_examples=50, stateful_step_count=30, deadline=None)

    @classmethod
    def setUpClass(cls) -> None:
        StoreMachine.folder = Path(tempfile.mkdtemp())
        StoreMachine.store = Store.open(StoreMachine.folder / "store.db")

    @classmethod
    def tearDownClass(cls) -> None:
        StoreMachine.store.close()
        shutil.rmtree(StoreMachine.folder)
