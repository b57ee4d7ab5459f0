"""What a person is told of a study's model, and of its bounds, before anything starts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.settings import config_dir
from agenttune.space import Float, Space
from agenttune.spec import StudySpec

MODEL = "http://localhost:1/v1#test"
SPEC = StudySpec("s", Space(x=Float(0, 1)), Goal("m", "maximize"), {"type": "told"}, budget=Budget(trials=12))


def line(proposer: str, *, max_requests: int | None = None) -> str:
    choice = ModelChoice(model=MODEL, proposer=proposer, max_requests=max_requests)
    return model_line(with_model(SPEC, choice))[1]


def test_gate_is_told_with_the_most_it_asks() -> None:
    assert "up to 4 requests, about" in line("auto")


def test_model_alone_is_told_with_its_worst_case() -> None:
    assert "about 4 requests, at worst 24, about" in line("llm")


@pytest.mark.parametrize("bound", [3, 10])
def test_bound_below_the_worst_case_stands_in_its_place(bound: int) -> None:
    told = line("llm", max_requests=bound)
    assert "at worst" not in told
    assert told.endswith(f"at most {bound} requests")


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ModelChoice(max_dollars=0.01), r"at most \$0\.0100 \(so none is sent: each reserves \$0\.06"),
        (ModelChoice(max_tokens=2_000), r"at most 2,000 tokens \(so none is sent: each reserves \d,\d+ tokens\)"),
        (ModelChoice(max_requests=0), r"at most 0 requests \(so none is sent"),
        (ModelChoice(max_dollars=2.0, max_tokens=90_000), r"at most \$2\.00, at most 90,000 tokens$"),
    ],
)
def test_bound_that_no_request_keeps_is_told_before_the_start(choice: ModelChoice, said: str) -> None:
    config_dir().mkdir(parents=True)
    (config_dir() / "prices.toml").write_text(f'["{MODEL}"]\nprompt = 3.0\ncompletion = 15.0\n')
    assert re.search(said, model_line(with_model(SPEC, replace(choice, model=MODEL)))[1])


def test_bound_in_dollars_without_a_price_is_told_before_the_start() -> None:
    spec = with_model(SPEC, ModelChoice(model="https://model.example/v1#m", max_dollars=2.0))
    assert "at most $2.00 (so none is sent before the price is known)" in model_line(spec)[1]


def test_one_request_is_told_in_the_singular() -> None:
    spec = replace(SPEC, budget=Budget(trials=1))
    assert "up to 1 request, about" in model_line(with_model(spec, ModelChoice(model=MODEL)))[1]


def test_wrong_model_of_the_environment_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", "nonsense")
    with pytest.raises(UserError, match=r"^AGENTTUNE_MODEL: no model is spelled 'nonsense'"):
        with_model(SPEC, ModelChoice())


def test_wrong_model_of_a_flag_is_told_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", MODEL)
    with pytest.raises(UserError, match=re.escape("no model is spelled 'nonsense'")) as caught:
        with_model(SPEC, ModelChoice(model="nonsense"))
    assert str(caught.value).startswith("no model")


def test_none_switches_the_model_of_the_settings_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", MODEL)
    assert with_model(SPEC, ModelChoice()).model == MODEL
    assert with_model(SPEC, ModelChoice(model="none")).model is None
