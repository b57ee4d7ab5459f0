"""The last look at what a grammar's reading says of a program and its ranges: it must stand in the text as typed.

Translating and tidying change words on purpose; a command, a path or an end of a range that they touched is asked
about. Not for: what a language model reads (literal.py), which checks every field.
"""

from __future__ import annotations

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.notations import written_out
from agenttune.plan.request import Request
from agenttune.plan.said import holds, numbers


def require_verbatim(request: Request, before: Request, *, typed: str, english: str) -> None:
    """Refuses a reading with a command, a path or a number that nobody typed.

    Args:
        request: what was read.
        before: what was said in earlier turns.
        typed: the text as the person typed it.
        english: the same in English.

    Raises:
        RequestNotUnderstood: there is one.
    """
    text = " ".join(typed.split())
    parts = (request.function or "").rsplit(":", 1)
    for field, words in (("command", request.command), ("script", request.script), *(("function", it) for it in parts)):
        if getattr(request, field) == getattr(before, field):
            continue
        if words and " ".join(words.removeprefix("./").split()) not in text:
            raise RequestNotUnderstood(
                f"the {field} cannot be told for sure: {words!r} does not stand there as such; put it in backquotes",
                fields=(field,),
            )
    said = numbers(typed) | numbers(written_out(english))
    for asked in request.ranges:
        for value in (asked.low, asked.high, *asked.values):
            if isinstance(value, int | float) and not isinstance(value, bool) and not holds(said, value):
                raise RequestNotUnderstood(
                    f"which values {asked.parameter} may have: I read {value:g}, which does not stand there",
                    fields=("ranges",),
                )
