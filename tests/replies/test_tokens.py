"""Estimates before anybody counted, and prices."""

from __future__ import annotations

import pytest

from agenttune.budget import Spending
from agenttune.exchange import Exchange, ExchangeRequest
from agenttune.models.prices import Price
from agenttune.replies.costs import spell_dollars, spell_spending
from agenttune.replies.tokens import Estimate, PromptTokens, estimate_prompt, estimate_study, worst_case

PRICE = Price(prompt=2.0, completion=8.0)


def request(text: str, schema: dict[str, object] | None = None) -> ExchangeRequest:
    return ExchangeRequest("openai:test", ({"role": "user", "content": text},), schema)  # type: ignore[arg-type]  # plain


def told(text: str, prompt: int) -> Exchange:
    return Exchange(request(text), "hi", "used", usage={"prompt": prompt, "completion": 1})


def test_estimate_is_a_token_for_three_bytes_and_some_per_message() -> None:
    assert estimate_prompt(request("a" * 300)) == 100 + 8
    assert estimate_prompt(request("語" * 100)) == 100 + 8
    assert estimate_prompt(request("\ud800" * 3)) == 1 + 8


def test_schema_is_part_of_the_prompt() -> None:
    assert estimate_prompt(request("a", {"type": "object"})) > estimate_prompt(request("a")) + 8


def test_estimate_is_corrected_by_what_servers_told() -> None:
    tokens = PromptTokens()
    assert tokens.ratio == 1.0
    tokens.learn(told("a" * 300, 162))
    assert tokens.ratio == pytest.approx(1.5)
    assert tokens.at_most(request("a" * 300)) == pytest.approx(162 * 1.25, abs=1)


def test_corrections_nobody_can_believe_are_bounded_and_silence_teaches_nothing() -> None:
    tokens = PromptTokens()
    tokens.learn(Exchange(request("a"), "hi", "used"))
    assert tokens.ratio == 1.0
    tokens.learn(told("a", 10**6))
    assert tokens.ratio == 3.0


def test_worst_case_takes_the_whole_reply() -> None:
    assert worst_case(PRICE, prompt=1000, completion=2000) == Spending(1, 3000, 0.018)
    assert worst_case(None, prompt=1000, completion=2000) == Spending(1, 3000, None)


def test_study_is_estimated_before_it_starts() -> None:
    assert estimate_study(PRICE, n_trials=30, prompt_tokens=2000, completion_tokens=500) == Estimate(9, 22_500, 0.072)
    assert estimate_study(None, n_trials=30, prompt_tokens=2000).dollars is None
    assert estimate_study(PRICE, n_trials=300, prompt_tokens=2000, max_requests=10).requests == 10


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (None, "unknown dollars"),
        (0.0, "$0.00"),
        (1e-5, "under $0.0001"),
        (0.0312, "$0.0312"),
        (1.5, "$1.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_for_people(dollars: float | None, text: str) -> None:
    assert spell_dollars(dollars) == text


def test_spending_for_people() -> None:
    assert spell_spending(Spending(1, 12_345, 0.03)) == "1 request, 12,345 tokens, $0.0300"
    assert spell_spending(Spending(7, None, None)) == "7 requests, unknown tokens, unknown dollars"
