"""The state of a study as its events tell it."""

from __future__ import annotations

from agenttune.cli.notices import notice
from agenttune.cli.progress import FinishedTrial, Progress
from agenttune.events import (
    AttemptEnded,
    AttemptStarted,
    CodeRefused,
    ControlAnswered,
    Event,
    ProposalRefused,
    StudyChanged,
    TrialFinished,
    TrialProposed,
    TrialReported,
    VariantAdded,
)
from agenttune.goal import Goal

GOAL = Goal("accuracy", "maximize")


def proposed(number: int, *, replicate_of: int | None = None) -> TrialProposed:
    return TrialProposed(number, "gp", "why", {"C": 1.0}, replicate_of=replicate_of)


def finished(number: int, value: float | None, *, state: str | None = None) -> TrialFinished:
    if value is None:
        return TrialFinished(number, "failed", failure_kind="crash", failure="it broke")
    return TrialFinished(number, state or "complete", {"accuracy": value}, 1.0)


def fold(*events: Event, goal: Goal = GOAL) -> tuple[Progress, list[FinishedTrial]]:
    progress = Progress(goal)
    ended = [progress.apply(event, at=1.0) for event in events]
    return progress, [trial for trial in ended if trial is not None]


def test_best_moves_with_improvements_only() -> None:
    progress, ended = fold(proposed(0), finished(0, 0.5), proposed(1), finished(1, 0.4), proposed(2), finished(2, 0.6))
    assert [trial.best for trial in ended] == [0.5, 0.5, 0.6]
    assert [trial.is_new_best for trial in ended] == [True, False, True]
    assert (progress.best, progress.best_number) == (0.6, 2)


def test_failed_and_infeasible_trials_are_never_best() -> None:
    goal = Goal("accuracy", "maximize", ("accuracy < 0.7",))
    progress, ended = fold(proposed(0), finished(0, None), proposed(1), finished(1, 0.9), goal=goal)
    assert progress.best is None
    assert (progress.n_finished, progress.n_failed) == (2, 1)
    assert ended[1].is_feasible is False


def test_stopped_trial_is_never_best() -> None:
    progress, _ = fold(proposed(0), finished(0, 0.9, state="stopped"))
    assert progress.best is None


def test_replicates_count_for_themselves() -> None:
    progress, _ = fold(proposed(0), finished(0, 0.5), proposed(1, replicate_of=0), finished(1, 0.9))
    assert (progress.n_finished, progress.n_replicates, progress.n_replicates_finished, progress.best) == (1, 1, 1, 0.5)


def test_running_trials_are_those_started_and_not_ended() -> None:
    progress, _ = fold(
        proposed(0),
        AttemptStarted(0, 1),
        TrialReported(0, 3, {"accuracy": 0.2}),
        proposed(1),
        AttemptStarted(1, 1),
        AttemptEnded(1, 1, "died", "killed"),
    )
    assert {number: trial.step for number, trial in progress.running.items()} == {0: 3}


def test_trial_proposed_before_the_following_began_still_makes_a_row() -> None:
    _, (ended,) = fold(finished(7, 0.5))
    assert (ended.proposed.arm, ended.best) == ("?", 0.5)


def test_notices_are_clean_lines_and_silent_for_noise() -> None:
    assert notice(ProposalRefused("gp", {}, "duplicate", "seen\x1b[1m\nbefore")) == (
        "not run (duplicate), proposed by gp: seen before"
    )
    assert notice(ControlAnswered(1, "add", False, "no such value")) == "add: refused, no such value"
    assert notice(VariantAdded("v3", "fit\x1b[1m it", "v1", 4)) == "v3: fit it (from v1)"
    assert notice(CodeRefused("duplicate", "it is v2", "v1")) == "a block for v1 was refused (duplicate): it is v2"
    assert notice(StudyChanged("new")) is None
    assert notice(AttemptStarted(0, 1)) is None
