"""The digest of a history: what is in it, and what is true of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.digest import MOST_TEXT, digest
from agenttune.insight.records import Digest
from agenttune.space import Categorical, Float, Int, Space
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import Failure, FailureKind, Proposal, Trial, TrialState
from agenttune.types import Json
from tests.insight.studies import DEFAULT, HINT, SPACE, mid_study

LINE = Space(x=Float(0, 1))


def _line(*values: float, direction: str = "minimize") -> StudyView:
    goal = Goal("loss", "minimize" if direction == "minimize" else "maximize")
    return StudyView(LINE, goal, tuple(complete(i, {"x": 0.01 * i}, {"loss": v}) for i, v in enumerate(values)))


def test_nothing_is_known_of_an_empty_study() -> None:
    empty = digest(StudyView(LINE, Goal("loss", "minimize"), ()))
    assert (empty.finished, empty.best, empty.top, empty.n_left) == ("none", None, (), None)


def test_budget_counts_what_is_in_it() -> None:
    found = digest(mid_study())
    assert (found.n_used, found.n_left) == (25, 15)  # 24 and the running one, not the repeat


def test_finished_trials_are_listed_as_runs_without_those_that_run() -> None:
    view = _line(3, 2, 1, 4)
    trials = (*view.trials[:2], unfinished(2, {"x": 0.5}), view.trials[3])
    assert digest(replace(view, trials=trials)).finished == "0-1, 3"


def test_best_is_compared_with_the_default() -> None:
    best = digest(mid_study()).best
    assert best is not None
    assert (best.number, best.value, best.default_number, best.default_value) == (1, "0.8961", 0, "0.8913")
    assert best.gain == "0.00475"
    assert best.changed == '"optimizer", "momentum", "beta2", "lr", "depth"'


def test_gain_is_positive_when_minimising() -> None:
    view = replace(_line(3, 2.5), default={"x": 0.0})
    best = digest(view).best
    assert best is not None and best.gain == "0.5"


def test_top_worst_and_latest_hold_each_trial_once() -> None:
    found = digest(_line(*range(30)))
    assert [row.number for row in found.top] == [0, 1, 2, 3, 4]
    assert [row.number for row in found.worst] == [29, 28]
    assert [row.number for row in found.latest] == [27, 26, 25, 24, 23, 22, 21, 20]


def test_few_trials_are_not_called_worst_as_well() -> None:
    found = digest(_line(1, 2, 3))
    assert ([row.number for row in found.top], found.worst, found.latest) == ([0, 1, 2], (), ())


def test_failed_region_is_a_rule_with_its_counts() -> None:
    (rule,) = digest(mid_study()).failed_rules
    assert (rule.name, rule.relation, rule.value, rule.n_bad, rule.n, rule.kinds) == (
        '"depth"',
        ">=",
        "17",
        8,
        8,
        "oom 8",
    )


def test_lost_trials_are_not_held_against_their_configuration() -> None:
    view = StudyView(
        Space(x=Int(0, 40)),
        Goal("loss", "minimize"),
        tuple(
            failed(i, {"x": i}, FailureKind.LOST) if i > 20 else complete(i, {"x": i}, {"loss": 1.0}) for i in range(40)
        ),
    )
    assert digest(view).failed_rules == ()


def test_infeasible_region_is_a_rule() -> None:
    trials = tuple(complete(i, {"x": i}, {"loss": 1.0, "ms": 2.0 * i}) for i in range(40))
    view = StudyView(Space(x=Int(0, 40)), Goal("loss", "minimize", ("ms < 50",)), trials)
    found = digest(view)
    assert found.n_infeasible == 15
    assert [(rule.value, rule.n_bad, rule.n) for rule in found.infeasible_rules] == [("25", 15, 15)]


def test_messages_that_differ_in_numbers_are_told_once() -> None:
    assert digest(mid_study()).messages == ('trial 22 (oom): "CUDA out of memory in layer 18"',)


def test_only_refusals_of_the_model_are_told_and_only_valid_ones_are_shown() -> None:
    illegal, duplicate = digest(mid_study()).refused
    assert illegal == 'illegal: "`depth` must be at most 24, but got 99"'
    assert duplicate.startswith('duplicate ["rmsprop",null,null,')
    assert duplicate.endswith(']: "trial 2 has this configuration"')


def test_refusals_that_say_the_same_are_told_once() -> None:
    view = mid_study()
    repeated = replace(view, refused=tuple(entry for entry in view.refused for _ in range(20)))
    assert digest(repeated).refused == digest(view).refused


def test_vetoed_candidates_are_told_with_the_rule_once_each_and_newest_first() -> None:
    view = mid_study()
    last, before = view.trials[-1], view.trials[-2]
    config: dict[str, Json] = dict(last.config)

    def judged(trial: Trial, why: str) -> Trial:
        memory: dict[str, Json] = {"gate": {"rule": "veto", "vetoed": [{"config": config, "reason": why}]}}
        return replace(trial, proposal=replace(trial.proposal, memory=memory))

    trials = (*view.trials[:-2], judged(before, "would fail with 90%"), judged(last, "would fail with 99%: <rule>"))
    told = digest(replace(view, trials=trials)).refused
    vetoed = [line for line in told if line.startswith("vetoed")]
    assert len(vetoed) == 1 and "would fail with 99%" in vetoed[0]
    damaged = replace(last, proposal=replace(last.proposal, memory={"gate": {"vetoed": [7, {"config": 1}]}}))
    assert digest(replace(view, trials=(*view.trials[:-1], damaged))).refused == digest(view).refused


def test_calibration_counts_the_models_predictions_alone() -> None:
    def predicted(number: int, mean: float, value: float, arm: str = "model", source: str = "verbal") -> object:
        proposal = Proposal({"x": 0.1 * number}, arm, "", predicted_mean=mean, predicted_sd=0.1)
        proposal = replace(proposal, prediction_source="verbal" if source == "verbal" else "posterior")
        return complete(number, proposal.config, {"loss": value}, proposal=proposal)

    trials = (
        predicted(0, 1.0, 1.12),  # inside: an 80% interval is 1.28 sd to either side
        predicted(1, 1.0, 1.14),  # outside
        predicted(2, 9.0, 1.0, arm="gp", source="posterior"),
    )
    view = StudyView(LINE, Goal("loss", "minimize"), trials)  # type: ignore[arg-type]  # trials as above
    found = digest(view).calibration
    assert found is not None and (found.n, found.n_inside, found.bias, found.error) == (2, 1, "-0.13", "0.13")


def test_noise_is_the_pooled_deviation_of_repeats() -> None:
    view = _line(1.0, 2.0)
    repeats = [(0, 1.2), (1, 2.2)]
    more = [replace(complete(9 + i, {"x": 0.0}, {"loss": v}), replicate_of=n) for i, (n, v) in enumerate(repeats)]
    noise = digest(replace(view, trials=(*view.trials, *more))).noise
    assert noise is not None and (noise.sd, noise.n_configs, noise.n_runs) == ("0.14", 2, 4)
    assert digest(view).noise is None


def test_surrogates_point_comes_with_its_prediction() -> None:
    hint = digest(mid_study(), surrogate_hint=HINT).hint
    assert hint is not None and (hint.mean, hint.sd) == ("0.9123", "0.012")
    assert SPACE.contains(json.loads(hint.config))


def test_what_was_told_is_not_told_again() -> None:
    view = mid_study()
    found = digest(view, since=range(22))
    assert [row.number for row in found.latest] == [24, 23, 22]
    assert not (found.top or found.worst or found.notes)
    assert len(found.messages) == 1
    assert len(found.refused) == 2  # judged when 24 trials were known
    assert digest(view, since=range(25)).refused == ()


def test_stopped_and_infeasible_results_say_so() -> None:
    view = StudyView(
        LINE,
        Goal("loss", "minimize", ("ms < 5",)),
        (
            complete(0, {"x": 0.1}, {"loss": 1.0, "ms": 9.0}),
            replace(complete(1, {"x": 0.2}, {"loss": 2.0, "ms": 1.0}), state=TrialState.STOPPED),
        ),
    )
    assert [row.result for row in digest(view).latest] == ["2 (stopped early)", "1 (infeasible)"]


def test_trials_of_an_older_space_are_shown_as_points_of_this_one_or_counted() -> None:
    old, new = Space(a=Float(0, 1), b=Float(0, 1)), Space(a=Float(0, 0.5))
    configs = [{"a": 0.25, "b": 0.5}, {"a": 0.75, "b": 0.5}]
    trials = tuple(complete(i, config, {"loss": float(i)}) for i, config in enumerate(configs))
    found = digest(StudyView(new, Goal("loss", "minimize"), trials, spaces={1: old, 2: new}))
    assert [row.cells for row in found.top] == ["[0.25]"]
    assert found.n_hidden == 1


def test_values_close_together_get_more_digits() -> None:
    assert [row.result for row in digest(_line(0.998121, 0.998122)).top] == ["0.998121", "0.998122"]


@pytest.mark.parametrize("n", [0, 5, 24])
def test_digest_is_the_same_each_time(n: int) -> None:
    assert digest(mid_study(n + 4)) == digest(mid_study(n + 4))


def test_foreign_texts_are_capped() -> None:
    noisy = failed(0, {"x": 0.5})
    noisy = replace(noisy, failure=Failure(FailureKind.CRASH, "e" * 10**6), notes=("n" * 10**6,))
    found: Digest = digest(StudyView(LINE, Goal("loss", "minimize"), (noisy,)))
    assert max(len(text) for text in (*found.messages, *found.notes)) < MOST_TEXT + 40


def test_default_is_found_by_its_configuration() -> None:
    view = mid_study()
    renamed = tuple(replace(t, proposal=replace(t.proposal, arm="human")) for t in view.trials)
    best = digest(replace(view, trials=renamed)).best
    assert best is not None and best.default_number == 0
    best = digest(replace(view, trials=renamed, default=None)).best
    assert best is not None and best.default_number is None
    assert view.trials[0].config == DEFAULT


def test_choices_that_are_secrets_show_nowhere() -> None:
    key = "sk-proj-4fT9xQ2mLw8Zr7Kd3VbN"
    space = Space(k=Categorical([key, "b"]))
    trials = tuple(complete(i, {"k": key if i % 2 else "b"}, {"loss": -float(i % 2)}) for i in range(20))
    found = digest(StudyView(space, Goal("loss", "minimize"), trials))
    assert key not in repr(found)
    assert found.best is not None and found.best.config is None


def test_values_near_the_largest_float_are_no_trouble() -> None:
    huge = 1.7e308
    values = [huge if i % 2 else -huge for i in range(20)]
    view = _line(*values)
    told = [
        replace(
            t,
            proposal=replace(t.proposal, arm="model", predicted_mean=-v, predicted_sd=1.0, prediction_source="verbal"),
        )
        for t, v in zip(view.trials, values, strict=True)
    ]
    repeat = replace(told[1], number=20, replicate_of=0)
    found = digest(replace(view, trials=(*told, repeat), default={"x": 0.01}))
    assert found.best is not None and found.best.value == "-1.7e+308"
    assert found.noise is None
