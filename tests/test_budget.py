"""A budget refuses bounds that are none, with the rule that is broken."""

from __future__ import annotations

import math

import pytest

from agenttune.budget import Budget
from agenttune.errors import UserError


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"trials": 0}, "`trials` must be at least 1, but got 0"),
        ({"seconds": 0}, "`seconds` must be above 0, but got 0"),
        ({"seconds": math.nan}, "`seconds` must be above 0, but got nan"),
        ({"dollars": -1.0}, "`dollars` must be at least 0, but got -1.0"),
        ({"requests": -1}, "`requests` must be at least 0, but got -1"),
        ({"requests": 1.5}, "`requests` must be a whole number, but got 1.5"),
        ({"tokens": True}, "`tokens` must be a number, but got True"),
        ({"tokens": 10**13}, "`tokens` must be at most 1,000,000,000,000, but got 10000000000000"),
    ],
)
def test_bound_that_is_none_is_refused_with_its_rule(bound: dict[str, float], said: str) -> None:
    with pytest.raises(UserError) as caught:
        Budget(**bound)  # type: ignore[arg-type]  # as an untyped caller may
    assert str(caught.value) == f"a budget of {said}"


def test_nothing_may_be_spent_on_a_model_at_all() -> None:
    assert Budget(dollars=0.0, requests=0, tokens=0) != Budget()
