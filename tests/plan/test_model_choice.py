"""Which model a study asks, and what is said of its cost beforehand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.settings import config_dir
from agenttune.testing.store import make_spec

LOCAL = "http://localhost:11434/v1#qwen3"
REMOTE = "https://example.org/v1#m"
AUTO = replace(make_spec(), proposer="auto", model=None, budget=Budget(trials=30))


def tokens_of(line: str) -> int:
    found = re.search(r"about ([\d,]+) tokens", line)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_model_makes_auto_the_gate() -> None:
    spec = with_model(AUTO, ModelChoice(LOCAL))
    assert (spec.model, spec.proposer) == (LOCAL, "llm+gp")


def test_flag_wins_over_the_environment_and_none_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", REMOTE)
    assert with_model(AUTO, ModelChoice()).model == REMOTE
    assert with_model(AUTO, ModelChoice(LOCAL)).model == LOCAL
    assert with_model(AUTO, ModelChoice("none")) == AUTO


def test_proposer_that_asks_none_leaves_the_model_of_the_settings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_MODEL", LOCAL)
    assert with_model(AUTO, ModelChoice(proposer="gp")).model is None


def test_limit_without_a_model_is_refused() -> None:
    with pytest.raises(UserError, match="a limit of dollars and requests is for a language model"):
        with_model(AUTO, ModelChoice(max_dollars=1.0, max_requests=3))


def test_line_tells_requests_and_that_a_local_model_is_free() -> None:
    label, line = model_line(with_model(AUTO, ModelChoice(LOCAL, max_requests=5)))
    assert (label, line.split(" · ")[0]) == (
        "model",
        f"{LOCAL} proposes, and a gate decides between it and the surrogate",
    )
    assert "up to 5 requests" in line
    assert line.endswith("free, it is local, at most 5 requests")


def test_estimate_counts_schema_and_history_and_is_told_in_dollars() -> None:
    config_dir().mkdir(parents=True)
    (config_dir() / "prices.toml").write_text(f'["{REMOTE}"]\nprompt = 10.0\ncompletion = 10.0\n')
    spec = with_model(AUTO, ModelChoice(REMOTE))
    (_, line) = model_line(spec)
    assert tokens_of(line) > 9 * (700 + 500 + 500)  # replies, history, and a prompt's fixed part
    assert f"about ${tokens_of(line) * 10 / 1e6:.4f}" in line


def test_unknown_price_is_told_as_unknown() -> None:
    assert "price unknown" in model_line(with_model(AUTO, ModelChoice(REMOTE)))[1]


def test_without_a_model_the_line_says_how_to_set_one() -> None:
    assert model_line(AUTO)[1].startswith("none set (--model, AGENTTUNE_MODEL, settings)")
