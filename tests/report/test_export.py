"""Exports can be read back by what they are for."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from agenttune.budget import Budget
from agenttune.history import StudyView
from agenttune.report.export import config_flags, config_python, estimator_python, study_csv, study_json
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.trial import Trial
from agenttune.types import Config, Json

MakeTrial = Callable[..., Trial]
MakeView = Callable[..., StudyView]
names = st.text(min_size=1, max_size=8).filter(lambda text: "\x00" not in text)
scalars = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), names)


def row_of(view: StudyView) -> StudyRow:
    spec = StudySpec("a-study", view.space, view.goal, {"type": "told"}, Budget(trials=3), request="tune 表")
    return StudyRow("ab12", spec, StudyState.FINISHED, 1, 0.0, 1.5, 3, end_reason="3 trials done")


def test_json_holds_every_trial_and_the_best(make_trial: MakeTrial, make_view: MakeView) -> None:
    view = make_view(make_trial(0, 0.5), make_trial(1, 0.7), make_trial(2, None))
    content = json.loads(study_json(row_of(view), view))
    assert (content["best"], len(content["trials"]), content["request"]) == (1, 3, "tune 表")
    assert content["trials"][2]["failure"]["message"] == "it broke"


def test_json_holds_no_key_of_the_code_that_was_tuned(make_view: MakeView) -> None:
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
    row = row_of(view := make_view())
    row = replace(row, spec=replace(row.spec, objective={"type": "code", "source": f'KEY = "{key}"\nN = 3\n'}))
    assert json.loads(study_json(row, view))["objective"]["source"] == 'KEY = "***"\nN = 3\n'


def test_json_holds_no_key_of_a_commands_own_variables(make_view: MakeView) -> None:
    row = row_of(view := make_view())
    env: Json = {"MY_TOKEN": "plain words", "MAX_TOKENS": "{max_tokens}", "LR": "{lr}"}
    row = replace(row, spec=replace(row.spec, objective={"type": "command", "env": env}))
    masked = {"MY_TOKEN": "***", "MAX_TOKENS": "{max_tokens}", "LR": "{lr}"}
    assert json.loads(study_json(row, view))["objective"]["env"] == masked


def test_csv_of_hostile_names_reads_back(make_trial: MakeTrial, make_view: MakeView) -> None:
    config = {"number": 1.0, "a,b": 'say "x"\n', "accuracy": 3}
    rows = list(
        csv.DictReader(io.StringIO(study_csv(make_view(make_trial(0, 0.5, config=config), make_trial(1, None)))))
    )
    assert rows[0]["param.a,b"] == 'say "x"\n'
    assert (rows[0]["metric.accuracy"], rows[0]["param.accuracy"], rows[1]["failure_kind"]) == ("0.5", "3", "crash")


def test_csv_of_a_study_without_trials_is_its_header(make_view: MakeView) -> None:
    assert study_csv(make_view()).startswith("number,state,arm,reason")


@given(st.dictionaries(names, scalars, max_size=5))
def test_flags_survive_a_shell(config: dict[str, bool | int | float | str]) -> None:
    words = shlex.split(config_flags(config, {"type": "python"}))
    assert words[::2] == [f"--{name}" for name in config]
    for word, value in zip(words[1::2], config.values(), strict=True):
        assert word == (str(value).lower() if isinstance(value, bool) else str(value))


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        (["python", "train.py", "--batch-size", "{batch_size}", "{amp}"], "--batch-size 32 --no-amp --lr 0.1"),
        ("./bench --seed {seed} -b={batch_size} {lr} {amp}", "-b=32 0.1 --no-amp"),
        ("LR={lr} ./bench --degree {degree} --fast {amp}", "LR=0.1 --fast --no-amp --batch_size 32"),
        ("./bench 'no end", "--batch_size 32 --amp --no-amp --lr 0.1"),
    ],
)
def test_flags_are_those_of_the_command_that_ran(command: Json, flags: str) -> None:
    config: Config = {"batch_size": 32, "amp": "--no-amp", "lr": 0.1}
    assert config_flags(config, {"type": "command", "command": command}) == flags


def test_what_travels_by_the_environment_stands_before_the_flags() -> None:
    env: Json = {"LR": "{lr}", "MODE": "{mode} mode", "GAMMA": "{gamma}", "HOME": "/home"}
    objective: dict[str, Json] = {"type": "command", "command": "python train.py --batch {batch}", "env": env}
    config: Config = {"lr": 0.1, "mode": "fast", "batch": 32, "depth": 3}
    assert config_flags(config, objective) == "LR=0.1 MODE='fast mode' --batch 32 --depth 3"


@pytest.mark.parametrize(("amp", "flags"), [(True, "--amp --lr 0.1"), (False, "--lr 0.1")])
def test_switch_is_no_value_of_the_option_before_it(amp: bool, flags: str) -> None:
    command = "python train.py --fast {amp:--amp} --lr {lr}"
    assert config_flags({"amp": amp, "lr": 0.1}, {"type": "command", "command": command}) == flags


@given(st.dictionaries(names, scalars, max_size=5), st.text(max_size=20))
def test_python_snippet_gives_the_configuration_back(config: dict[str, bool | int | float | str], comment: str) -> None:
    scope: dict[str, object] = {}
    exec(config_python(config, comment=comment), scope)
    assert scope["config"] == config


@pytest.mark.parametrize(
    "model",
    [
        SVC(C=2.5, gamma=0.1),
        MLPClassifier(hidden_layer_sizes=(64, 32), alpha=1e-05),
        Ridge(),
        SVC(class_weight={0: 1.0}),
    ],
)
def test_estimator_snippet_builds_the_same_estimator(model: BaseEstimator) -> None:
    scope: dict[str, Any] = {}
    exec(estimator_python(model, is_scaled=True), scope)
    assert type(scope["model"]) is type(model)
    assert scope["model"].get_params() == model.get_params()
