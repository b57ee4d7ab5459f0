"""Which model a study asks: flags over the study over the settings, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agenttune import Budget, Float, Goal, Space
from agenttune.errors import UserError
from agenttune.models.prices import own_prices_path
from agenttune.plan.model_choice import GATED, ModelChoice, model_line, with_model
from agenttune.settings import settings_path
from agenttune.spec import StudySpec

LOCAL = "http://127.0.0.1:9/v1#test"
REMOTE = "https://example.org/v1#m"
OTHER = "http://127.0.0.1:9/v1#other"
SPEC = StudySpec("study", Space(x=Float(0, 1)), Goal("score", "maximize"), {"type": "told"}, Budget(trials=30))


def set_model(spec: str) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(f'model = "{spec}"\n')


def test_without_a_model_nothing_changes() -> None:
    assert with_model(SPEC, ModelChoice()) == SPEC
    assert model_line(SPEC)[1].startswith("none set (--model, AGENTTUNE_MODEL, settings): Gaussian process or TPE")


def test_named_model_proposes_through_the_gate() -> None:
    chosen = with_model(SPEC, ModelChoice(LOCAL))
    assert (chosen.model, chosen.proposer) == (LOCAL, GATED)


def test_model_beside_a_proposer_that_asks_none_is_refused_with_the_way_out() -> None:
    spec = replace(SPEC, proposer="tpe")
    with pytest.raises(UserError, match=r"'tpe' asks no model.*or say `--model none`"):
        with_model(spec, ModelChoice(LOCAL))
    assert with_model(spec, ModelChoice("none")).model is None


def test_model_of_the_settings_is_asked_where_none_is_named() -> None:
    set_model(LOCAL)
    assert with_model(SPEC, ModelChoice()).model == LOCAL
    assert with_model(SPEC, ModelChoice(OTHER)).model == OTHER
    assert with_model(replace(SPEC, model=OTHER), ModelChoice()).model == OTHER


@pytest.mark.parametrize(
    ("setting", "in_file", "flag", "reuses"),
    [
        (False, False, None, False),
        (True, False, None, True),
        (False, True, None, True),
        (True, True, False, False),
        (False, False, True, True),
    ],
)
def test_replies_are_reused_where_flag_file_or_settings_allow(
    setting: bool, in_file: bool, flag: bool | None, reuses: bool
) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(f"reuse_replies = {str(setting).lower()}\n")
    chosen = with_model(replace(SPEC, reuse_replies=in_file), ModelChoice(LOCAL, reuse_replies=flag))
    assert chosen.reuse_replies is reuses
    assert ("reused" in model_line(chosen)[1]) is reuses
    assert with_model(SPEC, ModelChoice()).reuse_replies is False, "there is no model whose replies they could be"


def test_variable_wins_over_the_settings_file(monkeypatch: pytest.MonkeyPatch) -> None:
    set_model(LOCAL)
    monkeypatch.setenv("AGENTTUNE_MODEL", OTHER)
    assert with_model(SPEC, ModelChoice()).model == OTHER


def test_none_switches_the_settings_model_off() -> None:
    set_model(LOCAL)
    assert with_model(SPEC, ModelChoice("none")) == SPEC


def test_settings_model_leaves_a_proposer_that_asks_none_alone() -> None:
    set_model(LOCAL)
    chosen = with_model(SPEC, ModelChoice(proposer="gp"))
    assert (chosen.model, chosen.proposer) == (None, "gp")


def test_python_callers_get_no_model_they_did_not_name() -> None:
    set_model(LOCAL)
    assert with_model(SPEC, ModelChoice(), use_settings=False).model is None


def test_limit_without_a_model_is_refused() -> None:
    with pytest.raises(UserError, match=r"a limit of requests is for a language model.*--model"):
        with_model(SPEC, ModelChoice(max_requests=2))


def test_limits_join_the_budget_of_the_study() -> None:
    chosen = with_model(SPEC, ModelChoice(LOCAL, max_requests=2, max_dollars=0.5))
    assert chosen.budget == Budget(trials=30, requests=2, dollars=0.5)


def test_spelling_that_is_a_key_is_not_repeated() -> None:
    with pytest.raises(UserError) as refusal:
        with_model(SPEC, ModelChoice("sk-test-planted0123456789abcdef"))
    assert "planted" not in str(refusal.value) and "openai:NAME" in str(refusal.value)


def test_choice_of_a_wrong_type_is_refused_with_the_way_out() -> None:
    with pytest.raises(UserError, match=r"`model` must be a text such as 'openai:NAME', but got 3"):
        with_model(SPEC, ModelChoice(3))  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"`history` must be 'digest' or 'chat', but got 'all'"):
        with_model(SPEC, ModelChoice(history="all"))  # type: ignore[arg-type]


def test_key_that_is_missing_is_told_before_anything_starts() -> None:
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        with_model(SPEC, ModelChoice("openai:gpt-5.6"))


def test_estimate_of_a_local_model_is_free_and_says_how_many_requests() -> None:
    label, text = model_line(with_model(SPEC, ModelChoice(LOCAL)))
    assert label == "model" and text.startswith(f"{LOCAL} proposes, and a gate decides")
    assert "up to 9 requests" in text and text.endswith("free, it is local")


def test_estimate_of_a_priced_model_has_dollars_and_the_limits() -> None:
    own_prices_path().parent.mkdir(parents=True)
    own_prices_path().write_text(f'["{LOCAL}"]\nprompt = 5.0\ncompletion = 20.0\nas_of = "2026-01-01"\n')
    _, text = model_line(with_model(SPEC, ModelChoice(LOCAL, max_requests=4, max_dollars=2.0)))
    assert "up to 4 requests" in text and "about $0." in text
    assert text.endswith("at most $2.00, at most 4 requests")


def tokens_of(line: str) -> int:
    found = re.search(r"about ([\d,]+) tokens", line)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_estimate_counts_schema_and_history_and_is_told_in_dollars() -> None:
    own_prices_path().parent.mkdir(parents=True)
    own_prices_path().write_text(f'["{REMOTE}"]\nprompt = 10.0\ncompletion = 10.0\n')
    spec = with_model(SPEC, ModelChoice(REMOTE))
    (_, line) = model_line(spec)
    assert tokens_of(line) > 9 * (700 + 500 + 500)  # replies, history, and a prompt's fixed part
    assert f"about ${tokens_of(line) * 10 / 1e6:.4f}" in line


def test_unknown_price_is_told_as_unknown() -> None:
    assert "price unknown" in model_line(with_model(SPEC, ModelChoice(REMOTE)))[1]


def test_without_a_model_the_line_says_how_to_set_one() -> None:
    assert model_line(SPEC)[1].startswith("none set (--model, AGENTTUNE_MODEL, settings)")
