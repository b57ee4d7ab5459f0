"""The checker: what is assumed, what is refused, and what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agenttune.errors import DataError, RequestNotUnderstood, SpaceError, UserError
from agenttune.objectives import load_objective
from agenttune.plan import PlanOptions, StudyPlan, spec_of, understand
from agenttune.space import Constant, Float, Int

DATA = Path(__file__).parent.parent / "data"


def plan(text: str) -> StudyPlan:
    found = understand(text, PlanOptions(cwd=str(DATA)))
    assert isinstance(found, StudyPlan)
    return found


def table(folder: Path, text: str) -> PlanOptions:
    (folder / "table.csv").write_text(text)
    return PlanOptions(data="table.csv", target="y", cwd=str(folder))


def test_what_was_understood_is_shown_before_it_runs() -> None:
    assert plan("tune an SVM on digits for accuracy, 30 trials, at most 5 minutes").understood() == [
        (
            "understood",
            "SVC (scikit-learn) on digits · maximise accuracy, 5-fold, a fifth held out · 30 trials or 5 min",
        ),
        ("space", "C 1e-3..1e3 log · gamma 1e-5..1 log · kernel rbf|poly|sigmoid · degree 2..5 when kernel=poly"),
        ("assumed", "5-fold and a fifth held out"),
    ]


def test_limits_are_shown() -> None:
    shown = plan("svm on iris, 9 trials, 20 s and 1 GB per trial, 2 workers, 1 GPU").understood()[0][1]
    assert shown.endswith("9 trials · at most 20 s and 1 GB per trial · 2 at a time · 1 GPU")


def test_everything_nobody_said_is_listed() -> None:
    assert plan("svm on iris").assumptions == (
        "accuracy, as no metric was named",
        "30 trials, as no limit was given",
        "5-fold and a fifth held out",
    )


def test_nothing_is_assumed_when_everything_is_said() -> None:
    assert plan("svm on iris for accuracy, 9 trials, 3-fold, 30% held out").assumptions == ()


def test_flag_that_wins_over_the_sentence_is_said() -> None:
    made = understand("svm on iris, 30 trials", PlanOptions(trials=4))
    assert (made.trials, made.assumptions[0]) == (4, "--trials rather than what the sentence says")


def test_time_alone_is_limit_enough() -> None:
    assert plan("svm on iris, 2 minutes").trials is None


def test_data_file_is_described() -> None:
    label, text = plan("tune a random forest on flowers.csv predicting species").understood()[1]
    assert label == "data"
    assert text.startswith("148 rows, 4 numbers + 2 categories · 18 missing values · target species: 3 classes")
    assert "2 rows without 'species' left out" in text


def test_error_means_rmse_for_numbers_and_says_so() -> None:
    assert plan("lowest error of ridge on diabetes").metric == "rmse"
    assert "error taken for RMSE" in plan("lowest error of ridge on diabetes").assumptions


def test_error_means_the_rate_for_classes() -> None:
    assert plan("lowest error of an svm on iris").metric == "error_rate"


def test_regression_defaults_to_r2() -> None:
    assert (plan("ridge on diabetes").metric, plan("ridge on diabetes").direction) == ("r2", "maximize")


def test_metric_decides_what_a_target_of_digits_is() -> None:
    assert plan("svm on digits for rmse").task == "regression"


def test_numbers_taken_for_classes_are_said(tmp_path: Path) -> None:
    options = table(tmp_path, "x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(60)))
    assert "target y taken for classes, not a number" in understand("tune a k-NN", options).assumptions


def test_f1_says_of_which_class() -> None:
    assert "F1 of class 'benign'" in plan("svm on breast cancer for f1").assumptions


def test_rare_class_means_fewer_folds_and_is_said(tmp_path: Path) -> None:
    rows = "".join(f"{i * 1.5},{'rare' if i < 5 else 'common'}\n" for i in range(60))
    made = understand("tune a k-NN", table(tmp_path, "x,y\n" + rows))
    assert isinstance(made, StudyPlan)
    assert made.folds == 4
    assert "4 folds rather than 5, as class 'rare' has 5 rows" in made.assumptions


def test_range_asked_for_is_in_the_space() -> None:
    parameters = spec_of(plan("svm on iris with C between 0.01 and 100 log, gamma = 0.1")).space.parameters
    assert isinstance(parameters["C"], Float)
    assert (parameters["C"].low, parameters["C"].high, parameters["C"].log) == (0.01, 100.0, True)
    assert isinstance(parameters["gamma"], Constant)


def test_range_keeps_the_log_scale_of_the_card() -> None:
    parameter = spec_of(plan("svm on iris with C from 1 to 10")).space.parameters["C"]
    assert isinstance(parameter, Float)
    assert parameter.log


def test_range_over_a_list_of_depths_is_a_range_of_whole_numbers() -> None:
    assert isinstance(spec_of(plan("decision tree on iris, depth from 2 to 7")).space.parameters["max_depth"], Int)


def test_parameter_that_cannot_be_active_is_dropped() -> None:
    assert "degree" not in spec_of(plan("svm on iris with rbf kernel")).space.parameters


def test_rare_choice_widens_the_space() -> None:
    space = spec_of(plan("svm on iris with kernel linear or rbf")).space
    assert space.active({"C": 1.0, "kernel": "linear"}) == {"C", "kernel"}


def test_default_is_a_config_of_the_space() -> None:
    spec = spec_of(plan("svm on digits"))
    assert spec.default is not None
    assert spec.space.validate(spec.default) == spec.default == spec.space.default_config()


def test_default_outside_the_range_is_not_run_and_this_is_said() -> None:
    made = plan("svm on iris with C between 2 and 10")
    assert made.default is None
    assert any("the library's own setting lies outside" in phrase for phrase in made.assumptions)


def test_spec_carries_budget_limits_and_goal() -> None:
    spec = spec_of(plan("svm on iris until 99%, 9 trials, 1 min, 5 s per trial, 1 GB per trial, seed 4, 2 workers"))
    assert (spec.budget.trials, spec.budget.seconds) == (9, 60.0)
    assert (spec.limits.seconds, spec.limits.memory_bytes) == (5.0, 10**9)
    assert (spec.goal.metric, spec.goal.target, spec.seed, spec.workers) == ("accuracy", 0.99, 4, 2)


def test_spec_names_the_study_after_family_and_data() -> None:
    assert spec_of(plan("random forest on breast cancer")).name == "random-forest-breast-cancer"


def test_objective_of_the_spec_loads_and_notices_a_changed_file(tmp_path: Path) -> None:
    options = table(tmp_path, "x,y\n" + "".join(f"{i * 1.5},{'a' if i % 2 else 'b'}\n" for i in range(60)))
    content = spec_of(understand("tune a k-NN", options)).objective
    load_objective(content, cwd=Path("/"))
    (tmp_path / "table.csv").write_text("x,y\n1,a\n2,b\n")
    with pytest.raises(UserError, match="has changed"):
        load_objective(content, cwd=Path("/"))


def test_plan_survives_json() -> None:
    made = plan("svm on iris with C between 1 and 10 log")
    assert StudyPlan.model_validate_json(json.dumps(made.model_dump(mode="json"))) == made


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("svm, 30 trials", "which data are to be learned from?"),
        ("digits, 30 trials", "which estimator is to be tuned?"),
        ("tune lasso on iris", "lasso cannot classify; try logistic regression"),
        ("tune logistic regression on diabetes", "logistic regression cannot predict a number"),
        ("tune svm on digits, minimise accuracy", "accuracy is better the larger it is, but you ask to minimise it"),
        ("tune svm regression on digits for accuracy", "accuracy measures classification, but you ask for regression"),
        ("tune svm on iris for rmse", "holds text"),
        ("tune svm on iris for log loss", "needs probabilities"),
        ("tune svm on digits with 0 trials", "`trials` must be at least 1"),
        ("tune svm on digits, 1 fold", "`folds` must be at least 2"),
        ("tune svm on digits, 0 workers", "`workers` must be at least 1"),
        ("tune svm on digits, 100% held out", "must be between 0 and 1"),
        ("tune svm on iris, 90-fold", "too few for 90 folds"),
        ("tune svm on iris, 5 minutes, 10 minutes per trial", "one trial may take 10 min, more than the 5 min for all"),
        ("tune svm on iris with C = 1, gamma = 0.1, kernel = rbf", "nothing to tune"),
        ("tune svm on iris with degree = 2.5", "degree must be a whole number"),
        ("tune svm on iris with kernel = lapace", "kernel must be one of"),
        ("tune svm on iris with kernel between 1 and 2", "so it has no range"),
        ("tune knn on iris with k from 1.5 to 3", "takes whole numbers"),
        ("tune svm classifier on iris with epsilon = 0.1", "SVC has no parameter epsilon"),
        ("tune decision tree on iris, depth at most 2", "too few values left"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        plan(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_empty_range_names_the_parameter() -> None:
    with pytest.raises(SpaceError, match="C cannot have that range: `low` must be below `high`"):
        plan("svm on iris with C from 10 to 1")


def test_target_with_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one value only"):
        understand("tune a k-NN", table(tmp_path, "x,y\n1,a\n2,a\n"))


def test_macro_f1_is_not_the_f1_of_one_class() -> None:
    plan = understand("svm on breast cancer, macro f1, 20 trials")
    assert plan.metric == "f1_macro"
    assert not any("F1 of class" in phrase for phrase in plan.assumptions)


@pytest.mark.parametrize("words", ["micro f1", "weighted f1", "f1 weighted", "micro-averaged f1"])
def test_f1_that_no_estimator_has_is_refused(words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=f"no estimator is scored by '{words}'"):
        understand(f"svm on breast cancer, {words}, 20 trials")


def test_plan_shows_how_the_search_was_said_to_go() -> None:
    shown = plan("SVM on digits, 20 trials, use tpe, asha scheduler, seed 7").understood()[0][1]
    assert shown.endswith(" · 20 trials · proposer tpe · scheduler asha · seed 7")
