"""Words and numbers of a list as the values of a parameter: "rbf" as one of its choices, "1e-3" as a number.

Not for: finding the list (ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.words import NUMBER, read_number
from agenttune.types import Scalar

_NO_VALUES = frozenset("only just either exactly simply merely solely always size sizes value values rate".split())
"""Words that may stand before numbers and are none of the values: they qualify, or end the parameter's name."""
_BESIDE_NUMBERS = frozenset(
    "none null nil off on auto default inf infinity max min unlimited true false yes no all sqrt log2 scale "
    "adaptive".split()
)
"""Words that are values of parameters that have numbers, too."""


def values_of(
    texts: Sequence[str], parameter: str, choices: Sequence[Scalar], *, is_verbatim: bool = False
) -> tuple[Scalar, ...]:
    """The values that a list gives.

    Args:
        texts: its entries.
        parameter: whose values they are.
        choices: values that the parameter has in any case.
        is_verbatim: whether they are handed on as they are written: "4k" of a command is no 4000.

    Raises:
        RequestNotUnderstood: a word among numbers that is no usual value.
    """
    if is_verbatim and any(re.fullmatch(r"\d+k", text, re.IGNORECASE) for text in texts):
        return tuple(texts)
    if any(re.fullmatch(NUMBER, text, re.IGNORECASE) for text in texts):
        texts = [text for text in texts if text.lower() not in _NO_VALUES] or texts
        _require_values(texts, parameter, choices)
    return tuple(value_of(text, choices) for text in texts)


def value_of(text: str, choices: Sequence[Scalar]) -> Scalar:
    """A word as one of the choices where it spells one, else a truth value, a number, or the word."""
    for choice in choices:
        if str(choice).lower() == text.lower():
            return choice
    if re.fullmatch(NUMBER, text, re.IGNORECASE):
        return read_number(text)
    return text


def _require_values(texts: Sequence[str], parameter: str, choices: Sequence[Scalar]) -> None:
    """Refuses a word among numbers that is no usual value: "0.01 o menos" of a language that was not read."""
    known = {str(choice).lower() for choice in choices} | _BESIDE_NUMBERS
    odd = [text for text in texts if not re.search(r"\d", text) and text.lower() not in known]
    odd = [text for text in odd if not re.fullmatch(NUMBER, text, re.IGNORECASE)]
    if odd:
        raise RequestNotUnderstood(
            f"whether {odd[0]!r} is a value of {parameter}: give its values in braces, as {{1, 2, 3}}",
            fragments=(odd[0],),
            fields=("ranges",),
        )
