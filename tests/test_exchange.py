"""The estimate of tokens."""

from __future__ import annotations

import pytest

from agenttune.exchange import estimate_tokens


@pytest.mark.parametrize(
    ("text", "n"), [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("é", 1), ("語語", 2), ("\ud800", 1)]
)
def test_a_third_of_the_bytes_rounded_up(text: str, n: int) -> None:
    assert estimate_tokens(text) == n
