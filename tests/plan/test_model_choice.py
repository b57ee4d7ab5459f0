"""Which model a study asks, and what a person is told of it before anything starts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
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
