"""What every store must do: inherit `StoreConformance` and say how to open yours.

::

    class TestMine(StoreConformance):
        def open_store(self, path: Path) -> Store:
            return MyStore.open(path)

Needs pytest. One long class on purpose: who inherits it misses nothing. Not for what is true of
files only (damage, creation by many processes).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.budget import Budget, Spending
from agenttune.errors import (
    BudgetExhausted,
    InternalError,
    StoreError,
    StudyBusy,
    StudyExists,
    StudyNotFound,
    TrialNotFound,
    UserError,
)
from agenttune.events import (
    AttemptEnded,
    AttemptStarted,
    BudgetChanged,
    ControlAnswered,
    Event,
    HeldOutScored,
    ModelAnswered,
    Noted,
    ProposalRefused,
    ProposerChosen,
    StudyChanged,
    StudyEdited,
    TrialFinished,
    TrialProposed,
    TrialReported,
)
from agenttune.exchange import Exchange, ExchangeRequest, NumberSaid, Sample
from agenttune.goal import Goal
from agenttune.space import Categorical, Float, Int, Space
from agenttune.spec import StudySpec, StudyState, TrialLimits
from agenttune.store import Store
from agenttune.trial import (
    Attempt,
    AttemptState,
    Candidate,
    Failure,
    FailureKind,
    Lease,
    Outcome,
    Proposal,
    Report,
    Trial,
    TrialState,
)

LEASE = Lease("host", "boot", 4242, 1700000000.25)
CRASH = Failure(FailureKind.CRASH, "it raised", "Traceback ...", 1, "/somewhere/log.txt")


def make_spec(name: str = "study") -> StudySpec:
    """A spec with every kind of field set."""
    return StudySpec(
        name=name,
        space=Space(x=Float(0.0, 1.0), layers=Int(1, 4), optimizer=Categorical(["adam", "sgd"])),
        goal=Goal("score", "maximize", constraints=("latency_ms < 20",), target=0.99),
        objective={"type": "told", "deep": [1, {"a": None}]},
        budget=Budget(trials=40, seconds=60.5),
        limits=TrialLimits(seconds=5.0, attempts=2),
        request="tune it – quickly",
        first=({"x": 0.25, "layers": 2, "optimizer": "adam"},),
        default={"x": 0.5, "layers": 1, "optimizer": "sgd"},
        extra={"understood": [["task", "classification"]]},
    )


def make_proposal(x: float = 0.5, *, arm: str = "random") -> Proposal:
    """A proposal with every field set."""
    return Proposal(
        config={"x": x, "layers": 2, "optimizer": "adam"},
        arm=arm,
        reason="spread over the space – «evenly»",
        space_version=1,
        predicted_mean=0.8,
        predicted_sd=0.1,
        prediction_source="posterior",
        exchange_ids=(3, 1),
        seen_trials=(0, 1, 2, 5),
        parent=2,
        memory={"lengthscales": [0.1, 2.5e-17], "kind": "warm"},
    )


def outcome_of(score: float = 0.75, *, elapsed_s: float = 0.5) -> Outcome:
    """What a successful trial measured."""
    return Outcome({"score": score, "latency_ms": 12.0}, elapsed_s)


class StoreConformance:
    """Claims about a store's rows, each through the public methods alone."""

    def open_store(self, path: Path) -> Store:
        """Opens the store under test; twice with one path is the same store."""
        raise NotImplementedError

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """Where the store lies."""
        return tmp_path / "store.db"

    @pytest.fixture
    def store(self, path: Path) -> Iterator[Store]:
        """An empty store."""
        with self.open_store(path) as store:
            yield store

    @pytest.fixture
    def study(self, store: Store) -> str:
        """The id of a study without trials."""
        return store.create_study(make_spec()).id

    # -- studies -------------------------------------------------------------------------------

    def test_created_study_is_read_as_it_was_given(self, store: Store) -> None:
        row = store.create_study(make_spec())
        assert row.spec == make_spec()
        assert (row.state, row.space_version, row.n_trials, row.active_s) == (StudyState.NEW, 1, 0, 0.0)
        assert store.study(row.id) == row

    def test_study_survives_closing(self, store: Store, path: Path) -> None:
        row = store.create_study(make_spec())
        store.close()
        with self.open_store(path) as again:
            assert again.studies() == [row]

    def test_name_is_unique(self, store: Store, study: str) -> None:
        with pytest.raises(StudyExists, match="'study'"):
            store.create_study(make_spec())

    @pytest.mark.parametrize("name", ["", " ", "two\nlines", "\udc80"])
    def test_name_that_cannot_be_printed_is_refused(self, store: Store, name: str) -> None:
        with pytest.raises(StoreError, match="printable"):
            store.create_study(make_spec(name))

    def test_study_is_found_by_id_name_and_unique_beginning(self, store: Store) -> None:
        first, second = store.create_study(make_spec("digits")), store.create_study(make_spec("digits-2"))
        third = store.create_study(make_spec("wine"))
        assert store.study(second.id) == second
        assert store.study("digits") == first
        assert store.study("w") == third
        assert store.study() == third
        assert [row.name for row in store.studies()] == ["wine", "digits-2", "digits"]

    def test_ambiguous_beginning_names_what_it_fits(self, store: Store) -> None:
        for name in ("digits-a", "digits-b"):
            store.create_study(make_spec(name))
        with pytest.raises(StudyNotFound, match="'digits-b', 'digits-a'"):
            store.study("dig")

    def test_unknown_study_names_near_ones(self, store: Store, study: str) -> None:
        with pytest.raises(StudyNotFound, match="no study is called 'sutdy'; near it: 'study'"):
            store.study("sutdy")

    def test_store_without_a_study_says_how_to_start_one(self, store: Store) -> None:
        with pytest.raises(StudyNotFound, match="agenttune tune"):
            store.study()

    def test_state_is_kept_with_the_reason_of_an_end(self, store: Store, study: str) -> None:
        store.set_state(study, StudyState.FINISHED, reason="40 trials done")
        assert (store.study(study).state, store.study(study).end_reason) == (StudyState.FINISHED, "40 trials done")
        store.set_state(study, StudyState.RUNNING)
        assert (store.study(study).state, store.study(study).end_reason) == (StudyState.RUNNING, None)

    def test_active_seconds_add_up(self, store: Store, study: str) -> None:
        store.add_active(study, 1.5)
        store.add_active(study, 2.25)
        assert store.study(study).active_s == 3.75

    def test_summary_comes_with_its_event(self, store: Store, study: str) -> None:
        event = HeldOutScored("score", 0.9, 3, 0.8)
        store.set_summary(study, {"held_out": {"best": 0.9}}, event=event)
        assert store.study(study).summary == {"held_out": {"best": 0.9}}
        assert last_event(store, study) == event

    def test_budget_is_replaced_and_the_rest_of_the_spec_is_not(self, store: Store, study: str) -> None:
        store.set_budget(study, Budget(trials=60))
        before = make_spec()
        assert store.study(study).spec == dataclasses.replace(before, budget=Budget(trials=60))
        event = BudgetChanged(dataclasses.asdict(before.budget), dataclasses.asdict(Budget(trials=60)))
        assert last_event(store, study) == event

    def test_budget_that_stays_is_no_event(self, store: Store, study: str) -> None:
        store.set_budget(study, make_spec().budget)
        assert not isinstance(last_event(store, study), BudgetChanged)

    def test_proposer_is_replaced_with_its_model(self, store: Store, study: str) -> None:
        store.set_proposer(study, "llm+gp", "openai:other")
        expected = dataclasses.replace(make_spec(), proposer="llm+gp", model="openai:other")
        assert store.study(study).spec == expected

    def test_writing_to_an_unknown_study_is_refused(self, store: Store) -> None:
        with pytest.raises(StudyNotFound, match="'nowhere'"):
            store.add_trial("nowhere", make_proposal(), seed=0)
        with pytest.raises(StudyNotFound, match="'nowhere'"):
            store.send("nowhere", "pause")
        with pytest.raises(StudyNotFound, match="'nowhere'"):
            store.set_state("nowhere", StudyState.RUNNING)

    def test_study_files_lie_beside_the_store(self, store: Store, study: str, path: Path) -> None:
        folder = store.study_dir(study)
        assert folder.is_dir()
        assert folder == path.parent / "store-files" / study

    # -- the driver's lease --------------------------------------------------------------------

    def test_second_living_driver_is_refused_with_the_name_of_the_first(self, store: Store, study: str) -> None:
        store.acquire_driver(study, LEASE, is_alive=lambda _: True)
        with pytest.raises(StudyBusy, match="process 4242 on host"):
            store.acquire_driver(study, Lease("host", "boot", 1, 2.0), is_alive=lambda _: True)
        assert store.study(study).driver == LEASE

    def test_dead_driver_is_replaced(self, store: Store, study: str) -> None:
        fresh = Lease("host", "boot", 1, 2.0)
        store.acquire_driver(study, LEASE, is_alive=lambda _: True)
        store.acquire_driver(study, fresh, is_alive=lambda lease: lease != LEASE)
        assert store.study(study).driver == fresh

    def test_of_two_who_replace_a_dead_driver_at_once_one_is_refused(self, store: Store, study: str) -> None:
        first, second = Lease("host", "boot", 1, 2.0), Lease("host", "boot", 3, 4.0)
        store.acquire_driver(study, LEASE, is_alive=lambda _: True)

        def looks_while_the_other_acquires(lease: Lease) -> bool:
            if lease == LEASE:
                store.acquire_driver(study, first, is_alive=lambda other: other != LEASE)
            return lease == first

        with pytest.raises(StudyBusy, match="process 1 on host"):
            store.acquire_driver(study, second, is_alive=looks_while_the_other_acquires)
        assert store.study(study).driver == first

    def test_released_study_is_free_and_only_the_holder_releases(self, store: Store, study: str) -> None:
        store.acquire_driver(study, LEASE, is_alive=lambda _: True)
        store.release_driver(study, Lease("host", "boot", 1, 2.0))
        assert store.study(study).driver == LEASE
        store.release_driver(study, LEASE)
        assert store.study(study).driver is None

    # -- versions of the space -----------------------------------------------------------------

    def test_versions_of_the_space_stay_readable(self, store: Store, study: str) -> None:
        wider = Space(x=Float(0.0, 2.0))
        asked = StudyEdited(0, {"edit": "set_range", "name": "x"}, {"edit": "restore"}, "x 0..2", {"lines": []})
        edited = store.add_edit(study, asked, space=wider)
        assert edited == dataclasses.replace(asked, edit_id=1, version=2)
        assert store.space_edits(study) == {2: asked.edit}
        assert store.study(study).space_version == 2
        assert store.spaces(study) == {1: make_spec().space, 2: wider}
        assert last_event(store, study) == edited

    def test_edits_are_kept_in_order_with_what_they_led_to(self, store: Store, study: str) -> None:
        asked = StudyEdited(
            0, {"edit": "set_workers", "workers": 3}, {}, "3 at a time", {}, by="ada, key sk-" + "a1" * 20
        )
        store.add_edit(study, asked, change=lambda spec: dataclasses.replace(spec, workers=3))
        store.add_edit(
            study, dataclasses.replace(asked, undoes=1), change=lambda spec: dataclasses.replace(spec, workers=1)
        )
        assert store.study(study).spec == dataclasses.replace(make_spec(), workers=1)
        kept = [entry for _, entry in store.edits(study)]
        assert [(entry.edit_id, entry.version, entry.undoes) for entry in kept] == [(1, None, None), (2, None, 1)]
        assert "sk-" not in kept[0].by

    # -- trials --------------------------------------------------------------------------------

    def test_trial_is_read_as_it_was_added(self, store: Store, study: str) -> None:
        added = store.add_trial(study, make_proposal(), seed=2**32 - 1)
        assert added is not None
        assert added.proposal == make_proposal()
        assert (added.number, added.state, added.seed) == (0, TrialState.WAITING, 2**32 - 1)
        assert store.trial(study, 0) == added
        assert last_event(store, study) == TrialProposed(
            0, "random", added.reason, dict(added.config), predicted_mean=0.8, predicted_sd=0.1
        )

    def test_numbers_of_two_studies_are_their_own(self, store: Store, study: str) -> None:
        other = store.create_study(make_spec("other")).id
        for owner in (study, other, study):
            store.add_trial(owner, make_proposal(), seed=0)
        assert [trial.number for trial in store.trials(study)] == [0, 1]
        assert [trial.number for trial in store.trials(other)] == [0]

    def test_bound_on_trials_is_exact_and_counts_only_the_budget(self, store: Store, study: str) -> None:
        assert store.add_trial(study, make_proposal(), seed=0, max_trials=2)
        assert store.add_trial(study, make_proposal(), seed=0, replicate_of=0, in_budget=False, max_trials=2)
        assert store.add_trial(study, make_proposal(), seed=0, max_trials=2)
        assert store.add_trial(study, make_proposal(), seed=0, max_trials=2) is None
        assert store.add_trial(study, make_proposal(), seed=0, replicate_of=0, in_budget=False, max_trials=2)
        assert store.study(study).n_trials == 2
        assert [trial.in_budget for trial in store.trials(study)] == [True, False, True, False]

    def test_trials_after_a_number(self, store: Store, study: str) -> None:
        for _ in range(4):
            store.add_trial(study, make_proposal(), seed=0)
        assert [trial.number for trial in store.trials(study, after=1)] == [2, 3]

    def test_unknown_trial_is_told(self, store: Store, study: str) -> None:
        with pytest.raises(TrialNotFound, match="no trial 7"):
            store.trial(study, 7)
        with pytest.raises(TrialNotFound, match="no trial 7"):
            store.finish(study, 7, TrialState.COMPLETE, outcome=outcome_of())
        with pytest.raises(TrialNotFound, match="no trial 7"):
            store.note(study, "hm", number=7)

    def test_refused_proposal_is_kept_with_its_reason(self, store: Store, study: str) -> None:
        store.refuse(study, make_proposal(), "duplicate", "trial 3 has this configuration")
        assert store.refused(study) == [(make_proposal(), "duplicate", "trial 3 has this configuration")]
        assert store.trials(study) == []
        event = ProposalRefused("random", dict(make_proposal().config), "duplicate", "trial 3 has this configuration")
        assert last_event(store, study) == event

    def test_notes_are_added_to_finished_trials_and_to_the_study(self, store: Store, study: str) -> None:
        run_one(store, study)
        store.note(study, "overfits", number=0)
        store.note(study, "see trial 0")
        assert store.trial(study, 0).notes == ("overfits",)
        assert [event for _, _, event in store.events(study)][-2:] == [Noted("overfits", 0), Noted("see trial 0")]

    def test_text_that_is_no_unicode_is_kept_readable(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        store.note(study, "file \udcff", number=0)
        assert store.trial(study, 0).notes == ("file \\udcff",)

    # -- claims and attempts -------------------------------------------------------------------

    def test_claim_takes_the_lowest_waiting_trial(self, store: Store, study: str) -> None:
        for x in (0.1, 0.2):
            store.add_trial(study, make_proposal(x), seed=0)
        claims = [store.claim(study) for _ in range(3)]
        assert [None if claim is None else claim[0].number for claim in claims] == [0, 1, None]

    def test_claimed_trial_runs_as_a_named_attempt(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        trial, attempt = claimed(store, study)
        assert trial == store.trial(study, 0)
        assert trial.state is TrialState.RUNNING
        assert (attempt.trial_number, attempt.number, attempt.state) == (0, 1, AttemptState.RUNNING)
        assert Path(attempt.directory).is_relative_to(store.study_dir(study))
        assert store.running_attempts(study) == store.attempts(study, 0) == [attempt]
        assert last_event(store, study) == AttemptStarted(0, 1)

    def test_lease_names_the_child(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        _, attempt = claimed(store, study)
        store.set_lease(attempt.id, LEASE)
        assert store.running_attempts(study)[0].lease == LEASE

    def test_trial_added_as_running_is_not_claimed(self, store: Store, study: str) -> None:
        added = store.add_trial(study, make_proposal(), seed=0, running=True)
        assert added is not None
        assert store.trial(study, 0).state is added.state is TrialState.RUNNING
        assert store.claim(study) is None
        assert store.attempts(study, 0) == []

    def test_died_attempt_puts_its_trial_back(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        claimed(store, study)
        assert store.requeue(study, 0, counts=True, reason="killed", max_attempts=2) is TrialState.WAITING
        assert last_event(store, study) == AttemptEnded(0, 1, "died", "killed")
        trial, attempt = claimed(store, study)
        assert (trial.number, attempt.number) == (0, 2)
        assert [past.state for past in store.attempts(study, 0)] == [AttemptState.DIED, AttemptState.RUNNING]

    def test_trial_whose_attempts_keep_dying_is_lost(self, store: Store, study: str) -> None:
        lose(store, study)
        trial = store.trial(study, 0)
        assert trial.failure is not None
        assert (trial.state, trial.failure.kind) == (TrialState.FAILED, FailureKind.LOST)
        assert "killed by signal 9" in trial.failure.message
        assert isinstance(last_event(store, study), TrialFinished)
        assert store.running_attempts(study) == []

    def test_deaths_that_came_with_the_driver_do_not_count(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        for _ in range(3):
            claimed(store, study)
            store.requeue(study, 0, counts=False, reason="the driver ended", max_attempts=1)
        assert store.trial(study, 0).state is TrialState.WAITING
        assert {past.state for past in store.attempts(study, 0)} == {AttemptState.ORPHANED}

    def test_only_a_running_trial_is_put_back(self, store: Store, study: str) -> None:
        run_one(store, study)
        before = store.events(study)
        assert store.requeue(study, 0, counts=True, reason="late", max_attempts=1) is TrialState.COMPLETE
        assert store.events(study) == before

    # -- reports -------------------------------------------------------------------------------

    def test_reports_are_kept_in_order_of_step(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        _, attempt = claimed(store, study)
        reports = [Report(step, {"score": step / 10}, step * 1.5) for step in range(3)]
        store.add_reports(attempt.id, reports[:1])
        store.add_reports(attempt.id, reports[1:])
        assert store.trial(study, 0).reports == tuple(reports)
        assert last_event(store, study) == TrialReported(0, 2, {"score": 0.2})

    def test_step_reported_twice_by_an_attempt_counts_once(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        _, attempt = claimed(store, study)
        first, second = Report(0, {"score": 0.1}, 1.0), Report(1, {"score": 0.2}, 2.0)
        assert store.add_reports(attempt.id, [first]) == [first]
        n_events = len(store.events(study))
        assert store.add_reports(attempt.id, [first, second]) == [second]
        assert store.trial(study, 0).reports == (first, second)
        assert len(store.events(study)) == n_events + 1

    def test_attempt_that_goes_on_continues_the_curve(self, store: Store, study: str) -> None:
        assert self._steps_after(store, study, first=(0, 1, 2), second=(2, 3)) == [(0, 1), (1, 1), (2, 2), (3, 2)]

    def test_attempt_that_begins_anew_replaces_the_curve(self, store: Store, study: str) -> None:
        assert self._steps_after(store, study, first=(0, 1, 2), second=(0,)) == [(0, 2)]

    def _steps_after(
        self, store: Store, study: str, *, first: tuple[int, ...], second: tuple[int, ...]
    ) -> list[tuple[int, int]]:
        """(step, attempt) as read after two attempts reported these steps."""
        store.add_trial(study, make_proposal(), seed=0)
        for steps in (first, second):
            _, attempt = claimed(store, study)
            store.add_reports(attempt.id, [Report(step, {"attempt": attempt.number}, 1.0) for step in steps])
            store.requeue(study, 0, counts=False, reason="the driver ended", max_attempts=3)
        return [(report.step, int(report.metrics["attempt"])) for report in store.trial(study, 0).reports]

    def test_trial_without_an_attempt_reports_too(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0, running=True)
        report = Report(0, {"score": 0.1}, 1.0)
        assert store.report(study, 0, [report, report]) == [report]
        assert store.trial(study, 0).reports == (report,)

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_measurements_that_are_no_numbers_are_the_callers_bug(self, store: Store, study: str, value: float) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        _, attempt = claimed(store, study)
        with pytest.raises(InternalError):
            store.add_reports(attempt.id, [Report(0, {"score": value}, 1.0)])
        assert store.trial(study, 0).reports == ()

    # -- ends ----------------------------------------------------------------------------------

    def test_outcome_lands_exactly_once(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        claimed(store, study)
        assert store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of(0.7))
        assert not store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of(0.8))
        assert not store.finish(study, 0, TrialState.FAILED, failure=CRASH)
        trial = store.trial(study, 0)
        assert (trial.state, trial.outcome) == (TrialState.COMPLETE, outcome_of(0.7))
        assert trial.ended_at is not None
        ends = [event for _, _, event in store.events(study) if isinstance(event, TrialFinished)]
        assert ends == [TrialFinished(0, "complete", {"score": 0.7, "latency_ms": 12.0}, 0.5)]

    def test_end_of_a_trial_ends_its_attempt(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        claimed(store, study)
        store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of(elapsed_s=5.0))
        (attempt,) = store.attempts(study, 0)
        assert attempt.state is AttemptState.DONE
        assert attempt.ended_at is not None

    def test_failure_keeps_its_evidence(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        claimed(store, study)
        assert store.finish(study, 0, TrialState.FAILED, failure=CRASH)
        assert store.trial(study, 0).failure == CRASH
        assert last_event(store, study) == TrialFinished(0, "failed", failure_kind="crash", failure="it raised")

    def test_stopped_trial_may_have_an_outcome_or_none(self, store: Store, study: str) -> None:
        for outcome in (outcome_of(), None):
            trial = store.add_trial(study, make_proposal(), seed=0)
            assert trial is not None
            claimed(store, study)
            assert store.finish(study, trial.number, TrialState.STOPPED, outcome=outcome)
            assert store.trial(study, trial.number).outcome == outcome

    @pytest.mark.parametrize("state", [TrialState.RUNNING, TrialState.COMPLETE, TrialState.FAILED])
    def test_end_without_its_evidence_is_the_callers_bug(self, store: Store, study: str, state: TrialState) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        with pytest.raises(InternalError):
            store.finish(study, 0, state)

    def test_late_outcome_of_a_lost_trial_is_accepted_once(self, store: Store, study: str) -> None:
        lose(store, study)
        assert store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of(0.7))
        assert not store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of(0.8))
        trial = store.trial(study, 0)
        assert trial.outcome == Outcome(outcome_of(0.7).values, 0.5, is_late=True)
        assert (trial.state, trial.failure) == (TrialState.COMPLETE, None)
        event = last_event(store, study)
        assert isinstance(event, TrialFinished)
        assert event.is_late

    def test_late_outcome_of_a_trial_that_failed_by_itself_is_refused(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        store.finish(study, 0, TrialState.FAILED, failure=CRASH)
        assert not store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of())
        assert store.trial(study, 0).failure == CRASH

    def test_outcome_of_an_earlier_attempt_ends_the_one_under_way(self, store: Store, study: str) -> None:
        store.add_trial(study, make_proposal(), seed=0)
        claimed(store, study)
        store.requeue(study, 0, counts=True, reason="killed", max_attempts=3)
        claimed(store, study)
        assert store.finish(study, 0, TrialState.COMPLETE, outcome=outcome_of())
        assert [attempt.state for attempt in store.attempts(study, 0)] == [AttemptState.DIED, AttemptState.DONE]

    # -- events and controls -------------------------------------------------------------------

    def test_events_tell_the_life_of_a_trial_in_order(self, store: Store, study: str) -> None:
        run_one(store, study, n_reports=1)
        kinds = [type(event) for _, _, event in store.events(study)]
        assert kinds == [StudyChanged, TrialProposed, AttemptStarted, TrialReported, TrialFinished]

    def test_events_go_on_where_a_reader_left_off(self, store: Store, study: str) -> None:
        run_one(store, study, n_reports=3)
        everything = store.events(study)
        first = store.events(study, limit=2)
        assert first + store.events(study, after=first[-1][0]) == everything
        assert [event_id for event_id, _, _ in everything] == sorted({event_id for event_id, _, _ in everything})

    def test_announced_event_is_read_back(self, store: Store, study: str) -> None:
        store.announce(study, ProposerChosen("tpe", "250 trials"))
        assert last_event(store, study) == ProposerChosen("tpe", "250 trials")

    def test_controls_wait_in_order_until_answered(self, store: Store, study: str) -> None:
        pause = store.send(study, "pause")
        stop = store.send(study, "stop", {"kill": True})
        assert store.take_controls(study) == [(pause, "pause", {}), (stop, "stop", {"kill": True})]
        store.answer(study, pause, "pause", accepted=True, answer="paused")
        assert store.take_controls(study) == [(stop, "stop", {"kill": True})]
        assert last_event(store, study) == ControlAnswered(pause, "pause", True, "paused")

    def test_control_is_answered_once(self, store: Store, study: str) -> None:
        control = store.send(study, "pause")
        store.answer(study, control, "pause", accepted=True, answer="paused")
        store.answer(study, control, "pause", accepted=False, answer="too late")
        answers = [event for _, _, event in store.events(study) if isinstance(event, ControlAnswered)]
        assert answers == [ControlAnswered(control, "pause", True, "paused")]

    def test_what_is_written_together_is_taken_back_together(self, store: Store, study: str) -> None:
        with pytest.raises(KeyboardInterrupt), store.together():
            control = store.send(study, "pause")
            store.answer(study, control, "pause", accepted=True, answer="paused")
            raise KeyboardInterrupt
        assert store.take_controls(study) == []
        assert [event for _, _, event in store.events(study) if isinstance(event, ControlAnswered)] == []

    def test_what_is_written_together_is_read_within_and_stays(self, store: Store, study: str) -> None:
        with store.together():
            store.set_state(study, StudyState.RUNNING)
            assert store.study(study).state is StudyState.RUNNING
        assert store.study(study).state is StudyState.RUNNING

    def test_lease_tells_the_drivers_of_one_process_apart(self, store: Store, study: str) -> None:
        mine, other = dataclasses.replace(LEASE, holder="a"), dataclasses.replace(LEASE, holder="b")
        store.acquire_driver(study, mine, is_alive=lambda _: True)
        with pytest.raises(StudyBusy, match="of this process"):
            store.acquire_driver(study, other, is_alive=lambda _: True)
        assert store.study(study).driver == mine

    # -- sessions ------------------------------------------------------------------------------

    def test_session_keeps_its_entries_in_order_and_without_keys(self, store: Store) -> None:
        first = store.create_session(workspace="/work", title="tune train.py")
        second = store.create_session(workspace="/other", title="the key is sk-planted0123456789abcdef")
        ids = [store.add_entry(first.id, "user", {"text": text}).id for text in ("a", "sk-planted0123456789abcdef")]
        store.add_entry(second.id, "user", {"text": "b"})
        assert [entry.content["text"] for entry in store.entries(first.id)] == ["a", "***"]
        assert [entry.id for entry in store.entries(first.id, after=ids[0])] == ids[1:]
        assert store.sessions() == [second, first] and second.title == "the key is ***"

    def test_session_is_found_by_the_beginning_of_its_id(self, store: Store) -> None:
        with pytest.raises(UserError, match="there is none yet"):
            store.session()
        rows = [store.create_session(workspace="/work", title=str(number)) for number in range(2)]
        assert store.session() == rows[1] and store.session(rows[0].id) == rows[0]
        with pytest.raises(UserError, match="none has an id that begins with 'xyz'"):
            store.session("xyz")
        with pytest.raises(UserError, match="several sessions"):
            store.session("")

    # -- exchanges and the ledger --------------------------------------------------------------

    def test_exchange_is_found_by_the_key_of_its_request(self, store: Store, study: str) -> None:
        request = ExchangeRequest(
            "model@1", ({"role": "user", "content": "hello"},), {"type": "object"}, {"temperature": 0.5}, {"a.md": "ff"}
        )
        earlier, later = Exchange(request, None, "timeout"), Exchange(request, "hi", "used", 0.25, {"prompt": 7}, 0.001)
        ids = [store.add_exchange(study, exchange) for exchange in (earlier, later)]
        found = store.find_answered(study, request.key)
        assert found == (ids[1], later)
        assert found[1].request.key == request.key
        assert store.exchanges(study) == list(zip(ids, (earlier, later), strict=True))
        assert store.find_answered(study, "no such key") is None

    def test_answered_exchange_is_found_for_its_own_study_alone(self, store: Store, study: str) -> None:
        request = ExchangeRequest("openai:test", ({"role": "user", "content": "hello"},))
        answered = Exchange(request, "hi", "used", revision="test-2026")
        found_id = store.add_exchange(study, answered)
        store.add_exchange(study, Exchange(request, None, "timeout"))
        assert store.find_answered(study, request.key) == (found_id, answered)
        other = store.create_study(make_spec("other")).id
        assert store.find_answered(other, request.key) is None
        assert store.find_answered(None, request.key) is None

    def test_replies_to_one_request_are_kept_with_their_numbers(self, store: Store, study: str) -> None:
        said = NumberSaid("predicted", 12, 0.25, 0.01, 0.97)
        exchange = Exchange(
            ExchangeRequest("hf:tiny", ()),
            "{}",
            "used",
            numbers=(said,),
            others=(Sample("é", (said, said)), Sample("")),
        )
        store.add_exchange(study, exchange)
        assert [kept for _, kept in store.exchanges(study)] == [exchange]

    def test_candidate_is_kept_with_its_sample_and_the_source_of_its_prediction(self, store: Store, study: str) -> None:
        told = Candidate({"x": 0.5}, "why", 0.5, 0.1, salvaged=("mended",), prediction_source="tokens", sample=3)
        store.add_exchange(study, Exchange(ExchangeRequest("hf:tiny", ()), "{}", "used"), candidates=[told])
        (kept,) = store.candidates(study)
        assert kept == dataclasses.replace(told, exchange_ids=(1,), id=kept.id)

    def test_reply_is_found_for_every_study_with_the_exchange_it_came_from(self, store: Store, study: str) -> None:
        request = ExchangeRequest("openai:test", ({"role": "user", "content": "hello"},))
        sent = Exchange(request, "hi", "used", 0.25, {"prompt": 7}, 0.001, revision="test-2026")
        assert store.find_reusable(request.key) is None
        exchange_id = store.add_exchange(study, sent)
        for text, verdict in ((None, "timeout"), ("", "empty"), ("half", "unreachable"), ("half", "cut")):
            store.add_exchange(study, Exchange(request, text, verdict))
        origin = f"exchange {exchange_id} of study {store.study(study).name!r}"
        assert store.find_reusable(request.key) == (origin, sent)
        other = store.create_study(make_spec("other")).id
        reused = Exchange(request, "hi", "used", 0.0, {}, 0.0, reused_from=origin)
        copy_id = store.add_exchange(other, reused)
        assert store.exchanges(other) == [(copy_id, reused)]
        assert store.find_reusable(request.key) == (origin, reused)
        assert store.usages(other) == [("used", {}, True)] and store.usages(study)[0] == ("used", {"prompt": 7}, False)

    def test_reply_is_found_for_the_model_of_its_fingerprint_alone(self, store: Store, study: str) -> None:
        request = ExchangeRequest("hf:tiny", ({"role": "user", "content": "hello"},))
        for revision in ("tiny-1%2", "tiny-1a2@main", None):
            store.add_exchange(study, Exchange(request, str(revision), "used", revision=revision))
        found = [
            store.find_reusable(request.key, fingerprint) for fingerprint in ("tiny-1%2", "tiny-1a2", "tiny-2", "")
        ]
        assert [entry and entry[1].reply for entry in found] == ["tiny-1%2", "tiny-1a2@main", None, "None"]

    def test_reply_outside_any_study_is_nobodys(self, store: Store) -> None:
        request = ExchangeRequest("openai:test", ({"role": "user", "content": "hello"},))
        store.add_exchange(None, Exchange(request, "hi", "used"))
        assert store.find_reusable(request.key) is None

    def test_request_that_is_not_sent_is_announced_once_until_the_model_is_asked_again(
        self, store: Store, study: str
    ) -> None:
        held_back = ModelAnswered(None, "openai:test", "over-budget", "the study may spend 3 requests")
        for _ in range(2):
            store.add_unsent(study, "openai:test", "over-budget", "the study may spend 3 requests")
        store.add_exchange(study, Exchange(ExchangeRequest("openai:test", ()), "hi", "empty"))
        store.add_unsent(study, "openai:test", "over-budget", "the study may spend 3 requests")
        store.add_unsent(study, "openai:test", "over-budget", "the study may spend 9 tokens")
        told = [event for _, _, event in store.events(study) if isinstance(event, ModelAnswered)]
        other = dataclasses.replace(held_back, why="the study may spend 9 tokens")
        assert told == [held_back, ModelAnswered(1, "openai:test", "empty"), held_back, other]

    @pytest.mark.parametrize(
        ("budget", "worst"),
        [
            (Budget(requests=1), Spending(1, 10, 0.1)),
            (Budget(tokens=150), Spending(1, 100, 0.1)),
            (Budget(dollars=0.15), Spending(1, 10, 0.1)),
        ],
    )
    def test_reservation_beyond_a_bound_is_refused_whole(
        self, store: Store, study: str, budget: Budget, worst: Spending
    ) -> None:
        store.reserve(study, worst, budget)
        with pytest.raises(BudgetExhausted, match="raise the bound"):
            store.reserve(study, worst, budget)
        assert store.spent(study) == worst

    def test_worst_case_counts_until_it_is_settled(self, store: Store, study: str) -> None:
        budget = Budget(tokens=150)
        reservation = store.reserve(study, Spending(1, 100), budget)
        store.settle(reservation, Spending(1, 40))
        store.reserve(study, Spending(1, 110), budget)
        assert store.spent(study).tokens == 150

    def test_requests_that_came_to_an_end_are_counted_whatever_they_cost(self, store: Store, study: str) -> None:
        for actual in (Spending(1, 40), Spending(0, 0, 0.0)):
            store.settle(store.reserve(study, Spending(1, 100), Budget()), actual)
        store.reserve(study, Spending(1, 100), Budget())
        assert (store.n_settled(study), store.spent(study).requests) == (2, 2)

    def test_unknown_price_stays_unknown(self, store: Store, study: str) -> None:
        reservation = store.reserve(study, Spending(1, 100, None), Budget(tokens=1000))
        store.settle(reservation, Spending(1, 40, None))
        assert store.spent(study) == Spending(1, 40, None)

    def test_unknown_price_under_a_bound_on_dollars_is_refused(self, store: Store, study: str) -> None:
        with pytest.raises(BudgetExhausted, match="next request costs in dollars is unknown"):
            store.reserve(study, Spending(1, 100, None), Budget(dollars=1.0))
        store.reserve(study, Spending(1, 100, None), Budget())
        with pytest.raises(BudgetExhausted, match="an earlier request costs in dollars is unknown"):
            store.reserve(study, Spending(1, 100, 0.1), Budget(dollars=1.0))

    def test_each_study_has_its_own_budget(self, store: Store, study: str) -> None:
        other = store.create_study(make_spec("other")).id
        store.reserve(study, Spending(1), Budget(requests=1))
        store.reserve(other, Spending(1), Budget(requests=1))
        assert store.spent(other) == Spending(1, None, None)

    def test_requests_outside_any_study_are_bounded_together(self, store: Store, study: str) -> None:
        store.reserve(None, Spending(1, 10, 0.0), Budget(requests=1))
        with pytest.raises(BudgetExhausted, match="1 requests"):
            store.reserve(None, Spending(1, 10, 0.0), Budget(requests=1))
        assert (store.spent(None), store.spent(study)) == (Spending(1, 10, 0.0), Spending(0, 0, 0))

    @pytest.mark.parametrize(
        ("daily", "worst", "sentence"),
        [
            (Budget(requests=2), Spending(1), "the day's 2 requests .* max_requests_per_day in settings.toml.*UTC"),
            (Budget(tokens=250), Spending(1, 100), "the day's 250 tokens .* spent 200 .* max_tokens_per_day"),
            (Budget(dollars=0.5), Spending(1, 9, 0.25), "the day's 0.5 dollars .* max_dollars_per_day"),
        ],
    )
    def test_bound_of_the_day_holds_over_all_studies(
        self, store: Store, study: str, daily: Budget, worst: Spending, sentence: str
    ) -> None:
        other = store.create_study(make_spec("other")).id
        store.reserve(study, worst, Budget(), daily=daily)
        store.reserve(None, worst, Budget(), daily=daily)
        with pytest.raises(BudgetExhausted, match=sentence):
            store.reserve(other, worst, Budget(), daily=daily)
        assert store.spent(other).requests == 0
        assert store.spent_today().requests == 2

    def test_unknown_price_under_a_bound_of_the_day_is_refused(self, store: Store, study: str) -> None:
        with pytest.raises(BudgetExhausted, match="drop max_dollars_per_day"):
            store.reserve(study, Spending(1, 100, None), Budget(), daily=Budget(dollars=1.0))

    def test_open_reservations_are_told_apart(self, store: Store, study: str) -> None:
        settled = store.reserve(study, Spending(1, 100, 0.5), Budget())
        store.reserve(study, Spending(1, 70, 0.25), Budget())
        store.settle(settled, Spending(1, 40, 0.125))
        assert store.unsettled(study) == Spending(1, 70, 0.25)
        assert store.spent(study) == Spending(2, 110, 0.375)

    def test_request_that_reached_nobody_counts_as_one_without_tokens(self, store: Store, study: str) -> None:
        store.settle(store.reserve(study, Spending(1, 100, 0.5), Budget()), Spending(1, 0, 0.0))
        assert store.spent(study) == Spending(1, 0, 0.0)


def claimed(store: Store, study: str) -> tuple[Trial, Attempt]:
    """A claim that must succeed."""
    claim = store.claim(study)
    assert claim is not None
    return claim


def run_one(store: Store, study: str, *, n_reports: int = 0) -> None:
    """Adds a trial and runs it to its end."""
    store.add_trial(study, make_proposal(), seed=0)
    trial, attempt = claimed(store, study)
    for step in range(n_reports):
        store.add_reports(attempt.id, [Report(step, {"score": 0.1}, 1.0)])
    store.finish(study, trial.number, TrialState.COMPLETE, outcome=outcome_of())


def lose(store: Store, study: str) -> None:
    """Adds trial 0 and lets its attempts die until it is lost."""
    store.add_trial(study, make_proposal(), seed=0)
    for _ in range(2):
        claimed(store, study)
        state = store.requeue(study, 0, counts=True, reason="it was killed by signal 9", max_attempts=2)
    assert state is TrialState.FAILED


def last_event(store: Store, study: str) -> Event:
    """The latest event of a study."""
    return store.events(study)[-1][2]
