"""What went wrong: counts, groups, and rules that are true of the trials."""

from __future__ import annotations

from dataclasses import replace

from agenttune.insight.answers.failed import failures
from agenttune.space import Categorical, Float, Int, Space
from agenttune.testing.views import complete, failed, unfinished, with_reports
from agenttune.trial import FailureKind, TrialState
from tests.proposers.scene import EMPTY


def test_rule_counts_inside_and_elsewhere() -> None:
    trials = [complete(n, {"x": n / 20, "y": 0.5}, {"value": 1.0}) for n in range(12)]
    trials += [failed(n, {"x": n / 20, "y": 0.5}, FailureKind.OOM) for n in range(12, 17)]
    (rule,) = failures(replace(EMPTY, trials=tuple(trials))).rules
    assert (rule.name, rule.relation, rule.n_bad, rule.n) == ("x", ">=", 5, 5)
    assert (rule.n_bad_elsewhere, rule.n_elsewhere) == (0, 12)
    assert 11 / 20 < float(rule.value) <= 12 / 20


def test_trials_outside_an_edited_space_are_counted_too() -> None:
    trials = [complete(n, {"x": n / 20, "y": 0.5}, {"value": 1.0}) for n in range(12)]
    trials += [failed(n, {"x": n / 20, "y": 0.5}, FailureKind.OOM) for n in range(12, 17)]
    narrowed = Space(x=Float(0.5, 1.0), y=Float(0.0, 1.0))
    edited = replace(
        EMPTY, trials=tuple(trials), space=narrowed, spaces={trials[0].proposal.space_version: EMPTY.space}
    )
    (rule,) = failures(edited).rules
    assert (rule.name, rule.n_bad, rule.n, rule.n_bad_elsewhere, rule.n_elsewhere) == ("x", 5, 5, 0, 12)
    renamed = Space(x=Categorical(["a", "b"]), z=Int(1, 9, default=2))
    assert failures(replace(edited, space=renamed)).rules == ()  # numbers that are no categories tell nothing


def test_trials_that_were_stopped_did_not_fail() -> None:
    trials = [complete(n, {"x": n / 20, "y": 0.5}, {"value": 1.0}) for n in range(12)]
    trials += [failed(n, {"x": n / 20, "y": 0.5}) for n in range(12, 17)]
    trials += [replace(unfinished(n, {"x": n / 20, "y": 0.4}), state=TrialState.STOPPED) for n in range(17, 20)]
    assert failures(replace(EMPTY, trials=tuple(trials[:17]))).rules
    assert not failures(replace(EMPTY, trials=tuple(trials))).rules


def test_failures_that_chance_explains_make_no_rule() -> None:
    trials = [complete(n, {"x": n / 20, "y": 0.5}, {"value": 1.0}) for n in range(0, 20, 2)]
    trials += [failed(n, {"x": n / 20, "y": 0.5}) for n in range(1, 20, 4)]
    assert failures(replace(EMPTY, trials=tuple(trials))).rules == ()


def test_messages_that_differ_in_numbers_are_one_group() -> None:
    trials = [failed(n, {"x": n / 20, "y": 0.5}, FailureKind.OOM) for n in range(3)]
    told = [replace(t, failure=replace(t.failure, message=f"tried {t.number} GiB")) for t in trials if t.failure]
    (group,) = failures(replace(EMPTY, trials=tuple(told))).groups
    assert (group.kind, group.message, group.n, group.examples) == ("oom", "tried 2 GiB", 3, (0, 1, 2))


def test_stopped_and_infeasible_are_groups_of_their_own() -> None:
    goal = replace(EMPTY.goal, constraints=("latency < 2", "size < 9"))
    slow = complete(0, {"x": 0.1, "y": 0.5}, {"value": 1.0, "latency": 3.0, "size": 1.0})
    stopped = with_reports(complete(1, {"x": 0.2, "y": 0.5}, {}), "value", {4: 0.5})
    stopped = replace(stopped, state=TrialState.STOPPED, outcome=None)
    answer = failures(replace(EMPTY, goal=goal, trials=(slow, stopped)))
    assert [(group.kind, group.message) for group in answer.groups] == [
        ("infeasible", "broke latency < 2"),
        ("stopped", "after step 4"),
    ]
    assert (answer.n_failed, answer.n_stopped, answer.n_infeasible) == (0, 1, 1)
