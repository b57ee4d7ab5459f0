"""`worded`: an answer as plain text for a terminal, by its template; every number in it is the record's."""

from __future__ import annotations

from collections.abc import Mapping

from agenttune.insight.answers.answer import Answer
from agenttune.insight.quoting import quote, spell_json, spell_number, spell_value
from agenttune.prompts import render
from agenttune.types import Scalar
from agenttune.units import spell_seconds

MOST_TEXT = 240
"""Characters of a reason or message."""


def worded(answer: Answer) -> str:
    """The answer in words: foreign texts quoted and cut, numbers with four digits."""
    words = {"num": _number, "val": _value, "config": _config, "say": _said, "secs": spell_seconds}
    return render(f"answers/{answer.template}", a=answer, **words)


def _number(value: float, digits: int = 4) -> str:
    return spell_number(value, digits)


def _value(value: Scalar | None) -> str:
    if isinstance(value, float):
        return spell_number(value, 6)
    return "inactive" if value is None else spell_value(value)


def _config(config: Mapping[str, Scalar]) -> str:
    return "{" + ", ".join(f"{spell_json(name)}: {_value(value)}" for name, value in config.items()) + "}"


def _said(text: str) -> str:
    return quote(text, MOST_TEXT)
